"""No remedy makes a fault: changes are made in rounds, without those that bring a new one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache

from zonelint.changes.fixing import Fixed, dismiss, fix
from zonelint.changes.sharing import ChangeJudge
from zonelint.grammars.zone import Zone
from zonelint.rules.core.finding import Finding
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.offers.harm import Fault, brought, fault_of_zone, without_harm


def fix_without_harm(
    zones: Sequence[Zone],
    judge: ChangeJudge,
    chosen: Callable[[Finding], bool],
    *,
    bump_serial: bool = True,
    only_shown: bool = False,
) -> Fixed:
    """Apply the chosen changes as `fixing.fix` does, without those that bring a new fault."""
    guests = judge.sharing(zones)
    everyone = [*zones, *guests]
    kept = [n for n, each in enumerate(guests, len(zones)) if not judge.raises_serial(each)]
    before = judge(everyone)
    held_to = cache(lambda: judge.gate(everyone, before))

    def make_without(left_out: Collection[tuple[ZoneId, Fault]]) -> Fixed:
        return fix(
            zones,
            judge,
            lambda finding: chosen(finding) and fault_of_zone(finding) not in left_out,
            bump_serial=bump_serial,
            only_shown=only_shown,
            before=before,
            guests=guests,
            kept=kept,
        )

    def harm_of(made: Fixed) -> list[Finding]:
        after = judge.of_change(everyone, made.zones)
        return brought(held_to(), after, made.applied, everyone)

    fixed, left_out = without_harm(make_without, harm_of, fault_of_zone)
    fixed.refused += left_out.values()
    dismiss(fixed, guests, judge)
    return fixed
