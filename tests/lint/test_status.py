"""`zonelint status`: each domain on one screen."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.reports_factory import Published, write_reports
from zonelint.grammars.rdata import txt_rdata
from zonelint.main import zonelint
from zonelint.providers.project.project import Project
from zonelint.rules.context import Context
from zonelint.rules.core.finding import Severity
from zonelint.rules.core.registry import rules
from zonelint.rules.dkim.support.example_keys import RSA_2048
from zonelint.rules.model import lock
from zonelint.rules.model.answers import Held, Status
from zonelint.rules.model.lock import Lock
from zonelint.rules.model.questions import Question, of_zone

ROOT = Path(__file__).resolve().parents[2]
BEFORE = str(ROOT / "examples/microsoft365/before")
ZONE = f"""\
$ORIGIN example.com.
$TTL 3600
@ IN SOA ns1.example.net. hostmaster 1 7200 900 1209600 300
@ IN NS ns1.example.net.
@ IN NS ns2.example.net.
@ IN MX 10 mail
mail IN A 198.18.0.25
@ IN TXT "v=spf1 mx -all"
s1._domainkey IN TXT {txt_rdata(f"v=DKIM1; p={RSA_2048}")}
_dmarc IN TXT "v=DMARC1; p=none; rua=mailto:d@example.com"
_mta-sts IN TXT "v=STSv1; id=1"
mta-sts IN A 198.18.0.26
_smtp._tls IN TXT "v=TLSRPTv1; rua=mailto:tls@example.com"
"""
CONFIG = """\
reports = ["evidence"]
[domains."example.com"]
senders = []
[domains."example.com".dmarc]
target = "reject"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "example.com.zone").write_text(ZONE)
    (tmp_path / "zonelint.toml").write_text(CONFIG.replace('reports = ["evidence"]\n', ""))
    return tmp_path


def reported(folder: Path, aligned: float, **options: Any) -> None:
    write_reports(folder / "evidence", days=14, aligned=aligned, messages=1000, **options)
    (folder / "zonelint.toml").write_text(CONFIG)


def status(*words: str) -> Result:
    result = CliRunner().invoke(zonelint, ["status", *words])
    assert not isinstance(result.exception, Exception), result.output
    return result


def facts(*words: str) -> Any:
    (domain,) = json.loads(status(*words, "--format", "json").stdout)["domains"]
    return domain


def steps(domain: Any) -> dict[str, bool | None]:
    return {each["step"]: each["done"] for each in domain["steps"]}


def test_the_story_before_has_it_all_to_do() -> None:
    domain = facts("--zones", BEFORE)
    done = steps(domain)
    assert [step for step, tick in done.items() if tick] == ["mail to the domain arrives"]
    assert "several records" in domain["records"]["SPF"][0]
    assert domain["records"]["DMARC"] == ["no record"]
    assert "SPF002" in domain["next"]
    assert domain["phase"] is None


def test_records_are_told_with_what_counts(folder: Path) -> None:
    domain = facts()
    records = domain["records"]
    assert records["SPF"] == ["1 of 10 lookups", "senders: 1 of your own", "ends in -all"]
    assert records["DKIM"] == ["s1: RSA 2048 bits"]
    assert records["DMARC"][0] == "p=none, on the way to p=reject"
    assert records["MX"] == ["mail.example.com"]
    assert records["MTA-STS"] == ["a policy"]
    assert records["TLS-RPT"] == ["mailto:tls@example.com"]
    assert (domain["phase"], domain["spf_lookups"]) == ("none", 1)
    assert domain["next"].startswith("reports arrive")


def test_evidence_decides_the_next_step(folder: Path) -> None:
    reported(folder, 1.0)
    domain = facts()
    assert domain["ready"] is True
    said = "; ".join(domain["records"]["DMARC"])
    assert "since 2026-11-07 or earlier; 14 days of reports" in said.replace(", ", "; ")
    assert "100 % of 14,000 messages aligned" in said
    assert "Ready for p=quarantine" in said
    assert domain["next"] == "p=quarantine: the evidence is there, 'zonelint propose' writes it"


