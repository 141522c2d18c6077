"""What the records of a zone tell about what its owners want, for a first zonelint.toml.

Every guess keeps the record that it was made from: the file says that it was guessed, and from
what, so that a person can correct it.
"""

from __future__ import annotations

import glob
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from types import MappingProxyType

from zonelint.grammars.listing import grouped
from zonelint.grammars.spf.record import Qualifier
from zonelint.grammars.tags.dmarc import Alignment
from zonelint.grammars.zone import Zone, without_dot
from zonelint.rules.config.senders import Catalogue
from zonelint.rules.config.toml_text import quote_toml
from zonelint.rules.model.inferring import Shown, Sign, infer_services, own_id
from zonelint.rules.model.questions import of_spf
from zonelint.rules.model.subjects import MailZone
from zonelint.rules.transport.support.hosts import may_have_address
from zonelint.rules.transport.support.parked import is_evidently_parked, is_watched, shows_mail


@dataclass(slots=True)
class Guess:
    """What was guessed of one domain. `senders` are ids with the record that shows each.

    `envelopes` are the names below the domain that a sender has its bounces come back to,
    `includes` those of accounts that have one of their own, and `unknown` the includes of
    senders that the catalogue does not have. With a `doubt` the guess stays a comment. `receiver`
    is the service to which all of its mail goes.
    """

    domain: str
    profile: str
    why: str
    senders: dict[str, str] = field(default_factory=dict)
    dkim: dict[str, dict[str, str]] = field(default_factory=dict)
    envelopes: dict[str, str] = field(default_factory=dict)
    includes: dict[str, str] = field(default_factory=dict)
    doubt: str = ""
    unknown: dict[str, list[str]] = field(default_factory=dict)
    spf: str | None = None
    """The stage; empty where the records of the domain's zones end differently."""
    alignment: str | None = None
    rua: list[str] = field(default_factory=list)
    receiver: str = ""
    zones_differ: bool = False
    """Whether the domain's zones show different senders."""


def included(zones: Iterable[MailZone]) -> set[str]:
    """The names whose SPF records are parts of others."""
    records = (found for zone in zones for each in zone.spf.values() for found in each)
    return {asked.name for r in records for asked in of_spf(r.ast, r.owner) if asked.is_spf}


def guesses(zone: MailZone, catalogue: Catalogue, parts: Collection[str]) -> Iterator[Guess]:
    """One guess for each domain of the zone that has mail, and for its own where that has none.

    parts: the names whose SPF records are parts of others.
    """
    services = dict(infer_services(zone, catalogue))
    services.setdefault(zone.origin, Shown(zone.origin, False))
    for domain, shown in services.items():
        guess = _profile(zone, shown)
        if guess is None or (domain != zone.origin and _only_helps(zone, shown, parts)):
            continue
        if guess.profile != "parked":
            _senders(shown, guess, catalogue)
            _policies(zone, guess)
            guess.receiver = _receiver(zone, domain, catalogue)
        if not zone.spf_at(domain) and not (guess.senders and zone.receives(domain)):
            # It only receives, or sends with an envelope of another name.
            guess.profile = guess.profile.removeprefix("sending")
        if guess.senders or domain == zone.origin or zone.sends(domain):
            yield guess  # the MX of other names may serve lists or tickets, which only receive


def _profile(zone: MailZone, shown: Shown) -> Guess | None:
    domain = shown.domain
    paths = [each.envelope for each in shown.services.values() if each.envelope is not None]
    if zone.receives(domain):
        return Guess(domain, "sending", "it has a mail exchanger")
    if zone.sends(domain):
        return Guess(domain, "sending", "its SPF record names senders")
    if paths:
        return Guess(domain, "sending", f"bounces come back to {without_dot(min(paths))}")
    if any(Sign.KEY in each.signs for each in shown.services.values()):
        return Guess(domain, "sending", "a selector leads to a key of a service")
    if domain != zone.origin or shows_mail(zone):
        return None
    receives_none = zone.has_null_mx(domain)
    sends_none = any(_refuses_all(found.value) for found in zone.spf.get(domain, ()))
    if receives_none:
        why = "its null MX says that it receives no mail"
    elif sends_none:
        why = "its SPF record allows no sender and it has no MX"
    elif is_evidently_parked(zone) and not zone.unseen(domain, "MX", "TXT"):
        why = "nothing in its zone sends or receives mail"
    else:
        return None
    guess = Guess(domain, "parked", why)
    if is_watched(zone) and not (receives_none and sends_none):
        guess.doubt = "its DMARC record asks for reports, and for no mail to be refused"
    elif not receives_none and may_have_address(zone.context, domain):
        guess.doubt = "without an MX its address receives mail"
    return guess


def _only_helps(zone: MailZone, shown: Shown, parts: Collection[str]) -> bool:
    """Whether a name has an SPF record and no mail: a part of others' records, or a host's own."""
    domain = shown.domain
    signs = {sign for each in shown.services.values() for sign in each.signs}
    if zone.receives(domain) or signs - {Sign.INCLUDE} or f"_dmarc.{domain}" in zone.dmarc:
        return False
    if any(owner.endswith(f"._domainkey.{domain}") for owner in zone.keys):
        return False
    terms = [term for found in zone.spf.get(domain, ()) for term in found.ast.mechanisms]
    is_own = all(term.name == "all" or term.text.lower() == "a" for term in terms)
    return domain in parts or (is_own and bool(terms))


