"""One XML document → one `Report`: RFC 7489 appendix C and RFC 9990, and what is really sent.

Elements are known by their place (`record/row/count`), in any namespace and any order; unknown
ones are passed over. Well-formed XML is read as it comes. What is not well-formed is repaired
once: only the tags of the schema are taken as tags, everything else as text.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from sys import intern
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from zonelint.grammars.spf.address import read_address
from zonelint.providers.reports.problem import (
    NoteKind,
    ReportBudget,
    ReportError,
    ReportLimits,
    ReportProblemKind,
)
from zonelint.rules.evidence.evidence import (
    DAY,
    AggregateReport,
    Disposition,
    DkimResult,
    PublishedPolicy,
    Row,
    SpfResult,
)

MAX_COUNT = 10**12
"""Messages in one row: beyond it nobody counted."""
MAX_PERIOD = 92 * DAY
"""Seconds of one report: a longer one would be evidence for more days than anybody looked at."""
LAST_SECOND = 253_402_300_799
"""The end of the year 9999, the last that a date can hold."""
MAX_TEXT = 512
MAX_RESULTS = 100
"""Signatures in one row (RFC 9990: should be no more than 100)."""


@dataclass(slots=True)
class _Node:
    """A place in the schema. A leaf has a field to fill; a group ends with a step of its own."""

    children: dict[str, _Node] = field(default_factory=dict)
    leaf: str = ""
    group: str = ""


def _leaves(*names: str, group: str = "", prefix: str = "") -> _Node:
    return _Node({name: _Node(leaf=prefix + name) for name in names}, group=group)


def _schema() -> _Node:
    metadata = _leaves("org_name", "email", "report_id")
    metadata.children["date_range"] = _leaves("begin", "end")
    policy = _leaves(
        *("domain", "p", "sp", "np", "adkim", "aspf", "pct", "testing", "t", "fo"),
        "discovery_method",
        prefix="policy_",
    )
    evaluated = _leaves("disposition", "dkim", "spf", prefix="evaluated_")
    evaluated.children["reason"] = _leaves("type")  # known, and not kept, as envelope_to and fo
    row = _leaves("source_ip", "count")
    row.children["policy_evaluated"] = evaluated
    results = _Node(
        {
            "dkim": _leaves("domain", "selector", "result", group="dkim", prefix="dkim_"),
            "spf": _leaves("domain", "scope", "result", group="spf", prefix="spf_"),
        }
    )
    identifiers = _leaves("header_from", "envelope_from", "envelope_to")
    record = _Node(
        {"row": row, "identifiers": identifiers, "auth_results": results}, group="record"
    )
    feedback = _Node(
        {"report_metadata": metadata, "policy_published": policy, "record": record},
        group="feedback",
    )
    return _Node({"feedback": feedback})


_ROOT = _schema()
_ELSEWHERE = _Node()
_DKIM_FIELDS = ("dkim_domain", "dkim_selector", "dkim_result")
_SPF_FIELDS = ("spf_domain", "spf_scope", "spf_result")


def _names(node: _Node) -> set[str]:
    return set(node.children).union(*(_names(child) for child in node.children.values()))


_KNOWN = sorted(
    _names(_ROOT)
    | {"version", "extra_contact_info", "error", "generator", "extension", "human_result"}
    | {"comment", "version_published"}
)


@dataclass(frozen=True, slots=True)
class ParsedReport:
    """A report, and what was odd in it (how many rows each)."""

    report: AggregateReport
    notes: Mapping[NoteKind, int]


def parse(data: bytes, budget: ReportBudget) -> ParsedReport:
    """Read one document. Raises `ReportError` when it is no report that can be used."""
    notes: Counter[NoteKind] = Counter()
    try:
        target = _fed(data, budget)
    except ReportError as error:
        if error.kind is not ReportProblemKind.BAD_XML or len(data) > budget.limits.repair_size:
            raise
        text, note = _decoded(data)
        repaired = _repaired(text)
        if repaired is None:
            raise
        target = _fed(repaired.encode(), budget, encoding="utf-8")
        notes[note] += 0
    return target.report(notes)


def _fed(data: bytes, budget: ReportBudget, encoding: str | None = None) -> _Target:
    """Run *data* through the parser."""
    target = _Target(budget.limits, budget.elements)
    parser = DefusedXMLParser(target=target, encoding=encoding, forbid_dtd=True)
    # Straight from expat: what the wrapper does in between (names, attributes) is not needed here
    # and takes a third of the time. Its handlers for document types and entities stay.
    parser.parser.StartElementHandler = target.start
    parser.parser.EndElementHandler = target.end
    try:
        parser.feed(data)
        parser.close()
    except DefusedXmlException:
        raise ReportError(ReportProblemKind.FORBIDDEN_XML) from None
    except ParseError as error:
        raise ReportError(ReportProblemKind.BAD_XML, line=error.position[0]) from None
    except (ValueError, LookupError):
        # An encoding that does not exist, or that the parser cannot read.
        raise ReportError(ReportProblemKind.BAD_XML, line=1) from None
    finally:
        budget.elements = target.elements_left
    if not target.complete:
        raise ReportError(ReportProblemKind.NO_REPORT)
    return target


# -- repair --------------------------------------------------------------------------------------

_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_ENCODINGS = frozenset(
    {"utf-8", "utf-16", "utf-16le", "utf-16be", "iso-8859-1", "iso-8859-15", "windows-1252"}
    | {"gb2312", "gbk", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr"}
)
_BEGINNING = re.compile(r"<(?:[A-Za-z_][\w.-]{0,80}:)?feedback[\s>]")
_ENDING = re.compile(r"</(?:[A-Za-z_][\w.-]{0,80}:)?feedback\s{0,80}>")
_TOKEN = re.compile(
    r"<(?P<close>/?)(?:[A-Za-z_][\w.-]{0,80}:)?(?P<name>" + "|".join(_KNOWN) + r")"
    r"(?:\s[^<>]*?)?(?P<empty>/?)>"
    r"|<|&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,6});)|[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)


def _decoded(data: bytes) -> tuple[str, NoteKind]:
    """*data* as text by hook or by crook, and whether the encoding was at fault."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace"), NoteKind.REPAIRED_XML
    with suppress(UnicodeDecodeError):
        return data.decode("utf-8-sig"), NoteKind.REPAIRED_XML
    declared = _ENCODING.search(data[:512])
    name = declared[1].decode("ascii").lower() if declared else ""
    if name in _ENCODINGS:
        with suppress(UnicodeDecodeError):
            return data.decode(name), NoteKind.REPAIRED_XML
    return data.decode("utf-8", "replace"), NoteKind.BAD_ENCODING


