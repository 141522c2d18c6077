"""No remedy makes a fault: every change of every rule is made, and judged as a change.

`python -m tests.remedies FOLDER…` does so with real zones, each as a repository of its own: the
safe fixes, the proposals of each rule, and all of them; and each change by itself that is shown.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import chdir
from pathlib import Path

from zonelint.changes import fixing
from zonelint.changes.harm import fix_without_harm
from zonelint.grammars.zone import Zone
from zonelint.providers import writing
from zonelint.providers.project.configuration import Configuration
from zonelint.providers.project.project import Project
from zonelint.rules.core import registry
from zonelint.rules.evidence.evidence import Evidence
from zonelint.rules.offers.bulk import ZonesInHand
from zonelint.rules.offers.harm import brought
from zonelint.run.judging import Judge


def faults_of(
    zones: Callable[[], Sequence[Zone]], judge: Judge, codes: Collection[str], *, safe: bool
) -> Iterator[str]:
    """What changes bring, and whether they come to an end. The zones are read anew.

    A second run does what became known by the first.
    """
    wanted = fixing.chosen(codes, safe=safe)
    before = zones()
    made = fix_without_harm(before, judge, wanted, bump_serial=False, only_shown=True)
    if not made.applied:
        return
    what = ", ".join(sorted({each.code for each in made.applied}))
    for harm in brought(made.before, judge.of_change(before, made.zones), made.applied, before):
        yield f"{what} brings {harm.code} at {harm.owner}: {harm.message}"
    again = made
    for _ in range(1 if safe else 2):
        again = fix_without_harm(again.zones, judge, wanted, bump_serial=False, only_shown=True)
    if again.texts and len(codes) < 2:
        yield f"{what} is followed by {', '.join(sorted({each.code for each in again.applied}))}"


def faults_of_offers(zones: Sequence[Zone], judge: Judge) -> Iterator[str]:
    """What any of the changes that a check shows brings by itself, written into its files."""
    repository = judge.repository(zones)
    before = judge.judged(repository)
    offers = judge.offers(ZonesInHand(repository), before)
    homes = {seat.identity: seat.zone for seat in repository.judged}
    tried: set[object] = set()
    for finding in offers.without_harm(before.findings):
        zone = homes[finding.zone]
        if finding.change is None or (zone, finding.change.edits) in tried:
            continue
        tried.add((zone, finding.change.edits))
        try:
            made = writing.changed(zone, finding.change.edits, bump_serial=False).zone
        except writing.EditError:
            continue  # --fix says why it cannot be written, and no command is offered for it
        after = judge.of_change(zones, [made if each is zone else each for each in zones])
        for harm in brought(before, after, [finding], zones):
            yield f"{finding.code} at {finding.owner} brings {harm.code} at {harm.owner}"


def judge_of(evidence: Evidence | None = None) -> Judge:
    """Judges the zones of this folder, by every rule."""
    rules = registry.rules()

    def evidence_of(_: Configuration) -> Evidence | None:
        return evidence

    return Judge(rules, Project(codes=[each.code for each in rules], evidence_of=evidence_of))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.remedies")
    parser.add_argument("folders", nargs="+", type=Path)
    found = 0
    for given in parser.parse_args().folders:
        with tempfile.TemporaryDirectory() as work:
            copy = Path(work, "zones")
            shutil.copytree(given, copy, symlinks=True)
            with chdir(copy):
                found += _judge_folder(given)
    return 1 if found else 0


def _judge_folder(given: Path) -> int:
    judge = judge_of()
    codes = [each.code for each in judge.rules]
    found = 0

    def zones() -> Sequence[Zone]:
        return judge.project.open(["."]).zones

    for chosen, safe in (([], True), *(([code], False) for code in codes), (codes, True)):
        name = "safe" if not chosen else chosen[0] if len(chosen) == 1 else "ALL"
        for fault in faults_of(zones, judge, chosen, safe=safe):
            found += 1
            print(f"{given}: {name}: {fault}", flush=True)
    for fault in faults_of_offers(zones(), judge):
        found += 1
        print(f"{given}: shown: {fault}", flush=True)
    print(f"{given}: {len(zones())} zones, {found} faults")
    return found


if __name__ == "__main__":
    sys.exit(main())