def _refuses_all(text: str) -> bool:
    return text.lower().split() == ["v=spf1", "-all"]


def _senders(shown: Shown, guess: Guess, catalogue: Catalogue) -> None:
    for id, service in shown.services.items():
        guess.senders[id] = service.evidence[0].note
        if service.targets:
            guess.dkim[id] = service.targets
        if service.envelope is not None:
            guess.envelopes[id] = service.envelope
        if service.include is not None:
            guess.includes[id] = service.include
    for name, term in shown.unknown.items():
        id = own_id(name, catalogue.known())
        guess.senders.setdefault(id, term)
        guess.unknown.setdefault(id, []).append(without_dot(name))


def _receiver(zone: MailZone, domain: str, catalogue: Catalogue) -> str:
    """The service that all exchanges of a domain belong to, for everybody who asks."""
    targets = [record.target for record in zone.mx(domain) or ()]
    sender = next(filter(None, map(catalogue.by_mx, map(without_dot, targets))), None)
    if sender is None or (domain, "MX") in zone.zone.variants:
        return ""
    is_all = all(sender.receives_at(to) or sender.is_verification(to) for to in targets)
    return sender.id if is_all else ""


def _policies(zone: MailZone, guess: Guess) -> None:
    records = zone.spf.get(guess.domain, ())
    for found in records if len(records) == 1 else ():
        last = found.ast.all
        if last is not None:
            guess.spf = "final" if last.qualifier is Qualifier.FAIL else "transition"
    for policy in zone.dmarc.get(f"_dmarc.{guess.domain}", ()):
        strict = policy.ast.adkim is Alignment.STRICT
        if strict is (policy.ast.aspf is Alignment.STRICT):  # the key has one word for both
            guess.alignment = "strict" if strict else "relaxed"
        guess.rua = [uri.uri for uri in policy.ast.rua if not uri.faults]


def together(found: Iterable[Guess]) -> list[Guess]:
    """One guess for each domain, where several zones tell of it, as views do."""
    by_domain: dict[str, Guess] = {}
    for guess in found:
        first = by_domain.setdefault(guess.domain, guess)
        if first is guess or guess.profile == "parked":
            first.doubt = first.doubt or guess.doubt
            continue
        if first.profile == "parked":
            by_domain[guess.domain] = guess
            continue
        first.zones_differ |= guess.senders.keys() != first.senders.keys()
        first.receiver = guess.receiver if guess.receiver == first.receiver else ""
        first.senders = guess.senders | first.senders
        first.envelopes = guess.envelopes | first.envelopes
        first.includes = guess.includes | first.includes
        first.unknown = guess.unknown | first.unknown
        for sender, targets in guess.dkim.items():
            first.dkim[sender] = targets | first.dkim.get(sender, {})
        if first.spf is None:
            first.spf = guess.spf
        elif guess.spf not in (None, first.spf):
            first.spf = ""
        first.alignment = first.alignment or guess.alignment
        first.rua = first.rua or guess.rua
    return list(by_domain.values())


def views(zones: Iterable[Zone]) -> dict[str, list[str]]:
    """What may be the views of zones that share their names, with the words that tell them: who
    publishes each, or its folder."""
    by_name = grouped((zone.origin, zone) for zone in zones)
    found: dict[str, list[str]] = {}
    for alike in by_name.values():
        publishers = [getattr(zone, "provider", "") for zone in alike]
        folders = [PurePath(zone.path).parent for zone in alike]
        if len(alike) < 2:
            continue
        if all(publishers) and len(set(publishers)) == len(alike):
            told = [(name, name) for name in publishers]
        elif len({folder.name for folder in folders}) == len(alike) and all(
            folder.name for folder in folders
        ):
            told = [(folder.name, glob.escape(folder.as_posix())) for folder in folders]
        else:
            continue
        for view, word in told:
            words = found.setdefault(view, [])
            words += [word] * (word not in words)
    return found


_ANY_VIEWS = (
    "# [views]                          # zones of one name, for different clients",
    '# internal = { zones = ["zones/internal/*"], public = false }',
)


