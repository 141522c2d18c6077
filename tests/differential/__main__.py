"""Hold our readers against other people's: `python -m tests.differential FOLDER`.

FOLDER holds records and zones in any files: zone files, octoDNS YAML, and texts in which records
stand between quotes (test suites, logs). Every disagreement is printed with its reason; what has
none is printed whole. Records that the strategies of the tests draw are compared as well.

With `--mutated 20000` nothing else is compared but so many zone files, by dnspython and BIND, and
as many files of octoDNS YAML, by octoDNS: each another one, mutated. `--seed` makes others.

The oracles are optional: pip install pyspf checkdmarc octodns; apt-get install bind9-utils.

Exit status: 0 every disagreement has a reason, 1 one has none.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.differential import mutated, oracles
from tests.differential.oracles import UNEXPLAINED, Disagreement, Missing
from tests.differential.records import Material, gathered


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.differential", description=__doc__)
    parser.add_argument("folder", nargs="*", type=Path, help="folders of records and zones")
    parser.add_argument("--generated", type=int, default=300, help="records drawn of each kind")
    parser.add_argument("--examples", type=int, default=2, help="examples shown for each reason")
    parser.add_argument("--mutated", type=int, default=0, help="mutated zones, and YAML files")
    parser.add_argument("--seed", type=int, default=1, help="of the mutations")
    parser.add_argument("--only", help="of the mutated: dnspython, compilezone or octodns")
    options = parser.parse_args()
    if options.mutated:
        return _mutated(options.mutated, options.seed, options.examples, options.only)
    material = Material()
    for folder in options.folder:
        found = gathered(folder)
        for name in ("spf", "dmarc", "keys", "zones", "yaml"):
            getattr(material, name).update(getattr(found, name))
    if options.generated:
        _generate(material, options.generated)
    spf, dmarc, keys = map(list, (material.spf, material.dmarc, material.keys))
    runs: list[tuple[str, int, Callable[[], Iterable[Disagreement]]]] = [
        ("pyspf", len(spf), lambda: oracles.pyspf(spf)),
        ("checkdmarc (SPF)", len(spf), lambda: oracles.checkdmarc_spf(spf)),
        ("checkdmarc (DMARC)", len(dmarc), lambda: oracles.checkdmarc_dmarc(dmarc)),
        ("cryptography", len(keys), lambda: oracles.cryptography(keys)),
        ("dnspython", len(material.zones), lambda: oracles.dnspython(material.zones)),
        ("named-checkzone", len(material.zones), lambda: oracles.checkzone(material.zones)),
        ("octoDNS", len(material.yaml), lambda: oracles.octodns(material.yaml)),
    ]
    unexplained = 0
    for name, number, run in runs:
        try:
            found = list(run())
        except Missing as missing:
            print(f"\n== {name}: not installed ({missing})")
            continue
        print(f"\n== {name}: {number} inputs, {len(found)} disagreements")
        unexplained += _told(found, options.examples)
    return 1 if unexplained else 0


def _mutated(number: int, seed: int, examples: int, only: str | None) -> int:
    unexplained = 0
    for name, batches, compare in (
        ("dnspython", mutated.zones, oracles.dnspython),
        ("compilezone", mutated.zones, oracles.compilezone),
        ("octodns", mutated.yaml, oracles.octodns),
    ):
        if only in (None, name):
            found = [each for batch in batches(number, seed) for each in compare(batch)]
            print(f"\n== {name}: {number} mutated inputs, {len(found)} disagreements", flush=True)
            unexplained += _told(found, examples)
    return 1 if unexplained else 0


def _told(found: list[Disagreement], examples: int) -> int:
    """Print the disagreements by reason; gives how many have none."""
    counts = Counter(each.reason for each in found)
    by_reason: dict[str, list[Disagreement]] = defaultdict(list)
    for each in found:
        by_reason[each.reason].append(each)
    for reason, number in counts.most_common():
        print(f"{number:>6}  {reason}")
        shown = by_reason[reason]
        for each in shown if reason == UNEXPLAINED else shown[:examples]:
            print(f"          {each.text[:300]!r}\n            ours:   {each.ours[:200]}\n"
                  f"            theirs: {each.theirs[:200]}")  # fmt: skip
    return counts[UNEXPLAINED]


def _generate(material: Material, number: int) -> None:
    from tests import strategies_spf, strategies_taglist
    from tests.fuzz.corpus import drawn, seeds
    from tests.grammars.test_masterfile_oracles import almost_zone_text, zone_text

    for strategy in (strategies_spf.records().map(str), strategies_spf.nearly_spf()):
        for text in drawn(strategy, number):
            if text.startswith("v=spf1"):
                material.spf[text] = None
    for text in drawn(strategies_taglist.dmarc_contents.map(strategies_taglist.plain), number):
        material.dmarc[text] = None
    for text in drawn(strategies_taglist.scraps, number):
        material.dmarc[f"v=DMARC1; {text}"] = None
    for text in drawn(strategies_taglist.dkim_contents.map(strategies_taglist.plain), number):
        material.keys[text] = None
    for octets in seeds("dkim"):
        material.add_record(octets.decode("utf-8", "surrogateescape"))
    for index, text in enumerate(drawn(zone_text | almost_zone_text, number)):
        material.zones[f"generated-{index}"] = f"$ORIGIN example.com.\n{text}"


if __name__ == "__main__":
    sys.exit(main())
