"""Plans of Terraform and OpenTofu, made by hand in the documented format."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from zonelint.main import zonelint
from zonelint.providers.terraform import plan as terraform
from zonelint.providers.terraform.plan import PlanError
from zonelint.rules.config import intent

SPF = "v=spf1 include:spf.protection.outlook.com -all"
DMARC = "v=DMARC1; p=none; rua=mailto:dmarc@example.com"
SELECTOR = "selector{}-example-com._domainkey.contoso.onmicrosoft.com"
CONFIG = '[domains."example.com"]\nsenders = ["microsoft365"]\n'


def change(
    address: str,
    after: dict[str, Any] | None,
    before: dict[str, Any] | None = None,
    *,
    unknown: object = None,
    sensitive: object = None,
    actions: Iterable[str] = ("create",),
    mode: str = "managed",
    index: object = None,
) -> dict[str, Any]:
    """An entry of resource_changes."""
    module, _, local = address.rpartition("module.")
    if module or local != address:
        first, _, local = local.partition(".")
        module = f"{module}module.{first}"
    type, _, name = local.removeprefix("data.").partition(".")
    entry = {
        "address": address,
        "mode": mode,
        "type": type,
        "name": name.partition("[")[0],
        "change": {
            "actions": list(actions),
            "before": before,
            "after": after,
            "after_unknown": unknown or {},
            "before_sensitive": sensitive or {},
            "after_sensitive": sensitive or {},
        },
    }
    if module:
        entry["module_address"] = module
    if index is not None:
        entry["index"] = index
    return entry


def record(name: str, owner: str, type: str, *values: str, **more: Any) -> dict[str, Any]:
    """A Route 53 record in a zone that the plan makes: its id is not known yet."""
    after = {"name": owner, "type": type, "ttl": 3600, "records": list(values)}
    unknown = {"zone_id": True, **more.pop("unknown", {})}
    return change(f"aws_route53_record.{name}", after, unknown=unknown, **more)


ZONE = change("aws_route53_zone.main", {"name": "example.com"}, unknown={"zone_id": True})


def refers(address: str, *references: str, property: str = "zone_id") -> dict[str, Any]:
    """A resource of the configuration, with what its zone refers to."""
    return {"address": address, "expressions": {property: {"references": list(references)}}}


def plan(*changes: dict[str, Any], root: dict[str, Any] | None = None, **more: Any) -> str:
    if root is None:
        root = {
            "resources": [
                refers(each["address"], "aws_route53_zone.main.zone_id", "aws_route53_zone.main")
                for each in changes
                if each["type"] == "aws_route53_record"
            ]
        }
    whole = {
        "format_version": "1.2",
        "terraform_version": "1.9.8",
        "resource_changes": list(changes),
        "configuration": {"root_module": root},
        **more,
    }
    return json.dumps(whole)


def read(text: str | bytes, config: str | None = None) -> terraform.Plan:
    return terraform.read(text, "plan.json", intent.load(config) if config else None)


def zones(text: str) -> dict[str, list[str]]:
    return {
        zone.origin: sorted(f"{rrset.owner} {rrset.type}" for rrset in zone.rrsets())
        for zone in read(text).after
    }


def check(text: str | bytes, tmp_path: Path, *more: str, config: str = CONFIG) -> dict[str, Any]:
    """What `zonelint check plan.json --format json` prints, with its exit status."""
    data = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "plan.json").write_bytes(data)
    (tmp_path / "zonelint.toml").write_text(config)
    file = str(tmp_path / "plan.json")
    done = CliRunner().invoke(zonelint, ["check", file, "--format", "json", *more])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return {**json.loads(done.stdout), "status": done.exit_code, "stderr": done.stderr}


def found(report: dict[str, Any]) -> set[tuple[str, str]]:
    return {(each["code"], each["path"]) for each in report["findings"]}


# -- the zone of a record -------------------------------------------------------------------------


def test_a_zone_that_the_plan_makes_is_found_by_reference() -> None:
    text = plan(ZONE, record("spf", "", "TXT", SPF), record("www", "www", "A", "192.0.2.1"))
    assert zones(text) == {"example.com.": ["example.com. TXT", "www.example.com. A"]}


def test_a_zone_that_is_looked_up_is_found_in_the_state() -> None:
    data = {
        "address": "data.aws_route53_zone.main",
        "mode": "data",
        "type": "aws_route53_zone",
        "name": "main",
        "values": {"name": "example.com.", "zone_id": "Z1"},
    }
    state = {"values": {"root_module": {"resources": [data]}}}
    values = {"zone_id": "Z1", "name": "www", "type": "A", "records": ["192.0.2.1"]}
    text = plan(change("aws_route53_record.www", values), prior_state=state)
    assert zones(text) == {"example.com.": ["www.example.com. A"]}
    assert not read(text).after[0].complete  # other stacks may hold records of the zone


def test_a_zone_comes_through_modules_and_outputs() -> None:
    """root → module.zone (makes it) → output → module.mail (variable) → record."""
    made = change("module.zone.aws_route53_zone.this", {"name": "example.com"})
    values = {"name": "www", "type": "A", "records": ["192.0.2.1"]}
    www = change("module.mail.aws_route53_record.www", values, unknown={"zone_id": True})
    root = {
        "module_calls": {
            "zone": {
                "module": {"outputs": {"id": {"expression": {"references": [
                    "aws_route53_zone.this.zone_id", "aws_route53_zone.this"]}}}}
            },
            "mail": {
                "expressions": {"zone": {"references": ["module.zone.id", "module.zone"]}},
                "module": {"resources": [refers("aws_route53_record.www", "var.zone")]},
            },
        }
    }  # fmt: skip
    assert zones(plan(made, www, root=root)) == {"example.com.": ["www.example.com. A"]}


def test_each_instance_of_a_record_has_the_zone_of_its_key() -> None:
    changes = []
    for domain in ("example.com", "example.net"):
        address = f'aws_route53_zone.all["{domain}"]'
        changes.append(change(address, {"name": domain}, index=domain))
        values = {"name": "www", "type": "A", "records": ["192.0.2.1"]}
        address = f'aws_route53_record.www["{domain}"]'
        changes.append(change(address, values, unknown={"zone_id": True}, index=domain))
    resource = refers("aws_route53_record.www", "each.value.zone_id", "each.value")
    resource["for_each_expression"] = {"references": ["aws_route53_zone.all"]}
    text = plan(*changes, root={"resources": [resource]})
    assert zones(text) == {
        "example.com.": ["www.example.com. A"],
        "example.net.": ["www.example.net. A"],
    }


def test_one_of_several_instances_of_a_zone_is_found_through_modules() -> None:
    """A reference is listed together with its beginnings, as Terraform does it."""
    made = [
        change(f"aws_route53_zone.z[{n}]", {"name": name}, unknown={"zone_id": True}, index=n)
        for n, name in enumerate(("example.com", "example.net"))
    ]
    values = {"name": "_dmarc", "type": "TXT", "ttl": 3600, "records": [DMARC]}
    dmarc = change("module.a.aws_route53_record.dmarc", values, unknown={"zone_id": True})
    address = "aws_route53_zone.z[1]"
    given = {"references": [f"{address}.zone_id", address, "aws_route53_zone.z"]}
    module = {"resources": [refers("aws_route53_record.dmarc", "var.zone")]}
    root = {"module_calls": {"a": {"expressions": {"zone": given}, "module": module}}}
    assert zones(plan(*made, dmarc, root=root)) == {"example.net.": ["_dmarc.example.net. TXT"]}


@pytest.mark.parametrize(
    ("type", "values"),
    [
        ("cloudflare_zone", {"name": "example.com", "id": "f00"}),
        ("cloudflare_zone", {"zone": "example.com", "id": "f00"}),
        ("cloudflare_zone", {"name": "example.com", "zone_id": "f00", "id": None}),
        ("cloudflare_zones", {"zones": [{"name": "example.com", "id": "f00"}]}),
        ("cloudflare_zones", {"result": [{"name": "example.org", "id": "1"},
                                         {"name": "example.com", "id": "f00"}]}),
    ],
)  # fmt: skip
def test_a_zone_that_is_looked_up_in_each_way(type: str, values: dict[str, Any]) -> None:
    looked_up = {"address": f"data.{type}.main", "mode": "data", "type": type, "name": "main",
                 "values": values}  # fmt: skip
    prior = {"values": {"root_module": {"resources": [looked_up]}}}
    spf = {"zone_id": "f00", "name": "@", "type": "TXT", "content": SPF}
    text = plan(change("cloudflare_record.spf", spf), prior_state=prior)
    assert zones(text) == {"example.com.": ["example.com. TXT"]}


def test_references_in_a_circle_come_to_an_end() -> None:
    values = {"name": "www", "type": "A", "records": ["192.0.2.1"]}
    www = change("module.a.aws_route53_record.www", values, unknown={"zone_id": True})
    module = {
        "resources": [refers("aws_route53_record.www", "var.zone")],
        "outputs": {"zone": {"expression": {"references": ["var.zone", "var.zone.id"]}}},
    }
    calls = {"a": {"expressions": {"zone": {"references": ["module.a.zone"]}}, "module": module}}
    (zone,) = read(plan(www, root={"module_calls": calls})).after
    assert zone.stand_in


def test_a_relative_name_without_its_zone_is_undecided(tmp_path: Path) -> None:
    values = {"zone_id": "abc", "name": "_dmarc", "type": "TXT", "content": "v=DMARC1; p=non"}
    report = check(plan(change("cloudflare_dns_record.dmarc", values)), tmp_path, config="")
    assert ("DMARC005", "cloudflare_dns_record.dmarc") in found(report)
    ((missing,),) = [each["missing"] for each in report["undecided"]]
    assert missing.startswith("the name of the zone abc of cloudflare_dns_record.dmarc (")
    assert '[resources.zones] "abc" = "example.com"' in missing
    data = plan(*(change(f"cloudflare_dns_record.r{n}", values) for n in range(40)))
    ((missing,),) = [each["missing"] for each in check(data, tmp_path, config="")["undecided"]]
    assert "cloudflare_dns_record.r0 and 39 more" in missing
    data = plan(change("cloudflare_dns_record.new", values, unknown={"zone_id": True}))
    ((missing,),) = [each["missing"] for each in check(data, tmp_path, config="")["undecided"]]
    assert missing == "the zone of cloudflare_dns_record.new (its zone_id is not known here)"


def test_the_configuration_can_tell_a_zone_by_its_id() -> None:
    values = {"zone_id": "abc", "name": "_dmarc", "type": "TXT", "content": DMARC}
    text = plan(change("cloudflare_dns_record.dmarc", values))
    (zone,) = read(text, '[resources.zones]\nabc = "example.com"\n').after
    assert zone.origin == "example.com."


# -- findings -------------------------------------------------------------------------------------


def test_findings_name_the_address_of_the_resource(tmp_path: Path) -> None:
    text = plan(
        ZONE,
        record("spf", "example.com", "TXT", "google-site-verification=1", "v=spf1 mx +all"),
        record("dmarc", "_dmarc", "TXT", DMARC),
        record("mx", "", "MX", "10 example-com.mail.protection.outlook.com"),
        record("s1", "selector1._domainkey", "CNAME", SELECTOR.format(1)),
    )
    report = check(text, tmp_path)
    assert report["status"] == 1
    (spf,) = [each for each in report["findings"] if each["code"] == "SPF201"]
    place = [spf[key] for key in ("path", "line", "column", "end_column")]
    assert place == ["aws_route53_record.spf", 2, 11, 15]
    assert spf["owner"] == "example.com."
    missing = [each for each in report["findings"] if each["code"] == "DKIM101"]
    assert [each["owner"] for each in missing] == ["selector2._domainkey.example.com."]


@pytest.mark.parametrize("format", ["github", "gitlab", "sarif", "rdjson"])
def test_formats_that_place_findings_name_the_plan(
    format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("plan.json").write_text(plan(ZONE, record("spf", "", "TXT", "v=spf1 mx +all")))
    words = ["check", "plan.json", "--select", "SPF201", "--format", format]
    done = CliRunner().invoke(zonelint, words)
    places = re.findall(r'(?:file=|"(?:path|uri)": ?")([^",]+)', done.stdout)
    assert set(places) == {"plan.json"}
    assert "aws_route53_record.spf: `+all` lets" in done.stdout


def test_a_plan_that_changes_nothing_is_checked_all_the_same(tmp_path: Path) -> None:
    values = {"zone_id": "Z", "name": "example.com", "type": "TXT", "records": ["v=spf1 +all"]}
    same = change("aws_route53_record.spf", values, values, actions=["no-op"])
    assert ("SPF201", "aws_route53_record.spf") in found(check(plan(same), tmp_path))
    resource = {"address": "aws_route53_record.spf", "mode": "managed", "name": "spf",
                "type": "aws_route53_record", "values": values}  # fmt: skip
    bare = {"format_version": "1.0", "planned_values": {"root_module": {"resources": [resource]}}}
    assert ("SPF201", "aws_route53_record.spf") in found(check(json.dumps(bare), tmp_path))


def dmarc(before: str | None, after: str | None, *actions: str) -> dict[str, Any]:
    def values(text: str | None) -> dict[str, Any] | None:
        if text is None:
            return None
        return {"name": "_dmarc.example.com", "type": "TXT", "ttl": 3600, "records": [text]}

    return change("aws_route53_record.dmarc", values(after), values(before), actions=actions)


@pytest.mark.parametrize(
    ("before", "after", "actions", "codes"),
    [
        ("v=DMARC1; p=none", "v=DMARC1; p=reject", ["update"], {"PHASE001"}),
        ("v=DMARC1; p=reject", "v=DMARC1; p=none", ["delete", "create"], {"PHASE002"}),
        ("v=DMARC1; p=none", "v=DMARC1; p=none", ["no-op"], set()),
        ("v=DMARC1; p=reject", None, ["forget"], set()),
        ("v=DMARC1; p=reject", "v=DMARC1; p=none", ["forget", "create"], {"PHASE002"}),
        ("v=DMARC1; p=reject", "v=DMARC1; p=none", ["create", "forget"], {"PHASE002"}),
    ],
)
def test_the_change_itself_is_judged(
    before: str, after: str | None, actions: list[str], codes: set[str], tmp_path: Path
) -> None:
    spf = {"name": "example.com", "type": "TXT", "ttl": 3600, "records": ["v=spf1 mx -all"]}
    still = change("aws_route53_record.spf", spf, spf, actions=["no-op"])
    report = check(plan(still, dmarc(before, after, *actions)), tmp_path, "--select", "PHASE00")
    assert {code for code, _ in found(report)} == codes


def test_of_a_zone_that_the_plan_makes_nothing_is_compared(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(plan(ZONE, record("spf", "", "TXT", SPF)))
    done = CliRunner().invoke(zonelint, ["check", str(tmp_path / "plan.json")])
    assert done.exit_code == 1
    assert "cannot be compared" not in done.stdout


def test_a_deleted_record_is_gone() -> None:
    text = plan(dmarc("v=DMARC1; p=none", None, "delete"))
    found = read(text)
    assert [zone.records for zone in found.before] == [1]
    assert [zone.records for zone in found.after] == [0]


def test_what_goes_is_told_at_the_resource_that_goes(tmp_path: Path) -> None:
    def gone(name: str, owner: str, type: str, value: str) -> dict[str, Any]:
        before = {"name": owner, "type": type, "ttl": 3600, "records": [value], "zone_id": "Z1"}
        return change(f"aws_route53_record.{name}", None, before, actions=["delete"])

    values = {"name": "example.com", "zone_id": "Z1"}
    records = [gone("spf", "", "TXT", SPF), gone("dmarc", "_dmarc", "TXT", DMARC)]
    kept = change("aws_route53_zone.main", values, values, actions=["no-op"])
    destroyed = change("aws_route53_zone.main", None, values, actions=["delete"])
    for zone in (kept, destroyed):
        report = check(plan(zone, *records), tmp_path, config="")
        assert found(report) == {
            ("PHASE002", "aws_route53_record.spf"), ("PHASE002", "aws_route53_record.dmarc"),
        }  # fmt: skip
        assert report["undecided"] == []
        assert report["summary"].items() >= {"zones": 1, "records": 0}.items()


def test_a_private_zone_of_the_same_name_is_passed_over(tmp_path: Path) -> None:
    private = change("aws_route53_zone.inside", {"name": "example.com", "vpc": [{}]},
                     unknown={"zone_id": True})  # fmt: skip
    inside = record("inside", "", "TXT", "v=spf1 a -all")
    root = {
        "resources": [
            refers("aws_route53_record.spf", "aws_route53_zone.main.zone_id"),
            refers("aws_route53_record.inside", "aws_route53_zone.inside.zone_id"),
        ]
    }
    text = plan(ZONE, private, record("spf", "", "TXT", SPF), inside, root=root)
    assert zones(text) == {"example.com.": ["example.com. TXT"]}
    codes = {code for code, _ in found(check(text, tmp_path, config=""))}
    assert "SPF002" not in codes


def test_variants_of_one_record_are_no_repetition(tmp_path: Path) -> None:
    blue = record("blue", "", "TXT", SPF)
    green = record("green", "", "TXT", "v=spf1 include:spf.protection.outlook.com +all")
    for each, id in ((blue, "blue"), (green, "green")):
        each["change"]["after"]["set_identifier"] = id
    report = check(plan(ZONE, blue, green), tmp_path, config="")
    assert found(report) >= {("SPF201", "aws_route53_record.green")}
    assert {code for code, _ in found(report)}.isdisjoint({"SPF002", "ZONE005"})
    assert report["summary"].items() >= {"zones": 1, "records": 2}.items()
    (finding,) = (each for each in report["findings"] if each["code"] == "SPF201")
    assert finding["owner"] == "example.com."
    assert ".invalid" not in json.dumps(report)


@pytest.mark.parametrize(
    ("owner", "strong", "weak"),
    [
        ("_dmarc", "v=DMARC1; p=reject", "v=DMARC1; p=none"),
        ("", "v=spf1 -all", "v=spf1 ~all"),
    ],
)
def test_a_change_is_judged_for_each_who_gets_one_of_several_answers(
    owner: str, strong: str, weak: str, tmp_path: Path
) -> None:
    plain = {"name": owner, "type": "TXT", "ttl": 3600, "zone_id": "Z1"}

    def one(text: str | None, id: str, **more: object) -> dict[str, object]:
        return {**plain, "set_identifier": id, **more, **({"records": [text]} if text else {})}

    def said(*sides: tuple[dict[str, Any] | None, dict[str, Any] | None]) -> str:
        zone = {"name": "example.com", "zone_id": "Z1"}
        made = change("aws_route53_zone.main", zone, zone, actions=["no-op"])
        changes = []
        for n, (old, new) in enumerate(sides):
            action = "delete" if new is None else "create" if old is None else "update"
            open_ = {"records": True} if new is not None and "records" not in new else None
            address = f"aws_route53_record.r{n}"
            changes.append(change(address, new, old, actions=[action], unknown=open_))
        report = check(plan(made, *changes), tmp_path)
        told = [e["message"] for e in report["findings"] if e["code"] == "PHASE002"]
        if any(e["code"] == "PHASE002" for e in report["undecided"]):
            told.append("undecided")
        return told[0] if told else ""

    def near(country: str) -> dict[str, Any]:
        return {"geolocation_routing_policy": [{"country": country}]}

    whole = {**plain, "records": [strong]}
    a, b, weakened = one(strong, "a"), one(strong, "b"), one(weak, "b")
    told = "for those who get the answer `b`: "
    assert said((whole, a), (None, weakened)).startswith(told)
    assert said((a, a), (b, weakened)).startswith(told)
    assert said((a, None), (weakened, weakened)).startswith(told)
    assert said((whole, a), (None, b)) == ""
    assert said((a, a), (weakened, weakened)) == ""
    assert said((whole, a), (None, one(None, "b"))) == "undecided"
    nobody = "for those whom no answer of the set is for: "
    assert said((whole, one(strong, "a", **near("DE")))).startswith(nobody)
    assert (
        said((whole, one(strong, "a", **near("DE"))), (None, one(strong, "b", **near("*")))) == ""
    )


_REJECT, _NONE = "v=DMARC1; p=reject", "v=DMARC1; p=none"


def _routed(id: str, text: str, policy: str, value: object) -> dict[str, Any]:
    property = {"weight": "weighted", "country": "geolocation", "continent": "geolocation",
                "region": "latency", "type": "failover"}.get(policy)  # fmt: skip
    rest = {f"{property}_routing_policy": [{policy: value}]} if property else {policy: value}
    plain = {"name": "_dmarc", "type": "TXT", "ttl": 60, "zone_id": "Z1", "records": [text]}
    return {**plain, "set_identifier": id, **rest}


def _set(policy: str, *answers: tuple[str, str, object]) -> list[dict[str, Any]]:
    return [_routed(id, text, policy, value) for id, text, value in answers]


def _weakened(
    before: list[dict[str, Any]], after: list[dict[str, Any]], tmp_path: Path
) -> str | None:
    zone = {"name": "example.com", "zone_id": "Z1"}
    made = change("aws_route53_zone.main", zone, zone, actions=["no-op"])
    gone = [change(f"aws_route53_record.o{n}", None, each, actions=["delete"])
            for n, each in enumerate(before)]  # fmt: skip
    new = [change(f"aws_route53_record.n{n}", each) for n, each in enumerate(after)]
    report = check(plan(made, *gone, *new), tmp_path)
    found = [each["message"] for each in report["findings"] if each["code"] == "PHASE002"]
    found += ["undecided" for each in report["undecided"] if each["code"] == "PHASE002"]
    return found[0].partition(":")[0] if found else None


@pytest.mark.parametrize(
    ("policy", "strong", "weak"),
    [
        ("weight", 255, 0),
        ("weight", 99, 1),
        ("country", "*", "DE"),
        ("continent", "EU", "AS"),
        ("region", "eu-west-1", "us-east-1"),
        ("type", "PRIMARY", "SECONDARY"),
    ],
)
def test_who_gets_which_answer_is_what_is_compared(
    policy: str, strong: object, weak: object, tmp_path: Path
) -> None:
    before = _set(policy, ("a", _REJECT, strong), ("b", _NONE, weak))
    swapped = _set(policy, ("a", _REJECT, weak), ("b", _NONE, strong))
    renamed = _set(policy, ("y", _NONE, weak), ("x", _REJECT, strong))
    assert _weakened(before, swapped, tmp_path) == "for those who get the answer `b`"
    assert _weakened(before, renamed, tmp_path) is None
    assert _weakened(before, before, tmp_path) is None


def test_an_answer_without_weight_is_none_unless_all_are_or_the_others_may_be_down(
    tmp_path: Path,
) -> None:
    strong = _set("weight", ("a", _REJECT, 5), ("b", _REJECT, 0))
    weak = _set("weight", ("a", _REJECT, 5), ("b", _NONE, 0))
    assert _weakened(strong, weak, tmp_path) is None
    for each in weak:
        each["weighted_routing_policy"] = [{"weight": 0}]
    assert _weakened(strong, weak, tmp_path) == "for those who get the answer `b`"
    weak = _set("weight", ("a", _REJECT, 5), ("b", _NONE, 0))
    weak[0]["health_check_id"] = "h"
    assert _weakened(strong, weak, tmp_path) == "for those who get the answer `b`"


def test_a_zone_is_judged_with_an_answer_that_somebody_gets(tmp_path: Path) -> None:
    """Whichever is named first; where nobody gets either by weight, all are given."""
    exchange = {"name": "", "type": "MX", "ttl": 60, "zone_id": "Z1", "records": ["1 a.example."]}
    zone = change("aws_route53_zone.main", {"name": "example.com", "zone_id": "Z1"})
    for weights, told in (((0, 5), []), ((5, 0), ["DMARC203"]), ((0, 0), ["DMARC203"])):
        set = zip("ab", (_REJECT, _NONE), weights, strict=True)
        made = [change(f"aws_route53_record.r{n}", each)
                for n, each in enumerate([exchange, *_set("weight", *set)])]  # fmt: skip
        found = check(plan(zone, *made), tmp_path)["findings"]
        assert [each["code"] for each in found if each["code"] == "DMARC203"] == told


def test_a_country_is_answered_as_its_continent_or_as_all_others(tmp_path: Path) -> None:
    """Which continent that is nobody tells here."""
    world = _set("continent", ("a", _NONE, "EU"))
    others = _set("country", ("b", _REJECT, "*"), ("c", _REJECT, "DE"))
    assert _weakened(world + others, world + others[:1], tmp_path) == "undecided"
    assert _weakened(world + others[:1], world + others, tmp_path) is None
    others[0]["records"] = [_NONE]
    assert _weakened(world + others, world + others[:1], tmp_path) is not None
    nearest = _set("region", ("d", _REJECT, "eu-west-1"), ("e", _NONE, "us-east-1"))
    assert _weakened(others[1:], nearest, tmp_path) == "undecided"
    assert _weakened(others[1:], nearest[:1], tmp_path) is None


def test_multivalue_answers_are_given_together(tmp_path: Path) -> None:
    both = _set("multivalue_answer_routing_policy", ("a", _REJECT, True), ("b", _NONE, True))
    report = check(plan(*(change(f"aws_route53_record.r{n}", e) for n, e in enumerate(both))),
                   tmp_path, config="")  # fmt: skip
    assert "DMARC002" in {code for code, _ in found(report)}


@pytest.mark.parametrize("country", ["DE", "*"])
@pytest.mark.parametrize("is_whole", [True, False])
def test_those_whom_a_set_by_place_leaves_out_have_no_record(
    country: str, is_whole: bool, tmp_path: Path
) -> None:
    """Unless another plan may hold the record for them."""
    here = record("here", "_dmarc", "TXT", "v=DMARC1; p=reject; rua=mailto:d@example.com")
    policy = {"set_identifier": "a", "geolocation_routing_policy": [{"country": country}]}
    here["change"]["after"] |= policy
    mx = record("mx", "", "MX", "10 mail.example.net")
    config = "" if is_whole else "[resources]\nwhole = []\n"
    report = check(plan(ZONE, here, mx), tmp_path, config=config)
    found_ = [e["message"] for e in report["findings"] if e["code"] == "DMARC101"]
    open_ = [e["missing"] for e in report["undecided"] if e["code"] == "DMARC101"]
    assert [each[:42] for each in found_] == (
        ["for those whom no answer of the set is for"] if country == "DE" and is_whole else []
    )
    assert ("whose place no record names" in str(open_)) is (country == "DE" and not is_whole)


def test_no_stand_in_for_a_zone_is_spoken_of(tmp_path: Path) -> None:
    values = {"zone_id": "abc", "name": "@", "type": "TXT", "content": "v=spf1 +all"}
    data = plan(change("cloudflare_dns_record.spf", values))
    (finding,) = check(data, tmp_path, config="")["findings"]
    assert "send as the domain." in finding["message"]
    done = CliRunner().invoke(zonelint, ["check", str(tmp_path / "plan.json")])
    assert "the change at" not in done.stdout


@pytest.mark.parametrize(
    ("key", "value", "is_open"),
    [
        ("type", "MX", True),
        ("record_type", "mx", True),
        ("rrType", "MX", True),
        ("type", "A", False),
        ("query_type", "MX", False),
    ],
)
def test_an_exchange_of_a_type_that_is_not_known_is_undecided(
    key: str, value: str, is_open: bool, tmp_path: Path
) -> None:
    odd = change("acme_dns_record.m", {"zone": "example.com", key: value, "values": ["mail"]})
    assert bool(check(plan(odd), tmp_path, config="")["undecided"]) is is_open
    (tmp_path / "tf").mkdir()
    source = f'resource "acme_dns_record" "m" {{\n  {key} = "{value}"\n  values = ["mail"]\n}}\n'
    (tmp_path / "tf/main.tf").write_text(source, "utf-8")
    done = CliRunner().invoke(zonelint, ["check", str(tmp_path / "tf"), "--fail-on=undecided"])
    assert done.exit_code == is_open, done.output


def test_mail_records_of_a_type_that_is_not_known_are_undecided(tmp_path: Path) -> None:
    odd = [
        change(f"vercel_dns_record.r{n}", {"domain": "example.com", "values": [{"text": value}]})
        for n, value in enumerate(["v=spf1 +all", "192.0.2.1", ' "V=DMARC1; p=none"'])
    ]
    report = check(plan(*odd), tmp_path, config="")
    assert report["status"] == 0
    ((missing,),) = [each["missing"] for each in report["undecided"]]
    assert missing.startswith(
        "the form of vercel_dns_record, of which vercel_dns_record.r0 and 1 more have mail records"
    )
    values = {"root_module": {"resources": [{**odd[0], "values": odd[0]["change"]["after"]}]}}
    state = json.dumps({"format_version": "1.0", "values": values})
    assert len(check(state, tmp_path, config="")["undecided"]) == 1
    looked_up = {**odd[0], "mode": "data"}
    assert check(plan(odd[1], looked_up), tmp_path, config="")["undecided"] == []


def test_what_else_a_zone_holds_is_told_by_why_it_is_not_known(tmp_path: Path) -> None:
    looked_up = {
        "address": "data.aws_route53_zone.main",
        "mode": "data",
        "type": "aws_route53_zone",
        "name": "main",
        "values": {"name": "example.com", "zone_id": "Z1"},
    }
    prior = {"values": {"root_module": {"resources": [looked_up]}}}
    values = {"zone_id": "Z1", "type": "TXT", "ttl": 3600}
    dmarc = change(
        "aws_route53_record.dmarc",
        {**values, "name": "_dmarc", "records": [DMARC.replace("none", "reject")]},
    )
    mx = change(
        "aws_route53_record.mx",
        {**values, "name": "", "type": "MX", "records": ["0 mail.example.net"]},
    )
    data = plan(dmarc, mx, prior_state=prior)
    report = check(data, tmp_path, config="")
    missing = {each["code"]: each["missing"] for each in report["undecided"]}
    assert missing["DMARC203"] == ["the zone's other records, which may be elsewhere"]
    text = CliRunner().invoke(zonelint, ["check", str(tmp_path / "plan.json")]).stdout
    assert "declare the domain in zonelint.toml if all of its records are here" in text
    unnamed = change("aws_route53_record.v", {**values, "records": ["a"]}, unknown={"name": True})
    report = check(plan(ZONE, dmarc, mx, unnamed, prior_state=prior), tmp_path)
    missing = {each["code"]: each["missing"] for each in report["undecided"]}
    assert missing["DKIM101"] == [
        "the names of all records, some of which are known after the change"
    ]
    text = CliRunner().invoke(zonelint, ["check", str(tmp_path / "plan.json")]).stdout
    assert "known after the change: " not in text


def test_a_record_that_is_only_looked_up_is_none_of_the_plan_s() -> None:
    values = {"domain": "example.com", "name": "@", "type": "TXT", "value": SPF}
    made = change("digitalocean_record.spf", values)
    read_again = change("data.digitalocean_record.spf", values, actions=["read"], mode="data")
    (zone,) = read(plan(made, read_again)).after
    assert zone.records == 1


def test_what_a_plan_of_some_resources_leaves_out_stays_as_it_is(tmp_path: Path) -> None:
    """`terraform plan -target`: the changes are not all that there is."""

    def kept(name: str, owner: str, type: str, value: str) -> dict[str, Any]:
        values = {"zone_id": "Z1", "name": owner, "type": type, "ttl": 3600, "records": [value]}
        return {"address": f"aws_route53_record.{name}", "mode": "managed", "name": name,
                "type": "aws_route53_record", "values": values}  # fmt: skip

    main = {"name": "example.com", "zone_id": "Z1"}
    zone = change("aws_route53_zone.main", main, main, actions=["no-op"])
    before = {**kept("d", "_dmarc", "TXT", DMARC)["values"]}
    after = {**before, "records": [f"{DMARC}; fo=1"]}
    dmarc = change("aws_route53_record.d", after, before, actions=["update"])
    moved = {**kept("new", "www", "A", "192.0.2.1")["values"]}
    www = {**change("aws_route53_record.new", moved, moved, actions=["no-op"]),
           "previous_address": "aws_route53_record.old"}  # fmt: skip
    resources = [
        kept("spf", "", "TXT", "v=spf1 +all"), kept("d", "_dmarc", "TXT", DMARC),
        kept("mx", "", "MX", "0 x.example.net"), kept("old", "www", "A", "192.0.2.1"),
    ]  # fmt: skip
    prior = {"values": {"root_module": {"resources": resources}}}
    report = check(plan(zone, dmarc, www, prior_state=prior), tmp_path)
    assert report["summary"]["records"] == 4
    assert ("SPF201", "aws_route53_record.spf") in found(report)
    assert "DKIM101" in {each["code"] for each in report["undecided"]}
    assert all(code[:5] != "PHASE" for code, _ in found(report))


def test_deposed_objects_and_other_resources_are_passed_over() -> None:
    deposed = {**dmarc(None, "v=DMARC1; p=none", "create"), "deposed": "deadbeef"}
    other = change("aws_instance.web", {"name": "example.com", "type": "TXT"})
    assert read(plan(deposed, other)).after == []


# -- unknown and sensitive ------------------------------------------------------------------------


def test_unknown_after_apply_is_undecided(tmp_path: Path) -> None:
    text = plan(
        ZONE,
        record("spf", "", "TXT", SPF),
        record("dkim", "s1._domainkey", "TXT", unknown={"records": True}),
        record("web", "www", "A", unknown={"records": True}),
    )
    report = check(text, tmp_path)
    undecided = {each["owner"]: each["missing"] for each in report["undecided"]
                 if each["code"] == "ZONE001"}  # fmt: skip
    assert undecided == {
        "s1._domainkey.example.com.": [
            "the value of aws_route53_record.dkim, known after the change"
        ]
    }
    assert not any(each["path"] == "aws_route53_record.dkim" for each in report["findings"])


def test_one_unknown_value_hides_no_fault_of_its_neighbour(tmp_path: Path) -> None:
    mixed = record("apex", "", "TXT", "v=spf1 +all", unknown={"records": [False, True]})
    assert ("SPF201", "aws_route53_record.apex") in found(check(plan(ZONE, mixed), tmp_path))


@pytest.mark.parametrize(
    "format", ["text", "json", "sarif", "github", "gitlab", "junit", "markdown"]
)
@pytest.mark.parametrize("sensitive", [True, {"records": True}, {"records": [True]}])
def test_sensitive_values_are_never_printed(format: str, sensitive: object, tmp_path: Path) -> None:
    text = plan(
        ZONE,
        record("spf", "", "TXT", "v=spf1 include:topsecret.example.net +all", sensitive=sensitive),
        record("two", "topdog", "TXT", "v=spf1 include:example.com ?all"),
    )
    (tmp_path / "plan.json").write_text(text)
    (tmp_path / "zonelint.toml").write_text(CONFIG)
    path = str(tmp_path / "plan.json")
    done = CliRunner().invoke(zonelint, ["check", path, "--format", format])
    assert done.exit_code == 1
    assert "SPF202" in done.stdout
    assert "secret.example.net" not in done.output


def test_a_sensitive_value_that_is_too_long_is_not_printed_either(tmp_path: Path) -> None:
    long = record("long", "verify", "TXT", "topsecret" * 30, sensitive={"records": True})
    report = check(plan(ZONE, long), tmp_path)
    assert ("ZONE001", "aws_route53_record.long") in found(report)
    assert "topsecret" not in json.dumps(report)


def test_a_sensitive_value_of_the_past_is_not_printed_either(tmp_path: Path) -> None:
    def values(*texts: str) -> dict[str, Any]:
        return {"name": "example.com", "type": "TXT", "ttl": 3600, "records": list(texts)}

    before = values("v=spf1 include:topsecret.example.net ip4:203.0.113.77 -all")
    changed = change("aws_route53_record.spf", values("v=spf1 mx ?all"), before, actions=["update"])
    changed["change"]["before_sensitive"] = {"records": True}
    for format in ("text", "json", "markdown"):
        (tmp_path / "plan.json").write_text(plan(changed))
        path = str(tmp_path / "plan.json")
        done = CliRunner().invoke(zonelint, ["check", path, "--format", format])
        assert done.exit_code == 1, done.output
        assert "secret.example.net" not in done.output
        assert "203.0.113" not in done.output


def test_a_sensitive_name_is_not_printed_either(tmp_path: Path) -> None:
    hidden = record("spf", "topsecret", "TXT", "v=spf1 +all", sensitive={"name": True})
    report = check(plan(ZONE, hidden), tmp_path)
    assert "topsecret" not in json.dumps(report)
    assert any("secret" in each["missing"][0] for each in report["undecided"])


# -- bad input ------------------------------------------------------------------------------------

GOOD = plan(ZONE, record("spf", "", "TXT", SPF))


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ("", "This file is empty"),
        (b"\xef\xbb\xbf \n", "This file is empty"),
        ('{"version": 4, "serial": 1, "lineage": "a", "resources": []}', "a state file"),
        (GOOD[: len(GOOD) // 2], "is truncated"),
        (GOOD + "x", "not JSON from"),
        ('{"format_version": "2.0"}', "format version 2.0"),
        ('{"format_version": 1.2}', "not a version"),
        ('{"format_version": "latest"}', "not a version"),
        ("[]", "not a plan"),
        ("{}", "not a plan"),
        ('{"@level":"info"}\n{"@level":"info"}\n', "log of `terraform plan -json`"),
        ("[" * 100_000, "nested too deeply"),
        ('{"format_version": ' + "9" * 5000 + "}", "thousands of digits"),
        (b"\xff\xff\xff\xff\x00", "neither UTF-8 nor"),
    ],
)
def test_what_is_no_plan_is_refused(data: str | bytes, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=complaint):
        read(data)
    report = check(data, tmp_path)
    assert report["status"] == 2
    assert "plan.json" in report["stderr"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_plan_is_read_from_standard_input(encoding: str) -> None:
    values = {"name": "example.com", "type": "TXT", "ttl": 3600, "records": ["v=spf1 +all"]}
    data = plan(change("aws_route53_record.spf", values)).encode(encoding)
    done = CliRunner().invoke(zonelint, ["check", "-", "--format", "json"], input=data)
    assert found(json.loads(done.stdout)) >= {("SPF201", "aws_route53_record.spf")}
    assert done.exit_code == 1
    done = CliRunner().invoke(zonelint, ["check", "-"], input=b"  " + data[: len(data) // 2])
    assert done.exit_code == 2
    assert "<stdin>: This JSON is truncated" in done.stderr or encoding != "utf-8"
    named = ["check", "-", "--stdin-filename", "plan.json"]
    assert "plan.json: This file is empty" in CliRunner().invoke(zonelint, named, input=b"").stderr


def test_a_broken_type_in_the_configuration_is_not_the_plan_s_fault(tmp_path: Path) -> None:
    report = check(plan(ZONE), tmp_path, config="[resources.types.acme]\nnaem = 'host'\n")
    assert report["status"] == 2
    assert (
        "zonelint.toml cannot be used: resources.types.acme.naem: unknown key" in report["stderr"]
    )


def test_a_plan_in_utf_16_is_read() -> None:
    """What PowerShell's `>` makes of it."""
    assert zones(GOOD) == {
        z.origin: ["example.com. TXT"] for z in read(GOOD.encode("utf-16")).after
    }