def test_what_the_next_phase_waits_for_is_named(folder: Path) -> None:
    reported(folder, 0.9)
    domain = facts()
    assert domain["ready"] is False
    assert any("Not ready for p=quarantine: 90 %" in each for each in domain["records"]["DMARC"])
    evidence = next(each for each in domain["steps"] if each["step"].startswith("reports"))
    assert evidence["done"] is False
    assert "203.0.113.66 passes neither SPF nor DKIM (SPF passes for" in evidence["why"]
    assert "203.0.113.66" in domain["next"]


def test_a_little_forged_mail_is_no_step_to_wait_for(folder: Path) -> None:
    reported(folder, 0.99)
    domain = facts()
    evidence = next(each for each in domain["steps"] if each["step"].startswith("reports"))
    assert evidence["done"] is True
    assert "203.0.113.66 passes neither SPF nor DKIM" in evidence["why"]
    assert domain["next"].startswith("p=quarantine: the evidence is there")
    zone = folder / "example.com.zone"
    zone.write_text(zone.read_text().replace("p=none", "p=quarantine"))
    assert facts()["next"].startswith("p=reject; it waits")


def test_days_count_under_the_policy_that_stands(folder: Path) -> None:
    (folder / "example.com.zone").write_text(ZONE.replace("p=none;", "p=none; adkim=s; aspf=s;"))
    reported(folder, 1.0)
    domain = facts()
    assert domain["ready"] is False
    assert "cover 0 of the 14 days" in domain["next"]
    assert domain["next"].endswith("shows adkim=r and aspf=r)")


def test_the_last_phase_has_all_ticks(folder: Path) -> None:
    (folder / "example.com.zone").write_text(ZONE.replace("p=none", "p=reject"))
    reported(folder, 1.0, published=Published(p="reject"))
    domain = facts()
    assert set(steps(domain).values()) == {True}
    assert domain["next"] == "nothing: the last phase is reached"


def test_two_zones_of_one_name_are_each_told_what_is_found_in_them(folder: Path) -> None:
    for place, end in (("a", "+all"), ("b", "-all")):
        (folder / place).mkdir()
        (folder / place / "example.com.zone").write_text(ZONE.replace("-all", end))
    (folder / "example.com.zone").unlink()
    shown = CliRunner().invoke(zonelint, ["status", "example.com"]).output
    open_, kept = shown.split("example.com  (b/example.com.zone)")
    assert "[ ] one SPF record that every receiver can use: SPF201" in open_
    assert "[x] one SPF record that every receiver can use" in kept


def test_undecided_is_neither_done_nor_open(folder: Path) -> None:
    (folder / "example.com.zone").write_text(
        ZONE.replace("v=spf1 mx", "v=spf1 mx include:_spf.example.org")
    )
    done = status()
    assert "[?] one SPF record that every receiver can use: SPF101 needs" in done.stdout
    assert "at least 2 of 10 lookups" in done.stdout


def test_a_parked_domain_has_one_step(folder: Path) -> None:
    (folder / "zonelint.toml").write_text('[domains."example.com"]\nprofile = "parked"\n')
    assert list(steps(facts())) == [NO_MAIL]


def test_markdown_has_a_list_of_tasks(folder: Path) -> None:
    page = status("--format", "markdown").stdout
    assert page.startswith("## `example.com`")
    assert re.search(r"^- \[x\] mail to the domain arrives$", page, re.MULTILINE)
    assert re.search(r"^- \[ \] p=quarantine$", page, re.MULTILINE)
    assert "Next: reports arrive" in page


def test_one_screen_holds_a_domain(folder: Path) -> None:
    reported(folder, 0.9)
    lines = status("example.com").stdout.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 100


