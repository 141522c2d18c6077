"""No remedy makes a fault: changes are made in rounds, without those that bring a new one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache

from zonelint.changes.fixing import Fixed, dismiss, fix
from zonelint.changes.sharing import ChangeJudge
from zonelint.grammars.zone import Zone
from zonelint.rules.core.finding import Finding
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.core.result import Result
from zonelint.rules.model.facts import TooManyZones
from zonelint.rules.offers.harm import Fault, Refused, brought, fault_of_zone, without_harm
from zonelint.rules.offers.links import changed_names


def fix_without_harm(
    zones: Sequence[Zone],
    judge: ChangeJudge,
    chosen: Callable[[Finding], bool],
    *,
    bump_serial: bool = True,
    only_shown: bool = False,
) -> Fixed:
    """Apply the chosen changes as `fixing.fix` does, without those that bring a new fault."""
    guests, unread = judge.sharing(zones)
    everyone = [*zones, *guests]
    kept = [n for n, each in enumerate(everyone) if not judge.raises_serial(each)]
    before = judge(everyone)
    askers = judge.askers(everyone)
    untried: dict[tuple[ZoneId, Fault], Refused] = {}

    def is_tried(finding: Finding) -> bool:
        """Whether all zones that ask for what is changed can be judged with it."""
        try:
            askers.meet(changed_names([finding]))
        except TooManyZones as error:
            why = f"this run does not judge {error.missing}"
            untried[fault_of_zone(finding)] = Refused(finding, why)
        return fault_of_zone(finding) not in untried

    def beside(made: Fixed) -> list[Zone]:
        """The zones that nobody judges and that ask for what was changed."""
        asking = askers.ask_for(changed_names(made.applied))
        return [place.zone for zone, place in askers.unread.items() if zone in asking]

    @cache
    def held_to(*beside: Zone) -> Result:
        return judge.gate([*everyone, *beside], None if beside else before)

    def make_without(left_out: Collection[tuple[ZoneId, Fault]]) -> Fixed:
        return fix(
            zones,
            judge,
            lambda finding: (
                chosen(finding) and fault_of_zone(finding) not in left_out and is_tried(finding)
            ),
            bump_serial=bump_serial,
            only_shown=only_shown,
            before=before,
            guests=guests,
            kept=kept,
            unread=unread,
        )

    def harm_of(made: Fixed) -> list[Finding]:
        near = beside(made)
        after = judge.of_change([*everyone, *near], [*made.zones, *near])
        return brought(held_to(*near), after, made.applied, [*everyone, *near])

    fixed, left_out = without_harm(make_without, harm_of, fault_of_zone)
    fixed.refused += (*left_out.values(), *untried.values())
    dismiss(fixed, guests, judge)
    return fixed
