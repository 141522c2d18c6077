"""The lock: what DNS answered outside the zones, as text that a reviewer can read.

    version = 1

    ["_spf.example.net."]
    seen = 2026-11-24
    TXT = [
        "v=spf1 ip4:192.0.2.0/24 -all",
    ]

One table a name, sorted; in it one key a type: a list of records, or a word for an answer without
any: "nodata", "nxdomain", "servfail", "timeout". A name that is an alias has a CNAME and nothing
else; what its target answers stands at the target. `seen` is the day on which the entry's
content was found. The last line is a comment that tells a whole file from one that was cut short.

This module reads and writes text, no file.
"""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from zonelint.grammars.spf.address import read_ip4, read_ip6
from zonelint.grammars.zone import without_dot
from zonelint.rules.config.toml_place import locate
from zonelint.rules.config.toml_text import quote_toml
from zonelint.rules.model.answers import UNANSWERED, Held, Status

VERSION = 1
TYPES = ("A", "AAAA", "CNAME", "MX", "PTR", "TXT")
"""The types that a lock holds."""

_HEADER = (
    '# What the DNS answered outside these zones. Written by "zonelint lock", made to be committed.'
)
_END = "# end of zonelint.lock"
_WORDS = {
    status.value: status
    for status in (Status.NODATA, Status.NXDOMAIN, Status.SERVFAIL, Status.TIMEOUT)
}
_LINE = re.compile(r"at line (\d+)")
_TO_ESCAPE = re.compile(r"[\\\x00-\x1f\x7f\udc80-\udcff]")
_ESCAPE = re.compile(r"\\(?:\\|([0-9]{3}))")
_MX = re.compile(r"[0-9]{1,5} \S+")

_TEXT = r'"((?:[^"\\\x00-\x1f\x7f]++|\\["\\])*+)"'
_PLAIN_HEAD = re.compile(r"(?:#[^\x00-\x08\x0a-\x1f\x7f]*+\n)*+version = (0|[1-9][0-9]{0,9})\n\n")
_PLAIN_NAME = re.compile(rf"\[{_TEXT}\]\nseen = ([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})\n")
_PLAIN_ANSWER = re.compile(rf"([A-Z]++) = (?:{_TEXT}\n|\[\n((?:    {_TEXT},\n)++)\]\n)")
_PLAIN_ITEM = re.compile(f"    {_TEXT},\n")
_PLAIN_ESCAPE = re.compile(r'\\(["\\])')
_PLAIN_END = re.compile(rf"{re.escape(_END)}\n?")