def test_what_is_in_no_zone_is_said(folder: Path) -> None:
    done = status("example.org")
    assert done.exit_code == 2
    assert "example.org: none of the zones that were read contains it" in done.stderr
    views = '[views]\ninside = { zones = ["*.zone"], public = false }\n'
    (folder / "zonelint.toml").write_text(views)
    done = status("example.com")
    assert done.exit_code == 2
    assert "example.com: only a zone of a view that the internet does not see" in done.stderr
    assert status("example.com", "example.org").exit_code == 2
    assert "every zone that was read is of a view that the internet does not see" in status().stderr


WEB = """\
$ORIGIN example.com.
$TTL 3600
@ IN SOA ns1.example.net. hostmaster 1 7200 900 1209600 300
@ IN NS ns1.example.net.
@ IN A 198.18.0.25
"""


NO_MAIL = "says that it has no mail: v=spf1 -all, p=reject, a null MX where mail could arrive"
REFUSING = '_dmarc TXT "v=DMARC1; p=reject"\n'


@pytest.mark.parametrize(
    ("records", "done"),
    [
        (f"{WEB}@ TXT 'v=spf1 -all'\n{REFUSING}", False),  # its address may get mail
        (f"{WEB}@ MX 0 .\n@ TXT 'v=spf1 -all'\n{REFUSING}", True),
        (f"{WEB}@ MX 0 .\n@ TXT 'v=spf1 -all'\n{REFUSING.replace('reject', 'rejec')}", False),
        (f"{WEB}@ MX 0 .\n@ TXT 'v=spf1 -all'\n_dmarc CNAME _dmarc.example.net.\n", None),
    ],
)
def test_a_domain_without_mail_is_done_where_receivers_see_it(
    folder: Path, records: str, done: bool | None
) -> None:
    (folder / "zonelint.toml").unlink()
    (folder / "example.com.zone").write_text(records.replace("'", '"'))
    assert steps(facts()) == {NO_MAIL: done}


def test_a_domain_that_evidently_has_no_mail_has_the_step_of_a_parked_one(folder: Path) -> None:
    (folder / "zonelint.toml").unlink()
    (folder / "example.com.zone").write_text(WEB)
    domain = facts()
    assert steps(domain) == {NO_MAIL: False}
    assert "PARK001" in domain["next"]


def test_nothing_is_ticked_that_is_not_there(folder: Path) -> None:
    (folder / "example.com.zone").write_text(WEB)
    (folder / "zonelint.toml").write_text('[domains."example.com"]\nprofile = "sending"\n')
    assert not any(steps(facts()).values())


def test_a_domain_with_a_null_mx_gets_no_mail(folder: Path) -> None:
    (folder / "example.com.zone").write_text(ZONE.replace("MX 10 mail", "MX 0 ."))
    domain = facts()
    assert domain["records"]["MX"] == ["receives no mail (null MX)"]
    assert "mail to the domain arrives" not in steps(domain)


@pytest.mark.parametrize(
    ("records", "keys"),
    [
        ("_domainkey DNAME keys\ns1.keys", ["s1: RSA 2048 bits"]),
        ("_domainkey DNAME keys.example.net.\ns1.keys", ["not known"]),
        ("_domainkey NS ns1.example.net.\ns1.keys", ["not known"]),
        ("s1.keys", ["no key"]),
    ],
)
def test_keys_are_shown_where_verifiers_find_them(
    folder: Path, records: str, keys: list[str]
) -> None:
    _replace(folder, "s1._domainkey", records)
    assert facts("example.com")["records"]["DKIM"] == keys


def test_a_redirect_tells_who_sends(folder: Path) -> None:
    zone = ZONE.replace("v=spf1 mx -all", "v=spf1 redirect=_spf.example.org")
    (folder / "example.com.zone").write_text(zone)
    (folder / "zonelint.toml").unlink()
    assert "senders: _spf.example.org" in facts()["records"]["SPF"]


