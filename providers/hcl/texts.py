"""The functions for texts. What of a text is kept is kept with its place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence

from .arguments import (
    Misused,
    TooHard,
    bare,
    items_of,
    number_of,
    string_of,
    text_of,
    value_of,
    whole_of,
)
from .values import (
    Bool,
    HclPiece,
    HclTable,
    HclText,
    HclUnknown,
    List,
    Value,
    joined,
    pieces_of,
    text,
)

_MOST_PARTS = 100_000
_MOST_WAYS = 50_000_000
_STRING = 255


_Trim = Callable[..., str]


def _trimmed(value: Value, left: _Trim, right: _Trim, *what: str) -> Value:
    """What two methods of `str` leave of a text, each at its end."""
    subject, known = text_of(value)
    start = len(known) - len(left(known, *what))
    return subject.cut(start, max(len(right(known, *what)), start))


def _as_it_is(known: str, *_: str) -> str:
    return known


def _loose_suffix(value: Value, what: Value) -> Value:
    """`trimsuffix`, of a text with holes too, if its end is fixed."""
    if isinstance(value, HclText) and value.known is None and value.pieces:
        last, ending = value.pieces[-1], string_of(what)
        if isinstance(last, HclPiece) and len(last.text) >= len(ending):
            end = len(last.text) - (len(ending) if last.text.endswith(ending) else 0)
            return HclText(
                (*value.pieces[:-1], *HclText((last,)).cut(0, end).pieces), value.is_secret
            )
    if isinstance(value, HclUnknown):
        return value  # most often a name with or without its final dot
    return _trimmed(value, _as_it_is, str.removesuffix, string_of(what))


def _txt_record(value: Value) -> Value:
    """A text in quotes, cut into strings of 255 characters: what Hetzner's provider brings."""
    if isinstance(value, HclText) and value.known is None:
        return joined([HclPiece('"'), *value.pieces, HclPiece('"')], is_secret=value.is_secret)
    subject, known = text_of(value)
    if '"' in known or "\\" in known:
        subject, known = text_of(text(known.replace('"', '\\"')))
    parts: list[HclPiece | HclUnknown] = [HclPiece('"')]
    for at in range(0, len(known), _STRING):
        parts += [HclPiece('" "')] if at else []
        parts += subject.cut(at, at + _STRING).pieces
    return joined([*parts, HclPiece('"')], is_secret=subject.is_secret)


def _cased(change: Callable[[str], str]) -> Callable[[Value], Value]:
    def function(value: Value) -> Value:
        if isinstance(value, HclText):
            return joined(
                (
                    part if isinstance(part, HclUnknown)
                    else part if change(part.text) == part.text
                    else HclPiece(change(part.text), part.place)
                    if len(change(part.text)) == len(part.text) else HclPiece(change(part.text))
                    for part in value.pieces
                ),
                is_secret=value.is_secret,
            )  # fmt: skip
        return text(change(string_of(value)))

    return function


def _split(separator: Value, value: Value) -> Value:
    (subject, known), by = text_of(value), string_of(separator)
    if not by:
        return List(tuple(subject.cut(at, at + 1) for at in range(min(len(known), _MOST_PARTS))))
    found: list[Value] = []
    at = 0
    for part in known.split(by)[:_MOST_PARTS]:
        found.append(subject.cut(at, at + len(part)))
        at += len(part) + len(by)
    return List(tuple(found))


def _join(separator: Value, *lists: Value) -> Value:
    between = HclPiece(string_of(separator))
    parts: list[HclPiece | HclUnknown] = []
    for number, item in enumerate(item for each in lists for item in items_of(each)):
        if number:
            parts.append(between)
        parts += pieces_of(item)
    return joined(parts)


_VERB = re.compile(
    r"%(?P<flags>[-+0 #]*)(?P<width>\d{1,4})?(?:\.(?P<places>\d{1,3}))?"
    r"(?:\[(?P<which>\d{1,3})\])?(?P<verb>[a-zA-Z%])"
)
_NUMERIC = frozenset("dxXoeEfgG")


