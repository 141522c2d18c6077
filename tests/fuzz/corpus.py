"""Inputs to start from: the rules' own examples, the examples folder, what the strategies draw.

Nothing here is third-party data; a folder of that can be given at run time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import reports_factory, strategies_spf, strategies_taglist
from tests.fuzz.sections import join
from tests.fuzz.targets import HEADER
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.providers.resources.kinds import RecordKind
from zonelint.providers.resources.table import shipped
from zonelint.rules.core import registry
from zonelint.rules.core.rule import Example

EXAMPLES = Path(__file__).parents[2] / "examples"
DRAWN = 60
"""Values drawn from each strategy."""

_T = TypeVar("_T")


def seeds(target: str, folder: Path | None = None) -> list[bytes]:
    """The inputs that a target starts with; `folder` holds further files, of any kind."""
    made = _MAKERS.get(target.removesuffix("-rules"), _nothing)
    found = [each if isinstance(each, bytes) else _octets(each) for each in made()]
    if folder is not None:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        found += [path.read_bytes() for path in files if path.stat().st_size <= 1 << 16]
    return list(dict.fromkeys(found)) or [b""]


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def drawn(strategy: st.SearchStrategy[_T], number: int = DRAWN) -> list[_T]:
    """Values that a strategy draws, always the same."""
    found: list[_T] = []

    @settings(
        max_examples=number,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(value: _T) -> None:
        found.append(value)

    draw()
    return found


@cache
def _examples() -> tuple[Example, ...]:
    return tuple(
        example
        for rule in registry.rules()
        for example in (*rule.examples_bad, *rule.examples_good)
    )


def _with_head(zone: str | None) -> str | None:
    return zone if zone is None or zone.startswith("$ORIGIN") else HEADER + zone


def _zones() -> Iterator[str]:
    for example in _examples():
        yield join(
            _with_head(example.zone) or "",
            config=example.config,
            lock=example.lock,
            before=_with_head(example.before),
            reports=example.reports,
            policy=example.policy,
        )
    for path in sorted(EXAMPLES.rglob("*")):
        if path.is_file() and path.suffix in (".zone", ".example"):
            yield path.read_text("utf-8")
    yield from HARD_ZONES


HARD_ZONES = (
    HEADER + '@ TXT ("v=spf1"\n  " mx" ; one\n "-all") ; noqa: SPF203\n  MX 0 .\n',
    HEADER + "$GENERATE 1-9 h${0,3,d} A 192.0.2.$\n$INCLUDE part.zone sub\n@ MX 10 h001\n"
    '=== include\n@ TXT "v=spf1 -all"\nwww CNAME @\n$INCLUDE part.zone\n',
    "$ORIGIN example.com.\r\n@ 1h IN SOA ns h (\r\n 1 ; serial\r\n 2 3 4 5 )\r\n\tMX 10 m\r\n",
    HEADER + '_dmarc TXT v=DMARC1\\; p=none\n\\068kim._domainkey TXT "k=rsa\\;p=\\200"\n',
    HEADER + '@ TXT \\# 5 0461626364\n@ TYPE16 x\n@ SPF "v=spf1 mx ~all"\n',
    HEADER + 'é TXT "v=spf1 –all"\n* TXT “v=DMARC1”\n*._domainkey TXT "v=DKIM1; p="\n',
)


def _yaml() -> Iterator[str]:
    """The examples' zones as octoDNS would write them, and some by hand."""
    for example in _examples():
        zone = masterfile.read(_with_head(example.zone) or "", "z", "example.com.")
        owners: dict[str, list[str]] = {}
        for rrset in zone.rrsets():
            name = "" if rrset.owner == zone.origin else rrset.owner[: -len(zone.origin) - 1]
            if rrset.type in ("TXT", "SPF"):
                values = [
                    each.text.value.encode("utf-8", "replace").decode().replace(";", "\\;")
                    for each in rrset
                ]
            elif rrset.type == "CNAME":
                values = [rrset.records[0].target]
            elif rrset.type == "MX":
                values = [{"exchange": r.target, "preference": r.preference} for r in rrset]  # type: ignore[misc]
            else:
                continue
            told = {"type": rrset.type, "ttl": rrset.records[0].ttl}
            told |= {"value": values[0]} if len(values) == 1 else {"values": values}
            owners.setdefault(name, []).append(json.dumps(told, ensure_ascii=False))
        if owners:
            lines = ["---"]
            for name, listed in owners.items():
                lines += [f"{json.dumps(name, ensure_ascii=False)}:", *(f"  - {e}" for e in listed)]
            yield join("\n".join(lines), config=example.config, lock=example.lock)
    for path in sorted(EXAMPLES.rglob("*.yaml")):
        yield path.read_text("utf-8")
    yield from HARD_YAML


