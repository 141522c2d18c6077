"""What a rule says of a domain is the same whatever stands beside it in the zone."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.rules.harness import HEADER, ask, context_of, every_rule
from zonelint.rules.core.finding import Finding
from zonelint.rules.core.rule import Example, Rule

NEIGHBOURS = """
_443._tcp.0a 3600 TLSA 3 1 1 {hash}
_25._tcp.0a 3600 TLSA 3 1 1 {hash}
0a 3600 MX 0 .
0a 3600 TXT "v=spf1 -all"
0a 3600 TXT "google-site-verification=0123456789"
_dmarc.0a 3600 TXT "v=DMARC1; p=reject"
*._domainkey.0a 3600 TXT "v=DKIM1; p="
0b 3600 CNAME www.example.org.
0c 3600 A 192.0.2.250
0d 3600 NS ns.example.org.
""".replace("{hash}", "ab" * 32)

BESIDE = tuple(f"{name}.example.com." for name in ("0a", "0b", "0c", "0d"))
"""What is said of the neighbours themselves is another matter."""

EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.code}-{number}")
    for rule in every_rule()
    for number, example in enumerate(rule.examples_bad)
    if "$ORIGIN" not in example.zone
]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
@pytest.mark.parametrize("order", ["before", "after"])
def test_neighbours_change_nothing(rule: Rule, example: Example, order: str) -> None:
    alone = _said(rule, example, HEADER + "\n" * NEIGHBOURS.count("\n") + example.zone)
    text = NEIGHBOURS + example.zone if order == "before" else example.zone + NEIGHBOURS
    crowded = _said(rule, example, HEADER + text)
    assert crowded == alone


def _is_of_lines(example: Example) -> bool:
    """Whether each line is a record of its own, and no name is a CNAME twice."""
    lines = example.zone.split("\n")
    aliases = [line.split()[0] for line in lines if " CNAME " in line]
    is_plain = all(not line or line[0] not in " ;$\t" for line in lines)
    return is_plain and "(" not in example.zone and len(aliases) == len(set(aliases))


@pytest.mark.parametrize(
    ("rule", "example"), [each for each in EXAMPLES if _is_of_lines(each.values[1])]
)
def test_a_fault_is_the_same_one_in_whatever_order_the_lines_stand(
    rule: Rule, example: Example
) -> None:
    lines = example.zone.strip().split("\n")
    texts = ("\n".join(each) + "\n" for each in (lines, reversed(lines)))
    forward, backward = (ask([rule], context_of(example, HEADER + text)) for text in texts)
    assert Counter(_fault(f) for f in forward.findings) == Counter(
        _fault(f) for f in backward.findings
    )
    assert Counter(forward.undecided) == Counter(backward.undecided)


def _fault(finding: Finding) -> tuple[object, ...]:
    return (*finding.sameness, finding.severity, finding.found.root)


def _said(rule: Rule, example: Example, text: str) -> list[tuple[str, str, str]]:
    result = ask([rule], context_of(example, text))
    said = [(f.owner, f.type, f.message) for f in result.findings]
    said += [(u.owner, "", "; ".join(u.missing)) for u in result.undecided]
    return sorted(found for found in said if not found[0].endswith(BESIDE))