def test_a_subdomain_with_a_zone_of_its_own_is_shown_by_that_zone(folder: Path) -> None:
    (folder / "sub.example.com.zone").write_text(ZONE.replace("example.com", "sub.example.com"))
    (folder / "example.com.zone").write_text(ZONE + "sub IN NS ns1.example.net.\n")
    with (folder / "zonelint.toml").open("a") as config:
        config.write('[domains."sub.example.com"]\nprofile = "sending"\n')
    told = json.loads(status("--format", "json").stdout)["domains"]
    assert [(each["domain"], each["path"]) for each in told] == [
        ("example.com", "example.com.zone"),
        ("sub.example.com", "sub.example.com.zone"),
    ]


RESOURCES = """\
variable "name" { type = string }
variable "spf" { type = string }
resource "aws_route53_zone" "known" { name = "example.com" }
resource "aws_route53_zone" "unknown" { name = var.name }
resource "aws_route53_record" "spf" {
  for_each = { "example.com" = aws_route53_zone.known.zone_id }
  zone_id  = each.value
  name     = each.key
  type     = "TXT"
  ttl      = 300
  records  = [var.spf]
}
resource "aws_route53_record" "mx" {
  zone_id = aws_route53_zone.unknown.zone_id
  name    = var.name
  type    = "MX"
  ttl     = 300
  records = ["10 mail.example.com."]
}
"""


def test_what_depends_on_a_variable_is_not_decided(folder: Path) -> None:
    for each in folder.iterdir():
        each.unlink()
    (folder / "main.tf").write_text(RESOURCES)
    done = status()
    assert [line for line in done.stdout.splitlines() if line[:1].strip()] == ["example.com  (.)"]
    assert "unknown-zone" not in done.stdout + done.stderr
    assert "the names of some zones are not known" in done.stderr
    domain = facts()
    assert domain["records"]["SPF"][0].startswith("not known, needs the value of aws_route53_")
    for step, tick in steps(domain).items():
        assert tick is (None if not step.startswith(("reports", "p=")) else False), step


def _replace(folder: Path, old: str, new: str) -> None:
    file = folder / "example.com.zone"
    file.write_text(file.read_text().replace(old, new))


def test_the_worst_is_shown_and_nothing_is_ticked_that_counts_for_nothing(folder: Path) -> None:
    both = '@ IN TXT "v=spf1 mx ip4:192.0.2.0/24 -all"\n@ IN TXT "v=spf1 a -all"'
    _replace(folder, '@ IN TXT "v=spf1 mx -all"', both)
    (first, second, *_) = facts()["steps"]
    assert first["why"].startswith("SPF002: ")
    assert second == {"step": "every sender is in it", "done": False, "why": "no record counts"}


def test_a_loop_has_no_number_of_lookups(folder: Path) -> None:
    _replace(folder, "v=spf1 mx -all", "v=spf1 include:example.com -all")
    assert facts()["records"]["SPF"][0] == "leads into a loop, so most receivers use none of it"


def test_what_checks_call_an_error_has_a_step(folder: Path) -> None:
    _replace(folder, "p=none", "p=reject")
    _replace(folder, "s1._domainkey IN", ";")
    (why,) = [each["why"] for each in facts()["steps"] if "DKIM" in each["step"]]
    assert why.startswith("DMARC203: ")
    errors = [each for each in rules() if each.severity is Severity.ERROR]
    of_mail = [each for each in errors if each.family in ("SPF", "DKIM", "DMARC", "MX")]
    assert [each.code for each in of_mail if each.step is None] == []


def test_a_name_that_did_not_answer_is_told_with_the_day(folder: Path) -> None:
    _replace(folder, "v=spf1 mx", "v=spf1 mx include:a.example.net")
    write = Lock()
    write.put("a.example.net.", "TXT", Held(Status.TIMEOUT), datetime.date(2026, 11, 24))
    (folder / "zonelint.lock").write_text(lock.write(write))
    told = "a.example.net (no answer came on 2026-11-24)"
    whys = [each["why"] for each in facts()["steps"]]
    assert any(f"{told}; 'zonelint lock' asks again" in why for why in whys)
    checked = CliRunner().invoke(zonelint, ["check"]).output
    assert f"needs {told}: 'zonelint lock' asks again" in " ".join(checked.split())
    assert "run 'zonelint lock'" not in checked


