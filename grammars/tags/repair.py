"""What the writer of a broken piece of a tag list meant, and every fault of it."""

from __future__ import annotations

import re

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.nearmiss import near_miss
from zonelint.grammars.tags.language import Language
from zonelint.grammars.tags.tree import BLANKS, LONGEST_REMEMBERED, Piece, PieceTag
from zonelint.grammars.tags.value import JUNK, SHOWN, TEXT, ValueRule, article, show

_JUNK_AT_START = re.compile(r"[ \t\r\n\"'\\,`]+")
_SHAPED = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.\-]*)[ \t]*=[ \t]*")
_NAME_AT = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_SCHEME = re.compile(r"(?:mailto|https?):", re.IGNORECASE)
_VERSION_AHEAD = re.compile(r"v\s*[=:]", re.IGNORECASE)
_NAMED_SIGNS = {":": "a colon", "-": "a dash"}


def repair(language: Language, text: str) -> Piece:
    """Find what a broken piece was meant to be: its tags, and a fault for each thing wrong."""
    fields: list[PieceTag] = []
    faults: list[Fault] = []
    begin = 0
    ends = [match.span() for match in language.next_tag.finditer(text) if match.start() > 0]
    gaps = [gap for gap in ends if _swallows(language, text, gap[0])]
    for gap_start, gap_end in [*gaps, (len(text), len(text))]:
        before = len(fields)
        _segment(language, text, begin, gap_start, fields, faults)
        if gap_start < len(text):
            left = fields[-1].name if len(fields) > before else ""
            faults.append(_missing_semicolon(language, text, gap_start, gap_end, left))
        begin = gap_end
    if gaps:
        fields = [entry._replace(sound=False, joined=True) for entry in fields]
    ordered = tuple(sorted(faults, key=lambda fault: (fault.start, fault.end)))
    version = not ordered and [entry.name for entry in fields] == ["v"]
    version = version and language.leads(text, fields[0].start, fields[0].end)
    sort = language.judged_sort(text, tuple(fields), ordered, version)
    return Piece(text, tuple(fields), ordered, sort)


def _swallows(language: Language, text: str, position: int) -> bool:
    """Tell whether a tag after this place was meant to be one: not inside a note."""
    head = text[: min(position, SHOWN)].lstrip(JUNK)
    name, equals, _ = head.partition("=")
    rule = language.tags.get(language.fold(name.strip()))
    return not (equals and rule is TEXT)


def _missing_semicolon(language: Language, text: str, start: int, end: int, left: str) -> Fault:
    following = _NAME_AT.match(text, end)
    right = following[0] if following else "the next tag"
    comma = "," in text[start:end]
    what = "A comma" if comma else "No semicolon"
    if left == "v" and language.version:
        return Fault(
            FaultKind.VERSION, start, end,
            f"{what} is between `v={language.version}` and {right}, so receivers do not see "
            f"{article(language.noun)} at all.", "; ",
        )  # fmt: skip
    return Fault(
        FaultKind.SYNTAX, start, end,
        f"{what} is between {left or 'this tag'} and {right}; tags are separated by semicolons, "
        "and receivers read both as one invalid tag.", "; ",
    )  # fmt: skip


