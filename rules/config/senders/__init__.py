"""What is known of mail services: one TOML file each, read when it is first asked for.

Imports the schema of the profiles.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from zonelint.grammars.nearmiss import Alike, near_miss
from zonelint.rules.config.schema import SchemaProblem
from zonelint.rules.config.sender import PROFILE, Sender, TargetMatch, build, target_matches
from zonelint.rules.config.template import SenderTemplate

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


_T = TypeVar("_T")
_LABEL = re.compile("[a-z0-9-]{3,63}")
_MOST_KNOWN = 10_000


class UnknownSenderError(LookupError):
    """No service has this id."""

    def __init__(self, sender: str, near: str | None) -> None:
        guess = f'; did you mean "{near}"?' if near else ""
        super().__init__(f'unknown sender "{sender}"{guess}')


class _Met(NamedTuple):
    """A service that was read, and what its names end in: most names are none of a service's."""

    sender: Sender
    includes: tuple[str, ...]
    exchanges: tuple[str, ...]
    bounces: tuple[str, ...]

    @classmethod
    def of(cls, sender: Sender) -> _Met:
        custom = sender.envelope.custom
        return cls(
            sender,
            _tails((*sender.spf.includes, *sender.spf.also)),
            _tails(sender.mx),
            _tails(() if custom is None else custom.places),
        )


def _tails(forms: Iterable[SenderTemplate]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form.tail for form in forms))


class Catalogue:
    """The services that are known: ours, and a user's own, which win over ours of the same id."""

    __slots__ = ("_known", "_met", "_ours", "own")

    def __init__(self, own: Mapping[str, Sender] | None = None) -> None:
        self.own = dict(own or {})
        self._known: dict[tuple[str, str], Any] = {}
        self._met = {sender: _Met.of(made) for sender, made in self.own.items()}
        self._ours = [sender for sender in _shipped() if sender not in self.own]

    def known(self) -> tuple[str, ...]:
        """The ids of all services, sorted."""
        return tuple(sorted({*_shipped(), *self.own}))

    def load(self, sender: str) -> Sender:
        """One service by its id; raises UnknownSenderError."""
        if sender in self.own:
            return self.own[sender]
        if sender not in _shipped():
            raise UnknownSenderError(sender, near_miss(sender, self.known()))
        return _read(sender)

    def __iter__(self) -> Iterator[Sender]:
        """All services: the user's own come first, so that they also match first."""
        return (met.sender for met in self._all())

    def _all(self, name: str | None = None) -> Iterator[_Met]:
        """All services, or those that a name may belong to: not every file is read for it."""
        ours = self._ours if name is None else _marked(_mark_of(name))
        for sender in dict.fromkeys((*self.own, *ours)):
            met = self._met.get(sender)
            if met is None:
                met = self._met[sender] = _Met.of(_read(sender))
            yield met

    def by_include(self, domain: str) -> Sender | None:
        """The service that an SPF include of this domain belongs to."""
        return self._first(
            "include", domain, lambda m, n: n.endswith(m.includes) and m.sender.spf.explains(n)
        )

    def by_dkim_target(self, target: str) -> tuple[Sender, TargetMatch] | None:
        """The service whose form this CNAME target has, and how it has it."""
        return self._once("target", target, self._by_dkim_target)

    def by_mx(self, exchange: str) -> Sender | None:
        """The service that receives mail at this exchange."""
        return self._first(
            "mx", exchange, lambda m, n: n.endswith(m.exchanges) and m.sender.receives_at(n)
        )

    def is_exchange(self, name: str) -> bool:
        """Whether a service gives this name to its customers for an MX, be it only as a proof."""
        found = self._first(
            "exchange", name, lambda m, n: m.sender.receives_at(n) or m.sender.is_verification(n)
        )
        return found is not None

    def by_bounces(self, place: str) -> Sender | None:
        """The service that has the bounces of its mail come back to this exchange or target."""
        return self._first(
            "bounces", place, lambda m, n: n.endswith(m.bounces) and m.sender.takes_bounces_at(n)
        )

    def _once(self, kind: str, name: str, find: Callable[[str], _T]) -> _T:
        """The same names are asked for again and again, and by several rules."""
        key = kind, name
        if key not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = find(name)
        found: _T = self._known[key]
        return found

    def _by_dkim_target(self, target: str) -> tuple[Sender, TargetMatch] | None:
        name = _plain(target)
        ending = (met.sender for met in self._all(name) if name.endswith(met.sender.tails))
        return next(
            ((each, match) for each in ending for match in target_matches(each, name)), None
        )

    def _first(self, kind: str, name: str, fits: Callable[[_Met, str], bool]) -> Sender | None:
        def find(name: str) -> Sender | None:
            plain = _plain(name)
            return next((met.sender for met in self._all(plain) if fits(met, plain)), None)

        return self._once(kind, name, find)


def _plain(name: str) -> str:
    return name.lower().removesuffix(".")


@cache
def _folder() -> Path | Traversable:
    here = Path(__file__).parent
    if here.is_dir():
        return here
    from importlib import resources  # an archive; to import this takes as long as a small run

    return resources.files(__name__)


@cache
def _shipped() -> tuple[str, ...]:
    files = (entry.name for entry in _folder().iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml")))


def _mark_of(name: str) -> str:
    """The last label but one: in no name of our files is there a gap."""
    return name.split(".")[-2] if "." in name else ""


@cache
def _text(sender: str) -> str:
    return _folder().joinpath(f"{sender}.toml").read_text(encoding="utf-8")


@cache
def _labels() -> frozenset[str]:
    """What stands between dots and quotes in our files: every label of a name, and more."""
    return frozenset("".join(map(_text, _shipped())).replace('"', ".").split("."))


@cache
def words_of_services() -> Alike:
    """The labels of the names of our services, each found by what is nearly it."""
    return Alike(label for label in _labels() if _LABEL.fullmatch(label))


@lru_cache(_MOST_KNOWN)
def _marked(mark: str) -> tuple[str, ...]:
    """Our services whose files have this in them, which few names have."""
    if mark not in _labels():
        return ()
    return tuple(sender for sender in _shipped() if mark in _text(sender))


@cache
def _read(sender: str) -> Sender:
    problems: list[SchemaProblem] = []
    table = PROFILE.read(tomllib.loads(_text(sender)), (), problems)
    if problems:
        raise AssertionError(f"{sender}.toml: {problems[0].message}")
    return build(sender, table)


OURS = Catalogue()
"""The services that zonelint knows by itself."""