HARD_YAML = (
    "'':\n- type: TXT\n  values:\n  - v=spf1 mx\n    -all\n  - >-\n    folded\n    text\n"
    "- {type: MX, value: {preference: 10, value: mail.example.com.}} # noqa: MX001\n"
    "_dmarc: &d\n  ttl: 60\n  type: TXT\n  value: 'v=DMARC1\\; p=none'\nb:\n  <<: *d\n",
    'a: !include b.yaml\n? b\n: type: CNAME\n  value: |\n    x.\nc: [{type: TXT, value: "\\x41"}]\n'
    "=== include\ntype: A\nvalue: 192.0.2.1\n",
    "? {a: b}\n: [1, 2]\n'*': {type: TXT, values: [~, 1, 1.5, true, 2001-01-01, !!str x]}\n",
    "providers:\n  config:\n    class: octodns.provider.yaml.YamlProvider\n"
    "    directory: ./config\n    default_ttl: 60\n    split_extension: .\n"
    "zones:\n  example.com.:\n    sources: [config]\n"
    "    targets: [config]\n  '*':\n    sources: [config]\n  b.example.: {alias: example.com.}\n",
)


def _plans() -> Iterator[str]:
    """Plans that create, change and delete a record of each kind."""
    for kind in _kinds():
        for type in kind.types[:1]:
            for before, after in (
                (None, _properties(kind, "TXT", "v=spf1 mx -all", terraform=True)),
                (
                    _properties(kind, "TXT", "v=DMARC1; p=reject", terraform=True),
                    _properties(kind, "TXT", "v=DMARC1; p=none", terraform=True),
                ),
                (_properties(kind, "MX", "10 mail.example.com.", terraform=True), None),
            ):
                change = {
                    "actions": ["update"],
                    "before": before,
                    "after": after,
                    "after_unknown": {"id": True},
                    "before_sensitive": False,
                    "after_sensitive": {},
                }
                resource = {
                    "address": f"{type}.a[0]",
                    "mode": "managed",
                    "type": type,
                    "name": "a",
                    "index": 0,
                    "change": change,
                }
                values = {"root_module": {"resources": [{**resource, "values": after or {}}]}}
                yield json.dumps(
                    {
                        "format_version": "1.2",
                        "resource_changes": [resource],
                        "planned_values": values,
                        "prior_state": {"values": values},
                        "configuration": {"root_module": {"resources": []}},
                    }
                )
    for path in sorted(EXAMPLES.rglob("*.json")):
        yield path.read_text("utf-8")


def _resources() -> Iterator[str]:
    for kind in _kinds():
        for type, text in (
            ("TXT", "v=spf1 mx -all"),
            ("MX", "10 mail.example.com."),
            ("CNAME", "selector1-example-com._domainkey.contoso.onmicrosoft.com."),
        ):
            properties = _properties(kind, type, text, terraform=False)
            one = {"type": kind.tokens[0] if kind.tokens else kind.types[0], "zone": True}
            secret = {"<secret>": properties.get("name")}
            yield json.dumps(
                [
                    {**one, "properties": properties},
                    {**one, "properties": {**properties, "name": "<unknown>"}},
                    {**one, "properties": {**properties, "name": secret}},
                ]
            )


def _kinds() -> Iterable[RecordKind]:
    table = shipped()
    found = {}
    for files in _shipped_types():
        kind = table.record(files)
        if kind is not None:
            found[kind.id] = kind
    return found.values()


def _shipped_types() -> Iterator[str]:
    from zonelint.providers.resources.table import files

    for told in files().values():
        for entry in told.get("records", {}).values():
            yield from entry.get("pulumi", ())
            yield from entry.get("terraform", ())


