"""`zonelint reports` as people run it: tables, files for other programs, the page with charts."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from email.message import EmailMessage
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from pytest_regressions.file_regression import FileRegressionFixture

from tests.reports_factory import Published, Sent, report_xml, write_reports
from zonelint.formats.reports.summary import FORMATS
from zonelint.main import zonelint

CONFIG = """
zones = ["*.zone"]
reports = ["evidence"]
[domains."example.com"]
senders = ["mailgun"]
"""
LOCK = """version = 1

["mailgun.org."]
seen = 2026-11-24
TXT = [
    "v=spf1 ip4:203.0.113.0/24 -all",
]
# end of zonelint.lock
"""
ZONE = '$ORIGIN example.com.\n$TTL 3600\n@ TXT "v=spf1 ip4:40.92.0.0/16 -all"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    return tmp_path


def reports(*arguments: str) -> Result:
    return CliRunner().invoke(zonelint, ["reports", *arguments])


def facts(*arguments: str) -> dict[str, object]:
    (domain,) = json.loads(reports(*arguments, "--format", "json").stdout)["domains"]
    assert isinstance(domain, dict)
    return domain


# ---- what they prove -----------------------------------------------------------------------------


def test_fourteen_days_at_99_percent_are_ready(folder: Path):
    write_reports(folder / "r", days=14, aligned=0.99, messages=1000)
    result = reports("r")
    assert result.exit_code == 0
    assert "Ready for p=quarantine." in result.stdout
    found = facts("r")
    assert found["ready"] is True
    assert (found["messages"], found["aligned"], found["share"]) == (14_000, 13_860, 0.99)
    assert found["days_under_policy"] == 14


def test_90_percent_are_not_and_the_source_is_named(folder: Path):
    write_reports(folder / "r", days=14, aligned=0.9, messages=1000)
    result = reports("r")
    assert result.exit_code == 0
    assert "Not ready for p=quarantine" in result.stdout
    assert "most is lost from 203.0.113.66 (1,400 messages)" in result.stdout
    assert facts("r")["ready"] is False


def test_days_under_another_policy_do_not_count(folder: Path):
    write_reports(folder / "r", days=30, aligned=1.0)
    write_reports(folder / "r", days=3, aligned=1.0, published=Published(p="quarantine"))
    found = facts("r")
    assert (found["days_under_policy"], found["next_phase"]) == (3, "reject")
    assert "3 of the 14 days" in str(found["missing"])


def test_the_last_phase_has_none_after_it(folder: Path):
    write_reports(folder / "r", published=Published(p="reject"))
    assert "At p=reject, the last phase." in reports("r").stdout


def test_declared_senders_explain_sources(folder: Path):
    write_reports(folder / "evidence", days=14, aligned=0.9, messages=1000)
    (folder / "zonelint.toml").write_text(CONFIG)
    (folder / "zonelint.lock").write_text(LOCK)
    (folder / "example.com.zone").write_text(ZONE)
    by_address = {
        source["address"]: source["explained_by"]
        for source in facts()["sources"]  # type: ignore[attr-defined]
    }
    assert by_address["203.0.113.66"] == "Mailgun"
    assert by_address["40.92.0.10"] == "the SPF record"
    assert by_address["198.51.100.25"] is None


def test_a_source_without_a_readable_address_is_explained_by_nothing(folder: Path) -> None:
    (folder / "a.zone").write_text(ZONE)
    (folder / "zonelint.toml").write_text(CONFIG)
    (folder / "zonelint.lock").write_text(LOCK)
    (folder / "a.xml").write_bytes(report_xml([Sent("2001:db8::12345", 10, dkim="fail")]))
    done = reports("a.xml")
    assert done.exit_code in (0, 1), done.exception
    assert "nothing" in done.stdout


def test_what_only_the_lock_could_tell_is_not_known(folder: Path):
    write_reports(folder / "evidence", days=14, aligned=0.9)
    (folder / "zonelint.toml").write_text(CONFIG)
    (folder / "example.com.zone").write_text(ZONE)
    (source,) = [
        source
        for source in facts()["sources"]  # type: ignore[attr-defined]
        if source["address"] == "203.0.113.66"
    ]
    assert source["explained_by"] is None
    assert source["missing"] == ["mailgun.org."]
    assert "not known" in reports().stdout


def test_declared_days_and_share_count(folder: Path):
    write_reports(folder / "evidence", days=5, aligned=0.9)
    (folder / "zonelint.toml").write_text(
        'reports = ["evidence"]\n[domains."example.com".dmarc]\nmin-days = 5\nmin-aligned = 0.9\n'
    )
    assert facts()["ready"] is True


# ---- what cannot be read -------------------------------------------------------------------------


def test_the_unreadable_is_named_and_the_rest_counts(folder: Path):
    write_reports(folder / "r", days=2)
    (folder / "r" / "cut.xml").write_bytes(report_xml()[:200])
    result = reports("r")
    assert result.exit_code == 0
    assert "cut.xml" in result.stderr
    assert "2 reports, 1 could not be read." in result.stdout


@pytest.mark.parametrize("what", ["nothing", "broken", "absent"])
def test_nothing_read_is_a_failure(folder: Path, what: str):
    (folder / "r").mkdir()
    if what == "broken":
        (folder / "r" / "a.xml").write_text("<feedback>")
    result = reports("nowhere" if what == "absent" else "r")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "no report was read" in result.stderr


def test_without_a_path_or_a_configuration(folder: Path):
    result = reports()
    assert result.exit_code == 2
    assert "name a file or a folder" in result.stderr


# ---- forms ---------------------------------------------------------------------------------------


def test_table(folder: Path, file_regression: FileRegressionFixture):
    write_reports(folder / "r", days=14, aligned=0.9, messages=1000)
    write_reports(folder / "r", days=3, aligned=1.0, published=Published("example.net", "reject"))
    file_regression.check(reports("r").stdout)


@pytest.mark.parametrize("before", FORMATS)
@pytest.mark.parametrize("after", FORMATS)
def test_output_replaces_what_it_wrote_and_nothing_else(folder: Path, before: str, after: str):
    write_reports(folder / "r", days=3, aligned=0.9, messages=1000)
    for format in (before, after):
        assert reports("r", "--format", format, "--output", "out").exit_code == 0
    Path("out").write_text("mine\n")
    refused = reports("r", "--format", after, "--output", "out")
    assert (refused.exit_code, Path("out").read_text()) == (2, "mine\n")


def test_html(folder: Path, file_regression: FileRegressionFixture):
    write_reports(folder / "r", days=3, aligned=0.9, messages=1000)
    result = reports("r", "--format", "html", "--output", "out.html")
    assert result.exit_code == 0
    assert result.stdout == ""
    file_regression.check(Path("out.html").read_text(), extension=".html")


def test_csv(folder: Path):
    write_reports(folder / "r", days=14, aligned=0.9, messages=1000)
    rows = list(csv.DictReader(io.StringIO(reports("r", "--format", "csv").stdout, newline="")))
    assert sum(int(row["messages"]) for row in rows) == 14_000
    bad = next(row for row in rows if row["source"] == "203.0.113.66")
    assert (bad["messages"], bad["aligned"]) == ("1400", "0")
    assert bad["envelope_from"] == "crm.example.net"


def test_one_domain_of_several(folder: Path):
    write_reports(folder / "r", days=1)
    write_reports(folder / "r", days=1, published=Published("example.net"))
    assert facts("r", "--domain", "Example.NET.")["domain"] == "example.net"


class _Page(HTMLParser):
    """What a page would load or run, and its tags' balance."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [
            f"{name}={value}"
            for name, value in attrs
            if (name in ("src", "href", "action", "data") and not (value or "").startswith("#"))
            or name.startswith("on")
        ]
        if tag not in ("meta", "br", "link", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


HOSTILE = '"><script>alert(1)</script>'


def test_the_page_loads_and_runs_nothing(folder: Path):
    sent = [Sent("192.0.2.1", 9), Sent(HOSTILE, 3, spf="fail", envelope_from=HOSTILE)]
    (folder / "a.xml").write_bytes(report_xml(sent, org=f"{HOSTILE}\x9b31m"))
    (folder / f"{HOSTILE.replace('/', '')}.xml").write_text("<feedback>")
    page = reports(".", "--format", "html").stdout
    parser = _Page()
    parser.feed(page)
    assert parser.open == []
    assert parser.loads == []
    assert not {"script", "link", "img", "iframe", "object", "image", "use"} & set(parser.tags)
    assert "<script" not in page
    assert "url(" not in page
    assert "@import" not in page
    assert "\x9b" not in page


def test_charts_add_up(folder: Path):
    write_reports(folder / "r", days=14, aligned=0.75, messages=1000)
    page = reports("r", "--format", "html").stdout
    days, sources = map(ElementTree.fromstring, re.findall(r"<svg.*?</svg>", page, re.DOTALL))

    def height(svg: ElementTree.Element, kind: str, side: str) -> float:
        return sum(float(r.attrib[side]) for r in svg.iter("rect") if r.attrib["class"] == kind)

    assert len(list(days.iter("g"))) == 14
    for svg, side in ((days, "height"), (sources, "width")):
        good, bad = height(svg, "good", side), height(svg, "bad", side)
        assert good / (good + bad) == pytest.approx(0.75, abs=0.01)


def test_years_of_reports_are_drawn_in_few_bars(folder: Path):
    write_reports(folder / "r", days=400, messages=10, packing="xml")
    page = reports("r", "--format", "html").stdout
    (days, _) = map(ElementTree.fromstring, re.findall(r"<svg.*?</svg>", page, re.DOTALL))
    assert len(list(days.iter("g"))) <= 92


def test_a_spreadsheet_takes_nothing_for_a_formula(folder: Path):
    sent = [Sent("192.0.2.1", 9, envelope_from="=cmd|'/c calc'!a0")]
    (folder / "a.xml").write_bytes(report_xml(sent))
    for row in csv.reader(io.StringIO(reports("a.xml", "--format", "csv").stdout)):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)