def _segment(
    language: Language, text: str, begin: int, end: int, fields: list[PieceTag], faults: list[Fault]
) -> None:
    """Read one meant tag in text[begin:end]."""
    while begin < end and text[begin] in BLANKS:
        begin += 1
    while end > begin and text[end - 1] in BLANKS:
        end -= 1
    junk = _JUNK_AT_START.match(text, begin, end)
    if junk is not None:
        if junk.end() >= end:
            faults.append(_junk(FaultKind.SYNTAX, begin, end, text))
            return
        leads = not fields and _VERSION_AHEAD.match(text, junk.end()) is not None
        kind = FaultKind.VERSION if leads and language.version else FaultKind.SYNTAX
        faults.append(_junk(kind, begin, junk.end(), text))
        begin = junk.end()
    if begin >= end:
        return
    body = text[begin:end]
    shaped = _SHAPED.match(body)
    if shaped is not None:
        name = language.fold(shaped[1])
        value_start = begin + shaped.end()
        if shaped[0] != f"{shaped[1]}=" and language.tight:
            faults.append(
                Fault(
                    FaultKind.VERSION if name == "v" else FaultKind.SYNTAX, begin, value_start,
                    f"In {article(language.noun)} no space is allowed at the equals sign.",
                    f"{shaped[1]}=",
                )
            )  # fmt: skip
        _valued(language, text, name, shaped[1], begin, value_start, end, fields, faults)
        return
    if language.has_uris and _SCHEME.match(body):
        fields.append(PieceTag("", body, begin, end, begin, end, False))
        faults.append(
            Fault(
                FaultKind.REPORT_URI, begin, end,
                f"{show(body)} is alone after a semicolon; several addresses in one tag are "
                "separated by commas, so receivers do not see this one.",
            )
        )  # fmt: skip
        return
    _headless_segment(language, text, body, begin, end, fields, faults)


def _headless_segment(
    language: Language,
    text: str,
    body: str,
    begin: int,
    end: int,
    fields: list[PieceTag],
    faults: list[Fault],
) -> None:
    """A meant tag without its equals sign."""
    meant = language.headless.match(body) if language.tags else None
    if meant is not None:
        name, value = meant[1], meant["value"]
        what = _NAMED_SIGNS.get((meant["sign"] or "").strip()[:1], "a space")
        why = f"has {what} where the equals sign belongs"
    else:
        stuck = _stuck(language, body)
        if stuck is None:
            _stray(language, body, begin, end, fields, faults)
            return
        name, value = body[:stuck], body[stuck:]
        why = "has no equals sign"
    folded = language.fold(name)
    start = end - len(value)
    fields.append(PieceTag(folded, value, begin, end, start, end, False))
    kind = FaultKind.VERSION if folded == "v" and language.version else FaultKind.SYNTAX
    rule = language.tags[folded]
    good = language.read_value(folded, value)
    if good is None:
        good = _unwrapped(language, folded, value) or (rule.meant(value) if value else None)
    faults.append(
        Fault(
            kind, begin, end, f"{show(body)} {why}, so receivers do not read the tag.",
            None if good is None else f"{folded}={good}",
        )
    )  # fmt: skip


def _stuck(language: Language, body: str) -> int | None:
    """The length of a known name that is written together with its value: `pct100`."""
    if len(body) > LONGEST_REMEMBERED:
        return None
    for name in language.names:
        if language.fold(body[: len(name)]) == name and len(body) > len(name):
            value = body[len(name) :]
            if not language.tags[name].any_text and language.read_value(name, value):
                return len(name)
    return None


def _stray(
    language: Language, body: str, begin: int, end: int, fields: list[PieceTag], faults: list[Fault]
) -> None:
    fields.append(PieceTag("", body, begin, end, begin, end, False))
    bare = body.strip(JUNK).lower()
    if language.version and bare == language.version.lower():
        faults.append(
            Fault(
                FaultKind.VERSION, begin, end,
                f"{show(body)} lacks its `v=`, so receivers do not see {article(language.noun)} "
                "at all.",
                f"v={language.version}",
            )
        )  # fmt: skip
    elif language.fold(body) in language.tags:
        faults.append(
            Fault(
                FaultKind.SYNTAX, begin, end, f"The tag {show(body)} has no equals sign and "
                "no value, so receivers do not read it.",
            )
        )  # fmt: skip
    else:
        faults.append(
            Fault(
                FaultKind.SYNTAX, begin, end,
                f"{show(body)} is not a tag: {article(language.noun)} is a list of `name=value`.",
            )
        )  # fmt: skip