def written(
    zones: Sequence[str],
    found: Sequence[Guess],
    files: Sequence[str] = (),
    views: Mapping[str, Sequence[str]] = MappingProxyType({}),
    origins: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The text of a zonelint.toml, with comments.

    files: other configurations that hold for some of the zones. views: what may be views.
    origins: those of files that do not tell their own, as the configuration had them.
    """
    lines = [
        "# What the owners of these zones mean their mail to be; zonelint checks the zones against",
        "# it. Every [domains] table below was GUESSED from the records by 'zonelint init': read",
        "# it, correct it, and delete what is not so.",
        "",
        f"zones = {_list(zones)}",
        '# reports = ["dmarc-reports"]      # folders of DMARC aggregate reports',
        "# [thresholds]                     # the limits that rules use",
        "# ttl-least = 3600",
        *(() if views else _ANY_VIEWS),
        "# 'zonelint check --show-settings' prints the keys with the values that hold.",
        "",
    ]
    if files:
        lines += [f"# {_comment(name)} holds for the zones beside it." for name in files]
        lines.append("")
    lines += _parked([guess for guess in found if guess.profile == "parked"])
    if origins:
        told = (
            f"{quote_toml(path)} = {quote_toml(without_dot(name))}"
            for path, name in origins.items()
        )
        lines += ["[origins]", *told, ""]
    lines += _unknown(found)
    for guess in found:
        if guess.profile != "parked":
            lines += _domain(guess)
    if views:
        lines += [
            "# Some names have several zones. If each is served to other clients, they are views;",
            "# one that the internet does not see is { zones = [...], public = false }:",
            "# [views]",
            *(
                f"# {quote_toml(view)} = [{', '.join(map(quote_toml, words))}]"
                for view, words in views.items()
            ),
        ]
    return "\n".join(lines).rstrip() + "\n"


def _parked(found: Sequence[Guess]) -> Iterator[str]:
    """The domains without mail, each with what says so."""
    if found:
        yield "# Domains without mail: SPF, DMARC and MX should say so. Guessed, with the reason."
        if any(guess.doubt for guess in found):
            yield "# Those behind a # may have mail: take it away where you know better."
        yield "parked = ["
        for guess in found:
            mark, doubt = ("# ", f", but {guess.doubt}") if guess.doubt else ("", "")
            yield f"    {mark}{quote_toml(without_dot(guess.domain))},  # {guess.why}{doubt}"
        yield "]"
        yield ""


def _unknown(found: Sequence[Guess]) -> Iterator[str]:
    """Tables for the services that the catalogue does not have."""
    includes: dict[str, dict[str, None]] = {}
    for guess in found:
        for sender, names in guess.unknown.items():
            includes.setdefault(sender, {}).update(dict.fromkeys(names))
    if includes:
        yield "# Services that zonelint does not know, named after their includes. Do you use them?"
    for sender, those in includes.items():
        yield f"[senders.{sender}]"
        yield f"spf.includes = {_list(tuple(those))}"
        yield ""


def _domain(guess: Guess) -> Iterator[str]:
    table = f"domains.{quote_toml(without_dot(guess.domain))}"
    yield f"[{table}]"
    if guess.profile:
        yield f'profile = "{guess.profile}"             # guessed: {guess.why}'
    if guess.senders:
        differ = guess.zones_differ
        mark = "# " if differ else ""
        yield f"{mark}senders = [{'  # not all of its zones show the same' if differ else ''}"
        for sender, why in guess.senders.items():
            yield f"{mark}    {quote_toml(sender)},  # guessed from {_comment(why)}"
        yield f"{mark}]"
    elif not guess.profile:
        yield '# senders = ["…"]                # no record shows who sends as it'
    else:
        yield "senders = []                      # no record names a service"
    if guess.receiver:
        yield f"mx.receiver = {quote_toml(guess.receiver)}  # guessed: its MX is there"
    if guess.spf == "":
        yield '# spf = "final"                  # in some zones it ends in -all, not in all'
    elif guess.spf is not None:
        meaning = {"final": "ends in -all", "transition": "does not end in -all yet"}[guess.spf]
        yield f"spf = {quote_toml(guess.spf)}  # guessed: the record {meaning}"
    yield ""
    of_senders = () if guess.zones_differ else (*guess.envelopes, *guess.includes)
    for sender in dict.fromkeys(of_senders):
        yield f"[{table}.{sender}]"
        if (name := guess.envelopes.get(sender)) is not None:
            yield (
                f"envelope = {quote_toml(without_dot(name))}  # guessed: bounces come back to it"
            )
        if (name := guess.includes.get(sender)) is not None:
            yield f"include = {quote_toml(without_dot(name))}  # guessed: as in the SPF record"
        yield ""
    for sender, targets in guess.dkim.items() if not guess.zones_differ else ():
        yield f"[{table}.{sender}.dkim]"
        for selector, target in targets.items():
            yield f"{quote_toml(selector)} = {quote_toml(target)}"
        yield ""
    yield f"[{table}.dmarc]"
    yield 'target = "reject"                 # where the roll-out ends: none, quarantine or reject'
    if guess.alignment is not None:
        yield f"alignment = {quote_toml(guess.alignment)}  # guessed: as in the DMARC record"
    if guess.rua:
        yield f"rua = {_list(guess.rua)}"
    else:
        yield '# rua = ["mailto:…"]              # where the aggregate reports go'
    yield ""


def _list(words: Sequence[str]) -> str:
    line = f"[{', '.join(map(quote_toml, words))}]"
    if len(line) < _LONG_LINE:
        return line
    return "\n".join(["[", *(f"    {quote_toml(word)}," for word in words), "]"])


_LONG_LINE = 90


def _comment(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
