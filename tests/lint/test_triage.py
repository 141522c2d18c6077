"""`zonelint triage` as people run it, on bounces of every form."""

from __future__ import annotations

import base64
import json
import re
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pytest_regressions.file_regression import FileRegressionFixture

from zonelint.main import zonelint

ROOT = Path(__file__).resolve().parents[2]
BOUNCES = ROOT / "examples" / "bounces"
BEFORE = str(ROOT / "examples/microsoft365/before")
AFTER = str(ROOT / "examples/microsoft365/after")
LINE = "550 5.4.300 Message expired -> 421 4.4.2 Connection dropped due to SocketError"


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A folder without zones: those of the folder are read where none are named."""
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))


def triage(*words: str, stdin: str | bytes | None = None) -> Result:
    result = CliRunner().invoke(zonelint, ["triage", *words], input=stdin)
    assert not isinstance(result.exception, Exception), result.output
    return result


def facts(*words: str, stdin: str | bytes | None = None) -> Any:
    result = triage(*words, "--format", "json", stdin=stdin)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def codes(told: Any) -> set[str]:
    return {finding["code"] for cause in told["causes"] for finding in cause["findings"]}


# ---- the story ----------------------------------------------------------------------------------


def test_the_bounce_from_yahoo_names_spf_dkim_and_dmarc() -> None:
    done = triage(str(BOUNCES / "microsoft365-to-yahoo.txt"), "--zones", BEFORE)
    assert done.exit_code == 0
    told, _, ticket = done.stdout.partition("A ticket to send\n")
    for code in ("SPF210", "SPF002", "DKIM008", "DMARC101"):
        assert code in told
    assert "include:spf.protection.outlook.com" in told
    assert "+ selector1._domainkey.example.com." in told
    assert "TLS is forced" in told
    assert "slows the sender down" in told
    assert "AM0PR04MB0002EXAMPLE00000000@" in ticket
    assert "mta7.am0.yahoodns.net" in ticket
    assert "Mon, 9 Mar 2026 08:12:39 +0000" in ticket
    assert "00000000-1111-2222-3333-444444444444" in ticket
    assert re.search(r"SPF +v=spf1 mx -all", ticket)
    assert re.search(r"DKIM +no key published", ticket)
    assert re.search(r"DMARC +no record published", ticket)


def test_the_line_alone_is_enough_when_the_zones_hold_one_domain() -> None:
    told = facts("-", "--zones", BEFORE, stdin=LINE)
    assert [(each["reply"], each["status"]) for each in told["answers"]] == [
        (550, "5.4.300"),
        (421, "4.4.2"),
    ]
    assert told["domain"] == "example.com"
    assert told["guessed"] is True
    assert {"SPF210", "SPF002", "DKIM008", "DMARC101"} <= codes(told)
    assert told["sent_by"] == "microsoft"


def test_steps_stand_in_their_order() -> None:
    steps = facts("-", "--zones", BEFORE, stdin=LINE)["steps"]
    places = [
        next(number for number, step in enumerate(steps) if word in step)
        for word in ("SPF210", "DKIM008", "DMARC101", "--fix-proposed", "7 days", "signing on",
                     "port 25", "Authentication-Results", "ticket")
    ]  # fmt: skip
    assert places == sorted(places)


def test_the_steps_exclude_nothing_that_a_later_one_asks_for(tmp_path: Path) -> None:
    """The policy is neither loosened nor tightened, and only the file at fault is named."""
    head = "$ORIGIN {0}.\n$TTL 3600\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n"
    faulty = '@ MX 10 ns\n@ TXT "v=spf1 mx -all"\n@ TXT "v=spf1 a -all"\n'
    policy = '_dmarc TXT "v=DMARC1; p=reject; pct=50; rua=mailto:d@{0}"\n'
    for name in ("events.example", "physics.example"):
        text = (head + faulty + policy).format(name)
        (tmp_path / f"{name}.zone").write_text(text)
    text = "550 5.7.26 This mail has been blocked because the sender is unauthenticated."
    told = facts("-", "--domain", "events.example", "--zones", str(tmp_path), stdin=text)
    assert {"SPF002", "DMARC105"} <= codes(told)
    steps = told["steps"]
    assert not [step for step in steps if "p=none" in step or "p=quarantine" in step]
    [review] = [step for step in steps if "--fix-proposed" in step]
    assert f"--fix-proposed SPF002 {tmp_path / 'events.example.zone'}'" in review
    assert steps[-1].endswith("The change for DMARC105 waits until then too.")


def test_the_mended_zone_is_not_blamed() -> None:
    told = facts("-", "--zones", AFTER, stdin=LINE)
    assert codes(told) == set()
    assert told["judged"] is True
    assert any(cause["id"] == "throttling" for cause in told["causes"])


@pytest.mark.parametrize("name", sorted(path.name for path in BOUNCES.iterdir()))
def test_whole(name: str, file_regression: FileRegressionFixture) -> None:
    done = triage(str(BOUNCES / name), "--zones", BEFORE)
    assert done.exit_code == 0
    _, _, ticket = done.stdout.partition("A ticket to send\n")
    file_regression.check(ticket, extension=".txt")


# ---- causes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("550 5.7.509 Access denied, sending domain example.com does not pass DMARC", {"policy"}),
        ("550 5.7.515 Access denied, sending domain example.com does not meet", {"spf", "dkim"}),
        ("550 5.7.23 The message was rejected because of Sender Policy Framework", {"spf"}),
        ("550 5.7.520 Access denied, Your organization does not allow external", {"forwarding"}),
        ("550 5.7.708 Service unavailable. Access denied, traffic not accepted", {"account"}),
        ("550 5.7.606 Access denied, banned sending IP [192.0.2.7]", {"reputation"}),
        ("451 4.7.500 Server busy. Please try again later", {"throttling"}),
        ("550 5.4.316 Message expired, connection refused", {"connection"}),
        ("550 5.1.1 User unknown", {"recipient"}),
        ("552 5.2.2 Mailbox full", {"mailbox"}),
        ("550 5.7.26 Unauthenticated email from example.com is not accepted due to domain's DMARC "
         "policy. - gsmtp", {"policy"}),
        ("550 5.7.27 SPF did not pass - gsmtp", {"spf"}),
        ("550 5.7.27 example.com does not accept mail (nullMX)", {"null-mx"}),
        ("550 5.7.40 the sending domain doesn't have a DMARC record - gsmtp", {"dmarc-missing"}),
        ("554 5.7.9 Message not accepted for policy reasons. See senders.yahooinc.com", {"dkim"}),
        ("421 4.7.0 [TSS04] Messages from 192.0.2.7 deferred; see senders.yahooinc.com",
         {"throttling"}),
        ("554 Message not allowed - [PH01] Email not accepted; see senders.yahooinc.com",
         {"content"}),
    ],
)  # fmt: skip
def test_named_causes(text: str, named: set[str]) -> None:
    causes = facts("-", "--domain", "example.com", stdin=text)["causes"]
    assert named <= {cause["id"] for cause in causes if cause["named"]}


@pytest.mark.parametrize(
    "said",
    [
        "dsn=5.4.4, status=bounced (Host or domain name not found. Name service error for "
        "name=mx.example.org type=AAAA: Host not found)",
        "<bob@example.org>: Host or domain name not found. Name service error for\n"
        "    name=mx.example.org type=A: Host not found",
        "bob@example.org\n    Unrouteable address",
        "bob@example.org\n    all relevant MX records point to non-existent hosts",
    ],
)
def test_a_host_that_is_not_found_is_no_missing_mailbox(said: str) -> None:
    told = facts("-", "--domain", "example.com", stdin=said)
    assert [cause["id"] for cause in told["causes"] if cause["named"]] == ["route"]


@pytest.mark.parametrize(
    "head",
    [
        "From: Mail Delivery System <MAILER-DAEMON@mx.example.net>\nTo: alice@example.com\n",
        "From: postmaster@outlook.example\nSent: Monday\nTo: alice@example.com\n",
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net\nTo: alice@example.com\n",
    ],
)
def test_the_host_that_writes_the_bounce_did_not_send_the_message(head: str) -> None:
    said = f"{head}Subject: Undeliverable\n\n<bob@example.org>: said: 550 5.7.1 SPF failed\n"
    done = triage("-", stdin=said)
    assert "From example.com to example.org." in done.stdout


@pytest.mark.parametrize(
    ("text", "title", "domain", "final"),
    [
        # One reply in several lines, each with its codes, as hosts and programs run it together.
        ("550-5.7.26 Unauthenticated email from example.com is not accepted due to\n"
         "550-5.7.26 domain's DMARC policy. Please contact the administrator of\n"
         "550 5.7.26 example.com domain. gsmtp",
         "Not accepted because of the domain's DMARC policy", "example.com", True),
        ("> 550-5.7.26 Unauthenticated email from example.com is not accepted due to domain's\n"
         "> 550 5.7.26 DMARC policy. gsmtp",
         "Not accepted because of the domain's DMARC policy", "example.com", True),
        ("host mx.google.com[192.0.2.1] said: 550-5.7.26 Unauthenticated email from example.com is "
         "not accepted due to 550-5.7.26 domain's DMARC policy. 550 5.7.26 gsmtp (in reply",
         "Not accepted because of the domain's DMARC policy", "example.com", True),
        ("554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org",
         "Refused because of reputation", None, True),
        ("550 5.4.1 Recipient address rejected: Access denied. [X.eop-eur04.prod.protection."
         "outlook.com]", "Recipient address rejected, or relay access denied", None, True),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by SMTP address lookup",
         "Recipient not found", None, True),
        ("550 5.1.10 This domain takes no mail", "Recipient address has null MX", None, True),
        ("550 5.7.515 Access denied, sending domain [EXAMPLE.COM] doesn't meet the required level",
         "The sending domain does not meet the required authentication level", "example.com", True),
        ("450 4.1.8 <a@example.com>: Sender address rejected: Domain not found",
         "Bad sender's system address", "example.com", False),
        ("450 4.7.1 <b@example.net>: Recipient address rejected: Greylisted, come back later",
         "Greylisted", None, False),
        ("554 Message not allowed - [PH01] Email not accepted; see senders.yahooinc.com",
         "Content not accepted", None, True),
        ("552 5.3.4 Message size exceeds fixed limit", "Message too big for system", None, True),
        ("553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
         "Relaying not allowed", None, True),
        ("421-4.7.0 This message does not pass authentication checks (SPF and DKIM both do not\n"
         "421-4.7.0 pass). SPF check for [example.com] does not pass with ip: [192.0.2.1].\n"
         "421 4.7.0 gsmtp", "Unauthenticated", "example.com", False),
        ("550 5.7.1 rejected because DKIM verification failed", "Refused because of DKIM", None,
         True),
        ("554 5.7.1 blocked because ASE reports it as spam", "Taken for spam", None, True),
        ("530 5.7.0 Must issue a STARTTLS command first", "An encrypted connection is wanted", None,
         True),
        ("552-5.7.0 blocked because its content presents a potential security issue. gsmtp",
         "The content presents a potential security issue", None, True),
        # No enhanced status code anywhere.
        ("550 SPF check failed for example.com", "Refused because of SPF", "example.com", True),
        ("SMTP error from remote mail server after RCPT TO:<b@example.net>:\n    550 No such user",
         "The address does not exist", None, True),
        ("said: 451 try again later", "Not done for now", None, False),
        ("554 rejected by rule 554", "Refused, without a status code that tells why", None, True),
        ("503 Bad sequence", "An answer without a status code", None, True),
    ],
)  # fmt: skip
def test_an_answer_is_explained(text: str, title: str, domain: str | None, final: bool) -> None:
    told = facts("-", stdin=text)
    assert [each["title"] for each in told["answers"]] == [title]
    assert told["domain"] == domain
    assert told["final"] is final


def test_a_domain_without_records_is_no_domain_without_faults() -> None:
    text = "550 5.7.509 sending domain news.example.com does not pass DMARC"
    done = triage("-", "--zones", AFTER, stdin=text)
    words = " ".join(done.stdout.split())
    assert "news.example.com has no SPF record and no DKIM key in the zones" in words
    assert "Publish what news.example.com lacks" in words
    assert "No fault that would explain it" not in words


def test_a_domain_may_be_typed_as_it_is_read(tmp_path: Path) -> None:
    zone = tmp_path / "zone"
    zone.write_text('$ORIGIN xn--bcher-kva.example.\n$TTL 1h\n@ MX 1 a.b.\n@ TXT "v=spf1 +al"\n')
    words = ["--zones", str(zone)]
    told = facts("-", *words, "--domain", "Bücher.example", stdin="550 5.7.1 SPF")
    assert told["domain"] == "xn--bcher-kva.example"
    assert "SPF001" in codes(told)
    told = facts("-", *words, stdin="From: a@bücher.example\n\n550 5.7.1 SPF")
    assert "SPF001" in codes(told)
    for wrong in ("not a name", "a..b", "."):
        assert triage("-", "--domain", wrong, stdin="550 5.7.1 SPF").exit_code == 2


def test_a_number_is_not_an_answer() -> None:
    done = triage("-", stdin="We sent 550 messages, 421 of them came back.\nRoom 550, Main St")
    assert done.exit_code == 2


def test_what_the_receiver_says_is_not_taken_for_the_senders_words() -> None:
    text = "Generating server: x.prod.outlook.com\nemil@aol.com\n550 5.7.1 refused by DMARC\n"
    told = facts("-", "--domain", "example.com", stdin=text)
    assert told["answers"][0]["title"] == "Refused because of DMARC"
    assert told["refused_by"] == "yahoo"


def test_an_unknown_code_is_told_by_its_class() -> None:
    (answer,) = facts("-", stdin="554 5.6.213 what is that")["answers"]
    assert answer["title"] == "A code that is not documented"
    assert "the content of the message" in answer["meaning"]


def test_spf_is_asked_about_the_sending_address(tmp_path: Path) -> None:
    zone = tmp_path / "example.com.zone"
    zone.write_text('$TTL 1h\n@ TXT "v=spf1 ip4:192.0.2.0/24 -all"\n@ MX 1 a.example.net.\n')
    text = "550 5.7.26 SPF [example.com] with ip: [{}] = did not pass - gsmtp"
    told = facts("-", "--zones", str(zone), stdin=text.format("198.51.100.25"))
    assert told["client"] == {"address": "198.51.100.25", "spf": "fail", "domain": "example.com"}
    assert any("198.51.100.25" in step for step in told["steps"])
    told = facts("-", "--zones", str(zone), stdin=text.format("192.0.2.25"))
    assert told["client"]["spf"] == "pass"


def test_no_lock_is_advised_that_would_not_help(tmp_path: Path) -> None:
    zone = tmp_path / "example.com.zone"
    text = '$TTL 1h\n@ TXT "v=spf1 include:{} -all"\n@ MX 1 a.example.net.\n'
    line = "550 5.7.26 SPF [example.com] with ip: [198.51.100.25] = did not pass - gsmtp"
    for name, is_advised in (("_spf.example.net", True), ("%{l}.example.net", False)):
        zone.write_text(text.format(name))
        told = facts("-", "--zones", str(zone), stdin=line)
        assert told["undecided"]
        assert any("zonelint lock" in step for step in told["steps"]) is is_advised


def test_a_domain_whose_zone_is_not_there_is_not_judged() -> None:
    told = facts("-", "--zones", BEFORE, "--domain", "example.org", stdin=LINE)
    assert told["judged"] is False
    assert codes(told) == set()
    assert any("zone of example.org" in step for step in told["steps"])


def test_another_domains_faults_are_not_the_cause(tmp_path: Path) -> None:
    (tmp_path / "example.com.zone").write_text(
        '$TTL 1h\n@ MX 1 a.example.net.\n@ TXT "v=spf1 mx -all"\n'
        '_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.com"\nnews TXT "v=spf1 foo -all"\n'
    )
    assert "SPF001" not in codes(facts("-", "--zones", str(tmp_path), stdin=LINE))
    sub = facts("-", "--zones", str(tmp_path), "--domain", "news.example.com", stdin=LINE)
    assert "SPF001" in codes(sub)


@pytest.mark.parametrize(
    "text",
    ["550 5.7.26 unauthenticated", "550 5.7.509 x", "550 5.7.515 x", "550 5.7.22 x",
     "554 5.7.9 Message not accepted for policy reasons. See senders.yahooinc.com"],
)  # fmt: skip
@pytest.mark.parametrize("declared", ["", '[domains."example.com".dmarc]\nalignment = "strict"\n'])
def test_relaxed_alignment_explains_no_bounce(declared: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "zonelint.toml").write_text(declared)
    (tmp_path / "example.com.zone").write_text(
        '$TTL 1h\n@ MX 1 a.example.net.\n@ TXT "v=spf1 ip4:192.0.2.1 +all"\n'
        's1._domainkey TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="\n'
        '_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.com"\n'
    )
    told = facts("-", "--zones", str(tmp_path), stdin=text)
    assert told["judged"] is True
    assert "DMARC201" not in codes(told)
    assert not any("DMARC201" in step for step in told["steps"])


def test_a_change_is_shown_in_whole_records(tmp_path: Path) -> None:
    (tmp_path / "zonelint.toml").write_text(
        '[domains."example.com"]\nprofile = "sending"\nsenders = ["mailchimp"]\n'
        '[domains."example.com".mailchimp.dkim]\nk2 = "dkim2.mcsv.net"\nk3 = "dkim3.mcsv.net"\n'
    )
    (tmp_path / "example.com.zone").write_text(
        '$TTL 1h\n@ MX 1 a.example.net.\n@ TXT "v=spf1 include:servers.mcsv.net -all"\n'
        'k3._domainkey CNAME dkim2.mcsv.net.\n_dmarc TXT "v=DMARC1; p=none"\n'
    )
    text = triage("-", "--zones", str(tmp_path), stdin="550 5.7.20 x").stdout
    changed = re.findall(r"^ +([-+] .*)$", text, re.MULTILINE)
    assert "+ k2._domainkey.example.com. CNAME dkim2.mcsv.net." in changed
    assert "- k3._domainkey.example.com. 3600 CNAME dkim2.mcsv.net." in changed
    assert "+ k3._domainkey.example.com. 3600 CNAME dkim3.mcsv.net." in changed


@pytest.mark.parametrize(
    ("text", "refused"),
    [("550 5.7.23 SPF", True), (LINE, False), ("550 5.4.316 Message expired, connection refused",
     False), ("421 4.4.2 Connection dropped", False)],
)  # fmt: skip
def test_only_what_was_refused_is_called_refused(text: str, refused: bool) -> None:
    told = facts("-", "--domain", "example.com", stdin=text)
    for ticket in told["tickets"]:
        assert ("Refused by" in ticket["text"]) is refused
        assert ("Receiving host" in ticket["text"]) is not refused
        assert ("messages were refused" in ticket["text"]) <= refused
    assert not any("the list that the bounce names" in step for step in told["steps"])


def zone_at(path: Path, spf: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f'$ORIGIN example.com.\n$TTL 1h\n@ MX 1 a.example.net.\n@ TXT "{spf}"\n'
        '_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.com"\n'
    )


def test_the_zones_of_the_folder_are_read_where_none_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone_at(tmp_path / "example.com.zone", "v=spf1 +al")
    monkeypatch.chdir(tmp_path)
    told = facts("-", stdin="550 5.7.23 SPF")
    assert (told["domain"], told["judged"]) == ("example.com", True)
    assert "SPF001" in codes(told)
    zone_at(tmp_path / "broken.zone", "v=spf1 \\")
    (tmp_path / "broken.zone").write_bytes(b"\xff\xfe\x00")
    assert "broken.zone" in triage("-", stdin="550 5.7.23 SPF").stderr


def test_without_zones_in_the_folder_the_bounce_is_explained() -> None:
    done = triage("-", stdin="550 5.7.23 SPF")
    assert (done.exit_code, done.stderr) == (0, "")
    Path("zonelint.toml").write_text('zones = ["no/*.zone"]\n')
    assert "no/*.zone" in triage("-", stdin="550 5.7.23 SPF").stderr


@pytest.mark.parametrize(
    "views", ['internal = ["int"]\nexternal = ["ext"]\n', 'internal = ["int"]\n']
)
def test_each_view_is_judged(views: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zone_at(tmp_path / "int" / "example.com.zone", "v=spf1 +al")
    zone_at(tmp_path / "ext" / "example.com.zone", "v=spf1 ip4:192.0.2.1 -all")
    (tmp_path / "zonelint.toml").write_text(f'zones = ["int/*", "ext/*"]\n[views]\n{views}')
    monkeypatch.chdir(tmp_path)
    named = "external" if "external" in views else ""
    text = "550 5.7.23 SPF [example.com] with ip: [192.0.2.1] = did not pass"
    told = facts("-", stdin=text)
    assert told["judged"] is True
    assert set(told["views"]) == {"internal", named} - {""}
    assert told["client"]["spf"] == "undecided"
    assert told["client"]["by_view"] == {"internal": "permerror", named: "pass"}
    (cause,) = (each for each in told["causes"] if each["findings"])
    assert [each["view"] for each in cause["findings"] if each["code"] == "SPF001"] == ["internal"]
    outer = facts("-", "--zones", "ext", stdin=text)
    assert (outer["judged"], outer["client"]["spf"], codes(outer)) == (True, "pass", set())
    shown = " ".join(triage("-", stdin=text).stdout.split())
    assert "example.com.zone:4 in view `internal`" in shown
    assert "not among those read" not in shown
    assert "SPF v=spf1 +al (being corrected)" in shown
    assert "SPF v=spf1 ip4:192.0.2.1 -all DKIM" in shown


def test_views_that_hold_the_same_are_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("int", "ext"):
        zone_at(tmp_path / folder / "example.com.zone", "v=spf1 ip4:192.0.2.1 -all")
    (tmp_path / "zonelint.toml").write_text('[views]\nint = ["int"]\next = ["ext"]\n')
    monkeypatch.chdir(tmp_path)
    told = facts("-", stdin="550 5.7.23 SPF with ip: [192.0.2.1] = did not pass")
    assert told["guessed"] is True
    assert (told["views"], told["client"]["spf"]) == ([], "pass")
    assert told["ticket"].count("v=spf1") == 1


# ---- redaction ----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("name", sorted(path.name for path in BOUNCES.iterdir()))
def test_redacted_nobody_is_named(name: str, form: str) -> None:
    path = str(BOUNCES / name)
    open_ = triage(path, "--zones", BEFORE, "--format", form).stdout
    masked = triage(path, "--zones", BEFORE, "--redact", "--format", form).stdout
    people = r"(?:anna|bert|carla|dora|emil|frida|billing|alerts|bounce-17)[\w.-]*@"
    assert re.search(people, open_)
    assert not re.search(people, masked)
    assert not re.search(r"198\.51\.100\.25|192\.0\.2\.\d|203\.0\.113\.9", masked)
    assert "example.com" in masked


# ---- hostile and broken -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stdin", "said"),
    [
        (b"", "no status code"),
        (b"Hello, my mail did not arrive.", "no status code"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Outlook item"),
        (b"\x00\x01\x02\x03" * 100, "not a text"),
        (b"550 5.7.1 x\n" * 500_000, "too large"),
    ],
)
def test_what_is_no_bounce_is_refused(stdin: bytes, said: str) -> None:
    done = triage("-", stdin=stdin)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_a_missing_file_and_a_missing_zone(tmp_path: Path) -> None:
    assert triage(str(tmp_path / "no.eml")).exit_code == 2
    done = triage(str(BOUNCES / "yahoo-deferred.txt"), "--zones", str(tmp_path / "no.zone"))
    assert done.exit_code == 2
    assert "no.zone" in done.stderr


def nested(depth: int) -> bytes:
    message = EmailMessage()
    message.set_content("550 5.7.1 refused\n")
    octets = message.as_bytes()
    for _ in range(depth):
        octets = b"MIME-Version: 1.0\nContent-Type: message/rfc822\n\n" + octets
    return octets


HOSTILE = {
    "nested": nested(3000),
    "boundaries": b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"
    + b"--x\nContent-Type: text/plain\n\n550 5.7.1 y\n" * 20_000,
    "mailboxes": b"550 5.7.1 z\n" + b"a@" + b"b.c-" * 200_000,
    "labels": b"From: " * 200_000 + b"\n550 5.7.1 z",
    "dots": b"550 5.7.1 z\n" + b"1.2." * 300_000,
    "addresses": b"550 5.7.1 z\n" + b"with ip: 1" * 100_000,
    "folded": b"Received: x\nContent-Type: multipart/report\n\n550 5.7.1 q\n"
    + b" -> y\n" * 100_000,
    "headers": b"550 5.7.1 q\nOriginal message headers:\n\nReceived: from a by b\n" * 20_000,
    "tags": b"MIME-Version: 1.0\nContent-Type: text/html\n\n550 5.7.1 q" + b"<script" * 100_000,
    "table": b"Date,Event,Detail\n" + b"1,2,550 5.7.1 x\n" * 60_000,
    "columns": b"Date,Event,Detail\n" + b"," * 1_000_000,
    "field": b'Date,Event,Detail\n"' + b"x" * 1_000_000,
    "json": b"[" * 1_000_000,
    "blocks": b"Date : 1\nEvent : 2\nDetail : 550 5.7.1 x\n\n" * 20_000,
    "list": b"Received,RecipientAddress,Status\n" + b"1,a@b.example,Failed 550 5.7.1\n" * 30_000,
    "tries": b"550 5.7.1 x\n" + b"1/1/2026 1:00 - a.example (1.2.3.4) '421 x\n" * 20_000,
    "words": b"550 5.7.1 " + b"spf fail " * 100_000,
    "steering": b"From: \x1b[31m@x\xff\xfe <a\xe2\x80\xae@b.example>\n\n550 5.7.1 \x1b]0;x\x07\x9b",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bounces_are_bounded(name: str) -> None:
    done = triage("-", "--domain", "example.com", stdin=HOSTILE[name])
    assert done.exit_code in (0, 2)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", done.stdout)
    assert len(done.stdout) < 200_000


# ---- shapes of mails ----------------------------------------------------------------------------

STATUS = """\
Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; anna@gmail.com
Action: failed
Status: 5.7.1
Remote-MTA: dns; gmail-smtp-in.l.google.com
Diagnostic-Code: smtp; 550 5.7.26 neither SPF nor DKIM passed. gsmtp