def _valued(
    language: Language,
    text: str,
    name: str,
    written: str,
    start: int,
    value_start: int,
    end: int,
    fields: list[PieceTag],
    faults: list[Fault],
) -> None:
    """Judge the value of a tag that has its name and its equals sign."""
    raw = text[value_start:end]
    rule = language.tags.get(name)
    if rule is None:
        _unknown_tag(language, name, raw, start, value_start, end, fields, faults)
        return
    if written != name and name != "v" and name in language.tags:
        faults.append(
            Fault(
                FaultKind.UNKNOWN_TAG, start, start + len(written),
                f"The tag `{written}` must be written `{name}`: some receivers know only lower "
                "case.",
                name,
            )
        )  # fmt: skip
    value = language.read_value(name, raw)
    found = _wrong_value(language, name, raw, rule) if value is None else rule.check(raw)
    faults.extend(fault.shifted(value_start) for fault in found)
    normal = raw if value is None else value
    sound = value is not None and not found
    fields.append(PieceTag(name, normal, start, end, value_start, end, sound))


def _unknown_tag(
    language: Language,
    name: str,
    raw: str,
    start: int,
    value_start: int,
    end: int,
    fields: list[PieceTag],
    faults: list[Fault],
) -> None:
    value = language.read_value(name, raw)
    sound = value is not None
    fields.append(PieceTag(name, raw if value is None else value, start, end, value_start, end,
                        sound))  # fmt: skip
    if language.version and raw.strip(JUNK).lower() == language.version.lower():
        faults.append(
            Fault(
                FaultKind.VERSION, start, end,
                f"The version is written `{name}=` and not `v=`, so receivers do not see "
                f"{article(language.noun)} at all.", f"v={language.version}",
            )
        )  # fmt: skip
        return
    if value is None:
        faults.append(
            Fault(
                FaultKind.SYNTAX, value_start, end,
                f"The value of {show(name)} is one that {article(language.noun)} cannot contain.",
            )
        )  # fmt: skip
    if not language.reports_unknown:
        return
    near = near_miss(name, language.tags) if len(name) <= SHOWN else None
    hint = f" (did you mean `{near}`?)" if near else ""
    faults.append(
        Fault(
            FaultKind.UNKNOWN_TAG, start, start + len(name),
            f"No standard defines the tag {show(name)}{hint}: receivers ignore it.", near,
        )
    )  # fmt: skip


def _junk(kind: FaultKind, start: int, end: int, text: str) -> Fault:
    piece = text[start:end]
    names = {'"': "quote", "'": "quote", "`": "quote", "\\": "backslash", ",": "comma"}
    what = next((names[character] for character in piece if character in names), "space")
    return Fault(
        kind, start, end, f"A {what} was left in the record, and makes the tag invalid.", ""
    )


def _unwrapped(language: Language, name: str, raw: str) -> str | None:
    """The value without what a copy left at its ends, if that makes it a good one."""
    bare = raw.strip(JUNK + "=.")
    return language.read_value(name, bare) if bare and bare != raw else None


def _wrong_value(language: Language, name: str, raw: str, rule: ValueRule) -> tuple[Fault, ...]:
    """Say what is wrong with a value that the grammar does not allow. Offsets are into it."""
    found = rule.diagnose(raw) if rule.diagnose is not None else ()
    if found:
        return found
    bare = _unwrapped(language, name, raw)
    if bare is not None and not rule.check(bare):
        message = (
            f"The value of {name} is {show(raw)}: what is around {show(bare)} makes it invalid."
        )
        return (Fault(rule.kind, 0, len(raw), message, bare),)
    if not raw:
        return (Fault(rule.kind, 0, 0, f"The tag `{name}` is empty; it takes {rule.takes}."),)
    meant = rule.meant(raw)
    hint = f" (did you mean `{meant}`?)" if meant is not None else ""
    message = f"The tag `{name}` takes {rule.takes}, not {show(raw)}{hint}."
    return (Fault(rule.kind, 0, len(raw), message, meant),)