def _repaired(text: str) -> str | None:
    """*text* with the tags of the schema as its only markup; None when it holds no whole report."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ReportError(ReportProblemKind.FORBIDDEN_XML)
    text = _without(text, "<!--", "-->")
    text = text.replace("<![CDATA[", "").replace("]]>", "")
    begin = _BEGINNING.search(text)
    if begin is None:
        return None
    ends = [match.end() for match in _ENDING.finditer(text, begin.end())]
    if not ends:
        return None
    return _TOKEN.sub(_token, text[begin.start() : ends[-1]])


def _token(match: re.Match[str]) -> str:
    name = match["name"]
    if name is not None:
        return f"<{match['close']}{name}{match['empty']}>"
    return {"<": "&lt;", "&": "&amp;"}.get(match[0], "\N{REPLACEMENT CHARACTER}")


def _without(text: str, opening: str, closing: str) -> str:
    """*text* without what stands between the marks; linear, which a regular expression is not."""
    pieces: list[str] = []
    position = 0
    while (start := text.find(opening, position)) >= 0:
        stop = text.find(closing, start + len(opening))
        if stop < 0:
            break
        pieces.append(text[position:start])
        position = stop + len(closing)
    return "".join((*pieces, text[position:]))


# -- the document as it passes -------------------------------------------------------------------


class _Target:
    """Receives the parser's events and keeps what a `Report` is made of."""

    def __init__(self, limits: ReportLimits, elements: int) -> None:
        self.complete = False
        self.elements_left = elements
        self._unknown = 0
        self._limits = limits
        self._path = [_ROOT]
        self._local: dict[str, str] = {}
        self._text: list[str] = []
        self._listening = False
        self._fields: dict[str, str] = {}
        self._head: dict[str, str] = {}
        self._dkim: list[DkimResult] = []
        self._spf: list[SpfResult] = []
        self._built: list[Row] = []
        self._notes: Counter[NoteKind] = Counter()

    def start(self, tag: str, _attributes: object) -> None:
        path = self._path
        self.elements_left -= 1
        if self.elements_left < 0:
            raise ReportError(ReportProblemKind.TOO_MANY_ROWS)
        if len(path) > self._limits.element_depth:
            raise ReportError(ReportProblemKind.TOO_DEEP)
        children = path[-1].children
        node = children.get(tag)
        if node is None:
            node = children.get(self._local_name(tag), _ELSEWHERE) if children else _ELSEWHERE
            if node is _ELSEWHERE:
                self._unknown += 1
                if self._unknown > self._limits.unknown_elements:
                    raise ReportError(ReportProblemKind.TOO_MANY_ROWS)
        path.append(node)
        if node.leaf:
            self._listening = True
            self._text.clear()
        else:
            self._listening = False

    def data(self, text: str) -> None:
        if self._listening and len(self._text) < MAX_TEXT:
            self._text.append(text)

    def end(self, _tag: str) -> None:
        node = self._path.pop()
        if node.leaf:
            self._listening = False
            value = "".join(self._text).strip()
            if value:
                self._fields[node.leaf] = value
        elif node.group:
            self._close(node.group)

    def close(self) -> None:
        """The parser has come to the end."""

    def _local_name(self, tag: str) -> str:
        local = self._local.get(tag)
        if local is None:
            local = tag.rpartition("}")[2].lower()
            if len(self._local) < 1000:
                self._local[tag] = local
        return local

    def _close(self, group: str) -> None:
        fields = self._fields
        if group == "dkim":
            told = [fields.pop(name, "") for name in _DKIM_FIELDS]
            if len(self._dkim) < MAX_RESULTS:
                self._dkim.append(_dkim_result(*told))
        elif group == "spf":
            told = [fields.pop(name, "") for name in _SPF_FIELDS]
            if told[0] and len(self._spf) < MAX_RESULTS:
                self._spf.append(_spf_result(*told))
        elif group == "record":
            self._close_record()
        elif group == "feedback":
            self._head.update(fields)
            self.complete = True

    def _close_record(self) -> None:
        """Make the row, and leave the fields of the report's head for its end."""
        fields = self._fields
        if len(self._built) >= self._limits.rows:
            raise ReportError(ReportProblemKind.TOO_MANY_ROWS)
        take = fields.pop
        count = _count(take("count", ""))
        address = _address(take("source_ip", ""))
        dkim, spf = take("evaluated_dkim", ""), take("evaluated_spf", "")
        evaluated = take("evaluated_disposition", "").lower()
        header_from = _domain(take("header_from", ""))
        envelope_from = _domain(take("envelope_from", ""))
        of_dkim, of_spf = tuple(self._dkim), tuple(self._spf)
        self._dkim, self._spf = [], []
        if count is None:
            self._notes[NoteKind.ROW_WITHOUT_COUNT] += 1
            return
        if not address:
            self._notes[NoteKind.ROW_WITHOUT_ADDRESS] += 1
        if not dkim and not spf:
            self._notes[NoteKind.ROW_WITHOUT_RESULT] += 1
        self._built.append(
            Row(
                source_ip=address,
                count=count,
                disposition=_DISPOSITIONS.get(evaluated, Disposition.UNKNOWN),
                dkim_aligned=dkim == "pass" or dkim.lower() == "pass",
                spf_aligned=spf == "pass" or spf.lower() == "pass",
                header_from=header_from,
                envelope_from=envelope_from,
                dkim=of_dkim,
                spf=of_spf,
            )
        )

    # -- the whole -------------------------------------------------------------------------------

    def report(self, notes: Counter[NoteKind]) -> ParsedReport:
        """The report; raises `ReportError` when its head does not hold what a report needs."""
        head = self._head
        domain = _domain(head.get("policy_domain", ""))
        if not domain:
            raise ReportError(ReportProblemKind.NO_DOMAIN)
        begin, end = _period(head.get("begin", ""), head.get("end", ""))
        notes = Counter(notes)
        notes.update(self._notes)
        email = clean(head.get("email", ""))
        policy = PublishedPolicy(
            domain=domain,
            p=_optional(head, "policy_p"),
            sp=_optional(head, "policy_sp"),
            np=_optional(head, "policy_np"),
            adkim=_mode(head, "policy_adkim"),
            aspf=_mode(head, "policy_aspf"),
            pct=_percentage(head.get("policy_pct", "")),
            testing=_FLAGS.get((head.get("policy_testing") or head.get("policy_t", "")).lower()),
        )
        foreign = sum(1 for row in self._built if not inside(row.header_from, domain))
        if foreign:
            notes[NoteKind.FOREIGN_FROM] += foreign
        report = AggregateReport(
            org=intern(clean(head.get("org_name", "")) or email.rpartition("@")[2]),
            report_id=clean(head.get("report_id", "")),
            begin=begin,
            end=end,
            policy=policy,
            rows=tuple(self._built),
        )
        return ParsedReport(report, notes)


