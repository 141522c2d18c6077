"""Zones before and after a change, however they are moved, renamed, split, merged or removed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zonelint.changes.against import compare
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.grammars.zone import Variant
from zonelint.providers.project.before import Before
from zonelint.providers.project.project import Project
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Engine
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.model.repository import MOST_CANDIDATES, Repository, RunZone
from zonelint.rules.offers.harm import brought
from zonelint.run.judging import Judge

STRICT, LAX, OTHER = "reject", "none", "reject; adkim=s"
TEXT = """$ORIGIN {}
$TTL 3600
@ MX 10 mail
mail A 40.92.0.1
@ TXT "v=spf1 mx ?all"
_dmarc TXT "v=DMARC1; p={}; rua=mailto:d@example.com"
"""
RULES = [r for r in registry.rules() if r.code in ("PHASE001", "PHASE002", "SPF202", "DMARC201")]


class Served(NamedTuple):
    """A zone and what its policy says."""

    zone: ZoneId
    policy: str


State = tuple[Served, ...]

names = st.sampled_from(["example.com.", "example.org.", "sub.example.com."])
views = st.sampled_from(["", "in", "out"])
providers = st.sampled_from(["", "", "one", "two"])
policies = st.sampled_from([STRICT, LAX])
paths = st.sampled_from(["a", "b", "c"])
zones = st.builds(ZoneId, names, views, providers, paths)
states = st.lists(
    st.builds(Served, zones, policies), max_size=4, unique_by=lambda each: each.zone
).map(tuple)


def repository_of(state: Iterable[Served], before: Repository | None = None) -> Repository:
    made = [
        RunZone(masterfile.read(TEXT.format(zone.name, policy), zone.id, zone.name), identity=zone)
        for zone, policy in state
    ]
    return Repository(made, before=before)


def told(before: State, after: State) -> set[tuple[str, str, ZoneId]]:
    """What a change brings: found or undecided, and where."""
    project = Project(is_configured=False)
    repository = repository_of(after, repository_of(before))
    judge = Judge(RULES, project, before=Before(project))
    compared = compare(judge, repository, judge.judged(repository), whole=True)
    found = [(each.code, each.owner, each.zone) for each in compared.result.findings]
    assert len(found) == len(set(found)), "each is told once"
    return {*found, *((each.code, each.owner, each.zone) for each in compared.result.undecided)}


@pytest.fixture(autouse=True, scope="module")
def nowhere(tmp_path_factory: pytest.TempPathFactory) -> Iterable[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("nowhere"))
        yield


def weakens(before: Collection[Served], after: Collection[Served]) -> bool:
    """Whether a name's policy is weaker now for somebody who asked, whatever zone is which."""
    was, now = dict(before), dict(after)
    if any(now.get(zone) == LAX for zone, policy in before if policy == STRICT):
        return True
    gone = [each for each in before if each.zone not in now]
    new = [each for each in after if each.zone not in was]
    for zone, policy in gone if now else ():
        served = [each.policy for each in (new if _view_is_gone(zone, after) else after)]
        if policy == STRICT and STRICT not in served:
            return True
    return any(
        policy == LAX and before and all(each.policy == STRICT for each in before)
        for _, policy in new
    ) or (not now and any(policy == STRICT for _, policy in before))


def _view_is_gone(zone: ZoneId, after: Iterable[Served]) -> bool:
    return all(each.zone.view != zone.view for each in after)


examples = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@examples
@given(states, st.randoms(use_true_random=False))
def test_a_repository_that_is_as_it_was_brings_nothing(state: State, random: object) -> None:
    again = list(state)
    random.shuffle(again)  # type: ignore[attr-defined]
    assert told(state, tuple(again)) == set()


@examples
@given(states, st.data())
def test_a_zone_that_moves_brings_nothing(state: State, data: st.DataObject) -> None:
    """One of each name: where two move at once, nothing tells which was which."""
    moved: Sequence[Served] = list(state)
    for name in {each.zone.name for each in state}:
        one = data.draw(st.sampled_from([e for e in state if e.zone.name == name]))
        zone = one.zone._replace(id=data.draw(st.sampled_from(["new", "z/new"])))
        moved = [each._replace(zone=zone) if each == one else each for each in moved]
    assert told(state, tuple(moved)) == set()


