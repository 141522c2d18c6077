"""What is not known is a value: of one owner and type, with its reason, whoever asks for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.providers.test_terraform import ZONE, change, check, found, plan, record, refers
from zonelint.main import zonelint
from zonelint.rules.model.answers import SECRET
from zonelint.run import workers

_NET = change("aws_route53_zone.net", {"name": "example.net"}, unknown={"zone_id": True})
_LATER = {"records": [True]}


def _values(owner: str, type: str) -> dict[str, Any]:
    return {"name": owner, "type": type, "ttl": 3600, "records": [None]}


def _later(name: str, owner: str, type: str, zone: str = "main") -> dict[str, Any]:
    """A record whose value is known after the change."""
    unknown = {"zone_id": True, "records": [True]}
    return change(f"aws_route53_record.{name}", _values(owner, type), unknown=unknown)


def _two_zones(*records: dict[str, Any], net: tuple[str, ...] = ()) -> str:
    """A plan that makes example.com, and example.net with the records that are named."""
    resources = []
    for each in records:
        zone = "net" if each["name"] in net else "main"
        names = (f"aws_route53_zone.{zone}.zone_id", f"aws_route53_zone.{zone}")
        resources.append(refers(each["address"], *names))
    return plan(ZONE, _NET, *records, root={"resources": resources})


def _undecided(report: dict[str, Any]) -> dict[tuple[str, str], list[str]]:
    return {(each["code"], each["owner"]): each["missing"] for each in report["undecided"]}


def test_another_zone_that_asks_for_it_gets_no_value(tmp_path: Path) -> None:
    spf = record("spf", "example.com", "TXT", "v=spf1 include:_spf.example.net -all")
    later = _later("later", "_spf.example.net", "TXT")
    report = check(_two_zones(spf, later, net=("later",)), tmp_path, config="")
    why = "the value of aws_route53_record.later, known after the change"
    assert not any(code.startswith("SPF") for code, _ in found(report))
    assert _undecided(report)["SPF201", "example.com."] == [why]


def test_another_record_of_the_zone_that_asks_for_it_gets_no_value(tmp_path: Path) -> None:
    spf = record("spf", "example.com", "TXT", "v=spf1 include:_spf.example.com -all")
    later = _later("later", "_spf.example.com", "TXT")
    report = check(plan(ZONE, spf, later), tmp_path, config="")
    assert not any(code.startswith("SPF") for code, _ in found(report))
    assert ("SPF201", "example.com.") in _undecided(report)


def test_what_is_known_beside_it_is_judged_all_the_same(tmp_path: Path) -> None:
    """A fault of an owner where something else is not known yet is a fault for certain."""
    spf = record("spf", "example.com", "TXT", "v=spf1 +all")
    mx = _later("mx", "example.com", "MX")
    report = check(plan(ZONE, spf, mx), tmp_path, config="")
    assert ("SPF201", "aws_route53_record.spf") in found(report)
    assert not any(code.startswith("MX") for code, _ in found(report))


def test_nothing_is_missing_where_something_may_stand(tmp_path: Path) -> None:
    """The selector, the SPF record and the policy may each be what is not known yet."""
    mx = record("mx", "example.com", "MX", "0 example-com.mail.protection.outlook.com")
    later = [
        _later("spf", "example.com", "TXT"),
        _later("dmarc", "_dmarc.example.com", "TXT"),
        _later("one", "selector1._domainkey.example.com", "CNAME"),
        _later("two", "selector2._domainkey.example.com", "CNAME"),
    ]
    report = check(plan(ZONE, mx, *later), tmp_path)
    assert report["findings"] == []
    undecided = _undecided(report)
    assert {"SPF210", "DMARC101", "DKIM101"} <= {code for code, _ in undecided}
    assert all("lock" not in "".join(missing) for missing in undecided.values())


def test_a_change_to_what_is_not_known_loses_nothing_for_certain(tmp_path: Path) -> None:
    before = {**_values("example.com", "MX"), "records": ["0 mail.example.net"], "zone_id": "Z1"}
    zone = change(
        "aws_route53_zone.main",
        {"name": "example.com", "zone_id": "Z1"},
        {"name": "example.com", "zone_id": "Z1"},
        actions=("no-op",),
    )
    mx = change(
        "aws_route53_record.mx",
        {**_values("example.com", "MX"), "zone_id": "Z1"},
        before,
        unknown=_LATER,
        actions=("update",),
    )
    report = check(plan(zone, mx), tmp_path, config="")
    assert not any(code.startswith("PHASE") for code, _ in found(report))
    assert ("PHASE008", "example.com.") in _undecided(report)


def test_addresses_that_are_not_known_are_addresses_all_the_same(tmp_path: Path) -> None:
    """The exchange has one; which it is decides only who may send."""
    mx = record("mx", "example.com", "MX", "10 mail.example.com")
    spf = record("spf", "example.com", "TXT", "v=spf1 a:mail.example.com -all")
    report = check(plan(ZONE, mx, spf, _later("a", "mail.example.com", "A")), tmp_path, config="")
    codes = {code for code, _ in found(report)} | {code for code, _ in _undecided(report)}
    assert not codes & {"MX002", "SPF101", "SPF102", "SPF103"}


_SECRET = "v=spf1 ip4:198.51.100.77 include:_spf.hidden-mailer.example -all"


def _hidden(name: str, owner: str, text: str) -> dict[str, Any]:
    return record(name, owner, "TXT", text, sensitive={"records": [True]})


def test_another_zone_gets_no_secret(tmp_path: Path) -> None:
    """The record that includes it is told of by its own words, in each way that it is shown."""
    spf = record("spf", "example.com", "TXT", "v=spf1 include:_spf.example.net +all")
    data = _two_zones(spf, _hidden("h", "_spf.example.net", _SECRET), net=("h",))
    report = check(data, tmp_path, config="")
    assert _undecided(report)["SPF101", "example.com."] == [SECRET]
    assert "198.51.100.77" not in str(report)
    assert "hidden-mailer" not in str(report)
    assert ("SPF201", "aws_route53_record.spf") in found(report)


def test_a_zone_knows_its_own_secrets(tmp_path: Path) -> None:
    """What is wrong with them is found, and told without them."""
    spf = record("spf", "example.com", "TXT", "v=spf1 include:_spf.example.com -all")
    data = plan(ZONE, spf, _hidden("h", "_spf.example.com", "v=spf1 ip4:198.51.100.77 +all"))
    report = check(data, tmp_path, config="")
    assert ("SPF201", "aws_route53_record.h") in found(report)
    assert "198.51.100.77" not in str(report)


def test_a_secret_is_told_by_no_part_of_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several processes find the same, octet for octet."""
    monkeypatch.setattr(workers, "LEAST", 0)
    (tmp_path / "main.tf").write_text(
        'resource "aws_route53_zone" "z" { name = "example.com" }\n'
        'variable "v" {\n  sensitive = true\n  default = "v=spf1 ip4:198.51.100.77 +all"\n}\n'
        'resource "aws_route53_record" "r" {\n  zone_id = aws_route53_zone.z.zone_id\n'
        '  name = "example.com"\n  type = "TXT"\n  ttl = 300\n  records = [var.v]\n}\n'
    )
    for number in range(30):
        more = "".join(f"h{n} A 192.0.2.1\n" for n in range(9))
        (tmp_path / f"{number}.example.zone").write_text(f"$TTL 1h\n@ A 192.0.2.1\n{more}")
    told = [
        CliRunner().invoke(zonelint, ["check", str(tmp_path), "--format", "json", *jobs]).stdout
        for jobs in (["--jobs", "1"], ["--jobs", "2"])
    ]
    assert told[0] == told[1]
    assert "198.51.100.77" not in told[0]
    assert "SPF201" in told[0]
