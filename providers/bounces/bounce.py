"""Bounces: what came back instead of a delivery.

A bounce comes as a delivery status notification (RFC 3464, in a multipart/report of RFC 6522), as
a mail in words of its own, or as text that somebody copied out of a mail or a message trace. All
of it is hostile: it was written by hosts that nobody knows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

MOST_STATUSES = 20
"""Different answers that are kept of one bounce."""


class BounceError(Exception):
    """A bounce that cannot be read. The message says why, in the user's words."""


class Form(Enum):
    """What a bounce was read from."""

    REPORT = "delivery report"
    MAIL = "mail"
    TEXT = "pasted text"
    TRACE = "message trace"
    LIST = "list of a message trace"


@dataclass(frozen=True, slots=True)
class SmtpReply:
    """An answer with an enhanced status code (RFC 3463), or with a mark of the receiver's own.

    `reply` is the three-digit code of SMTP, None where none stands beside it; it is all there is
    where nothing in the bounce has a status. `mark` is what Yahoo, say, writes in brackets:
    `TSS04`.
    """

    status: str | None
    reply: int | None = None
    text: str = ""
    mark: str | None = None

    @property
    def is_final(self) -> bool:
        """Whether sending again cannot help."""
        return (self.status or str(self.reply or "")).startswith("5")

    @property
    def code_text(self) -> str:
        """The codes as they stand in the bounce: `421 4.4.2`."""
        mark = f"[{self.mark}]" if self.mark else None
        return " ".join(str(part) for part in (self.reply, self.status, mark) if part)


@dataclass(frozen=True, slots=True)
class AuthResult:
    """A result of the receiver's own checks (RFC 8601): `spf`, `fail`, `example.com`."""

    method: str
    result: str
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class Try:
    """One step of the sending side with the message: mostly a try to deliver it.

    `time` is as it was written. `node` is the sender's own host, `host` and `address` the
    one that it spoke to, `said` what that one answered or what happened.
    """

    time: str | None
    event: str
    said: str
    node: str | None = None
    host: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class TracedMessage:
    """A message of a list: when it was received, for whom, and what became of it."""

    time: str
    sender: str | None
    recipient: str
    status: str
    message_id: str | None = None
    trace_id: str | None = None


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a bounce tells; what it does not tell is None or empty.

    Domains and host names are in lower case without a final dot; times are as they were written.
    `server` is the host that wrote the bounce, `hosts` those that it spoke to, with their
    `addresses`. `client` is the address that the receiver saw the message come from, `nodes`
    are the hosts that it passed, the first one first. `signed` are the domains and selectors of
    its DKIM signatures. `judged` is what the receiver says of SPF, DKIM and DMARC in its answer,
    `named_domain` whose mail it says that it is, `spf_domain` the one that it asked SPF
    about. `retries` is how often the sending host says that it tried.
    """

    form: Form
    answers: tuple[SmtpReply, ...]
    text: str
    sender: str | None = None
    envelope_sender: str | None = None
    recipients: tuple[str, ...] = ()
    server: str | None = None
    hosts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    client: str | None = None
    message_id: str | None = None
    trace_id: str | None = None
    sent: str | None = None
    last_try: str | None = None
    bounced: str | None = None
    nodes: tuple[str, ...] = ()
    checked: tuple[AuthResult, ...] = ()
    signed: tuple[tuple[str, str], ...] = ()
    judged: tuple[AuthResult, ...] = ()
    named_domain: str | None = None
    spf_domain: str | None = None
    tries: tuple[Try, ...] = ()
    retries: int | None = None
    listed: tuple[TracedMessage, ...] = ()

    @property
    def domain(self) -> str | None:
        """The domain of the sender that people see, else that of the envelope, else the one that
        the receiver names."""
        mailbox = self.sender or self.envelope_sender
        return domain_of(mailbox) if mailbox else self.named_domain

    @property
    def recipient_domains(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(map(domain_of, self.recipients)))


def decoded(octets: bytes) -> str:
    """UTF-8, else each octet for itself; any end of line is a line feed."""
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        text = octets.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


MAILBOX = re.compile(
    r"(?<![\w.!#$%&'*+/=?^`{|}~-])"
    r"[\w.!#$%&'*+/=?^`{|}~-]{1,128}@((?:[\w-]{1,63}\.){1,20}[\w-]{2,63})"
)
"""A mailbox in running text; group 1 is its domain."""

HOST = re.compile(r"(?<![\w.@-])(?:[a-z0-9_-]{1,63}\.){1,20}[a-z]{2,63}(?![\w-])", re.IGNORECASE)
"""A host's name in running text."""


def mailbox_in(text: str) -> str | None:
    """The first mailbox of a text, its domain in lower case."""
    found = MAILBOX.search(text)
    if found is None:
        return None
    local, _, domain = found[0].rpartition("@")
    return f"{local}@{domain.lower()}"


_HOSTS = ("mailer-daemon", "postmaster", "maildaemon", "mail-daemon")


def is_of_host(mailbox: str | None) -> bool:
    """Whether a mailbox is that of a host which writes bounces, and nobody's who sent the mail."""
    return (mailbox or "").partition("@")[0].lower() in _HOSTS


def domain_of(mailbox: str) -> str:
    return mailbox.rpartition("@")[2].lower().removesuffix(".")