@pytest.mark.parametrize(
    "broken",
    [
        [1],
        [{"type": "aws_route53_record"}],
        [{"type": "aws_route53_record", "address": "a", "change": []}],
        [{"type": "aws_route53_record", "address": "a", "change": {"actions": [], "after": []}}],
        [{"type": "aws_route53_record", "address": "a", "change": {"after": {}}}],
        {"a": 1},
    ],
)
def test_a_part_that_cannot_be_read_is_told(broken: object, tmp_path: Path) -> None:
    whole = {"format_version": "1.2", "resource_changes": broken}
    report = check(json.dumps(whole), tmp_path)
    assert report["status"] == 2
    assert "not read" in report["stderr"] or "nothing was read" in report["stderr"]


def test_a_plan_that_failed_is_not_whole(tmp_path: Path) -> None:
    report = check(plan(ZONE, record("spf", "", "TXT", SPF), errored=True), tmp_path)
    assert report["status"] == 2
    assert "Planning failed" in report["stderr"]


def test_what_is_deferred_is_undecided(tmp_path: Path) -> None:
    later = {"reason": "provider_config_unknown",
             "resource_change": record("open", "", "TXT", "v=spf1 +all")}  # fmt: skip
    other = {"reason": "absent_prereq", "resource_change": change("aws_instance.web", {})}
    mail = record("www", "www", "A", "192.0.2.1")
    for more, missing in (
        ({"deferred_changes": [later, other]},
         "aws_route53_record.open, which is deferred to a later plan (provider_config_unknown)"),
        ({"deferred_changes": [1], "complete": False}, "a deferred change that cannot be read"),
        ({"complete": False},
         "the changes that this plan lacks, as it says that it is not complete"),
    ):  # fmt: skip
        report = check(plan(ZONE, mail, **more), tmp_path)
        assert [missing] in [each["missing"] for each in report["undecided"]]
        assert all(zone.complete is False for zone in read(plan(ZONE, mail, **more)).after)
    whole = read(plan(ZONE, mail, complete=True, deferred_changes=[])).after
    assert [zone.complete for zone in whole] == [True]