Final-Recipient: rfc822; fine@example.org
Action: delivered
Status: 2.0.0
"""
ORIGINAL = "From: Keeper <keeper@example.com>\nTo: anna@gmail.com\nMessage-ID: <a@example.com>\n"


def report(status: str = STATUS, coding: str = "", type: str = "message/delivery-status") -> str:
    coded = f"Content-Transfer-Encoding: {coding}\n" if coding else ""
    return (
        "From: MAILER-DAEMON@mx.example.net\nTo: keeper@example.com\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; boundary="b1"\n\n'
        "--b1\nContent-Type: text/plain\n\nSorry.\n"
        f"--b1\nContent-Type: {type}\n{coded}\n{status}\n"
        f"--b1\nContent-Type: text/rfc822-headers\n\n{ORIGINAL}\n--b1--\n"
    )


FORWARDED = (
    "From: anna.keeper@example.com\nTo: help@example.net\nMIME-Version: 1.0\n"
    'Content-Type: multipart/mixed; boundary="b0"\n\n'
    "--b0\nContent-Type: text/plain\n\nWhat is it?\n"
    "--b0\nContent-Type: message/rfc822\n\n{}\n--b0--\n"
)


@pytest.mark.parametrize(
    "mail",
    [
        report(),
        report(base64.encodebytes(STATUS.encode()).decode(), "base64"),
        report(type="message/global-delivery-status"),
        FORWARDED.format(report()),
    ],
    ids=["plain", "base64", "global", "forwarded"],
)
def test_a_delivery_report_in_any_wrapping(mail: str) -> None:
    told = facts("-", stdin=mail)
    first = told["answers"][0]
    assert (first["reply"], first["status"]) == (550, "5.7.26")
    assert told["sender"] == "keeper@example.com"
    assert told["recipients"] == ["anna@gmail.com"]  # what was delivered did not bounce
    assert told["refused_by"] == "google"
    assert told["message_id"] == "<a@example.com>"


def test_a_forwarded_bounce_in_words_of_its_own() -> None:
    bounce = (
        "From: postmaster@example.net\nTo: keeper@example.com\nContent-Type: text/plain\n\n"
        "anna@example.org\nRemote Server returned '550 5.7.1 refused by SPF'\n"
    )
    told = facts("-", stdin=FORWARDED.format(bounce))
    assert told["domain"] == "example.com"
    assert told["recipients"] == ["anna@example.org"]


@pytest.mark.parametrize("head", ["", "From: a@example.net\nContent-Type: text/html\n\n"])
def test_a_page_is_read_without_its_scripts(head: str) -> None:
    page = (
        "<html><script>'550 5.1.1 no'</script><STYLE>x</STYLE><p>anna@<wbr>example.org<p>"
        "Remote server returned &#39;550 5.7.1 refused by SPF&#39;</p><script>550 5.2.2 no"
    )
    told = facts("-", stdin=head + page)
    assert [each["status"] for each in told["answers"]] == ["5.7.1"]
    assert told["recipients"] == ["anna@example.org"]


def test_a_message_trace_as_a_table() -> None:
    told = facts("-", stdin=(
        "message_trace_id,sender_address,recipient_address,subject,detail\n"
        '0000-1111,keeper@example.com,anna@yahoo.com,"Hi, you",'
        '"[{LED=550 5.4.300 Message expired -> 421 4.4.2 Connection dropped};{IP=192.0.2.9}]"\n'
    ))  # fmt: skip
    assert [each["status"] for each in told["answers"]] == ["5.4.300", "4.4.2"]
    assert told["sender"] == "keeper@example.com"
    assert told["recipients"] == ["anna@yahoo.com"]
    assert "0000-1111" in told["ticket"]


# ---- traces and tries ---------------------------------------------------------------------------

DETAIL = (
    ("2026-11-27T08:12:45Z", "Receive", "Message received by: GB1.GBRP265.PROD.OUTLOOK.COM"),
    ("2026-11-28T08:14:10Z", "Fail", "Reason: [{LED=550 5.4.300 Message expired -> 421 4.4.2 "
     "Connection dropped};{MSG=};{FQDN=mx.am0.yahoodns.net};{IP=192.0.2.81};{LRT=x}]"),
    ("2026-11-27T08:12:50Z", "Defer", "Reason: [{LED=421 4.4.2 Connection dropped};{MSG=};"
     "{FQDN=mx.am0.yahoodns.net};{IP=192.0.2.80};{LRT=11/27/2026 8:12:50 AM}]"),
)  # fmt: skip


def detail(form: str) -> str:
    rows = [dict(zip(("Date", "Event", "Detail"), row, strict=True)) for row in DETAIL]
    if form == "json":
        return json.dumps([{**row, "Data": None} for row in rows])
    if form == "list":
        lines = (
            f"{name:<10} : {value}" for row in rows for name, value in (*row.items(), ("", ""))
        )
        return "\n".join("" if line.startswith(" ") else line for line in lines)
    mark = form[-1]
    lines = [("Date", "Event", "Detail"), *DETAIL]
    return "".join(mark.join(f'"{value}"' for value in line) + "\n" for line in lines)


@pytest.mark.parametrize("form", ["csv ,", "csv ;", "csv \t", "json", "list"])
def test_every_try_of_a_message_trace_is_told_in_its_order(form: str) -> None:
    told = facts("-", "--domain", "example.com", stdin=detail(form))
    assert [(each["time"], each["address"]) for each in told["tries"]] == [
        ("2026-11-27T08:12:45Z", None),
        ("2026-11-27T08:12:50Z", "192.0.2.80"),
        ("2026-11-28T08:14:10Z", "192.0.2.81"),
    ]
    assert told["server"] == "GB1.GBRP265.PROD.OUTLOOK.COM"
    assert (told["sent_by"], told["refused_by"]) == ("microsoft", "yahoo")
    assert [each["status"] for each in told["answers"]] == ["5.4.300", "4.4.2"]
    first, second = told["tickets"]
    assert "fails with 550 5.4.300, 421 4.4.2" in first["text"].splitlines()[0]
    for words in ("2026-11-27T08:12:50Z  Defer", "[192.0.2.80]", "(EOP)", "(EX...)", "back-end"):
        assert words in first["text"]
    assert "Sender Support Request" in second["to"]
    assert any("Service Health" in step for step in told["steps"])
    assert any("TLS 1.2" in step and "SNI" in step for step in told["steps"])


def test_a_trace_of_a_message_that_arrived_is_no_bounce() -> None:
    done = triage("-", stdin='"Date","Event","Detail"\n"2026-11-27T08:12:45Z","Deliver","fine"\n')
    assert done.exit_code == 2
    assert "shows no failure: the last step is `Deliver`" in done.stderr


LIST = (
    "Received,SenderAddress,RecipientAddress,Status,MessageTraceId\n"
    "{0}27{1},keeper@example.com,anna@yahoo.com,Failed,1111\n"
    "{0}27{1},keeper@example.com,bert@cs.com,Pending,1112\n"
    "{0}28{1},keeper@example.com,carla@sky.com,Delivered,1113\n"
    "{0}28{1},keeper@example.com,dora@example.org,Delivered,1114\n"
)


@pytest.mark.parametrize("date", [("2026-11-", "T08:12:44"), ("11/", "/2026 8:12:44 AM")])
def test_a_list_of_messages_is_counted(date: tuple[str, str]) -> None:
    told = facts("-", "--since", "2026-11-28", stdin=LIST.format(*date))
    counts = told["list"]
    assert [(c["name"], c["messages"], c["failed"]) for c in counts["receivers"]] == [
        ("Yahoo or AOL", 3, 2),
        ("example.org", 1, 0),
    ]
    assert counts["receivers"][0]["domains"] == ["yahoo.com", "cs.com", "sky.com"]
    assert [(c["name"], c["messages"]) for c in counts["days"]] == [
        ("2026-11-27", 2),
        ("2026-11-28", 2),
    ]
    assert [(c["messages"], c["failed"]) for c in counts["change"]] == [(2, 2), (2, 0)]
    assert told["sent_by"] == "microsoft"
    assert any("-MessageTraceId 1111" in step for step in told["steps"])
    assert "Yahoo or AOL    3 messages, 2 failed" in triage("-", stdin=LIST.format(*date)).stdout


def test_a_day_that_could_be_a_month_is_not_guessed() -> None:
    text = LIST.format("03/", "/2026 08:12").replace("/27/", "/04/").replace("/28/", "/05/")
    counts = facts("-", stdin=text)["list"]
    assert (counts["days"], counts["undated"]) == ([], 4)


def test_a_summary_report_names_the_code_of_each_recipient() -> None:
    told = facts("-", stdin=(
        "origin_timestamp_utc,sender_address,recipient_status,message_id\n"
        "2026-11-27T08:12:44.0000000Z,keeper@example.com,"
        "anna@yahoo.com##Receive, Fail;bert@aol.com##550 5.4.300 Message expired,<a@b>\n"
    ).replace("Receive, Fail", "Fail"))  # fmt: skip
    assert {each["name"] for each in told["list"]["statuses"]} == {"Fail", "550 5.4.300"}
    assert [each["status"] for each in told["answers"]] == ["5.4.300"]


REPORT = """{failed}

