"""A run in parts says what one part says: whatever a rule asks of another part is answered."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from operator import methodcaller

import pytest

from tests.lint.test_workers import LINES
from zonelint.grammars import masterfile
from zonelint.grammars.zone import Zone
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Engine, Result
from zonelint.rules.model.elsewhere import Answers, Elsewhere, Key
from zonelint.rules.model.facts import Fact
from zonelint.rules.model.parts import Coordinator, Part, UntoldFactError
from zonelint.rules.model.repository import DEFAULTS, Repository, RunZone, Seat
from zonelint.rules.model.settings import Settings

HEAD = "$TTL 1h\n@ SOA ns.example.net. host.example.net. 1 4h 1h 2w 1h\n@ NS ns.example.net.\n"

Told = list[tuple[object, ...]]


def zone(text: str, name: str, path: str | None = None) -> Zone:
    return masterfile.read(HEAD + text, path or f"{name}zone", name)


def drawn(seed: int, zones: int = 8, folder: str = "") -> list[Zone]:
    """Zones that lead to each other."""
    draw = random.Random(seed)
    found = []
    for number in range(zones):
        lines = sorted(draw.sample(range(len(LINES)), draw.randint(2, 8)))
        text = "".join(f"{LINES[each](draw, number, zones)}\n" for each in lines)
        name = f"z{number}.example."
        found.append(zone(text.replace("$INCLUDE", ";"), name, f"{folder}{name}zone"))
    return found


def drawn_twice(seed: int) -> list[Zone]:
    """Zones of two projects, most names in both."""
    both = [*drawn(seed, folder="a/")[1:], *drawn(seed + 100, folder="b/")[:-1]]
    random.Random(seed).shuffle(both)
    return both


def told(result: Result) -> Told:
    found: Told = [(f.place, f.severity, f.found.message, f.found.detail) for f in result.findings]
    found += [(each.code, each.owner, each.missing, each.zone) for each in result.undecided]
    return [*found, *((crash.code, crash.owner, crash.error) for crash in result.crashes)]


def projects() -> Callable[[Zone], RunZone]:
    """What places zones, those of a folder in a project of their own."""
    held = {}
    for folder in ("a/", "b/"):
        sees = methodcaller("startswith", folder)
        held[folder] = Settings(sees=lambda path, sees=sees: sees)  # type: ignore[misc]
    return lambda zone: RunZone(zone, held.get(zone.path[:2], DEFAULTS))


def alone(zones: Sequence[Zone]) -> Told:
    return told(Engine(registry.rules()).run(Repository(map(projects(), zones))))


class Run:
    """A run in parts that are all in this process. `open`: questions met while judging."""

    def __init__(self, parts: Sequence[Sequence[Zone]]) -> None:
        self.engine = Engine(registry.rules())
        self.repositories = []
        self.parts = []
        self.open: list[Key] = []
        place = projects()
        for zones in parts:
            elsewhere = Elsewhere()
            repository = Repository(map(place, zones), elsewhere=elsewhere)
            self.repositories.append(repository)
            self.parts.append(Part(repository, elsewhere))

    def result(self, *, asks_ahead: bool = True) -> Told:
        names = [part.names for part in self.parts]
        facts, asked = [], []
        for at, part in enumerate(self.parts):
            others = [name for other, of in enumerate(names) if other != at for name in of]
            told_here, asked_here = part.gather(others)
            facts.append(told_here)
            asked += asked_here
        for at, part in enumerate(self.parts):
            part.join([*facts[:at], *facts[at + 1 :]])
        coordinator = Coordinator(names)
        answers = coordinator.ask(asked if asks_ahead else [], self._answered)
        results: list[Result | None] = [None] * len(self.parts)
        while None in results:
            again = [part.judge(answers, self._judge) for part in self.parts]
            results = [result for result, _ in again]
            met = [key for _, keys in again for key in keys]
            self.open += met
            answers = coordinator.ask(met, self._answered)
        whole = Result()
        for result in results:
            assert result is not None
            whole.add(result)
        settings = {z: s for each in self.repositories for z, s in each.settings.items()}
        return told(self.engine.finish(whole, settings))

    def _judge(self, seat: Seat, result: Result) -> None:
        self.engine.judge([seat], result)

    def _answered(self, asked: Mapping[int, Sequence[Key]]) -> list[tuple[Answers, list[Key]]]:
        return [self.parts[at].answer(keys) for at, keys in asked.items()]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("asks_ahead", [True, False])
def test_parts_say_what_one_says(seed: int, asks_ahead: bool) -> None:
    zones = drawn(seed)
    for size in (1, 3, 5):
        parts = [zones[at : at + size] for at in range(0, len(zones), size)]
        assert Run(parts).result(asks_ahead=asks_ahead) == alone(drawn(seed))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("asks_ahead", [True, False])
def test_parts_answer_by_project(seed: int, asks_ahead: bool) -> None:
    zones = drawn_twice(seed)
    for size in (1, 5):
        run = Run([zones[at : at + size] for at in range(0, len(zones), size)])
        assert run.result(asks_ahead=asks_ahead) == alone(drawn_twice(seed))
        assert not asks_ahead or run.open == []


def test_a_project_answers_before_others_and_they_what_it_does_not_hold() -> None:
    texts = {
        "a/example.com": '@ TXT "v=spf1 include:b.example.com include:c.example.com -all"\n'
        'b TXT "v=spf1 -all"\nc NS ns.example.org.\n',
        "b/b.example.com": '@ TXT "v=spf1 +all"\n',
        "b/c.example.com": '@ TXT "v=spf1 +all"\n',
        "b/example.com": '@ TXT "v=spf1 -all"\n',
        "a/example.net": '@ TXT "v=spf1 include:example.com -all"\n',
    }
    zones = [zone(text, f"{path[2:]}.", path) for path, text in texts.items()]
    told = [each for each in map(str, alone(zones)) if "'SPF201'" in each and "id='a/" in each]
    assert {each.split("`")[1] for each in told} == {"include:c.example.com", "include:example.com"}


def test_a_key_of_another_project_signs_for_none_of_ones_own() -> None:
    policy = '@ MX 10 mx.example.org.\n_dmarc TXT "v=DMARC1; p=reject"\n'
    texts = {
        "a/example.com": "",
        "a/sub.example.com": policy,
        "b/example.com": "s1._domainkey CNAME s1.example.org.\n",
        "b/sub.example.com": policy,
    }
    zones = [zone(text, f"{path[2:]}.", path) for path, text in texts.items()]
    told = [each for each in map(str, alone(zones)) if "'DMARC203'" in each]
    assert ["id='a/" in each for each in told] == [True]


@pytest.mark.parametrize("seed", range(12))
def test_our_rules_ask_nothing_that_was_not_asked_ahead(seed: int) -> None:
    run = Run([[each] for each in drawn(seed)])
    run.result()
    assert run.open == []


@pytest.mark.parametrize("seed", range(12))
def test_the_order_of_the_zones_changes_nothing(seed: int) -> None:
    zones = drawn(seed)
    random.Random(seed).shuffle(zones)
    assert alone(zones) == alone(drawn(seed))


def test_two_zones_of_one_name_in_two_parts_are_told() -> None:
    first = zone('@ MX 10 mail\nmail A 192.0.2.1\n@ TXT "v=spf1 mx -all"\n', "z.example.", "a")
    second = zone('@ MX 10 mail\nmail A 192.0.2.1\n@ TXT "v=spf1 -all"\n', "z.example.", "b")
    other = zone('@ TXT "v=spf1 include:z.example -all"\n', "y.example.", "c")
    parts = Run([[first, other], [second]]).result()
    assert parts == alone([first, other, second])
    assert any("ZONE010" in str(each) for each in parts)
    assert any(each[0] == "SPF101" and each[1] == "y.example." for each in parts)


def test_a_fact_that_nobody_gathered_is_not_taken_for_none() -> None:
    first, second = Run([[zone] for zone in drawn(1)[:2]]).parts
    names = [first.names, second.names]
    first.gather(names[1])
    first.join([second.gather(names[0])[0]])
    made_late = Fact("made.late", lambda zone: [zone.origin])
    with pytest.raises(UntoldFactError, match=r"made\.late"):
        first.judge({}, lambda seat, _: list(seat.mail.context.facts(made_late)))