@pytest.mark.parametrize("value", [None, 1, "a", [], {}, [[]], [{}], {"a": {}}, True])
def test_no_form_of_the_other_parts_breaks_the_reader(value: object) -> None:
    for key in ("configuration", "prior_state", "planned_values"):
        whole = {**json.loads(GOOD), key: value}
        assert len(read(json.dumps(whole)).after) == 1
    root = {"resources": value, "module_calls": value, "outputs": value}
    assert len(read(plan(ZONE, record("spf", "", "TXT", SPF), root=root)).after) == 1


def test_ten_thousand_resources_are_read() -> None:
    records = [record(f"r{n}", f"h{n}", "TXT", f"v=spf1 ip4:192.0.2.{n % 256} -all")
               for n in range(10_000)]  # fmt: skip
    (zone,) = read(plan(ZONE, *records)).after
    assert zone.records == 10_000


def test_a_zone_in_two_plans_is_whole_in_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("zonelint.toml").write_text(CONFIG)
    apex = plan(ZONE, record("spf", "", "TXT", SPF), record("s1", "selector1._domainkey", "CNAME",
                SELECTOR.format(1)))  # fmt: skip
    Path("a.json").write_text(apex)
    rest = record("s2", "selector2._domainkey.example.com", "CNAME", SELECTOR.format(2))
    Path("b.json").write_text(plan(rest, root={}))

    def codes(*files: str) -> set[str]:
        done = CliRunner().invoke(zonelint, ["check", *files, "--format", "json"])
        return {code for code, _ in found(json.loads(done.stdout))}

    assert "DKIM101" in codes("a.json")
    assert "DKIM101" not in codes("a.json", "b.json")