class LockError(Exception):
    """A lock that cannot be used. `line` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class LockEntry(NamedTuple):
    """What is held for one name, by type."""

    seen: datetime.date
    held: Mapping[str, Held]

    @property
    def has_failures(self) -> bool:
        """Whether a question about the name got no answer when it was last asked."""
        return any(not held.status.is_fact for held in self.held.values())

    @property
    def only_failures(self) -> bool:
        """Whether no question about the name got an answer."""
        return not any(held.status.is_fact for held in self.held.values())


@dataclass(slots=True)
class Lock:
    """Entries by name. A source of answers: of two sources, the one asked first wins."""

    entries: dict[str, LockEntry] = field(default_factory=dict)

    def look(self, name: str, type: str) -> Held | None:
        """What is held, no alias followed; None where the lock does not know."""
        entry = self.entries.get(name)
        if entry is None:
            return None
        held = entry.held.get(type) or entry.held.get("CNAME")
        if held is not None and (held.alias is not None or type in entry.held):
            if held.status.is_fact:
                return held
            return held._replace(reason=f"{without_dot(name)} ({UNANSWERED} on {entry.seen})")
        # A name that does not exist has no record of any type (RFC 8020).
        gone = any(held.status is Status.NXDOMAIN for held in entry.held.values())
        return Held(Status.NXDOMAIN) if gone else None

    def put(self, name: str, type: str, held: Held, seen: datetime.date) -> None:
        """Add an answer to a name's entry. An alias takes the place of all else at the name.

        A failure does not take the place of an alias: what is aliased is so for every type.
        """
        if held.alias is not None:
            self.entries[name] = LockEntry(seen, {"CNAME": Held(Status.RECORDS, (), held.alias)})
            return
        entry = self.entries.get(name)
        if entry is not None and "CNAME" in entry.held and not held.status.is_fact:
            return
        before = {} if entry is None or "CNAME" in entry.held else dict(entry.held)
        before[type] = Held(held.status, tuple(sorted(held.values)))
        self.entries[name] = LockEntry(seen if entry is None else max(seen, entry.seen), before)

    def older_than(self, day: datetime.date) -> list[str]:
        """The names whose entries were seen before the day, sorted."""
        return sorted(name for name, entry in self.entries.items() if entry.seen < day)

    def later_than(self, day: datetime.date) -> list[str]:
        """The names whose entries say that they were seen after the day, sorted."""
        return sorted(name for name, entry in self.entries.items() if entry.seen > day)


def write(lock: Lock) -> str:
    """The lock as text: the same lock always gives the same text."""
    lines = [_HEADER, f"version = {VERSION}", ""]
    for name in sorted(lock.entries, key=_reading_order):
        entry = lock.entries[name]
        lines += [f"[{quote_toml(name)}]", f"seen = {entry.seen.isoformat()}"]
        for type in sorted(entry.held):
            lines += _written(type, entry.held[type])
        lines.append("")
    return "\n".join([*lines, _END, ""])


def _written(type: str, held: Held) -> list[str]:
    if held.alias is not None:
        return [f"CNAME = {quote_toml(held.alias)}"]
    if held.status is not Status.RECORDS:
        return [f"{type} = {quote_toml(held.status.value)}"]
    return [f"{type} = [", *(f"    {quote_toml(_escaped(v))}," for v in sorted(held.values)), "]"]


def _reading_order(name: str) -> tuple[list[str], str]:
    """Names that belong together stand together: by their labels from the right."""
    return name.split(".")[::-1], name


def _escaped(text: str) -> str:
    r"""Octets that are no UTF-8, control characters and `\` as in a zone file: `\DDD`."""
    return _TO_ESCAPE.sub(
        lambda found: "\\\\" if found[0] == "\\" else f"\\{ord(found[0]) & 0xFF:03d}", text
    )


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    octets = _ESCAPE.sub(_octet, text)
    return octets.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def _octet(found: re.Match[str]) -> str:
    if found[1] is None:
        return "\\"
    code = int(found[1])
    return chr(code) if code < 128 else chr(0xDC00 + (code & 0xFF))


def parse(text: str, *, complete: bool = True) -> Lock:
    """Read a lock. LockError names the line of what is wrong.

    complete: whether the last line must say that the file is whole; a fragment in an example need
      not, nor need it name its version.
    """
    text = text.replace("\r\n", "\n")
    source = _Source(text)
    read = source.read()
    if complete or "version" in read:
        _check_version(read, source)
    if complete and not text.rstrip().endswith(_END):
        raise source.cut_short()
    lock = Lock()
    for name, table in read.items():
        if name != "version":
            lock.entries[name] = _entry(name, table, source)
    return lock


_REMEDY = (
    'Take the file back from version control, or delete it and run "zonelint lock" to create it '
    "again"
)


class _Source(NamedTuple):
    """The text of a lock. Where its parts stand is only looked for where one is wrong."""

    text: str

    def read(self) -> dict[str, object]:
        try:
            return read_plain(self.text) or tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            found = _LINE.search(str(error))
            if found is None:
                raise self.cut_short() from None
            message, line = "this line is not what zonelint writes", int(found[1])
        except RecursionError:
            message, line = "the file is nested too deeply", 1
        except ValueError:
            message, line = "a number has thousands of digits", 1
        raise LockError(f"{message}. {_REMEDY}", line)

    def wrong(self, message: str, *place: str, remedy: str = _REMEDY) -> LockError:
        """The error at the line of a key, else at that of its table."""
        lines = locate(self.text)
        line = lines.get(place) or lines.get(place[:1], 1)
        return LockError(f"{message}. {remedy}", line)

    def cut_short(self) -> LockError:
        last = max(1, len(self.text.rstrip("\n").split("\n")))
        message = "the file is truncated: its last line is missing"
        return LockError(f"{message}. {_REMEDY}", last)


def read_plain(text: str) -> dict[str, object] | None:
    """What tomllib makes of a lock whose every line is as `write` leaves it.

    None for any other text. tomllib takes as long over a lock as it takes to judge the zones.
    """
    head = _PLAIN_HEAD.match(text)
    if head is None:
        return None
    read: dict[str, object] = {"version": int(head[1])}
    at = head.end()
    while (found := _PLAIN_NAME.match(text, at)) is not None:
        name, at = _plain(found[1]), found.end()
        try:
            table: dict[str, object] = {"seen": datetime.date.fromisoformat(found[2])}
        except ValueError:
            return None
        if name in read:
            return None
        read[name] = table
        while (answer := _PLAIN_ANSWER.match(text, at)) is not None:
            type, word, records, _ = answer.groups()
            if type in table:
                return None
            if word is None:
                table[type] = list(map(_plain, _PLAIN_ITEM.findall(records)))
            else:
                table[type] = _plain(word)
            at = answer.end()
        if not text.startswith("\n", at):
            return None
        at += 1
    return read if _PLAIN_END.fullmatch(text, at) is not None else None


def _plain(written: str) -> str:
    return _PLAIN_ESCAPE.sub(r"\1", written) if "\\" in written else written


def _check_version(read: Mapping[str, object], source: _Source) -> None:
    version = read.get("version")
    if version is None:
        raise source.wrong("this is not a zonelint.lock: it does not start with a version")
    if version != VERSION or isinstance(version, bool):
        shown = json.dumps(version, default=str)
        raise source.wrong(
            f"the lock has version {shown}, this zonelint reads version {VERSION}",
            "version",
            remedy="Use the zonelint that wrote it, or delete the file and run "
            '"zonelint lock" to create it again',
        )


def _entry(name: str, table: object, source: _Source) -> LockEntry:
    if not name.endswith(".") or name != name.lower() or not name.isascii():
        raise source.wrong(
            f"{quote_toml(name)} is not a name for a lock: it needs ASCII, lower case and a final "
            "dot",
            name,
        )
    if not isinstance(table, dict):
        raise source.wrong(f"{name} has no table of answers", name)
    seen = table.get("seen")
    if not isinstance(seen, datetime.date) or isinstance(seen, datetime.datetime):
        raise source.wrong(f"{name} lacks the day it was seen (seen = 2026-01-31)", name, "seen")
    held = {}
    for type, value in table.items():
        if type == "seen":
            continue
        if type not in TYPES:
            known = ", ".join(TYPES)
            raise source.wrong(
                f"{quote_toml(type)} is not a type that a lock contains ({known})", name, type
            )
        held[type] = _read_held(name, type, value, source)
    if not held:
        raise source.wrong(f"{name} has no answer at all", name)
    if "CNAME" in held and len(held) > 1:
        beside = next(type for type in held if type != "CNAME")
        raise source.wrong(
            f"{name} has {beside} beside a CNAME, and an alias has nothing else", name, beside
        )
    return LockEntry(seen, held)


def _read_held(name: str, type: str, value: object, source: _Source) -> Held:
    if type == "CNAME":
        if isinstance(value, str) and value.endswith(".") and value.isascii():
            return Held(Status.RECORDS, (), value)
        raise source.wrong(f"CNAME of {name} is not one name with a final dot", name, type)
    if isinstance(value, str) and value in _WORDS:
        return Held(_WORDS[value])
    if isinstance(value, list) and value:
        texts = [item for item in value if isinstance(item, str)]
        if len(texts) == len(value) and all(_fits(type, item) for item in texts):
            return Held(Status.RECORDS, tuple(sorted(map(_unescaped, texts))))
    raise source.wrong(
        f"{type} of {name} is neither a list of {type} records nor one of the words "
        f"{', '.join(_WORDS)}",
        name,
        type,
    )


def _fits(type: str, text: str) -> bool:
    match type:
        case "A" | "AAAA":
            return (read_ip4(text) if type == "A" else read_ip6(text)) is not None
        case "MX":
            return (
                _MX.fullmatch(text) is not None
                and text.endswith(".")
                and int(text.partition(" ")[0]) < 1 << 16
            )
        case "PTR":
            return text.endswith(".")
        case _:
            return True


class Difference(NamedTuple):
    """How one answer differs between two locks; None where a lock does not hold it."""

    name: str
    type: str
    before: Held | None
    after: Held | None

    @property
    def is_failure(self) -> bool:
        """Whether both locks have a failure, each another one: nothing is known of DNS itself."""
        return all(
            held is not None and not held.status.is_fact for held in (self.before, self.after)
        )

    def lines(self) -> list[str]:
        """The difference for people: a line a record, `-` for what went, `+` for what came."""
        before, after = _write_held(self.before), _write_held(self.after)
        gone = [f"- {self.name} {self.type} {value}" for value in before if value not in after]
        come = [f"+ {self.name} {self.type} {value}" for value in after if value not in before]
        return gone + come


def _write_held(held: Held | None) -> list[str]:
    if held is None:
        return []
    if held.alias is not None:
        return [held.alias]
    if held.status is not Status.RECORDS:
        return [f"({held.status.value})"]
    return [_escaped(value) for value in held.values]


def compare(before: Lock, after: Lock, names: Iterable[str] | None = None) -> list[Difference]:
    """Every answer that differs, by name and type; dates do not count."""
    found = []
    wanted = set(before.entries) | set(after.entries) if names is None else set(names)
    for name in sorted(wanted, key=_reading_order):
        old, new = before.entries.get(name), after.entries.get(name)
        old_held: Mapping[str, Held] = {} if old is None else old.held
        new_held: Mapping[str, Held] = {} if new is None else new.held
        for type in sorted({*old_held, *new_held}):
            if old_held.get(type) != new_held.get(type):
                found.append(Difference(name, type, old_held.get(type), new_held.get(type)))
    return found