# ---- what is left out is told --------------------------------------------------------------------


def unread(*arguments: str) -> list[str]:
    found = json.loads(reports(*arguments, "--format", "json").stdout)
    return [f"{each['path']}: {each['message']}" for each in found["unread"]]


def test_reports_about_other_domains_are_named_and_left_out(folder: Path):
    write_reports(folder / "evidence", days=1)
    stray = folder / "evidence" / "stray.xml"
    stray.write_bytes(report_xml(published=Published("example.net")))
    (folder / "evidence" / "below.xml").write_bytes(
        report_xml(
            [Sent("192.0.2.1", 10, header_from="news.example.com")],
            published=Published("news.example.com"),
        )
    )
    about = "it is about another domain"
    (folder / "zonelint.toml").write_text(CONFIG)
    (folder / "example.com.zone").write_text(ZONE)
    result = reports()
    assert result.exit_code == 0
    said = f"evidence/stray.xml was not read: {about} (example.net)."
    assert result.stderr == f"zonelint: {said}\n"
    assert "\nexample.net\n" not in f"\n{result.stdout}"
    assert "news.example.com" in result.stdout
    assert unread() == [f"evidence/stray.xml: {said}"]
    (folder / "zonelint.toml").unlink()
    assert len(unread("evidence", "--domain", "example.net")) == 2
    told = reports("evidence", "--domain", "example.net").stderr
    named = "example.com, news.example.com"
    assert f"2 reports are about other domains and were left out: {named}\n" in told
    assert "was not read" not in told