def inside(name: str, domain: str) -> bool:
    """*name* is *domain* or below it; an empty name is not known to be elsewhere."""
    return not name or name == domain or name.endswith("." + domain)


# -- values --------------------------------------------------------------------------------------


def clean(text: str) -> str:
    """A stranger's text, short and without characters that steer a terminal."""
    text = text[:MAX_TEXT]
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else " " if char.isspace() else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )


@lru_cache(maxsize=16_384)
def _domain(text: str) -> str:
    return intern(clean(text).strip().rstrip(".").lower())


@lru_cache(maxsize=1024)
def _word(text: str) -> str:
    return intern(clean(text).strip().lower())


@lru_cache(maxsize=16_384)
def _dkim_result(domain: str, selector: str, result: str) -> DkimResult:
    return DkimResult(_domain(domain), _domain(selector), _word(result))


@lru_cache(maxsize=16_384)
def _spf_result(domain: str, scope: str, result: str) -> SpfResult:
    return SpfResult(_domain(domain), _word(scope), _word(result))


@lru_cache(maxsize=16_384)
def _address(text: str) -> str:
    """The address in its canonical form, or ""; an IPv4 address mapped into IPv6 is IPv4."""
    address = read_address(text.strip("[]"))
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return intern(str(mapped or address or ""))


