"""Pulumi's previews and exported stacks: what they hold before and after a change."""

import json
from pathlib import Path
from typing import Any

import pytest

from zonelint.providers.project.reading import read_plan
from zonelint.providers.resources.plans import Plan
from zonelint.providers.resources.zones import ResourceZone
from zonelint.providers.terraform.find import search
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Engine

RECORD = "cloudflare:index/dnsRecord:DnsRecord"
ZONE = "cloudflare:index/zone:Zone"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def urn(type: str, name: str) -> str:
    return f"urn:pulumi:t::mail::{type}::{name}"


def state(type: str, name: str, inputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"urn": urn(type, name), "custom": True, "type": type, "inputs": inputs, **more}


def txt(name: str, text: str, **more: Any) -> dict[str, Any]:
    inputs = {"zoneId": "abc", "name": name, "type": "TXT", "content": text, "ttl": 3600}
    return {**inputs, **more}


def step(op: str, name: str, old: Any, new: Any, type: str = RECORD, **more: Any) -> dict[str, Any]:
    return {
        "op": op,
        "urn": urn(type, name),
        **({"oldState": state(type, name, old)} if old is not None else {}),
        **({"newState": state(type, name, new, **more)} if new is not None else {}),
    }


def preview(tmp_path: Path, *steps: dict[str, Any], **summary: int) -> Plan:
    path = tmp_path / "preview.json"
    path.write_text(json.dumps({"steps": steps, "changeSummary": summary}))
    assert search([str(tmp_path)]).files == [str(path)]
    return read_plan(str(path))


def texts(zones: list[ResourceZone]) -> dict[str, list[str]]:
    return {
        rrset.owner: [record.text.value for record in rrset]
        for zone in zones
        for rrset in zone.of_type("TXT")
    }


def test_both_sides_of_a_change_are_read(tmp_path: Path) -> None:
    plan = preview(
        tmp_path,
        step("update", "a", txt("a.example.com", "old"), txt("a.example.com", "new")),
        step("create", "b", None, txt("b.example.com", "made")),
        step("delete", "c", txt("c.example.com", "gone"), None),
        step("same", "d", txt("d.example.com", "kept"), txt("d.example.com", "kept")),
        same=1,
    )
    assert texts(plan.before) == {
        "a.example.com.": ["old"], "c.example.com.": ["gone"], "d.example.com.": ["kept"],
    }  # fmt: skip
    assert texts(plan.after) == {
        "a.example.com.": ["new"], "b.example.com.": ["made"], "d.example.com.": ["kept"],
    }  # fmt: skip


def test_a_replaced_resource_is_there_once_on_each_side(tmp_path: Path) -> None:
    old, new = txt("a.example.com", "old"), txt("b.example.com", "new")
    plan = preview(
        tmp_path,
        step("create-replacement", "a", old, new),
        step("replace", "a", old, new),
        step("delete-replaced", "a", old, None),
    )
    assert texts(plan.before) == {"a.example.com.": ["old"]}
    assert texts(plan.after) == {"b.example.com.": ["new"]}


def test_a_zone_that_is_made_is_found_through_its_dependency(tmp_path: Path) -> None:
    plan = preview(
        tmp_path,
        step("create", "z", None, {"name": "example.com"}, ZONE),
        step(
            "create", "a", None, txt("@", "x", zoneId=UNKNOWN),
            propertyDependencies={"zoneId": [urn(ZONE, "z")], "name": []},
        ),
    )  # fmt: skip
    assert [(zone.origin, zone.complete) for zone in plan.after] == [("example.com.", True)]


def test_what_is_left_out_makes_zones_parts_and_is_told(tmp_path: Path) -> None:
    plan = preview(
        tmp_path,
        step("create", "z", None, {"name": "example.com"}, ZONE),
        step("create", "a", None, txt("a.example.com", "x")),
        same=5,
    )
    zone, left_out = plan.after
    assert not zone.complete
    assert "--show-sames" in str(left_out.undecided)


def test_a_preview_that_leaves_out_everything_is_not_clean(tmp_path: Path) -> None:
    path = tmp_path / "preview.json"
    path.write_text(json.dumps({"config": {}, "changeSummary": {"same": 5}}))
    (left_out,) = read_plan(str(path)).after
    assert "the 5 resources that do not change" in str(left_out.undecided)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (UNKNOWN, "known after the change"),
        ("[secret]", "which is secret"),
        ({"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}, "secret"),
    ],
)
def test_what_is_not_known_is_told(tmp_path: Path, value: object, why: str) -> None:
    plan = preview(tmp_path, step("create", "a", None, txt("a.example.com", "", content=value)))
    (zone,) = plan.after
    assert why in str(zone.unknown)


def test_an_exported_stack_is_what_there_is(tmp_path: Path) -> None:
    resources = [
        state(ZONE, "z", {"name": "example.com"}, id="abc"),
        state(RECORD, "a", txt("@", "x"), outputs=txt("@", "x")),
        state(RECORD, "b", txt("@", "going"), delete=True),
    ]
    path = tmp_path / "stack.json"
    deployment = {"manifest": {"time": "2026-11-30T00:00:00Z"}, "resources": resources}
    path.write_text(json.dumps({"version": 3, "deployment": deployment}))
    plan = read_plan(str(path))
    assert plan.before is None
    assert texts(plan.after) == {"example.com.": ["x"]}


@pytest.mark.parametrize(
    ("spf", "told"), [(None, True), ("v=spf1 -all", False)], ids=["nothing shown", "sends nothing"]
)
def test_a_phase_that_is_left_out_is_told_in_a_part_too(
    tmp_path: Path, spf: str | None, told: bool
) -> None:
    """What does not change is not shown: MX and SPF may well be there."""
    before, after = (txt("_dmarc.example.com", f"v=DMARC1; p={p}") for p in ("none", "reject"))
    shown = [] if spf is None else [step("create", "s", None, txt("example.com", spf))]
    plan = preview(tmp_path, step("update", "d", before, after), *shown, same=5)
    assert plan.before is not None
    result = Engine(registry.rules()).run(Context(plan.after, previous=Context(plan.before)))
    assert ("PHASE001" in {finding.code for finding in result.findings}) is told


@pytest.mark.parametrize(("stays", "after"), [(True, ["kept"]), (False, [])])
def test_what_is_retained_on_delete_stays(tmp_path: Path, stays: bool, after: list[str]) -> None:
    gone = step("delete", "a", txt("a.example.com", "kept"), None)
    gone["oldState"]["retainOnDelete"] = stays
    plan = preview(tmp_path, gone)
    assert plan.before is not None
    assert texts(plan.before) == {"a.example.com.": ["kept"]}
    assert texts(plan.after).get("a.example.com.", []) == after