def test_a_domain_without_any_report_is_a_failure(folder: Path):
    write_reports(folder / "r", days=1)
    result = reports("r", "--domain", "exmaple.com")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no report about exmaple.com was read from r\n" in result.stderr


def test_a_declared_subdomain_is_covered_by_the_reports_of_its_organisation(folder: Path):
    write_reports(folder / "r", days=1)
    (folder / "zonelint.toml").write_text('[domains."news.example.com"]\nprofile = "sending"\n')
    result = reports("r")
    assert (result.exit_code, result.stderr) == (0, "")


def test_what_was_odd_is_told_once_and_listed_in_the_json(folder: Path):
    (folder / "r").mkdir()
    for name in "ab":
        text = report_xml(report_id=name).replace(b"</feedback>", b"<oops></feedback>")
        (folder / "r" / f"{name}.xml").write_bytes(text)
    (folder / "r" / "c.xml").write_bytes((folder / "r" / "a.xml").read_bytes())
    result = reports("r", "--format", "json")
    assert result.stderr == (
        "zonelint: r/a.xml: its XML is malformed and was repaired; 1 more like it\nzonelint: "
        "r/c.xml: this report was already read and counts once\n"
    )
    assert [each["path"] for each in json.loads(result.stdout)["remarks"]] == [
        "r/a.xml",
        "r/b.xml",
        "r/c.xml",
    ]


# ---- many sources --------------------------------------------------------------------------------


