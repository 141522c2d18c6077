"""What the rule tests share: an example becomes a zone, a zone is asked, a change is applied."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from zonelint.grammars.masterfile import reader as masterfile
from zonelint.grammars.zone import Zone, is_below
from zonelint.providers.project.configuration import Configuration
from zonelint.rules.config import intent
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.change import Edit
from zonelint.rules.core.engine import Engine, Result
from zonelint.rules.core.rule import Example, Rule
from zonelint.rules.evidence.evidence import (
    DAY,
    AggregateReport,
    Disposition,
    DkimResult,
    Evidence,
    EvidenceBuilder,
    PublishedPolicy,
    Row,
    SpfResult,
)
from zonelint.rules.model import lock as lockfile
from zonelint.rules.model.loosening import GatePart, Loosened

ORIGIN = "example.com."
HEADER = f"$ORIGIN {ORIGIN}\n$TTL 3600\n"


def read(text: str) -> Zone:
    """The zone of an example's text; a text that opens with a directive stands as it is."""
    whole = text if text.startswith("$ORIGIN") else HEADER + text
    return masterfile.read(whole, "example.com.zone", ORIGIN)


def context_of(example: Example, text: str | None = None) -> Context:
    declared = None if example.config is None else intent.load(example.config, "zonelint.toml")
    locked = [] if example.lock is None else [lockfile.parse(example.lock, complete=False)]
    proved = None if example.reports is None else evidence_of(example.reports)
    before = None if example.before is None else read(example.before)
    previous = None
    if before is not None:
        said = files_of(example.policy_before, declared)
        previous = Context([before], declared, locked, evidence=proved, files=said)
    zone = read(example.zone if text is None else text)
    return Context(
        [zone] if example.twin is None else [zone, read(example.twin)],
        declared,
        locked,
        previous=previous,
        evidence=proved,
        files=files_of(example.policy, declared),
        loosened=loosened_by(example, declared),
    )


def loosened_by(example: Example, declared: intent.Intent | None) -> Loosened | None:
    """What the config loosens against the one before the change."""
    if example.config_before is None or declared is None:
        return None
    before = Configuration(Path("zonelint.toml"), Path(), intent.load(example.config_before))
    after = Configuration(None, Path(), declared)
    return after.loosened([before], {GatePart.BASELINE, GatePart.LOCK})


def files_of(policy: str | None, declared: intent.Intent | None) -> dict[str, str]:
    """A policy's text, at every path that the config names for one."""
    if policy is None or declared is None:
        return {}
    domains = (declared.for_domain(name) for name in declared.declared_domains())
    paths = (domain.mta_sts_policy for domain in domains if domain is not None)
    return {path: policy for path in paths if path is not None}


def added_up(reports: Iterable[AggregateReport]) -> Evidence:
    builder = EvidenceBuilder()
    for report in reports:
        builder.add(report)
    return builder.build()


def evidence_of(text: str) -> Evidence:
    """The evidence of daily reports about example.com that a TOML text describes.

    p, adkim, aspf: the policy published (none, r, r). domain: the policy domain. days: 14.
    rows, one a kind of mail: from (the address), messages (a day), spf (the domain that passed,
    or "fail"), dkim ("selector" of the domain, "selector@domain", or "fail"), to count as aligned
    where the domain is that of the From address, header_from, or below it.
    """
    told: dict[str, Any] = tomllib.loads(text)
    domain = told.get("domain", "example.com")
    policy = PublishedPolicy(
        domain, told.get("p", "none"), adkim=told.get("adkim"), aspf=told.get("aspf")
    )
    rows = tuple(_row(row, domain) for row in told.get("rows", ()))
    last = 20_000 * DAY
    return added_up(
        AggregateReport(
            "receiver.example", f"{day}", last - day * DAY, last - day * DAY + DAY, policy, rows
        )
        for day in range(told.get("days", 14))
    )


def _row(row: dict[str, Any], domain: str) -> Row:
    header = row.get("header_from", domain)
    spf = row.get("spf", domain)
    selector, _, signer = row.get("dkim", "fail").partition("@")
    signed = selector != "fail"
    signer = signer or domain
    return Row(
        source_ip=row["from"],
        count=row["messages"],
        disposition=Disposition.NONE,
        dkim_aligned=signed and is_below(f"{header}.", f"{signer}."),
        spf_aligned=spf != "fail" and is_below(f"{spf}.", f"{domain}."),
        header_from=header,
        envelope_from=row.get("envelope", domain if spf == "fail" else spf),
        dkim=(DkimResult(signer, selector, "pass"),) if signed else (),
        spf=(
            SpfResult(
                row.get("envelope", domain if spf == "fail" else spf),
                "mfrom",
                "fail" if spf == "fail" else "pass",
            ),
        ),
    )


def ask(rules: Sequence[Rule], context: Context) -> Result:
    result = Engine(rules).run(context)
    assert not result.crashes, result.crashes
    return result


def every_rule() -> tuple[Rule, ...]:
    return registry.rules()


def edits_of(result: Result) -> list[Edit]:
    """The edits of as many findings as fit together: of two that touch one record, the first's."""
    edits: list[Edit] = []
    seen: set[object] = set()
    for finding in result.findings:
        change = finding.change
        if change is None:
            continue
        keys = {
            (edit.owner, edit.type, edit.after) if edit.before is None else id(edit.before)
            for edit in change.edits
        }
        if keys.isdisjoint(seen):
            seen |= keys
            edits += change.edits
    return edits


def rule_named(name: str) -> Rule:
    """One of our rules, by its name."""
    return next(rule for rule in every_rule() if rule.name == name)


def ask_named(name: str, *zones: str, config: str | None = None) -> Result:
    """Ask a rule about zones: that of example.com, and others that open with $ORIGIN."""
    declared = None if config is None else intent.load(config, "zonelint.toml")
    found = [
        masterfile.read(text, "x.zone", text.split()[1])
        if text.startswith("$ORIGIN")
        else read(HEADER + text)
        for text in zones
    ]
    return ask([rule_named(name)], Context(found, declared))


def owners_of(result: Result) -> list[str]:
    """The owners of the findings, as they would stand in the zone of example.com."""
    return [finding.owner.removesuffix(f".{ORIGIN}") for finding in result.findings]


def changes_of(result: Result) -> list[list[str | None]]:
    """What each finding's change writes."""
    return [
        [] if finding.change is None else [edit.after for edit in finding.change.edits]
        for finding in result.findings
    ]
