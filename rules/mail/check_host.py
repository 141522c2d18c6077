"""check_host (RFC 7208 §4), whole and offline: the result for one address, sender and HELO name.

Answers come from the zones and the lock. Where an answer is needed that nobody here knows, the
result is `undecided` with the names that are missing: it is never guessed. A failure that the
lock recorded (SERVFAIL, no reply) is a temperror, as it would be for a receiver.

How the RFC is read where it leaves room:

- terms are counted as they are evaluated; void lookups are counted once a term (§4.6.4);
- the PTR question of `%{p}` is no term and not counted;
- a target that cannot be a name does not match (§4.8), and costs its lookup;
- an IPv4-mapped IPv6 address is an IPv4 address (§5).
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from zonelint.grammars.spf import record as spf
from zonelint.grammars.spf.tree import DomainSpec, MacroString, Mechanism
from zonelint.grammars.zone import is_below, labels
from zonelint.rules.mail.lookups import COSTLY, LIMIT, MX_LIMIT, VOID_LIMIT, spf_texts
from zonelint.rules.mail.macros import NoValue, expand, query_name
from zonelint.rules.model.answers import Address, Answer, Answers, Status, owner_name

PTR_LIMIT = 10
"""Names of one PTR answer that are looked at; the rest is ignored (§4.6.4)."""
_DEEPEST = 2 * LIMIT
"""Includes and redirects inside each other: over the limit of lookups long before."""


class Outcome(StrEnum):
    """The results of §2.6, and what a check without the answers it needs must say."""

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What check_host says.

    path: the terms that lead to the result, outermost first, as written; behind an error its cause
      in words.
    lookups: the terms that asked DNS; a lower bound for an undecided result.
    explanation: what `exp` says about a fail; None without one.
    missing: the names that nobody knows, for an undecided result.
    """

    result: Outcome
    path: tuple[str, ...] = ()
    lookups: int = 0
    explanation: str | None = None
    missing: tuple[str, ...] = ()


def check_host(
    ip: Address,
    domain: str,
    answers: Answers,
    *,
    sender: str | None = None,
    helo: str | None = None,
    receiver: str = "unknown",
    now: Callable[[], float] = time.time,
) -> Verdict:
    """The result of SPF for mail from the address.

    domain: the domain to evaluate: the sender's, or the HELO name for an empty sender.
    sender: the mailbox of MAIL FROM; without a local part it is postmaster's (§4.3).
    helo: the HELO name, for the macro `h`; the domain itself where none is given.
    receiver, now: for the macros `r` and `t` of an explanation.
    """
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    local, _, host = (sender or "").rpartition("@")
    # Mail has names without a final dot, and the macros take them from there.
    mailbox = f"{local or 'postmaster'}@{_without_dot(host or domain)}"
    check = _Check(ip, mailbox, _without_dot(helo or domain), answers, receiver, now)
    return check.run(domain)


class _Stop(Exception):
    """Evaluation ends here, with an error."""

    def __init__(self, result: Outcome, cause: str) -> None:
        super().__init__(cause)
        self.result = result
        self.cause = cause


@dataclass(frozen=True, slots=True)
class _Said:
    """The result of one record; `exp` and the domain that it speaks for, where there is one."""

    result: Outcome
    path: tuple[str, ...]
    explanation: DomainSpec | None = None
    domain: str = ""