_SET = """\
resource "aws_route53_zone" "z" { name = "example.com" }
resource "aws_route53_record" "spf" {
  for_each       = { a = "v=spf1 mx -all", b = "v=spf1 a -all" }
  zone_id        = aws_route53_zone.z.zone_id
  name           = ""
  type           = "TXT"
  set_identifier = each.key
  weighted_routing_policy { weight = 1 }
  records        = [each.value]
}
"""


@pytest.mark.parametrize("words", [["status"], ["init", "--stdout"]])
def test_an_answer_of_a_set_is_in_a_zone_whose_name_is_known(
    folder: Path, words: list[str]
) -> None:
    """It is judged beside its zone."""
    for each in folder.iterdir():
        each.unlink()
    (folder / "main.tf").write_text(_SET)
    assert CliRunner().invoke(zonelint, words).stderr == ""


def test_selectors_alike_are_told_together_and_a_null_mx_is_judged(folder: Path) -> None:
    aliases = "a._domainkey CNAME a.b.c.\nb._domainkey CNAME b.b.c.\n"
    _replace(folder, "@ IN MX 10 mail\n", f"@ IN MX 0 .\n{aliases}")
    _replace(folder, "v=spf1 mx -all", "v=spf1 a:mail.example.com -all")
    assert "a, b: size not known without the lock (CNAME)" in facts()["records"]["DKIM"]
    (step,) = [each for each in facts()["steps"] if each["step"].startswith("it receives no mail")]
    assert step["why"].startswith("MX003: ")


def test_every_answer_of_a_set_is_shown(folder: Path) -> None:
    for each in folder.iterdir():
        each.unlink()
    text = _SET.replace("TXT", "MX").replace("v=spf1 mx -all", "10 a.example.net.")
    (folder / "main.tf").write_text(text.replace("v=spf1 a -all", "10 b.example.net."))
    assert facts()["records"]["MX"] == ["a.example.net or b.example.net"]


@pytest.mark.parametrize("type", ["TXT", "CNAME"])
def test_the_weakest_policy_of_a_set_is_shown(folder: Path, type: str) -> None:
    for each in folder.iterdir():
        each.unlink()
    text = _SET.replace('name           = ""', 'name           = "_dmarc"').replace(
        '"TXT"', f'"{type}"'
    )
    values = {"TXT": ("v=DMARC1; p=reject", "v=DMARC1; p=none"), "CNAME": ("a.p.net", "b.p.net")}[
        type
    ]
    text = text.replace("v=spf1 mx -all", values[0]).replace("v=spf1 a -all", values[1])
    (folder / "main.tf").write_text(text)
    write = Lock()
    for name, policy in (("a.p.net.", "reject"), ("b.p.net.", "none")):
        held = Held(Status.RECORDS, (f"v=DMARC1; p={policy}",))
        write.put(name, "TXT", held, datetime.date(2026, 11, 24))
    (folder / "zonelint.lock").write_text(lock.write(write))
    assert facts()["phase"] == "none"


def test_the_weakest_policy_of_a_set_above_is_shown(folder: Path) -> None:
    (folder / "example.com.zone").unlink()
    text = _SET.replace('name           = ""', 'name           = "_dmarc"')
    text = text.replace("v=spf1 mx -all", "v=DMARC1; p=reject; sp=reject")
    (folder / "main.tf").write_text(text.replace("v=spf1 a -all", "v=DMARC1; p=reject; sp=none"))
    shown = json.loads(status("news.example.com", "--format", "json").stdout)["domains"]
    assert [each["phase"] for each in shown] == ["none"]