def test_a_zone_is_one_over_all_plans_that_know_its_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def check(*plans: str) -> list[tuple[str, str]]:
        names = [f"{number}.json" for number in range(len(plans))]
        for name, text in zip(names, plans, strict=True):
            Path(name).write_text(text)
        done = CliRunner().invoke(
            zonelint, ["check", *names, "--select", "SPF002", "--format", "json"]
        )
        return [(each["code"], each["path"]) for each in json.loads(done.stdout)["findings"]]

    def spf(key: str, zone_id: str, text: str = SPF) -> str:
        values = {"zone_id": zone_id, "name": "@", "type": "TXT", "content": text, "ttl": 1}
        return plan(change(f"cloudflare_dns_record.{key}", values))

    one, other = spf("a", "abc"), spf("b", "abc", "v=spf1 mx -all")
    twice = [("SPF002", "cloudflare_dns_record.b")]
    assert check(one, other) == twice
    assert check(one, spf("b", "abd", "v=spf1 mx -all")) == []
    assert check(one, one) == []  # the plan of yesterday beside that of today
    assert check(one, other, other) == twice


def test_zones_without_a_name_are_told_apart_over_several_plans(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    values = {"zone_id": "abc", "name": "@", "type": "TXT", "content": "v=spf1 +all"}
    Path("a.json").write_text(plan(change("cloudflare_record.a", values)))
    variants = [record(id, "example.com", "TXT", f"v=spf1 {id} +all") for id in ("a", "mx")]
    for each, id in zip(variants, ("blue", "green"), strict=True):
        each["change"]["after"]["set_identifier"] = id
    Path("b.json").write_text(plan(*variants))
    done = CliRunner().invoke(zonelint, ["check", "a.json", "b.json", "--format", "json"])
    told = {each["path"]: each["message"] for each in json.loads(done.stdout)["findings"]}
    assert "send as the domain." in told["cloudflare_record.a"]
    assert "send as example.com." in told["aws_route53_record.mx"]


def test_a_folder_is_searched_for_plans(tmp_path: Path) -> None:
    (tmp_path / "stack").mkdir()
    (tmp_path / "stack" / "plan.json").write_text(
        plan(ZONE, record("spf", "", "TXT", "v=spf1 +all"))
    )
    (tmp_path / "stack" / "package.json").write_text("{}")
    done = CliRunner().invoke(zonelint, ["check", str(tmp_path), "--format", "json"])
    assert done.exit_code == 1, done.output
    assert ("SPF201", "aws_route53_record.spf") in found(json.loads(done.stdout))


# -- the example ----------------------------------------------------------------------------------

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "terraform"


def test_the_example_shows_the_change_and_what_is_missing() -> None:
    path = str(EXAMPLE / "plan.json")
    done = CliRunner().invoke(zonelint, ["check", path, "--format", "json"])
    assert done.exit_code == 1
    report = json.loads(done.stdout)
    assert {each["code"] for each in report["findings"]} == {"PHASE001", "DKIM101"}
    assert ("PHASE001", "aws_route53_record.dmarc") in found(report)


def test_the_plan_of_the_example_is_that_of_its_configuration() -> None:
    """The values of plan.json stand in main.tf, but for what main.tf puts together."""
    written = (EXAMPLE / "main.tf").read_text()
    for each in json.loads((EXAMPLE / "plan.json").read_text())["resource_changes"]:
        assert f'resource "{each["type"]}" "{each["name"]}"' in written
        if each["name"] in ("spf", "dmarc", "mx"):
            assert each["change"]["after"]["records"][0] in written


def test_what_goes_from_a_zone_that_is_looked_up_is_gone(tmp_path: Path) -> None:
    gone = [
        record(
            "dmarc", "_dmarc.example.com", "TXT", "v=DMARC1; p=reject; rua=mailto:a@example.com"
        ),
        record("dkim", "s1._domainkey.example.com", "CNAME", "s1.vendor.example.net"),
    ]
    for each in gone:
        each["change"]["before"], each["change"]["after"] = each["change"]["after"], None
        each["change"]["actions"] = ["delete"]
    kept = record("mx", "example.com", "MX", "10 mx.example.net")
    report = check(plan(kept, *gone), tmp_path)
    assert ("PHASE002", "aws_route53_record.dmarc") in found(report)