def _count(text: str) -> int | None:
    """Messages; None when there is no number. Raises for a negative or absurd one."""
    if text.isascii() and text.isdigit() and len(text) <= 13:
        count = int(text)
        if count <= MAX_COUNT:
            return count
    if re.fullmatch(r"\+?[0-9]{1,12}(?:\.0{1,9})?", text):
        return int(text.partition(".")[0])
    if re.fullmatch(r"[-+]?[0-9]+(?:\.[0-9]*)?", text):
        raise ReportError(ReportProblemKind.NEGATIVE_COUNT, detail=clean(text)[:40])
    return None


def _period(begin: str, end: str) -> tuple[int, int]:
    first, last = _second(begin), _second(end)
    if first is None or last is None:
        raise ReportError(ReportProblemKind.NO_DATES)
    if not 0 <= first <= last <= LAST_SECOND or last - first > MAX_PERIOD:
        raise ReportError(
            ReportProblemKind.BAD_DATES, detail=f"{clean(begin)} to {clean(end)}"[:80]
        )
    return first, last


def _second(text: str) -> int | None:
    match = re.fullmatch(r"([-+]?[0-9]{1,18})(?:\.[0-9]*)?", text)
    return int(match[1]) if match else None


_DISPOSITIONS = {each.value: each for each in Disposition if each.value}


def _optional(head: Mapping[str, str], name: str) -> str | None:
    return _word(head.get(name, "")) or None


def _mode(head: Mapping[str, str], name: str) -> str | None:
    """`r` or `s`, also where a receiver wrote the word."""
    word = _word(head.get(name, ""))
    return {"relaxed": "r", "strict": "s"}.get(word, word) or None


def _percentage(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,3}", text) else None


_FLAGS = {"y": True, "n": False}