@pytest.fixture
def many(folder: Path) -> Path:
    """A thousand good sources with much mail, and one with little that fails."""
    (folder / "r").mkdir()
    good = [Sent(f"40.92.{number // 250}.{number % 250}", 50) for number in range(1000)]
    bad = Sent("203.0.113.66", 2, dkim="fail", spf="fail")
    (folder / "r" / "a.xml").write_bytes(report_xml([*good, bad]))
    return folder


def test_a_small_source_that_fails_is_shown_among_many(many: Path):
    lines = reports("r").stdout.splitlines()
    assert any(line.split()[:3] == ["203.0.113.66", "2", "0"] for line in lines)
    assert "  981 more sources with 49,050 messages, 100 % aligned" in lines
    assert sum(" 100 %  2026-" in line for line in lines) == 19


def test_the_page_shows_it_as_well_and_says_how_many_are_left(many: Path):
    page = reports("r", "--format", "html").stdout
    assert page.count("203.0.113.66") == 4  # the verdict, the chart's bar and its title, the table
    assert "501 more sources with 25,050 messages, 100 % aligned; the formats csv" in page
    assert ">989 more</text>" in page
    assert ">49,450 messages, 100 % aligned</text>" in page


# ---- DKIM keys -----------------------------------------------------------------------------------


def test_the_keys_that_signed_the_mail(folder: Path):
    (folder / "r").mkdir()
    sent = [
        Sent("192.0.2.1", 30, selector="old"),
        Sent("192.0.2.1", 70, selector="new"),
        Sent("192.0.2.2", 10, dkim="fail", spf="fail", selector="new", dkim_result="fail"),
        Sent("192.0.2.3", 90, dkim="fail", spf="fail", selector="x", dkim_result="permerror"),
    ]
    (folder / "r" / "a.xml").write_bytes(report_xml(sent))
    assert [
        (key["selector"], key["domain"], key["messages"], key["passed"], key["last_passed"])
        for key in facts("r")["selectors"]  # type: ignore[attr-defined]
    ] == [
        ("new", "example.com", 80, 70, "2026-11-20"),
        ("old", "example.com", 30, 30, "2026-11-20"),
        ("x", "example.com", 90, 0, None),
    ]
    lines = [line.split() for line in reports("r").stdout.splitlines()]
    assert ["new._domainkey.example.com", "80", "87.5", "%", "2026-11-20"] in lines
    assert ["x._domainkey.example.com", "90", "0", "%", "never"] in lines
    assert "<td>x._domainkey.example.com</td>" in reports("r", "--format", "html").stdout


def test_only_the_first_keys_are_shown(folder: Path):
    (folder / "r").mkdir()
    sent = [Sent("192.0.2.1", 130 - number, selector=f"s{number}") for number in range(120)]
    (folder / "r" / "a.xml").write_bytes(report_xml(sent))
    assert "s9._domainkey.example.com" in (told := reports("r").stdout)
    assert "s10._domainkey" not in told
    assert "  110 more keys\n" in told
    page = reports("r", "--format", "html").stdout
    assert page.count("<td>s") == 100
    assert "20 more keys." in page


# ---- TLS reports and failure reports -------------------------------------------------------------


def tls_report(
    mode: str = "testing", failed: int = 0, day: str = "2026-11-01", domain: str = "example.com"
) -> dict[str, Any]:
    details = [
        {
            "result-type": "certificate-expired",
            "receiving-mx-hostname": "MX1.example.com.",
            "failed-session-count": failed,
        }
    ]
    return {
        "organization-name": "Receiver Inc.",
        "date-range": {"start-datetime": f"{day}T00:00:00Z", "end-datetime": f"{day}T23:59:59Z"},
        "contact-info": "tls@example.net",
        "report-id": f"{day}-{domain}",
        "policies": [
            {
                "policy": {
                    "policy-type": "sts",
                    "policy-string": ["version: STSv1", f"mode: {mode}", "mx: mx1.example.com"],
                    "policy-domain": domain,
                },
                "summary": {
                    "total-successful-session-count": 12,
                    "total-failure-session-count": failed,
                },
                "failure-details": details if failed else [],
            }
        ],
    }


def tls(folder: Path, days: int = 1, **options: Any) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(1, days + 1):
        report = tls_report(day=f"2026-11-{number:02}", **options)
        octets = json.dumps(report).encode()
        (folder / f"tls-{number}.json.gz").write_bytes(gzip.compress(octets))