_STATUS = re.compile(
    r"(?<![\d.])(?:(?P<reply>[245]\d\d)[ \t-]{1,3})?#?(?P<status>[245]\.[0-7]\.\d{1,3})"
    r"(?!\d|\.\d)"
)
_BREAK = re.compile(r"\s*\n[\s>|]*")
_LONGEST_REPLY_LINE = 1000
_BARE = re.compile(
    r"(?:^[\s>*-]{0,12}|[:;>('\"]\s{0,4}|\b(?:error|code|with|returned|said)\s{1,4})"
    r"(?P<reply>[45][0-5]\d)[ -]{1,3}(?=[A-Za-z<(\[])",
    re.IGNORECASE,
)
_MARK = re.compile(r"\[(?P<mark>[A-Z]{2,6}\d{2})\]")
_REPLY_AND_MARK = re.compile(r"(?P<reply>[45]\d\d)\D{0,80}$")


def answers_in(text: str) -> tuple[SmtpReply, ...]:
    """The answers of a text, each once, in its order; what is told of success is left out.

    The text beside a code goes on to the arrow, the next code, or the end of its sentence or line.
    """
    found: dict[str | int | None, SmtpReply] = {}
    lines = one_reply_a_line(text).split("\n")
    for reader in (_answers, _bare_replies, _worded):
        for line in lines:
            for piece in line[:4000].split("->"):
                for answer in reader(piece):
                    key = answer.status or answer.mark or answer.reply
                    old = found.get(key)
                    if _tells_more(answer, old) if old else len(found) < MOST_STATUSES:
                        found[key] = answer
        if found:
            break  # a reply without a status counts where nothing better is told
    return tuple(found.values())


def one_reply_a_line(text: str) -> str:
    """The text with replies of several lines put together (RFC 5321 §4.2.1).

    Each line of such a reply has its codes: `550-5.7.26 first` and `550 5.7.26 last`.
    """
    parts: list[str] = []
    at = 0
    before: re.Match[str] | None = None
    for code in _STATUS.finditer(text):
        if before is not None and _goes_on(text, before, code):
            parts.append(f"{_BREAK.sub(' ', text[at : code.start()]).rstrip(' >|')} ")
            at = code.end() + (text[code.end() : code.end() + 1] == " ")
        before = code
    return "".join([*parts, text[at:]])


def _goes_on(text: str, before: re.Match[str], code: re.Match[str]) -> bool:
    alike = before["reply"] and before.group("reply", "status") == code.group("reply", "status")
    goes_on = alike and text[before.end("reply")] == "-"
    return bool(goes_on) and code.start() - before.end() < _LONGEST_REPLY_LINE


def _tells_more(new: SmtpReply, old: SmtpReply) -> bool:
    def worth(answer: SmtpReply) -> tuple[bool, bool, bool]:
        return (answer.mark is not None, answer.reply is not None, bool(answer.text))

    return worth(new) > worth(old)


def _answers(piece: str) -> list[SmtpReply]:
    """The answers of a text; a receiver's mark belongs to the code in front of it."""
    found = []
    codes = [match for match in _STATUS.finditer(piece) if not match["status"].startswith("2")]
    for number, match in enumerate(codes):
        end = codes[number + 1].start() if number + 1 < len(codes) else len(piece)
        text = piece[match.end() : end]
        mark = _MARK.search(text)
        reply = int(match["reply"]) if match["reply"] else None
        said = _sentence(_MARK.sub(" ", text, count=1))
        before = _BARE.search(piece[: match.start()]) if len(codes) == 1 and not said else None
        if before is not None:  # the code stands at the end, as qmail has it: (#5.7.1)
            reply = reply or int(before["reply"])
            said = _sentence(piece[before.end() : match.start()])
        found.append(SmtpReply(match["status"], reply, said, mark["mark"] if mark else None))
    if not codes:
        mark = _MARK.search(piece)
        before = _REPLY_AND_MARK.search(piece[: mark.start()]) if mark else None
        if mark and before:
            said = _sentence(piece[mark.end() :])
            found.append(SmtpReply(None, int(before["reply"]), said, mark["mark"]))
    return found


def _bare_replies(piece: str) -> list[SmtpReply]:
    """Replies without an enhanced status code, as many hosts still give them."""
    replies = list(_BARE.finditer(piece))
    ends = [*(match.start() for match in replies), len(piece)][1:]
    return [
        SmtpReply(None, int(match["reply"]), _sentence(piece[match.end() : end]))
        for match, end in zip(replies, ends, strict=True)
    ]


def _worded(piece: str) -> list[SmtpReply]:
    """What a sending host says in its own words, where it gave up before anybody answered."""
    return [
        SmtpReply(status, None, _sentence(match[0]))
        for words, status in _WORDS
        if (match := words.search(piece)) is not None
    ][:1]


_WORDS = (
    (re.compile(r"[^:]{0,80}\b(?:name service error|non-existent hosts)\b.{0,200}", re.I), "5.4.4"),
    (re.compile(r"\bunrouteable address\b.{0,200}", re.I), "5.1.2"),
    (re.compile(r"\bloops back to myself\b", re.I), "5.4.6"),
    (re.compile(r"\bconnection (?:timed out|refused)\b", re.I), "4.4.1"),
)
"""Words of Postfix and Exim, and the status that says the same."""
_LOGGED_AS = re.compile(r"^[ ,]{0,3}status=\w{1,20} \(")
_END = re.compile(r";(?=\s*(?:[\w-]{1,40}=|$))|[}{]|'(?:\s|$)|\[Message|\[LastAttempted|\(in reply")


def _sentence(text: str) -> str:
    """The first words of a text, without what surrounds them."""
    text = _END.split(_LOGGED_AS.sub("", " ".join(text.split())), maxsplit=1)[0]
    text = text.lstrip(" '\">#-:.,)").rstrip(" '\"<#-:.,(")
    text = text if "(" in text else text.rstrip(")")
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT].rpartition(' ')[0]} …"


_LONGEST_TEXT = 500