def _format(pattern: Value, *arguments: Value) -> Value:
    template, known = text_of(pattern)
    return joined(template.replaced(_filled(known, arguments)))


def _filled(
    known: str, arguments: Sequence[Value]
) -> Iterator[tuple[tuple[int, int], Sequence[HclPiece | HclUnknown]]]:
    """The places of the verbs of a pattern, and what stands for each."""
    behind = 0
    for verb in _VERB.finditer(known):
        if verb["verb"] == "%":
            yield verb.span(), [HclPiece("%")]
            continue
        which = int(verb["which"]) - 1 if verb["which"] else behind
        behind = which + 1
        if not 0 <= which < len(arguments):
            raise Misused
        argument = arguments[which]
        plainly = not verb["flags"] and not verb["width"] and verb["places"] is None
        if isinstance(argument, HclUnknown):
            yield verb.span(), [argument]
        elif plainly and verb["verb"] in "sv" and not isinstance(argument, List | HclTable):
            yield verb.span(), pieces_of(argument)
        else:
            yield verb.span(), [HclPiece(_formatted(verb, argument))]


def _formatted(verb: re.Match[str], argument: Value) -> str:
    kind, flags = verb["verb"], verb["flags"]
    if kind == "v":
        kind = "q" if "#" in flags and isinstance(argument, HclText) else "s"
        flags = flags.replace("#", "")
        if isinstance(argument, List | HclTable):
            argument = text(json_of(argument))
    given = f"%{flags}{verb['width'] or ''}"
    if verb["places"] is not None:
        given += f".{verb['places']}"
    if kind in _NUMERIC:
        number = whole_of(argument) if kind in "dxXo" else number_of(argument)
        return f"{given}{kind}" % number
    if kind == "b":
        return f"{whole_of(argument):b}".rjust(
            int(verb["width"] or 0), "0" if "0" in flags else " "
        )
    if kind not in "sqt" or (kind == "t" and not isinstance(argument, Bool)):
        raise Misused
    known = string_of(argument)
    return f"{given}s" % (json_of(text(known)) if kind == "q" else known)


def json_of(value: Value) -> str:
    """A value as JSON, written as `jsonencode` writes it. Raises Misused."""
    plain = json.dumps(bare(value), separators=(",", ":"), ensure_ascii=False, sort_keys=True)
    return re.sub(r"[<>&\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", plain)


def _formatlist(pattern: Value, *arguments: Value) -> Value:
    length = next(len(a.items) for a in arguments if isinstance(a, List))
    rows = ([a.items[at] if isinstance(a, List) else a for a in arguments] for at in range(length))
    return List(tuple(_format(pattern, *row) for row in rows))


def _regex(pattern: str) -> re.Pattern[str]:
    """A pattern of Go's, which never takes longer than its text is long; ours might.

    So a group is not repeated, nor what is repeated; `_matches` limits the rest.
    """
    if len(pattern) > 200 or re.search(r"[+*})][+*{]", pattern):
        raise TooHard
    try:
        return re.compile(pattern.replace(r"\z", r"\Z"), re.ASCII)
    except re.error:
        raise TooHard from None


def _matches(pattern: re.Pattern[str], known: str) -> Iterator[re.Match[str]]:
    """The matches that Go finds: an empty one that touches the one before is none."""
    ways = len(known)  # to match, at most: each `*` may end anywhere, each `?` and `|` doubles them
    for sign in re.findall(r"[*+{?|]", pattern.pattern):
        ways *= 2 if sign in "?|" else len(known)
        if ways > _MOST_WAYS:
            raise TooHard
    at, behind = 0, -1
    while at <= len(known) and (found := pattern.search(known, at)) is not None:
        if found.end() > at:
            at = found.end()
            yield found
        else:
            at += 1
            if found.start() != behind:
                yield found
        behind = found.end()