@pytest.mark.parametrize(
    ("days", "mode", "failed", "verdict", "ready"),
    [
        (14, "testing", 0, "Ready for mode: enforce: all of 168 sessions succeeded on 14 days.",
         True),
        (3, "testing", 0, "Not ready for mode: enforce: reports for 3 of the 14 days", False),
        (14, "testing", 1, "Not ready for mode: enforce: 14 of 182 sessions failed, most for "
         "certificate-expired at mx1.example.com.", False),
        (2, "enforce", 1, "At mode: enforce; 2 of 26 sessions failed", False),
        (2, "enforce", 0, "At mode: enforce; all of 24 sessions succeeded.", True),
    ],
)  # fmt: skip
def test_tls_reports_are_evidence_for_mta_sts(
    folder: Path, days: int, mode: str, failed: int, verdict: str, ready: bool
):
    tls(folder / "r", days, mode=mode, failed=failed)
    (found,) = json.loads(reports("r", "--format", "json").stdout)["tls"]
    assert found["verdict"].startswith(verdict)
    assert found["ready"] is ready
    result = reports("r")
    assert result.exit_code == 0
    assert verdict in result.stdout
    assert verdict in unescape(reports("r", "--format", "html").stdout)
    if failed:
        assert "the certificate has expired" in result.stdout


def test_declared_days_count_for_mta_sts(folder: Path):
    tls(folder / "r", 3)
    (folder / "zonelint.toml").write_text('[domains."example.com".dmarc]\nmin-days = 3\n')
    assert "Ready for mode: enforce" in reports("r").stdout


def test_a_tls_report_that_comes_twice_counts_once(folder: Path):
    tls(folder / "r")
    (folder / "r" / "again.json").write_text(json.dumps(tls_report()))
    done = reports("r")
    assert "1 TLS report." in done.stdout
    assert "counts once" in done.stderr


def test_a_tls_report_in_a_mail(folder: Path):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.net", "b@example.com", "Report Domain: x"
    octets = gzip.compress(json.dumps(tls_report(failed=2)).encode())
    mail.add_attachment(octets, maintype="application", subtype="tlsrpt+gzip", filename="x.json.gz")
    (folder / "mail.eml").write_bytes(mail.as_bytes())
    assert "2 of 14 sessions failed" in reports("mail.eml").stdout


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"date-range": {"start-datetime": "x"}}, "which period it is about"),
        ({"date-range": {"start-datetime": "2026-11-02", "end-datetime": "2026-11-01"}},
         "ends before"),
        ({"policies": [{"summary": {}}]}, "does not name the domain"),
        ({"policies": [{"policy": {"policy-domain": "a.example"},
                        "summary": {"total-failure-session-count": -1}}]},
         "negative or impossible"),
        ({"policies": 3}, "not that of a TLS report"),
        (None, "its JSON is cut off"),
    ],
)  # fmt: skip
def test_a_tls_report_that_is_broken_is_named(
    folder: Path, change: dict[str, Any] | None, said: str
):
    text = json.dumps(tls_report() | (change or {}))
    (folder / "r.json").write_text(text[:-20] if change is None else text)
    done = reports("r.json")
    assert done.exit_code == 2
    assert said in done.stderr


def test_other_json_is_no_report(folder: Path):
    tls(folder / "r")
    (folder / "r" / "package.json").write_text('{"name": "x", "policies": null}')
    assert reports("r").exit_code == 0
    (folder / "r" / "other.json").write_text("[1, 2]")
    assert "other.json" not in reports("r").stderr


FAILURE = """\
From: reports@example.net
To: d@example.com
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

A message failed.
--b
Content-Type: message/feedback-report

Feedback-Type: auth-failure
Version: 1
Auth-Failure: dmarc
Identity-Alignment: none
Delivery-Result: reject
DKIM-Domain: crm.example.net
DKIM-Selector: s1
Reported-Domain: Example.com
Source-IP: 203.0.113.77
Original-Mail-From: <anna@example.com>
Authentication-Results: example.net;
 dmarc=fail header.from=example.com

--b
Content-Type: text/rfc822-headers

From: <anna@example.com>
Subject: secret
--b--
"""