anna@yahoo.com
{sorry}

{diagnosis}

{server}GB1.GBRP265.PROD.OUTLOOK.COM

anna@yahoo.com
28/11/2026 08:10:00 - {remote} mx.am0.yahoodns.net (192.0.2.81) {said} '550 5.4.300 Expired'
27/11/2026 20:14:10 - {remote} mx.am0.yahoodns.net (192.0.2.80) {said} '421 4.4.2 Dropped'

{original}

ARC-Seal: i=1; a=rsa-sha256
Received: from GB2.GBRP265.PROD.OUTLOOK.COM (2001:db8::1) by GB1.GBRP265.PROD.OUTLOOK.COM
From: Keeper <keeper@example.com>
Message-ID: <a@example.com>
"""
WORDS = {
    "it": ("Recapito non riuscito:", "Spiacenti.", "Informazioni di diagnostica:",
           "Server di generazione: ", "Server remoto su", "ha restituito",
           "Intestazioni originali del messaggio:"),
    "de": ("Fehler bei der Zustellung:", "Leider nicht.", "Diagnoseinformationen:",
           "Generierender Server: ", "Remoteserver unter", "gab zurück",
           "Ursprüngliche Nachrichtenkopfzeilen:"),
    "fr": ("Échec de la remise :", "Désolé.", "Informations de diagnostic :",
           "Serveur de génération : ", "Le serveur distant sur", "a renvoyé",
           "En-têtes de message d'origine :"),
    "es": ("No se pudo entregar:", "Lo sentimos.", "Información de diagnóstico:",
           "Servidor de generación: ", "El servidor remoto en", "devolvió",
           "Encabezados de mensajes originales:"),
    "ja": ("配信できませんでした:", "申し訳ありません。", "診断情報:", "生成サーバー: ",
           "リモート サーバー", "から", "元のメッセージ ヘッダー:"),
}  # fmt: skip


@pytest.mark.parametrize("language", WORDS)
def test_a_report_is_read_in_the_language_of_its_reader(language: str) -> None:
    names = ("failed", "sorry", "diagnosis", "server", "remote", "said", "original")
    told = facts("-", stdin=REPORT.format(**dict(zip(names, WORDS[language], strict=True))))
    assert told["server"] == "gb1.gbrp265.prod.outlook.com"
    assert told["sender"] == "keeper@example.com"
    assert told["message_id"] == "<a@example.com>"
    assert told["recipients"] == ["anna@yahoo.com"]
    assert [each["address"] for each in told["tries"]] == ["192.0.2.80", "192.0.2.81"]
    assert (told["sent_by"], told["refused_by"]) == ("microsoft", "yahoo")


def test_the_log_of_postfix_tells_its_tries() -> None:
    line = (
        "Nov 27 0{}:12:50 mx1 postfix/smtp[99]: ABC: to=<anna@yahoo.com>, relay=mx.am0.yahoodns.net"
        "[192.0.2.80]:25, delay=1, dsn=4.4.2, status=deferred (lost connection with 421 4.4.2 x)\n"
    )
    told = facts("-", "--domain", "example.com", stdin=line.format(1) + line.format(2))
    assert [each["node"] for each in told["tries"]] == ["mx1", "mx1"]
    assert told["tries"][0]["event"] == "deferred"


# ---- what receivers say in their own words ------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("550-5.7.26 DKIM = did not pass\n550-5.7.26 SPF [example.com] with ip:\n"
         "550 5.7.26 [2001:db8::1] = did not pass gsmtp",
         {"dkim": ("fail", None), "spf": ("fail", "example.com")}),
        ("550 5.7.1 rejected: spf=softfail; dkim=pass; dmarc=fail",
         {"spf": ("softfail", None), "dkim": ("pass", None), "dmarc": ("fail", None)}),
        ("550 5.7.1 SPF check failed for example.com", {"spf": ("fail", None)}),
        ("550 5.7.509 sending domain example.com does not pass DMARC verification",
         {"dmarc": ("fail", None)}),
        ("550 5.7.1 Unauthenticated email from example.com is not accepted due to domain's DMARC "
         "policy.", {"dmarc": ("fail", "example.com")}),
        ("550 5.7.1 This message fails to pass SPF checks", {"spf": ("fail", None)}),
        ("421 4.7.0 neither SPF nor DKIM pass", {"spf": ("fail", None), "dkim": ("fail", None)}),
        ("550 5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM.", {}),
    ],
)  # fmt: skip
def test_which_check_failed_is_told_by_the_receiver(
    text: str, said: dict[str, tuple[str, str | None]]
) -> None:
    told = facts("-", "--domain", "example.com", stdin=text)
    found = {each["method"]: (each["result"], each["domain"]) for each in told["receiver_says"]}
    assert found == said
    named = {cause["id"] for cause in told["causes"] if cause["named"]}
    assert not {method for method, (result, _) in said.items() if result == "pass"} & named


def test_a_check_that_found_nothing_is_told_in_words() -> None:
    text = "550 5.7.515 Access denied. Spf= None, Dkim= None, DMARC= None"
    told = " ".join(triage("-", "--domain", "example.com", stdin=text).stdout.split())
    assert "SPF found no record, DKIM found no signature and DMARC found no record." in told


def test_spf_is_asked_about_the_domain_that_the_receiver_asked(tmp_path: Path) -> None:
    zone = tmp_path / "example.com.zone"
    zone.write_text('$TTL 1h\n@ TXT "v=spf1 -all"\nmta TXT "v=spf1 ip4:192.0.2.9 -all"\n')
    text = (
        "550 5.7.23 SPF fail. See http://www.openspf.net/Why?s=helo;\n"
        "   id=mta.example.com;ip=192.0.2.9;r=x"
    )
    told = facts("-", "--zones", str(zone), "--domain", "example.com", stdin=text)
    assert told["client"] == {"address": "192.0.2.9", "spf": "pass", "domain": "mta.example.com"}


@pytest.mark.parametrize("address", ["172.18.0.1", "10.1.2.3", "fd00::1", "127.0.0.1"])
def test_a_private_address_blames_no_zone(address: str, tmp_path: Path) -> None:
    zone = tmp_path / "example.com.zone"
    zone.write_text('$TTL 1h\n@ TXT "v=spf1 -all"\n')
    told = facts("-", "--zones", str(zone), stdin=f"550 5.7.23 SPF fail with ip: [{address}]")
    assert told["private_address"] == address
    assert told["client"] is None
    assert "Leave the zone as it is" in told["steps"][0]
    assert not any("Find out which service" in step for step in told["steps"])


@pytest.mark.parametrize("domain", ["yahoo.com", "gmail.com", "hotmail.co.uk", "libero.it"])
def test_nobody_sends_as_a_domain_of_mailboxes(domain: str) -> None:
    text = f"550 5.7.1 Unauthenticated email from {domain} is not accepted due to domain's DMARC"
    told = facts("-", "--zones", BEFORE, stdin=text)
    assert "domain of your own" in told["steps"][0]
    assert not any(f"zone of {domain}" in step for step in told["steps"])


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("550-5.7.1 [2001:db8::1] Our system has detected that this message does not meet IPv6\n"
         "550 5.7.1 sending guidelines regarding PTR records and authentication. gsmtp",
         "Over IPv6 without a name or without authentication"),
        ("550 5.7.1 Unfortunately, messages from [192.0.2.7] weren't sent. Part of their network "
         "is on our block list (S3150). [DB3.eop-eur04.prod.protection.outlook.com]",
         "Sending IP on the block list of Outlook.com"),
        ("554 5.7.5 Permanent error evaluating DMARC policy", "The DMARC record could not be used"),
        ("553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.7; see yahooinc.com",
         "Sending IP on a block list"),
        ("Status: 5.0.0\nFinal-Recipient: rfc822; a@gmail.com\nDiagnostic-Code: smtp; refused due "
         "to domain's DMARC policy - gsmtp", "Not accepted because of the domain's DMARC policy"),
    ],
)  # fmt: skip
def test_older_sentences_and_codes_that_say_nothing(text: str, title: str) -> None:
    told = facts("-", "--domain", "example.com", stdin=text)
    assert [each["title"] for each in told["answers"]] == [title]


def test_an_address_in_the_senders_own_network_is_not_what_the_receiver_saw(tmp_path: Path) -> None:
    zone = tmp_path / "example.com.zone"
    zone.write_text('$TTL 1h\n@ TXT "v=spf1 -all"\n')
    own = ORIGINAL + "Received-SPF: pass (example.com) client-ip=10.1.2.3; helo=pc\n"
    told = facts("-", "--zones", str(zone), stdin=report().replace(ORIGINAL, own))
    assert told["private_address"] is None
    assert told["client"] is None


def test_an_extended_report_tells_the_node_and_the_host_apart() -> None:
    told = facts("-", stdin=(
        "date_time_utc,server_hostname,event_id,message_id,recipient_address,recipient_status,"
        "sender_address\n"
        "2026-11-27T08:12:45.0Z,GB1,RECEIVE,<a@b>,anna@yahoo.com,,keeper@example.com\n"
        "2026-11-27T08:12:50.0Z,mx.yahoodns.net,DEFER,<a@b>,anna@yahoo.com,"
        '"[{LED=421 4.4.2 Dropped};{FQDN=mx.yahoodns.net};{IP=192.0.2.80}]",keeper@example.com\n'
    ))  # fmt: skip
    assert [(each["node"], each["host"]) for each in told["tries"]] == [
        ("GB1", None),
        (None, "mx.yahoodns.net"),
    ]
    assert (told["sender"], told["message_id"]) == ("keeper@example.com", "<a@b>")