class _Check:
    """One evaluation: its inputs and its counters."""

    def __init__(
        self,
        ip: Address,
        sender: str,
        helo: str,
        answers: Answers,
        receiver: str,
        now: Callable[[], float],
    ) -> None:
        self.ip = ip
        self.type = "A" if ip.version == 4 else "AAAA"
        self.sender = sender
        self.local, _, self.sender_domain = sender.rpartition("@")
        self.helo = helo
        self.answers = answers
        self.receiver = receiver
        self.now = now
        self.lookups = 0
        self.voids = 0
        self.term_is_void = False
        self.missing: dict[str, None] = {}

    def run(self, domain: str) -> Verdict:
        name = owner_name(domain)
        # §4.3: a name that is malformed or of one label gets no evaluation.
        if name is None or len(labels(name)) < 2 or _is_literal(domain):
            return Verdict(Outcome.NONE)
        explanation = None
        try:
            said = self._evaluate(name, 0)
            result, path = said.result, said.path
            if result is Outcome.FAIL and not self.missing:
                explanation = self._explanation(said)
        except _Stop as stop:
            result, path = stop.result, (stop.cause,)
        if self.missing:
            return Verdict(Outcome.UNDECIDED, (), self.lookups, None, tuple(self.missing))
        return Verdict(result, path, self.lookups, explanation)

    # -- records ------------------------------------------------------------------------------

    def _evaluate(self, name: str, depth: int) -> _Said:
        answer = self.answers.ask(name, "TXT")
        if self._is_lost(answer):
            return _Said(Outcome.NONE, ())
        self.term_is_void |= answer.is_void and depth > 0
        texts = spf_texts(answer)
        if not texts:
            return _Said(Outcome.NONE, ())
        if len(texts) > 1:
            raise _Stop(Outcome.PERMERROR, f"{_without_dot(name)} has {len(texts)} SPF records")
        record = spf.parse(texts[0])
        if record.faults:
            raise _Stop(Outcome.PERMERROR, f"the record of {_without_dot(name)} has a syntax error")
        for term in record.mechanisms:
            path = self._match(term, name, depth)
            if path is not None:
                result = Outcome(term.qualifier.result)
                return _Said(result, (term.text, *path), _domain_of(record.exp), name)
            if term.name == "all":
                break
        if record.redirect is None:
            return _Said(Outcome.NEUTRAL, ())
        return self._redirect(record.redirect, name, depth)

    def _redirect(self, term: spf.Modifier, name: str, depth: int) -> _Said:
        self._count(term.text)
        said = self._descend(_domain_of(term), name, term.text, depth)
        return _Said(said.result, (term.text, *said.path), said.explanation, said.domain)

    def _descend(self, spec: DomainSpec | None, name: str, term: str, depth: int) -> _Said:
        target = self._target(spec, name)
        if target is None:
            raise _Stop(Outcome.PERMERROR, f"{term}: the target cannot be a name")
        if depth >= _DEEPEST:
            raise _Stop(Outcome.PERMERROR, f"{term}: too deep")
        self.term_is_void = False
        before = len(self.missing)
        said = self._evaluate(target, depth + 1)
        self._count_void(term)
        if said.result is Outcome.NONE and len(self.missing) == before:
            raise _Stop(Outcome.PERMERROR, f"{term}: {_without_dot(target)} has no SPF record")
        return said

    # -- mechanisms ---------------------------------------------------------------------------

    def _match(self, term: Mechanism, name: str, depth: int) -> tuple[str, ...] | None:
        """The path below the term where it matches, None where it does not."""
        if term.name in COSTLY:
            self._count(term.text)
        self.term_is_void = False
        if term.name == "include":
            return self._include(term, name, depth)
        match term.name:
            case "all":
                matches = True
            case "ip4" | "ip6":
                network = term.network
                matches = network is not None and self.ip in network
            case _:
                target = self._target(term.domain, name) if term.domain else name
                matches = target is not None and self._asks(term, target)
        self._count_void(term.text)
        return () if matches else None

    def _include(self, term: Mechanism, name: str, depth: int) -> tuple[str, ...] | None:
        said = self._descend(term.domain, name, term.text, depth)
        return said.path if said.result is Outcome.PASS else None

    def _asks(self, term: Mechanism, target: str) -> bool:
        match term.name:
            case "a":
                return self._holds(target, term)
            case "mx":
                return self._mx(target, term)
            case "exists":
                return bool(self._ask(target, "A").values)
            case _:
                return any(is_below(host, target) for host in self._validated())

    def _mx(self, target: str, term: Mechanism) -> bool:
        exchanges = self._ask(target, "MX").exchanges
        # A match among the first ten ends the evaluation before the eleventh is asked for.
        if any(self._holds(host, term) for host in exchanges[:MX_LIMIT]):
            return True
        if len(exchanges) > MX_LIMIT:
            raise _Stop(
                Outcome.PERMERROR,
                f"{term.text}: {_without_dot(target)} has more than {MX_LIMIT} mail exchanges",
            )
        return False

    def _holds(self, host: str, term: Mechanism) -> bool:
        """Whether the client's address is in the network around one of the host's addresses."""
        length = term.cidr4 if self.ip.version == 4 else term.cidr6
        width = self.ip.max_prefixlen
        drop = width - (width if length is None else length)
        wanted = int(self.ip) >> drop
        answer = self._ask(host, self.type)
        found = any(
            each.version == self.ip.version and int(each) >> drop == wanted
            for each in answer.addresses
        )
        if not found and answer.reason:
            self.missing[answer.missing] = None
        return found

    def _validated(self) -> list[str]:
        """The names of the client's address that have that address (§5.5)."""
        answer = self.answers.ask(self._reverse, "PTR")
        if answer.status is Status.UNKNOWN:
            self.missing[answer.missing] = None
        self.term_is_void |= answer.is_void
        # An error here means no match, not temperror; one for a name skips that name.
        return [host for host in answer.values[:PTR_LIMIT] if self._is_validated(host)]

    def _is_validated(self, host: str) -> bool:
        answer = self.answers.ask(host, self.type)
        if answer.status is Status.UNKNOWN:
            self.missing[answer.missing] = None
        return self.ip in answer.addresses

    @cached_property
    def _reverse(self) -> str:
        return self.ip.reverse_pointer.lower() + "."

    # -- questions and counts -----------------------------------------------------------------

    def _ask(self, name: str, type: str) -> Answer:
        """An answer for a term: a failure is a temperror (§5), nothing at all a void lookup."""
        answer = self.answers.ask(name, type)
        self.term_is_void |= not self._is_lost(answer) and answer.is_void
        return answer

    def _is_lost(self, answer: Answer) -> bool:
        """Whether nobody knows. Evaluation then goes on as if nothing matched, to name them all."""
        if answer.status is Status.UNKNOWN:
            self.missing[answer.missing] = None
            return True
        if not answer.is_fact:
            raise _Stop(Outcome.TEMPERROR, f"{_without_dot(answer.name)} does not answer")
        return False

    def _count(self, term: str) -> None:
        self.lookups += 1
        if self.lookups > LIMIT:
            raise _Stop(Outcome.PERMERROR, f"{term}: more than {LIMIT} lookups")

    def _count_void(self, term: str) -> None:
        if self.term_is_void:
            self.voids += 1
            self.term_is_void = False
            if self.voids > VOID_LIMIT:
                raise _Stop(Outcome.PERMERROR, f"{term}: more than {VOID_LIMIT} void lookups")

    # -- macros -------------------------------------------------------------------------------

    def _target(self, spec: MacroString | None, name: str) -> str | None:
        return None if spec is None else query_name(expand(spec, self._values(name)))

    def _values(self, name: str) -> dict[str, Callable[[], str]]:
        """The macro letters of a domain-spec in a record of `name` (§7.2)."""
        return {
            "s": lambda: self.sender,
            "l": lambda: self.local,
            "o": lambda: self.sender_domain,
            "d": lambda: _without_dot(name),
            "i": self._dotted,
            "p": lambda: self._validated_name(name),
            "v": lambda: "in-addr" if self.ip.version == 4 else "ip6",
            "h": lambda: self.helo,
        }

    def _dotted(self) -> str:
        if self.ip.version == 4:
            return str(self.ip)
        return ".".join(f"{int(self.ip):032x}").upper()

    def _validated_name(self, name: str) -> str:
        """The value of `p`: the domain itself if validated, else a subdomain, else any (§7.3)."""
        void = self.term_is_void
        hosts = self._validated()
        self.term_is_void = void  # the lookups of a macro are not the term's own
        ranked = sorted(hosts, key=lambda host: (host != name, not is_below(host, name)))
        return _without_dot(ranked[0]) if ranked else "unknown"

    def _explanation(self, said: _Said) -> str | None:
        """The text that `exp` leads to (§6.2). Whatever goes wrong, there is none."""
        if said.explanation is None:
            return None
        before = dict(self.missing)
        try:
            target = self._target(said.explanation, said.domain)
            answer = None if target is None else self.answers.ask(target, "TXT")
            if answer is None or answer.status is not Status.RECORDS or len(answer.values) != 1:
                return None
            text = spf.read_explanation(answer.values[0])
            if text is None:
                return None
            more: dict[str, Callable[[], str]] = {
                "c": lambda: str(self.ip),
                "r": lambda: self.receiver,
                "t": lambda: str(int(self.now())),
            }
            return expand(text, self._values(said.domain) | more)
        except NoValue:
            return None
        finally:
            # What only the explanation lacks leaves the result decided.
            self.missing = before


def _domain_of(term: spf.Modifier | None) -> DomainSpec | None:
    return term.value if term is not None and isinstance(term.value, DomainSpec) else None


def _without_dot(name: str) -> str:
    """A name as the macros have it: without its final dot."""
    return name.removesuffix(".")


def _is_literal(domain: str) -> bool:
    """Whether it is an address and no name: `[192.0.2.1]`."""
    return domain.startswith("[")