def _properties(kind: RecordKind, type: str, text: str, *, terraform: bool) -> dict[str, object]:
    """Properties of a resource of this kind; not always sensible ones."""
    form = kind.form(type)
    made: dict[str, object] = {kind.name: "www"}
    for property, value in (
        (kind.zone_name, "example.com"),
        (kind.zone_ref, "z1"),
        (kind.type, type),
        (kind.ttl, 3600.0),
    ):
        if property is not None:
            made[property] = value
    if form is not None:
        held: object = text if form.item is None else {form.item: text}
        if form.fields:
            held = dict(zip(form.fields, text.split(), strict=False))
        made[form.at] = held if form.single else [held]
        made |= {property: number for number, property in enumerate(form.before)}
    if not terraform:
        return made
    return {re.sub(r"(?<=[a-z])([A-Z])", r"_\1", key).lower(): each for key, each in made.items()}


def _reports() -> Iterator[bytes]:
    sent = reports_factory.day_of_mail(1000, 0.9)
    for namespace in ("", reports_factory.RFC9990):
        xml = reports_factory.report_xml(sent, day=date(2026, 11, 20), namespace=namespace)
        for packing in ("xml", "gz", "zip", "eml"):
            yield reports_factory.packed(xml, packing)
    yield reports_factory.zipped({"a.xml": xml, "b.xml.gz": reports_factory.packed(xml, "gz")})
    yield reports_factory.report_xml(declaration='<?xml version="1.0" encoding="utf-16"?>')
    yield b"<feedback><!DOCTYPE x [<!ENTITY a 'b'>]><record>&a;</record></feedback>"


def _mailboxes() -> Iterator[bytes]:
    for each in _reports():
        yield b"From a@b Thu Jan  1 00:00:00 1970\n" + each + b"\n\nFrom c\n" + each[:200]
        yield each


def _bounces() -> Iterator[bytes]:
    for path in sorted((EXAMPLES / "bounces").iterdir()):
        yield path.read_bytes()


def _part(name: str) -> Callable[[], Iterator[str]]:
    def parts() -> Iterator[str]:
        for example in _examples():
            text = getattr(example, name)
            if text is not None:
                yield text
        if name == "config":
            for path in sorted(EXAMPLES.rglob("zonelint.toml")):
                yield path.read_text("utf-8")

    return parts


def _baselines() -> Iterator[str]:
    entry = '{"code": "SPF201", "owner": "example.com.", "type": "TXT", "count": 2}'
    yield f'{{"version": 1, "findings": [\n  {entry}\n]}}\n'
    yield '{"version": 1, "findings": []}'
    yield '{"version": 2, "findings": [{"code": null}]}'


def _texts(prefix: str, *strategies: st.SearchStrategy[str]) -> Callable[[], Iterator[str]]:
    """The texts of the examples' records of one sort, and what strategies draw."""

    def texts() -> Iterator[str]:
        for example in _examples():
            zone = masterfile.read(_with_head(example.zone) or "", "z", "example.com.")
            for rrset in zone.rrsets():
                if rrset.type == "TXT":
                    for record in rrset:
                        if prefix.lower() in record.text.value.lower():
                            yield record.text.value
        for strategy in strategies:
            yield from drawn(strategy)

    return texts


def _layouts(language: str) -> st.SearchStrategy[str]:
    contents = strategies_taglist.contents[language]
    return contents.flatmap(lambda content: strategies_taglist.layouts(language, content))


def _nothing() -> Iterator[str]:
    yield ""


_SPF = _texts("v=spf", strategies_spf.nearly_spf(), strategies_spf.records().map(str))

_MAKERS: dict[str, Callable[[], Iterator[str] | Iterator[bytes]]] = {
    "zone": _zones,
    "octodns": _yaml,
    "octodns-config": lambda: iter(HARD_YAML),
    "plan": _plans,
    "resources": _resources,
    "reports": _reports,
    "mbox": _mailboxes,
    "bounce": _bounces,
    "lock": _part("lock"),
    "config": _part("config"),
    "baseline": _baselines,
    "sts-policy": _part("policy"),
    "spf": _SPF,
    "dmarc": _texts("dmarc", _layouts("dmarc"), strategies_taglist.scraps),
    "dkim": _texts("p=", _layouts("dkim"), strategies_taglist.scraps),
    "sts": _texts("sts", _layouts("sts")),
    "tlsrpt": _texts("tlsrpt", _layouts("tlsrpt")),
    "bimi": _texts("bimi", _layouts("bimi")),
    "tags": _texts("=", strategies_taglist.any_text),
}