def test_what_an_alias_leads_to_is_what_a_domain_has(folder: Path) -> None:
    zone = ZONE.replace("_mta-sts IN TXT", "sts IN TXT").replace("_smtp._tls IN TXT", "tls IN TXT")
    aliases = "_mta-sts IN CNAME sts\n_smtp._tls IN CNAME tls\n"
    (folder / "example.com.zone").write_text(zone + aliases)
    shown = status().output
    assert re.search(r"MTA-STS +a policy", shown)
    assert "mailto:tls@example.com" in shown
    (folder / "example.com.zone").write_text(zone + aliases.replace("sts\n", "sts.example.net.\n"))
    assert re.search(r"MTA-STS +not known, needs sts\.example\.net", status().output)


def test_what_the_configuration_ignores_is_no_step(folder: Path) -> None:
    _replace(folder, "p=none", "p=reject")
    _replace(folder, "v=spf1 mx", "v=spf1 mx ptr")
    config = folder / "zonelint.toml"
    said = config.read_text()
    step = next(iter(steps(facts())))
    for more, done in (
        ("", False),
        ('select = ["DMARC"]\n', False),
        ('ignore = ["SPF207"]\n', True),
        ('[severity]\nSPF207 = "info"\n', True),
    ):
        config.write_text(more + said)
        assert steps(facts())[step] is done, more


@pytest.mark.parametrize(
    ("other", "said", "done"),
    [
        ("v=spf1 a -all", "1 of 10 lookups, ", True),
        ("v=spf1 ~all", "`b`: 0 of 10 lookups, senders: nobody, ends in ~all", True),
        ("v=spf1 +all", "`b`: 0 of 10 lookups, senders: everybody, ends in +all", False),
        ("no policy", "`b`: no record", False),
    ],
)
def test_each_answer_of_a_set_is_shown_and_judged(
    folder: Path, other: str, said: str, done: bool
) -> None:
    for each in folder.iterdir():
        each.unlink()
    text = _SET.replace("v=spf1 a -all", other).replace(
        'name           = ""', 'name = "example.com"'
    )
    (folder / "main.tf").write_text(text)
    told = facts()
    words = ", ".join(told["records"]["SPF"])
    assert said in words
    assert ("`a`" in words) is (said[0] == "`")
    assert steps(told)["one SPF record that every receiver can use"] is done


def test_a_policy_beyond_the_declared_one_is_not_on_the_way_to_it(folder: Path) -> None:
    _replace(folder, "p=none", "p=reject")
    config = folder / "zonelint.toml"
    config.write_text(config.read_text().replace('target = "reject"', 'target = "quarantine"'))
    assert facts()["records"]["DMARC"][0] == "p=reject, stricter than the declared p=quarantine"


def test_a_zone_of_keys_is_shown_with_its_domain(folder: Path) -> None:
    _replace(folder, "s1._domainkey", "_domainkey NS ns1.example.net.\nkeys")
    key = txt_rdata(f"v=DKIM1; p={RSA_2048}")
    text = f"$ORIGIN _domainkey.example.com.\n{ZONE.partition('@ IN MX')[0][22:]}s1 TXT {key}\n"
    (folder / "keys.zone").write_text(text)
    told = facts()
    assert (told["domain"], told["records"]["DKIM"]) == ("example.com", ["s1: RSA 2048 bits"])
    (folder / "example.com.zone").unlink()
    assert facts()["domain"] == "_domainkey.example.com"


@pytest.mark.parametrize(
    ("exchanges", "locked", "done", "why"),
    [
        (["mx.example.net."], None, None, "needs mx.example.net ('zonelint lock' resolves it)"),
        (["mx.example.net."], Held(Status.RECORDS, ("198.18.0.1",)), True, ""),
        (["mx.example.net."], Held(Status.NXDOMAIN), False, "MX002: "),
        (["mx.example.net.", "aspmx.l.google.com."], None, True, ""),
        (["mx.example.net.", "mail"], None, True, ""),
    ],
)
def test_mail_is_not_said_to_arrive_where_nobody_has_looked(
    folder: Path, exchanges: list[str], locked: Held | None, done: bool | None, why: str
) -> None:
    records = "".join(f"@ IN MX 10 {each}\n" for each in exchanges)
    _replace(folder, "@ IN MX 10 mail\n", records)
    if locked is not None:
        known = Lock()
        known.put("mx.example.net.", "A", locked, datetime.date(2026, 11, 24))
        (folder / "zonelint.lock").write_text(lock.write(known))
    (step,) = (each for each in facts()["steps"] if each["step"] == "mail to the domain arrives")
    assert step["done"] is done
    assert step["why"].startswith(why)
    assert bool(step["why"]) is bool(why)


