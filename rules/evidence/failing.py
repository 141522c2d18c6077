"""Why messages of a source are not aligned, in the words of what receivers report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from zonelint.rules.evidence.evidence import Flow, PublishedPolicy

_MOST = 3


def reasons(flows: Iterable[Flow], policy: PublishedPolicy) -> tuple[str, ...]:
    """Why the messages that were not aligned were not; what most of them met comes first."""
    found: Counter[str] = Counter()
    for flow in flows:
        if not flow.aligned and flow.count:
            found[f"{_spf(flow, policy)}; {_dkim(flow, policy)}"] += flow.count
    return tuple(words for words, _ in found.most_common(_MOST))


def _spf(flow: Flow, policy: PublishedPolicy) -> str:
    shown = flow.header_from or policy.domain
    passing = [each.domain for each in flow.spf if each.result == "pass" and each.domain]
    if passing:
        return f"SPF passes for {passing[0]}, {_wanted(policy.aspf, shown)}"
    if not flow.spf:
        return "SPF is not reported"
    first = next((each for each in flow.spf if each.scope != "helo"), flow.spf[0])
    domain = first.domain or flow.envelope_domain or "an empty sender"
    if first.result == "none":
        return f"{domain} has no SPF record"
    if first.result in ("permerror", "temperror"):
        return f"the SPF record of {domain} could not be used ({first.result})"
    return f"SPF says {first.result or 'nothing'} for {domain}"


def _dkim(flow: Flow, policy: PublishedPolicy) -> str:
    shown = flow.header_from or policy.domain
    if not flow.dkim:
        return "no DKIM signature"
    passing = [each.domain for each in flow.dkim if each.result == "pass"]
    if passing:
        return f"DKIM passes for {passing[0]}, {_wanted(policy.adkim, shown)}"
    first = next((each for each in flow.dkim if each.domain == shown), flow.dkim[0])
    key = f" (selector {first.selector})" if first.selector else ""
    return f"the signature of {first.domain}{key} does not verify ({first.result or 'no result'})"


def _wanted(mode: str | None, shown: str) -> str:
    if mode == "s":
        return f"strict alignment requires {shown}"
    return f"which is not aligned with {shown}"
