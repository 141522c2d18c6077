"""What is told of records that could not be read: silence would pass for clean.

Resources of a type that the table does not have, and that hold records about mail all the same; and
variables that nobody sets, each once with all that depends on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import starmap

from zonelint.grammars.listing import grouped, some
from zonelint.grammars.zone import Reason, sameness
from zonelint.rules.core.finding import UNREAD, Undecided

from .kinds import TYPE_KEY
from .texts import begins_mail_record
from .values import Hidden
from .zones import ResourceZone

_TYPE_KEY = re.compile(TYPE_KEY, re.IGNORECASE)
NOT_READ = "unknown-zone-0.invalid."
"""The name of the stand-in for a zone that says what was not read."""
_UNSET = re.compile(
    r"(?:, which depends on |, )(?P<name>\S*var\.[\w-]+), (?P<at>which is not set \([^()]+\))$"
)


def report_unread(
    resources: Iterable[tuple[str, str]], path: str, others: Iterable[str] = ()
) -> list[ResourceZone]:
    """An empty stand-in for a zone that says what was not read; none where there is nothing to say.

    resources: pairs of type and address. others: what else was not read, in words. Each may be a
      Reason, which tells what it is made of.
    """
    told = (_describe(*each) for each in grouped(resources).items())
    return report_missing([*told, *others], path)


def report_missing(phrases: Iterable[str], path: str) -> list[ResourceZone]:
    """An empty stand-in for a zone that says what is missing; none where nothing is."""
    zone = ResourceZone(NOT_READ, path, stand_in=True)
    zone.complete = False
    zone.undecided = [Undecided(UNREAD, NOT_READ, (phrase,)) for phrase in phrases]
    return [zone] if zone.undecided else []


def _describe(type: str, addresses: list[str]) -> str:
    verb = "have" if addresses[1:] else "has"
    return Reason(
        f"the form of {type}, of which {some(addresses, 1)} {verb} mail records "
        "(declare it in zonelint.toml: [resources.types])",
        "\n".join(sameness(address)[1] for address in addresses),
    )


def may_matter(type: str) -> bool:
    """Whether mail from outside may see records of a type; not those of private zones."""
    return "private_dns" not in type and "privatedns" not in type.lower()


def holds_mail_record(values: object) -> bool:
    """Whether a text somewhere in the values begins as a record about mail, or is its type, MX."""
    waiting = [values]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if begins_mail_record(value):
                return True
        elif isinstance(value, Hidden):
            waiting.append(value.value)
        elif isinstance(value, Mapping):
            if any(starmap(_says_mx, value.items())):
                return True
            waiting += value.values()
        elif isinstance(value, list | tuple):
            waiting += value
    return False


def _says_mx(key: object, value: object) -> bool:
    if not isinstance(key, str) or not isinstance(value, str):
        return False
    return value.strip().upper() == "MX" and _TYPE_KEY.fullmatch(key) is not None


def gather_unset(undecided: Iterable[Undecided]) -> list[Undecided]:
    """The undecided, with those that wait for a variable put together, one for each variable."""
    kept: list[Undecided] = []
    waiting: dict[tuple[str, str], dict[str, None]] = {}
    made_of: dict[str, set[str]] = {}
    for each in undecided:
        rest = []
        for what in each.missing:
            found = _UNSET.search(what)
            if found is None:
                rest.append(what)
            else:
                depends = waiting.setdefault((found["name"], found["at"]), {})
                depends.setdefault(what[: found.start()])
                made_of.setdefault(found["name"], set()).add("".join(sameness(what)))
        if rest or not each.missing:
            kept.append(replace(each, missing=tuple(rest)))
    for (name, at), depends in waiting.items():
        verb = "depends" if len(depends) == 1 else "depend"
        what = f"{name}, {at}: {some(depends)} {verb} on it"
        same = "".join(sorted(made_of[name]))
        kept.append(Undecided(UNREAD, name, (Reason(what, same),)))
    return kept