@pytest.mark.parametrize(
    ("record", "senders", "passing"),
    [
        ("v=spf1 a -all", "nobody", set()),
        ("v=spf1 ?ip4:198.18.0.1 -ip4:198.18.0.2 ~all", "nobody", set()),
        ("v=spf1 a ip4:198.18.0.1 -all", "1 of your own", {"198.18.0.1/32"}),
        ("v=spf1 include:none.example.com -all", "nobody", set()),
        ("v=spf1 exists:%{i}.wl.example.com -all", "whom exists:%{i}.wl.example.com finds",
         {"ip4", "ip6"}),
        ("v=spf1 -ip4:198.18.0.1 +all", "everybody", {"ip4", "ip6"}),
    ],
)  # fmt: skip
def test_senders_are_those_that_the_record_lets_pass(
    folder: Path, record: str, senders: str, passing: set[str]
) -> None:
    """As `zonelint spf` has it: a term that finds nothing, or refuses, lets nobody send."""
    more = '*.wl IN A 127.0.0.2\nnone IN TXT "v=spf1 -all"\n'
    _replace(folder, '@ IN TXT "v=spf1 mx -all"\n', f'@ IN TXT "{record}"\n{more}')
    assert f"senders: {senders}" in facts()["records"]["SPF"]
    listed = CliRunner().invoke(zonelint, ["spf", "example.com", "--format", "json"])
    answer = json.loads(listed.stdout)
    found = {each["network"] for each in answer["networks"] if each["result"] == "pass"}
    found |= {key for key, each in answer["otherwise"].items() if each["result"] == "pass"}
    assert found == passing


def test_a_key_that_only_the_reports_know_is_told(folder: Path) -> None:
    reported(folder, 0.99)
    told = "selector1._domainkey.example.com: mail passes with it in the reports"
    assert any(told in words for words in facts()["records"]["DKIM"])
    zone = ZONE.replace("s1._domainkey", "selector1._domainkey")
    (folder / "example.com.zone").write_text(zone)
    assert not any(told in words for words in facts()["records"]["DKIM"])


@pytest.mark.parametrize(
    ("owner", "text", "said"),
    [("*", "v=spf1 -all", ["no key"]), ("*._domainkey", "v=DKIM1; p=", ["*: no usable key"])],
)
def test_a_wildcard_is_a_key_where_its_text_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: str, text: str, said: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("example.com.zone").write_text(
        "$TTL 1h\n@ SOA ns1.example.net. h.example.net. 1 4h 1h 2w 1h\n@ NS ns1.example.net.\n"
        f'@ TXT "v=spf1 -all"\n{owner} TXT "{text}"\n'
    )
    lines = [line.split(None, 1) for line in status().stdout.splitlines()]
    assert [line[1] for line in lines if line and line[0] == "DKIM"] == said


@pytest.mark.parametrize(
    ("zone", "config"),
    [
        ("", 'ignore = ["SPF205"]\n'),
        ("", '[per-owner-ignore]\n"*.com" = ["SPF205"]\n'),
        (" ; noqa: SPF205", ""),
    ],
    ids=["ignored", "ignored at the owner", "commented"],
)
def test_what_is_ignored_is_told_where_a_step_is_ticked(
    folder: Path, zone: str, config: str
) -> None:
    _replace(folder, '"v=spf1 mx -all"', '"v=spf1 mx -all mx"')
    text = "one SPF record that every receiver can use"
    (step,) = [each for each in facts()["steps"] if each["step"] == text]
    assert step["done"] is False
    _replace(folder, '-all mx"', f'-all mx"{zone}')
    (folder / "zonelint.toml").write_text(config + CONFIG.partition("\n")[2])
    (step,) = [each for each in facts()["steps"] if each["step"] == text]
    assert (step["done"], step["why"]) == (True, "not counting SPF205 (ignored)")


