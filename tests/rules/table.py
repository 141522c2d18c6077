"""A table of DNS answers for tests, as a source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from zonelint.rules.mail import lookups
from zonelint.rules.mail.lookups import Tree
from zonelint.rules.model.answers import Answers, Held, Status, World, owner_name

Data = Mapping[str, Mapping[str, Sequence[str] | str]]


class Table:
    """Answers by name and type; a list of records, or a status word.

    What is at a known name and not listed is no data; a name that is not listed is unknown, or
    does not exist where the table is `closed`. A string at CNAME is an alias.
    """

    def __init__(self, data: Data, *, closed: bool = False) -> None:
        self.closed = closed
        self.data = {owner_name(name): types for name, types in data.items()}
        self.looked: list[tuple[str, str]] = []

    def look(self, name: str, type: str) -> Held | None:
        self.looked.append((name, type))
        types = self.data.get(name)
        if types is None:
            return Held(Status.NXDOMAIN) if self.closed else None
        found = types.get(type)
        if isinstance(found, str):
            return Held(Status(found))
        if found is not None:
            return Held(Status.RECORDS, tuple(found))
        alias = types.get("CNAME")
        return Held(Status.NODATA) if alias is None else Held(Status.RECORDS, (), str(alias))


def world(data: Data, *, closed: bool = False) -> World:
    return World([Table(data, closed=closed)])


def spf(*records: str) -> dict[str, list[str]]:
    """A name with these texts as its TXT records."""
    return {"TXT": list(records)}


def tree_from(domain: str, answers: Answers) -> Tree:
    """The tree of a domain's SPF from any source of answers; nothing is remembered."""
    return lookups._Builder(answers, {}).build(domain)
