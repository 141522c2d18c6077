"""Bounces that are mails: delivery reports (RFC 3464) and those in words of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from email import message_from_bytes
from email.base64mime import decode as decodestring
from email.errors import MessageError
from email.header import decode_header
from email.message import Message

from zonelint.providers.bounces import text as bounce_text
from zonelint.providers.bounces.bounce import (
    Bounce,
    BounceError,
    Form,
    SmtpReply,
    decoded,
    is_of_host,
    mailbox_in,
)
from zonelint.providers.bounces.headers import Headers, read_statements
from zonelint.providers.bounces.status import Group, answers_of, failed, groups_in
from zonelint.providers.bounces.tries import tries_in
from zonelint.providers.bounces.words import client_in, identity_in, judged_in, sender_in

MOST_PARTS = 200
MOST_RECIPIENTS = 50
_ORIGINALS = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
)
_STATUSES = ("message/delivery-status", "message/global-delivery-status")  # RFC 3464, RFC 6533
_HEADER = re.compile(rb"[!-9;-~]+:")
_TYPES = re.compile(
    rb"^(content-type|mime-version|received|return-path|auto-submitted|x-failed-recipients)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)


def is_mail(octets: bytes) -> bool:
    """Whether this is a mail with its headers, and not a text that mentions some."""
    start = octets.lstrip(b"\r\n")
    if start.startswith(b"From "):  # as mailboxes of Unix have it
        start = start.partition(b"\n")[2]
    if not _HEADER.match(start):
        return False
    head = re.split(rb"\r?\n\r?\n", start, maxsplit=1)[0]
    return _TYPES.search(head) is not None


def read(octets: bytes) -> Bounce:
    """A bounce that is a mail. Raises BounceError."""
    try:
        message = _bounced(message_from_bytes(octets.lstrip(b"\r\n")))
        parts = list(_parts(message))
        return _report(message, parts) or _mail(message, parts)
    except (RecursionError, MessageError, ValueError, LookupError, AssertionError):
        raise BounceError("this mail is malformed; paste its text instead") from None


def _parts(message: Message) -> Iterator[Message]:
    """The message and everything in it; those beyond a bound are not looked at."""
    waiting = [message]
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        yield part
        held = part.get_payload()
        if isinstance(held, list):
            waiting += [each for each in held if isinstance(each, Message)]


def _bounced(message: Message) -> Message:
    """The bounce: the message itself, or one that somebody forwards as an attachment."""
    for part in _parts(message):
        held = part.get_payload()
        if part.get_content_type() not in _ORIGINALS or not isinstance(held, list) or not held:
            continue
        if isinstance(held[0], Message) and _is_bounce(held[0]):
            return held[0]
    return message


def _is_bounce(message: Message) -> bool:
    """Whether a message inside another was written by a host."""
    author = mailbox_in(_header(message, "From"))
    return is_of_host(author) or message.get_content_type() == "multipart/report"


def _report(message: Message, parts: list[Message]) -> Bounce | None:
    """A delivery report; None where none of the parts is one."""
    statuses = [part for part in parts if part.get_content_type() in _STATUSES]
    if not statuses:
        return None
    groups = [group for part in statuses for group in groups_in(_status_text(part))]
    if not groups:
        return None
    first, *recipients = groups
    if first.get("final-recipient") and not first.get("reporting-mta"):
        recipients = groups
    recipients = recipients[:MOST_RECIPIENTS]
    original = _original(parts)
    words = "\n".join(_text(part) for part in parts if part.get_content_type() == "text/plain")
    answers = answers_of(recipients)
    spoken = bounce_text.read(words)
    answers += _more(answers, spoken.answers)
    hosts = [_value(group.get("remote-mta")) for group in recipients]
    told = read_statements(original)
    said = "\n".join(filter(None, (*(g.get("diagnostic-code", "") for g in recipients), words)))
    return Bounce(
        form=Form.REPORT,
        answers=tuple(answers),
        text=said,
        sender=told.sender or spoken.sender,
        envelope_sender=told.envelope_sender
        or mailbox_in(first.get("x-postfix-sender", ""))
        or mailbox_in(_header(message, "To")),
        recipients=tuple(dict.fromkeys(filter(None, map(_mailbox, filter(failed, recipients))))),
        server=_value(first.get("reporting-mta")),
        hosts=tuple(dict.fromkeys(filter(None, (*hosts, *spoken.hosts)))),
        addresses=spoken.addresses,
        client=client_in(said) or _client_of(original),
        message_id=told.message_id,
        trace_id=told.trace_id,
        sent=told.sent or first.get("arrival-date"),
        last_try=next(filter(None, (group.get("last-attempt-date") for group in recipients)), None),
        bounced=_header(message, "Date") or None,
        nodes=told.nodes or spoken.nodes,
        checked=told.checked,
        signed=told.signed,
        judged=judged_in(said),
        named_domain=sender_in(said),
        spf_domain=identity_in(said),
        tries=tries_in(said),
        retries=spoken.retries,
    )


def _more(answers: Sequence[SmtpReply], spoken: Sequence[SmtpReply]) -> Iterator[SmtpReply]:
    """The answers of the words for people that the delivery status does not have."""
    known = {answer.status for answer in answers}
    return (each for each in spoken if each.status not in known)


def _mail(message: Message, parts: list[Message]) -> Bounce:
    """A bounce in words of its own, perhaps with the message itself below them."""
    words = "\n".join(_text(part) for part in parts if part.get_content_type() == "text/plain")
    if not words.strip():
        html = "\n".join(_text(part) for part in parts if part.get_content_type() == "text/html")
        words = bounce_text.without_tags(html)
    spoken = bounce_text.read(words)
    told = read_statements(_original(parts))
    failed = _header(message, "X-Failed-Recipients")
    named = tuple(filter(None, (mailbox_in(each) for each in failed.split(","))))
    return replace(
        spoken,
        form=Form.MAIL,
        sender=told.sender or spoken.sender,
        envelope_sender=told.envelope_sender
        or spoken.envelope_sender
        or mailbox_in(_header(message, "To")),
        recipients=named or spoken.recipients,
        client=spoken.client or _client_of(_original(parts)),
        message_id=told.message_id or spoken.message_id,
        trace_id=told.trace_id or spoken.trace_id,
        sent=told.sent or spoken.sent,
        bounced=_header(message, "Date") or None,
        nodes=told.nodes or spoken.nodes,
        checked=told.checked or spoken.checked,
        signed=told.signed or spoken.signed,
    )


def _status_text(part: Message) -> str:
    """The text of a delivery status, which the parser has taken apart into messages."""
    held = part.get_payload()
    if not isinstance(held, list):
        return _text(part)
    blocks = [block for block in held if isinstance(block, Message)]
    if str(part.get("content-transfer-encoding", "")).strip().lower() == "base64":
        coded = "".join(str(block.get_payload()) for block in blocks)
        return decoded(decodestring(coded.encode("ascii", "ignore")))
    return "\n\n".join(
        "\n".join(
            [*(f"{name}: {' '.join(str(value).split())}" for name, value in block.items())]
            + ["", str(block.get_payload())] * (not block.is_multipart())
        )
        for block in blocks
    )


def _mailbox(group: Group) -> str | None:
    return mailbox_in(group.get("original-recipient", "")) or mailbox_in(
        group.get("final-recipient", "")
    )


def _value(field: str | None) -> str | None:
    """The name in `dns; mx.example.org (192.0.2.1)`."""
    if field is None:
        return None
    name = field.rpartition(";")[2].split("(")[0].strip().lower().removesuffix(".")
    return name or None


def _original(parts: list[Message]) -> Headers:
    """The headers of the message that was not delivered."""
    for part in parts:
        if part.get_content_type() not in _ORIGINALS:
            continue
        held = part.get_payload()
        inner = held[0] if isinstance(held, list) and held else None
        if isinstance(inner, Message):
            return [(name, str(value)) for name, value in inner.items()]
        return bounce_text.headers_in(_text(part))
    return []


def _client_of(headers: Headers) -> str | None:
    """The address that the checks in the message's own headers were made for."""
    results = (v for n, v in headers if n.lower() in ("authentication-results", "received-spf"))
    return client_in("\n".join(results))


def _text(part: Message) -> str:
    held = part.get_payload(decode=True)
    return decoded(held) if isinstance(held, bytes) else ""


def _header(message: Message, name: str) -> str:
    pieces = []
    for value, charset in decode_header(str(message.get(name, ""))[:2000]):
        if isinstance(value, bytes):
            try:
                pieces.append(value.decode(charset or "ascii", "replace"))
            except LookupError:
                pieces.append(value.decode("latin-1"))
        else:
            pieces.append(value)
    return " ".join("".join(pieces).split())
