"""What each rule does grows as the zones do: the examples of every rule, again and again.

Calls are counted, by the module that they are in: where one module does more than its share, the
test names it.
"""

# These tests take over 3 s: every call is counted, for some hundred examples at two sizes.

from __future__ import annotations

import cProfile
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import zonelint.grammars
import zonelint.providers
import zonelint.rules
from tests.rules.harness import context_of, every_rule
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.rules.context import Context
from zonelint.rules.core.engine import Engine
from zonelint.rules.core.rule import Example, Rule
from zonelint.rules.spf.support.reach import reach

FLOORS = tuple(
    str(Path(path).resolve())
    for floor in (zonelint, zonelint.grammars, zonelint.providers, zonelint.rules)
    for path in floor.__path__
)
FEW = 1500
"""Calls of a module that tell nothing: some is done once, whatever the size."""

_NEW = count()
"""Numbers that no name had before: what is remembered of a small run would make it look quick."""


def calls(work: Callable[[], object]) -> Counter[str]:
    """How often functions of each module are called, a comprehension being one."""
    with cProfile.Profile(subcalls=False, builtins=False) as profile:
        work()
    counts: Counter[str] = Counter()
    for entry in profile.getstats():
        if not isinstance(entry.code, str):
            counts[entry.code.co_filename] += entry.callcount
    return counts


def overgrown(small: Counter[str], large: Counter[str]) -> list[str]:
    """Our modules that do more than twice the work for twice the input, noise allowed for."""
    return [
        f"{path}: {small[path]:,} calls, then {n:,}"
        for path, n in sorted(large.items())
        if path.startswith(FLOORS) and n > FEW and n > 2.4 * small[path]
    ]


def is_plain(example: Example) -> bool:
    """Whether an example is a zone and nothing else, in which names may be put below others."""
    others = ("config", "lock", "before", "reports", "policy", "policy_before", "twin",
              "config_before")  # fmt: skip
    return not example.zone.startswith("$") and all(getattr(example, n) is None for n in others)


def examples(rules: list[Rule]) -> Iterator[tuple[Rule, Example]]:
    for rule in rules:
        yield from ((rule, example) for example in rule.examples_bad)


def below(text: str, label: str) -> str:
    """An example's text, its owners below a label of example.com."""
    return f"$ORIGIN {label}.example.com.\n{text.rstrip()}\n"


def one_zone(texts: list[str], size: int) -> str:
    copies = (below(text, f"d{next(_NEW)}") for _ in range(size) for text in texts)
    return "$ORIGIN example.com.\n$TTL 3600\n" + "".join(copies)


def judged(*texts: str) -> Counter[str]:
    """Read zones, judge them by every rule; the rules that said something."""
    zones = [
        masterfile.read(text, f"z{n}.zone", text.split(maxsplit=2)[1])
        for n, text in enumerate(texts)
    ]
    result = Engine(every_rule()).run(Context(zones))
    assert not result.crashes
    return Counter(each.code for each in (*result.findings, *result.undecided))


def test_the_examples_of_all_rules_in_one_zone() -> None:
    texts = [example.zone for _, example in examples(every_rule()) if is_plain(example)]
    said = judged(one_zone(texts, 1))
    assert len(said) > len(every_rule()) / 2, "the examples no longer reach most rules"
    small = calls(lambda: judged(one_zone(texts, 3)))
    large = calls(lambda: judged(one_zone(texts, 6)))
    assert not overgrown(small, large)


def test_the_examples_of_all_rules_in_many_zones() -> None:
    texts = [example.zone for _, example in examples(every_rule()) if is_plain(example)]

    def zones(size: int) -> list[str]:
        return [
            f"$ORIGIN d{next(_NEW)}.example.\n$TTL 3600\n{text.rstrip()}\n"
            for _ in range(size)
            for text in texts
        ]

    judged(*zones(1))
    small = calls(lambda: judged(*zones(2)))
    large = calls(lambda: judged(*zones(4)))
    assert not overgrown(small, large)


def test_the_examples_of_each_rule_with_what_they_declare() -> None:
    """A zone that holds the records of an example and many more like them, with its configuration,
    lock, reports and state before."""
    faults: list[str] = []
    for rule, example in examples(every_rule()):
        if is_plain(example) or example.zone.startswith("$") or example.twin is not None:
            continue

        engine = Engine([rule])

        def work(size: int, example: Example = example, engine: Engine = engine) -> None:
            again = "".join(below(example.zone, f"d{next(_NEW)}") for _ in range(size))
            context = context_of(example, f"{example.zone.rstrip()}\n{again}")
            assert not engine.run(context).crashes

        work(1)
        small, large = calls(lambda: work(16)), calls(lambda: work(32))
        faults += [f"{rule.code}: {each}" for each in overgrown(small, large)]
    assert not faults


def test_what_a_record_leads_to_is_added_up_once() -> None:
    text = (
        "$ORIGIN example.com.\n$TTL 3600\n"
        '@ TXT "v=spf1 include:a.example.com -all"\na TXT "v=spf1 include:b.example.com -all"\n'
        'b TXT "v=spf1 ip4:8.0.0.0/8 include:c.example.com -all"\n'
        'c TXT "v=spf1 ip4:16.0.0.0/8 -all"\n'
    )
    context = Context([masterfile.read(text, "e.zone", "example.com.")])
    (spf,) = context.zones[0].spf["example.com."]
    assert reach(spf).ip4 == 2 * 2**24