@examples
@given(states, states)
def test_what_weakens_a_policy_is_never_silent(before: State, after: State) -> None:
    found = told(before, after)
    for name in {each.zone.name for each in before}:
        was = [each for each in before if each.zone.name == name]
        now = [each for each in after if each.zone.name == name]
        if weakens(was, now):
            owners = (name, f"_dmarc.{name}")
            assert [e for e in found if e[0] == "PHASE002" and e[1] in owners], name


@examples
@given(states, states, st.randoms(use_true_random=False))
def test_the_order_of_files_changes_nothing(before: State, after: State, random: object) -> None:
    sides = [list(before), list(after)]
    for side in sides:
        random.shuffle(side)  # type: ignore[attr-defined]
    assert told(before, after) == told(tuple(sides[0]), tuple(sides[1]))


@pytest.mark.parametrize("is_set", [False, True])
@pytest.mark.parametrize(
    ("policies", "named"),
    [
        ((LAX, STRICT), "compared with b: "),
        ((STRICT, LAX, STRICT), "compared with a, c: "),
        ((STRICT, STRICT), ""),
    ],
)
def test_a_finding_says_beside_which_of_several_zones_it_is_one(
    policies: Sequence[str], named: str, is_set: bool
) -> None:
    """None where it is one beside each; so it is for those who get an answer of a set."""
    before = repository_of(
        Served(ZoneId("example.com.", id=path), policy)
        for path, policy in zip("abc", policies, strict=False)
    )
    after = repository_of([Served(ZoneId("example.com.", id="z"), LAX)])
    key = "_dmarc.example.com.", "TXT"
    for zone in [seat.zone for seat in (*before.seats, *after.seats) if is_set]:
        zone.variants[key] = [Variant("one", list(zone.get(*key) or ()))]
    after = Repository([seat.place for seat in after.seats], before=before)
    judge = Judge(RULES, Project(is_configured=False), before=Before(Project()))
    (found,) = (each for each in judge.judged(after).findings if each.code == "PHASE002")
    who = "for those who get the answer `one`: " if is_set else ""
    assert found.message.startswith(f"{named}{who}The policy for example.com ")


def test_what_a_zone_gains_is_not_set_off_by_what_its_namesake_loses() -> None:
    """Both are views of one name, and one change writes them."""
    inner, outer = (ZoneId("example.com.", view, id=view) for view in ("in", "out"))
    sides = [[(inner, LAX), (outer, STRICT)], [(inner, STRICT), (outer, LAX)]]
    before, after = (
        Engine(registry.rules()).run(repository_of(Served(*each) for each in side))
        for side in sides
    )
    zones = [place.zone for place in repository_of(Served(*each) for each in sides[0]).seats]
    applied = [each for each in before.findings if each.zone == inner and each.change]
    harm = [(each.code, each.zone) for each in brought(before, after, applied, zones)]
    assert harm == [("DMARC203", inner)]
    assert ("DMARC203", outer) in {(each.code, each.zone) for each in before.findings}


def test_what_so_many_files_were_before_is_not_known() -> None:
    sides = [
        tuple(
            Served(ZoneId("example.com.", id=f"{folder}/{number}"), policy)
            for number in range(MOST_CANDIDATES + 1)
        )
        for folder, policy in (("old", STRICT), ("new", LAX))
    ]
    repository = repository_of(sides[1], repository_of(sides[0]))
    assert not any(seat.befores for seat in repository.seats)
    assert ("PHASE002", "example.com.") in {each[:2] for each in told(*sides)}


@pytest.mark.parametrize("provider", ["one", "two"])
def test_a_second_place_of_a_name_takes_nothing_from_the_first(provider: str) -> None:
    """It serves another policy from the first day on, and what was there is there still."""
    first = Served(ZoneId("example.com.", "", "one", "a"), STRICT)
    second = Served(ZoneId("example.com.", "", provider, "b"), LAX)
    assert ("PHASE002", "example.com.", second.zone) in told((first,), (first, second))
    repository = repository_of((first, second), repository_of((first,)))
    result = Engine(RULES).run(repository)
    assert not [each for each in result.findings if each.code == "PHASE002"]