def test_a_fault_that_is_certain_comes_before_what_is_not_decided(folder: Path) -> None:
    _replace(folder, "v=spf1 mx", "v=spf1 mx mx:example.org")
    _replace(folder, "v=DKIM1; p=", "v=DKIM1; k=rsa; p=x")
    done = facts()
    assert steps(done)["one SPF record that every receiver can use"] is None
    assert done["next"].startswith("the DKIM keys of every sender are published (DKIM002")
    _replace(folder, "v=DKIM1; k=rsa; p=x", "v=DKIM1; p=")
    assert facts()["next"].startswith("not decided: one SPF record")


@pytest.mark.parametrize(
    ("delegated", "locked", "done", "why"),
    [
        ("s1", None, None, "needs s1._domainkey.example.com ('zonelint lock' resolves it)"),
        ("s2", None, None, "needs s2._domainkey.example.com ('zonelint lock' resolves it)"),
        ("s1", Held(Status.RECORDS, (f"v=DKIM1; p={RSA_2048}",)), True, ""),
        ("s1", Held(Status.NXDOMAIN), False, "no key is published at a selector"),
    ],
)
def test_a_selector_that_is_delegated_has_a_key_where_that_is_known(
    folder: Path, delegated: str, locked: Held | None, done: bool | None, why: str
) -> None:
    _replace(folder, f"{delegated}._domainkey IN TXT", "; IN TXT")
    _replace(folder, "_mta-sts IN", f"{delegated}._domainkey IN NS ns1.example.net.\n_mta-sts IN")
    owner = f"{delegated}._domainkey.example.com."
    (zone,) = Project().open(["."]).zones
    assert Question(owner, "TXT") in of_zone(Context([zone]).zones[0])
    if locked is not None:
        known = Lock()
        known.put(owner, "TXT", locked, datetime.date(2026, 11, 24))
        (folder / "zonelint.lock").write_text(lock.write(known))
    text = "the DKIM keys of every sender are published"
    (step,) = (each for each in facts()["steps"] if each["step"] == text)
    assert (step["done"], step["why"]) == (done, why)


@pytest.mark.parametrize(
    ("more", "key", "done", "why"),
    [
        ("", "s1", None, "no key of its own; its mail may be signed as example.com"),
        ("; adkim=s", "s1", False, "there is no record"),
        ("", "; s1", False, "there is no record"),
    ],
)
def test_the_key_of_the_domain_above_may_sign_where_alignment_is_relaxed(
    folder: Path, more: str, key: str, done: bool | None, why: str
) -> None:
    _replace(folder, "p=none;", f"p=none{more};")
    _replace(folder, "s1._domainkey", f"{key}._domainkey")
    _replace(folder, "mail IN A", 'cs IN MX 10 mail\ncs IN TXT "v=spf1 mx -all"\nmail IN A')
    text = "the DKIM keys of every sender are published"
    (step,) = [each for each in facts("cs.example.com")["steps"] if each["step"] == text]
    assert (step["done"], step["why"]) == (done, why)


def test_a_selector_behind_a_dname_is_asked_for(folder: Path) -> None:
    _replace(folder, "s1._domainkey IN TXT", "s1.keys IN CNAME s1.example.net.\n;")
    _replace(folder, "_mta-sts IN", "_domainkey IN DNAME keys\n_mta-sts IN")
    (zone,) = Project().open(["."]).zones
    assert Question("s1.example.net.", "TXT") in of_zone(Context([zone]).zones[0])
    text = "the DKIM keys of every sender are published"
    (step,) = (each for each in facts()["steps"] if each["step"] == text)
    why = "needs s1.example.net ('zonelint lock' resolves it)"
    assert (step["done"], step["why"]) == (None, why)