def _replace(value: Value, what: Value, by: Value) -> Value:
    (subject, known), wanted, new = text_of(value), string_of(what), string_of(by)
    is_pattern = len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/")
    pattern = _regex(wanted[1:-1]) if is_pattern else re.compile(re.escape(wanted))
    parts = (
        (found.span(), [HclPiece(_expanded(found, new) if is_pattern else new)])
        for found in _matches(pattern, known)
    )
    return joined(subject.replaced(parts), is_secret=subject.is_secret)


def _expanded(found: re.Match[str], new: str) -> str:
    """What replaces a match: `$1`, `${name}` are its groups, `$$` is a dollar sign."""

    def group(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        if name is None:
            return "$"
        if name.isdigit():
            return (found[int(name)] or "") if int(name) <= found.re.groups else ""
        return found.groupdict().get(name) or ""

    return re.sub(r"\$(?:(\w+)|\{(\w+)\}|\$)", group, new)


def _regex_of(pattern: Value, value: Value) -> Value:
    known = string_of(value)
    found = next(_matches(_regex(string_of(pattern)), known), None)
    if found is None:
        raise Misused
    return _groups(found)


def _regexall(pattern: Value, value: Value) -> Value:
    found = _matches(_regex(string_of(pattern)), string_of(value))
    return List(tuple(_groups(each) for each in found))


def _groups(found: re.Match[str]) -> Value:
    if found.re.groupindex:
        return value_of(found.groupdict())
    return value_of(list(found.groups()) if found.groups() else found[0])


def in_characters(value: Value) -> str:
    """A text of which Terraform counts the characters as Python does. Raises TooHard."""
    known = string_of(value)
    if not known.isascii():
        raise TooHard  # it counts what a reader takes for one character
    return known


def _substr(value: Value, offset: Value, length: Value) -> Value:
    subject, known = text_of(value)[0], in_characters(value)
    start = whole_of(offset)
    start = max(len(known) + start, 0) if start < 0 else min(start, len(known))
    size = whole_of(length)
    return subject.cut(start, len(known) if size < 0 else min(start + size, len(known)))


def _at_end(at: int, has: Callable[[str, str], bool]) -> Callable[[Value, Value], Value]:
    """Whether a text has another at an end; of one with holes the piece there may tell."""

    def function(value: Value, what: Value) -> Value:
        wanted = string_of(what)
        piece = value.pieces[at] if isinstance(value, HclText) and value.pieces else None
        if isinstance(piece, HclPiece) and len(piece.text) >= len(wanted):
            return Bool(has(piece.text, wanted))
        return Bool(has(string_of(value), wanted))

    return function


def _indent(spaces: Value, value: Value) -> Value:
    (subject, known), blank = text_of(value), HclPiece(" " * min(whole_of(spaces), 1000))
    parts: list[HclPiece | HclUnknown] = []
    at = 0
    for line in known.splitlines(keepends=True):
        parts += [blank] if at else []
        parts += subject.cut(at, at + len(line)).pieces
        at += len(line)
    return joined(parts, is_secret=subject.is_secret)


TEXT_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "chomp": lambda v: _trimmed(v, _as_it_is, str.rstrip, "\r\n"),
    "endswith": _at_end(-1, str.endswith), "format": _format, "formatlist": _formatlist,
    "indent": _indent, "join": _join, "lower": _cased(str.lower), "regex": _regex_of,
    "regexall": _regexall, "replace": _replace, "split": _split,
    "startswith": _at_end(0, str.startswith),
    "strcontains": lambda v, w: Bool(string_of(w) in string_of(v)),
    "strrev": lambda v: text(in_characters(v)[::-1]), "substr": _substr,
    "title": _cased(str.title),
    "trim": lambda v, what: _trimmed(v, str.lstrip, str.rstrip, string_of(what)),
    "trimprefix": lambda v, what: _trimmed(v, str.removeprefix, _as_it_is, string_of(what)),
    "trimspace": lambda v: _trimmed(v, str.lstrip, str.rstrip), "trimsuffix": _loose_suffix,
    "upper": _cased(str.upper),
    "provider::hcloud::txt_record": _txt_record,
}  # fmt: skip
