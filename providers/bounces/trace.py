"""Message traces of Microsoft 365: the steps of one message, or a list of messages.

They come from the Exchange admin centre and from PowerShell (`Get-MessageTraceV2`,
`Get-MessageTraceDetailV2`, `Start-HistoricalSearch`), as CSV with any separator, as JSON, or as
the lines of `Format-List`.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from html import unescape
from itertools import islice

from zonelint.providers.bounces.bounce import (
    HOST,
    Bounce,
    BounceError,
    Form,
    TracedMessage,
    Try,
    answers_in,
    mailbox_in,
)
from zonelint.providers.bounces.tries import MOST_TRIES, PAIR, in_order

MOST_ROWS = 100_000
MOST_RECIPIENTS = 50
_LONGEST = 8000

Row = Mapping[str, str]
"""A line of a trace: values by the names of their columns, in lower case, letters only."""

# Names of columns, in lower case and letters only, by what stands in them.
_TIME = ("date", "datetime", "datetimeutc", "received", "receivedutc", "origintimestamputc",
    "origintimestamp", "receiveddatetime", "eventtime")  # fmt: skip
_EVENT = ("event", "eventid")
_STATUS = ("status", "deliverystatus", "recipientstatus")
_SENDER = ("senderaddress", "sender", "fromaddress")
_RECIPIENT = ("recipientaddress", "recipient", "recipients", "toaddress")
_MESSAGE = ("messageid", "internetmessageid")
_TRACE = ("messagetraceid", "networkmessageid")
_WORDS = ("detail", "description", "recipientstatus", "data", "customdata", "sourcecontext")
_NODE = ("serverhostname",)
_KNOWN = {*_TIME, *_EVENT, *_STATUS, *_SENDER, *_RECIPIENT, *_MESSAGE, *_TRACE, *_WORDS, *_NODE,
    "action", "subject", "messagesubject", "size", "totalbytes", "toip", "fromip"}  # fmt: skip
_LEAST_COLUMNS = 3

_LINE = re.compile(r"^([A-Za-z][A-Za-z_]{1,30})[ \t]{1,40}:(?:[ \t](.*))?$")
_PROPERTY = re.compile(r'<MEP\b[^<>]{0,200}?\bName="([^"<>]{1,60})"[^<>]{0,200}?="([^"<>]{0,600})"')
_TAG = re.compile(r"<[^<>]{0,1000}>")
_NODES = re.compile(
    r"\breceived by:?\s{0,3}([\w-]{3,63}(?:\.[\w-]{1,63}){0,8})"
    r"|\b([\w-]{3,63}(?:\.[\w-]{1,63}){0,6}\.prod\.outlook\.com)",
    re.IGNORECASE,
)


def read(text: str) -> Bounce | None:
    """What a trace tells; None where the text is not one. Raises BounceError."""
    rows = list(islice(_rows(text), MOST_ROWS))
    if not rows:
        return None
    columns = set(rows[0])
    if columns & {*_EVENT} and columns & {*_TIME}:
        return _detail(rows)
    if columns & {*_STATUS} and columns & {*_RECIPIENT, "recipientstatus"} and columns & {*_TIME}:
        return _list(rows)
    return None


# -- rows ------------------------------------------------------------------------------------------


def _rows(text: str) -> Iterator[Row]:
    text = text.lstrip("\ufeff \t\n")
    if text.startswith(("[", "{")):
        return _of_json(text)
    while text.startswith("#"):  # Export-Csv of Windows PowerShell names the type first
        text = text.partition("\n")[2].lstrip("\n")
    first = text.partition("\n")[0][:2000]
    best = max(",;\t", key=lambda mark: _known(first.split(mark)))
    if _known(first.split(best)) >= _LEAST_COLUMNS:
        return _of_table(text, best)
    return _of_list(text)


def _known(columns: Iterable[str]) -> int:
    return len({_plain(column) for column in columns} & _KNOWN)


@lru_cache(maxsize=1024)
def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _of_table(text: str, mark: str) -> Iterator[Row]:
    reader = csv.reader(text.split("\n"), delimiter=mark)
    try:
        columns = [_plain(column) for column in next(reader)]
        for row in reader:
            pairs = zip(columns, row, strict=False)
            held = {name: value.strip() for name, value in pairs if value.strip()}
            if held:
                yield {**dict.fromkeys(columns, ""), **held}
    except csv.Error as error:
        raise BounceError(f"this table is invalid: {error}") from None


def _of_json(text: str) -> Iterator[Row]:
    try:
        held = json.loads(text)
    except (ValueError, RecursionError):
        return
    if isinstance(held, dict):
        held = held.get("value", [held])
    for each in held if isinstance(held, list) else ():
        if isinstance(each, dict):
            yield {_plain(name): _value(value) for name, value in each.items()}


def _value(value: object) -> str:
    if isinstance(value, dict):  # how Windows PowerShell writes a time
        value = value.get("DateTime", value.get("value", ""))
    return "" if value is None or isinstance(value, list | dict) else str(value)


def _of_list(text: str) -> Iterator[Row]:
    """The blocks of `Format-List`; a long value goes on in indented lines."""
    for block in re.split(r"\n[ \t]*\n", text):
        held: dict[str, str] = {}
        name = ""
        for line in block.split("\n"):
            match = _LINE.match(line)
            if match is not None and _plain(match[1]) in _KNOWN:
                name = _plain(match[1])
                held[name] = (match[2] or "").strip()
            elif name and line[:1] in (" ", "\t") and len(held[name]) < _LONGEST:
                held[name] = f"{held[name]} {line.strip()}".strip()
            else:
                name = ""
        if len(held) >= _LEAST_COLUMNS:
            yield held


def _of(row: Row, names: Iterable[str]) -> str:
    return next((row[name] for name in names if row.get(name)), "")


# -- the steps of a message ------------------------------------------------------------------------


def _detail(rows: Sequence[Row]) -> Bounce:
    tries = in_order([_try(row) for row in rows[:MOST_TRIES]])
    said = "\n".join(_words(row) for row in rows[:MOST_TRIES])
    answers = answers_in(said)
    if not answers:
        last = f": the last step is `{tries[-1].event}`" if tries[-1].event else ""
        raise BounceError(f"this message trace shows no failure{last}")
    failed = [each for each in tries if answers_in(each.said)]
    nodes = dict.fromkeys(each.node for each in tries if each.node)
    first = rows[0]
    return Bounce(
        form=Form.TRACE,
        answers=answers,
        text=said,
        sender=mailbox_in(_of(first, _SENDER)),
        recipients=_recipients(_of(row, _RECIPIENT) for row in rows),
        server=next(iter(nodes), None),
        hosts=tuple(dict.fromkeys(each.host for each in tries if each.host)),
        addresses=tuple(dict.fromkeys(each.address for each in tries if each.address)),
        message_id=_of(first, _MESSAGE) or None,
        trace_id=_of(first, _TRACE) or None,
        sent=tries[0].time,
        last_try=failed[-1].time if failed else None,
        nodes=tuple(nodes),
        tries=tries,
    )


def _words(row: Row) -> str:
    return unescape(" ".join(row[name] for name in _WORDS if row.get(name)))[:_LONGEST]


def _try(row: Row) -> Try:
    words = _words(row)
    pairs = {name: value.strip() for name, value in PAIR.findall(words)}
    plain = " ".join(_TAG.sub(" ", words).split())
    host = HOST.search(pairs.get("FQDN", ""))
    name = host[0].lower() if host else None
    found = _NODES.search(plain)
    named = [found and (found[1] or found[2]), dict(_PROPERTY.findall(words)).get("ServerHostName")]
    nodes = filter(None, (*named, _of(row, _NODE)))
    return Try(
        time=_of(row, _TIME) or None,
        event=_of(row, _EVENT),
        said=(pairs.get("LED") or plain)[:500],
        # What sends names the host that it speaks to in the same column as its own.
        node=next((node for node in nodes if node.lower() != name), None),
        host=name,
        address=pairs.get("IP") or None,
    )


# -- a list of messages ----------------------------------------------------------------------------


def _list(rows: Iterable[Row]) -> Bounce:
    listed = [each for row in rows for each in _listed(row)]
    if not listed:
        raise BounceError("this message trace lists no recipient")
    failed = [each for each in listed if is_failure(each.status)]
    senders = Counter(each.sender for each in failed or listed if each.sender)
    first = (failed or listed)[0]
    statuses = dict.fromkeys(each.status for each in failed)
    return Bounce(
        form=Form.LIST,
        answers=answers_in("\n".join(islice(statuses, 200))),
        text="",
        sender=senders.most_common(1)[0][0] if senders else None,
        recipients=_recipients(each.recipient for each in failed or listed),
        message_id=first.message_id,
        trace_id=first.trace_id,
        sent=first.time or None,
        listed=tuple(listed),
    )


def _listed(row: Row) -> Iterator[TracedMessage]:
    """A row's messages: the summary report names several recipients with their status in one."""
    common = (_of(row, _MESSAGE) or None, _of(row, _TRACE) or None)
    time, sender = _of(row, _TIME), mailbox_in(_of(row, _SENDER))
    pairs = [part.partition("##") for part in row.get("recipientstatus", "").split(";")]
    together = [(mailbox_in(who), status.strip()) for who, _, status in pairs if status]
    for who, status in together or [(mailbox_in(_of(row, _RECIPIENT)), _of(row, _STATUS))]:
        if who:
            yield TracedMessage(time, sender, who, status or "not given", *common)


def is_failure(status: str) -> bool:
    """Whether a status tells that a message did not arrive, or not yet."""
    lower = status.lower()
    return any(word in lower for word in ("fail", "defer", "expired", "pending", "bounce"))


def _recipients(texts: Iterable[str]) -> tuple[str, ...]:
    found = dict.fromkeys(filter(None, map(mailbox_in, texts)))
    return tuple(islice(found, MOST_RECIPIENTS))
