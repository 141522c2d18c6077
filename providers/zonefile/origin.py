"""Which zone a file holds, when nobody says so: from its SOA, its $ORIGIN or its name."""

from __future__ import annotations

import re
from itertools import islice

from zonelint.grammars.dnsname import BadName, absolute
from zonelint.grammars.masterfile.reader import EXPORT
from zonelint.rules.mail.organisation import has_top_level

_SOA = re.compile(
    r"(?P<owner>[^\s;()\"$][^\s;()\"]*+)?+[ \t]++"
    r"(?:(?:IN|CLASS1|[0-9]++[smhdw0-9]*+)[ \t]++){0,2}(?:SOA|TYPE6)[ \t(]",
    re.IGNORECASE,
)
_A_SOA = re.compile(r"SOA|TYPE6(?![0-9])", re.IGNORECASE)
_DIRECTIVE = re.compile(r"^\$ORIGIN[ \t]++(?P<name>[^\s;()\"]++)", re.IGNORECASE | re.MULTILINE)
_RECORD = re.compile(r"^[^\s;$(]", re.MULTILINE)
_MOST_LOOKED_AT = 50

_PREFIXES = ("db.", "named.")
_SUFFIXES = (".zone", ".zonefile", ".db", ".dns", ".txt", ".hosts", ".bind", ".master", ".signed")
_HOST = re.compile(
    r"(?:[A-Za-z0-9_](?:[-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?\.)+"
    r"[A-Za-z](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?"
)
OTHER_FORMATS = frozenset((
    "adoc", "bak", "bash", "cfg", "cmd", "conf", "cpp", "crt", "csv", "css", "diff", "go", "gz",
    "html", "inc", "ini", "j2", "jbk", "jinja", "jinja2", "jnl", "js", "json", "key", "lock", "log",
    "lua", "markdown", "md", "orig", "patch", "pdf", "pem", "php", "pl", "png", "ps1", "py",
    "rb", "rej", "rst", "rs", "sh", "sql", "sqlite", "svg", "swp", "tar", "tf", "tfvars", "tmp",
    "tmpl", "toml", "tpl", "ts", "xml", "xz", "yaml", "yml", "zip",
))  # fmt: skip
"""Last parts of file names that tell of another format: such a file gives no origin by its name,
and is no zone file for being found in a folder."""
COUNTRIES = frozenset(("pl", "py", "rs", "sh", "tf"))
"""Of those, the ends that zones have as often: `example.pl` may be Poland's or Perl's."""
_NOTHING = re.compile(r"\ufeff?(?:[ \t]*+(?:;[^\r\n]*+)?+(?:\r\n?|\n))*+")
_FIRST = re.compile(r"\$(?:TTL|ORIGIN|INCLUDE)[ \t]", re.IGNORECASE)


def origin_in(text: str) -> str | None:
    """The zone that the text itself names: the owner of its SOA, else a $ORIGIN on top of it.

    An export says it of itself, and its SOA has another owner. None where nothing of that is there.
    """
    return _exported(text) or _soa_owner(text) or _origin_on_top(text)


def _exported(text: str) -> str | None:
    export = EXPORT.match(text)
    return None if export is None else _name(f"{export['zone'].removesuffix('.')}.", None)


def _origin_on_top(text: str) -> str | None:
    directive = _DIRECTIVE.search(text)
    if directive is None:
        return None
    record = _RECORD.search(text)
    if record is not None and record.start() < directive.start():
        return None
    origin = _name(directive["name"], None)
    return None if origin == "." else origin


def has_soa(text: str) -> bool:
    """Whether a line plainly is an SOA record: the text is a whole zone, not a part of one."""
    return _soa_line(text) is not None


def begins_as_zone(text: str) -> bool:
    """Whether the first line that says anything is a directive or an SOA record.

    That tells a zone from a script or a page that has one somewhere in it. So does the head of an
    export.
    """
    if EXPORT.match(text):
        return True
    nothing = _NOTHING.match(text)
    start = nothing.end() if nothing is not None else 0
    return _FIRST.match(text, start) is not None or _SOA.match(text, start) is not None


def names_a_zone(name: str) -> bool:
    """Whether a file's name is a domain's: `example.com`, or `example.com.txt`."""
    for suffix in _SUFFIXES:
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)]
    return _HOST.fullmatch(name) is not None and has_top_level(name.lower())


def _soa_owner(text: str) -> str | None:
    """The first SOA's owner as an absolute name; an owner left out is the origin in force."""
    found = _soa_line(text)
    if found is None:
        return None
    origin = None
    for directive in _DIRECTIVE.finditer(text, 0, found.start()):
        origin = _name(directive["name"], origin)
    return _name(found["owner"] or "@", origin)


def _soa_line(text: str) -> re.Match[str] | None:
    """The head of the first line that plainly is an SOA record."""
    for type in islice(_A_SOA.finditer(text), _MOST_LOOKED_AT):
        at = type.start()
        start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
        if text.startswith("\ufeff", start):
            start += 1
        found = _SOA.match(text, start)
        if found is not None and found.end() == type.end() + 1:  # with the blank behind it
            return found
    return None


def _name(word: str, origin: str | None) -> str | None:
    """The absolute name; None where it is none, or relative without an origin."""
    if origin is None and (word == "@" or not word.endswith(".") or word.endswith("\\.")):
        return None
    try:
        return absolute(word, origin or ".")
    except BadName:
        return None


def origin_of_file_name(name: str, *, whole: bool = True) -> str | None:
    """The zone that a file's name tells: `example.com.zone`, `db.example.com`.

    The name must have two labels at least. The bare name `example.com` tells too if the file is
    a `whole` zone, unless its end is that of another format: `readme.md` is none of Moldova's.
    """
    bare = True
    for suffix in (".signed", *_SUFFIXES):
        if name.lower().endswith(suffix):
            name, bare = name[: -len(suffix)], False
    for prefix in _PREFIXES:
        if name.lower().startswith(prefix):
            name, bare = name[len(prefix) :], False
    name = name.removesuffix(".")
    if not _HOST.fullmatch(name):
        return None
    if bare and (not whole or name.rpartition(".")[2].lower() in OTHER_FORMATS - COUNTRIES):
        return None
    try:
        return absolute(name + ".", ".")
    except BadName:
        return None
