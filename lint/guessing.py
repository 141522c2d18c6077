"""What the records of a zone tell about what its owners want, for a first zonelint.toml.

Every guess keeps the record that it was made from: the file says that it was guessed, and from
what, so that a person can correct it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zonelint.grammars.dmarc import Alignment
from zonelint.grammars.spf import Qualifier
from zonelint.grammars.zone import spoken

if TYPE_CHECKING:
    from zonelint.rules.senders import Catalogue
    from zonelint.rules.subjects import MailZone


@dataclass(slots=True)
class Guess:
    """What was guessed of one domain. ``senders`` are ids with the record that shows each."""

    domain: str
    profile: str
    why: str
    senders: dict[str, str] = field(default_factory=dict)
    dkim: dict[str, dict[str, str]] = field(default_factory=dict)
    spf: str | None = None
    alignment: str | None = None
    rua: list[str] = field(default_factory=list)


def guesses(zone: MailZone, catalogue: Catalogue) -> Iterator[Guess]:
    """One guess for each domain of the zone that has mail, or says that it has none."""
    for domain in _domains(zone):
        guess = _profile(zone, domain)
        if guess is None:
            continue
        if guess.profile != "parked":
            _senders(zone, guess, catalogue)
            _policies(zone, guess)
        yield guess


def _domains(zone: MailZone) -> list[str]:
    """The apex first, then the names with MX or SPF; no wildcard and no name with underscore."""
    names = dict.fromkeys((zone.origin, *zone.zone.table("MX"), *zone.spf))
    return [name for name in names if not name.startswith("*") and "_" not in name]


def _profile(zone: MailZone, domain: str) -> Guess | None:
    if zone.receives(domain):
        return Guess(domain, "sending", "it has a mail exchanger")
    if zone.sends(domain):
        return Guess(domain, "sending", "its SPF record names senders")
    if domain != zone.origin:
        return None
    if zone.has_null_mx(domain):
        return Guess(domain, "parked", "its null MX says that it takes no mail")
    if any(_refuses_all(found.value) for found in zone.spf.get(domain, ())):
        return Guess(domain, "parked", "its SPF record allows no sender and it has no MX")
    return None


def _refuses_all(text: str) -> bool:
    return text.lower().split() == ["v=spf1", "-all"]


def _senders(zone: MailZone, guess: Guess, catalogue: Catalogue) -> None:
    domain = guess.domain
    for found in zone.spf.get(domain, ()):
        for term in found.ast.mechanisms:
            name = None if term.domain is None else term.domain.literal
            sender = catalogue.by_include(name) if name and term.name == "include" else None
            if sender is not None:
                guess.senders.setdefault(sender.id, term.text)
    mx = zone.mx(domain)
    for record in mx or ():
        sender = catalogue.by_mx(spoken(record.target))
        if sender is not None:
            guess.senders.setdefault(sender.id, f"MX {spoken(record.target)}")
    for rrset in zone.zone.of_type("CNAME"):
        selector, _, below = rrset.owner.partition("._domainkey.")
        known = (
            catalogue.by_dkim_target(spoken(rrset.records[0].target)) if below == domain else None
        )
        if known is not None:
            sender = known[0]
            guess.senders.setdefault(sender.id, f"CNAME {selector}._domainkey")
            targets = guess.dkim.setdefault(sender.id, {})
            targets[selector] = spoken(rrset.records[0].target)


def _policies(zone: MailZone, guess: Guess) -> None:
    for found in zone.spf.get(guess.domain, ()):
        last = found.ast.all
        if last is not None:
            guess.spf = "final" if last.qualifier is Qualifier.FAIL else "transition"
    for policy in zone.dmarc.get(f"_dmarc.{guess.domain}", ()):
        strict = policy.ast.adkim is policy.ast.aspf is Alignment.STRICT
        guess.alignment = "strict" if strict else "relaxed"
        guess.rua = [uri.uri for uri in policy.ast.rua if not uri.faults]


def written(zones: Sequence[str], found: Sequence[Guess]) -> str:
    """The text of a zonelint.toml, with comments."""
    lines = [
        "# What the owners of these zones mean their mail to be; zonelint holds the zones against",
        "# it. Every [domains] table below was GUESSED from the records by 'zonelint init': read",
        "# it, correct it, and delete what is not so.",
        "",
        f"zones = {_list(zones)}",
        '# reports = ["dmarc-reports"]      # folders of DMARC aggregate reports',
        "# [thresholds]                     # where rules draw their lines",
        "# ttl-least = 3600",
        "",
    ]
    parked = [guess for guess in found if guess.profile == "parked"]
    for guess in found:
        if guess.profile != "parked":
            lines += _domain(guess)
    if parked:
        lines.append("# Domains without mail: SPF, DMARC and MX should say so.")
    for guess in parked:
        lines += [
            f"[domains.{_quoted(spoken(guess.domain))}]",
            f'profile = "parked"              # guessed: {guess.why}',
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


def _domain(guess: Guess) -> Iterator[str]:
    table = f"domains.{_quoted(spoken(guess.domain))}"
    yield f"[{table}]"
    yield f'profile = "{guess.profile}"             # guessed: {guess.why}'
    if guess.senders:
        yield "senders = ["
        for sender, why in guess.senders.items():
            yield f"    {_quoted(sender)},  # guessed from {_comment(why)}"
        yield "]"
    else:
        yield "senders = []                      # none of the services that zonelint knows"
    if guess.spf is not None:
        meaning = {"final": "ends in -all", "transition": "does not end in -all yet"}[guess.spf]
        yield f"spf = {_quoted(guess.spf)}  # guessed: the record {meaning}"
    yield ""
    for sender, targets in guess.dkim.items():
        yield f"[{table}.{sender}.dkim]"
        for selector, target in targets.items():
            yield f"{_quoted(selector)} = {_quoted(target)}"
        yield ""
    yield f"[{table}.dmarc]"
    yield 'target = "reject"                 # where the roll-out ends: none, quarantine or reject'
    if guess.alignment is not None:
        yield f"alignment = {_quoted(guess.alignment)}  # guessed: as the DMARC record has it"
    if guess.rua:
        yield f"rua = {_list(guess.rua)}"
    else:
        yield '# rua = ["mailto:…"]              # where the aggregate reports go'
    yield ""


def _list(words: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, words))}]"


def _quoted(text: str) -> str:
    """A TOML basic string (TOML 1.0): what has to be escaped is."""
    out = []
    for char in text:
        if char in '"\\':
            out.append(f"\\{char}")
        elif char < " " or char == "\x7f" or "\ud800" <= char <= "\udfff":
            out.append(f"\\u{ord(char) & 0xFF:04x}")
        else:
            out.append(char)
    return f'"{"".join(out)}"'


def _comment(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