def test_failure_reports_are_counted_by_source_and_name_nobody(folder: Path):
    (folder / "r").mkdir()
    for number in range(3):
        (folder / "r" / f"{number}.eml").write_text(FAILURE)
    for form in ("table", "html", "json"):
        said = reports("r", "--format", form).stdout
        assert "203.0.113.77" in said
        assert "anna" not in said
        assert "secret" not in said
    (found,) = json.loads(said)["failure_reports"]
    assert found["domain"] == "example.com"
    assert found["sources"] == [
        {
            "kind": "auth-failure", "source": "203.0.113.77", "failed": "dmarc", "aligned": "none",
            "delivery": "reject", "signature": "s1._domainkey.crm.example.net", "messages": 3,
        }
    ]  # fmt: skip
    assert reports("r", "--domain", "example.org").exit_code == 2


def test_why_a_source_fails_is_said(folder: Path):
    sent = (
        Sent("192.0.2.1", 10, dkim="fail", spf="fail", envelope_from="mg.example.com",
             dkim_domain="mg.example.com", dkim_result="pass", spf_result="pass"),
        Sent("192.0.2.2", 5, dkim="fail", spf="fail", envelope_from="example.com",
             dkim_domain="", selector="", spf_result="softfail"),
    )  # fmt: skip
    published = Published(adkim="s", aspf="s")
    (folder / "r.xml").write_bytes(report_xml(sent=sent, published=published))
    by_source = {each["address"]: each["reasons"] for each in facts("r.xml")["sources"]}  # type: ignore[attr-defined]
    assert by_source["192.0.2.1"] == [
        "SPF passes for mg.example.com, strict alignment requires example.com; "
        "DKIM passes for mg.example.com, strict alignment requires example.com"
    ]
    assert by_source["192.0.2.2"] == ["SPF says softfail for example.com; no DKIM signature"]
    page = reports("r.xml", "--format", "html").stdout
    body = page[page.index("<body>") :]
    assert body.index("Not ready") < body.index("<table>")
    assert body.index("192.0.2.1 fails: SPF passes for mg.example.com") < body.index("<table>")
    assert "192.0.2.1 fails: SPF passes" in reports("r.xml").stdout


@pytest.mark.parametrize("command", [("reports",), ("check", ".")])
def test_a_wrong_path_of_reports_is_an_error(folder: Path, command: tuple[str, ...]):
    (folder / "zonelint.toml").write_text('reports = ["evidnce"]\n')
    (folder / "example.com.zone").write_text(ZONE)
    done = CliRunner().invoke(zonelint, list(command))
    assert done.exit_code == 2
    assert 'zonelint.toml:1: reports: "evidnce": there is no such file or folder' in done.stderr


def test_a_service_is_asked_by_the_record_that_is_in_use(folder: Path):
    """Microsoft 365 has one for each cloud; only the one that the domain includes counts."""
    write_reports(folder / "evidence", days=14, aligned=0.9)
    (folder / "zonelint.toml").write_text(CONFIG.replace('["mailgun"]', '["microsoft365"]'))
    (folder / "zonelint.lock").write_text(
        LOCK.replace("mailgun.org.", "spf.protection.outlook.com.").replace("203.0.113", "40.92.0")
    )
    record = "v=spf1 include:spf.protection.outlook.com -all"
    zone = ZONE.replace("v=spf1 ip4:40.92.0.0/16 -all", record)
    (folder / "example.com.zone").write_text(zone)
    sources = {each["address"]: each for each in facts()["sources"]}  # type: ignore[attr-defined]
    assert sources["203.0.113.66"]["missing"] == []
    assert sources["203.0.113.66"]["explained_by"] is None
    assert sources["40.92.0.10"]["explained_by"] == "Microsoft 365"


@pytest.mark.parametrize(("aligned", "offered"), [(0.9, False), (0.99, True)])
def test_the_next_phase_is_offered_only_where_the_reports_allow_it(
    folder: Path, aligned: float, offered: bool
):
    write_reports(folder / "evidence", days=14, aligned=aligned, messages=1000)
    (folder / "zonelint.toml").write_text('reports = ["evidence"]\n')
    record = '_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.com"\n'
    (folder / "example.com.zone").write_text(ZONE + record)
    done = CliRunner().invoke(zonelint, ["check", ".", "--select", "DMARC102,PHASE"])
    assert ("+ " in done.stdout and "p=quarantine" in done.stdout) is offered
    assert ("Stay there for now: 90 %" in done.stdout) is not offered
