"""`zonelint spf`: what a domain's SPF says about one address, or about all of them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from zonelint.commands import shared
from zonelint.grammars.zone import without_dot
from zonelint.providers.project.index import repository
from zonelint.providers.project.project import Project
from zonelint.providers.project.reading import STDIN
from zonelint.providers.project.refused import RunRefused
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.mail import lookups, networks
from zonelint.rules.mail.check_host import Outcome, Verdict, check_host
from zonelint.rules.mail.lookups import Tree
from zonelint.rules.mail.networks import (
    IntervalMap,
    Maps,
    NetworkQuestion,
    Value,
    possible,
    questions,
)
from zonelint.rules.model.answers import Address
from zonelint.rules.model.context import Context
from zonelint.status import CLEAN, COULD_NOT
from zonelint.terminal import print_errors


def _address(_: click.Context, __: click.Parameter, text: str | None) -> Address | None:
    try:
        found = None if text is None else ipaddress.ip_address(text)
        if isinstance(found, ipaddress.IPv6Address) and found.scope_id is not None:
            raise ValueError("a link-local address")
        return found
    except ValueError:
        raise click.BadParameter(f"{text!r} is not an IPv4 or IPv6 address.") from None


def _mailbox(_: click.Context, __: click.Parameter, given: str | None) -> str | None:
    """The mailbox of a reverse-path, with or without its brackets (RFC 5321 §4.1.2)."""
    if given is None:
        return None
    mailbox = given[1:-1] if given.startswith("<") and given.endswith(">") else given
    if any(character in "<> \t" for character in mailbox) or mailbox.endswith("@"):
        raise click.BadParameter(f"{given!r} is not a mailbox: user@example.com, or '<>'.")
    return mailbox


@click.command(
    epilog="Exit status: 0 answered, 2 undecided or something could not be read.",
)
@click.argument("domain", type=shared.domain_name)
@click.argument("ip", required=False, callback=_address, metavar="[IP]")
@click.option(
    "--sender",
    metavar="MAILBOX",
    callback=_mailbox,
    help="The envelope sender, for macros; '<>' is that of bounces, with DOMAIN as the HELO name.",
)
@click.option("--helo", metavar="NAME", help="The client's HELO name, for macros.")
@click.option(
    "--zones",
    multiple=True,
    type=shared.any_path,
    metavar="PATH|NAME",
    help="Zone files or folders, instead of those that zonelint.toml names; or the view or target "
    "whose zone answers. May be repeated.",
)
@shared.lock
@shared.config
@shared.origin
@shared.output_format("text", "json")
@click.pass_context
def spf(
    ctx: click.Context,
    domain: str,
    ip: Address | None,
    sender: str | None,
    helo: str | None,
    zones: tuple[str, ...],
    lock: Path | None,
    config: Path | None,
    origin: str | None,
    format_: str,
) -> None:
    """Say what the SPF of DOMAIN answers for mail from IP, and the way to it.

    Without IP, list the networks that may send as DOMAIN. Answers come from
    the zones and from zonelint.lock, never from the network; where they do
    not suffice, the result is undecided.
    """
    known = _known(domain, zones, lock, config, origin)
    (_, context), *others = known
    if others and len({_describe_answer(domain, ip, sender, helo, each) for _, each in known}) > 1:
        told = f"the zones of {without_dot(domain)} answer differently"
        places = ", ".join(_tell_apart([zone for zone, _ in known]))
        ctx.exit(print_errors([f"{told}; choose one with --zones: {places}"]))
    if ip is not None:
        ctx.exit(_check(domain, ip, sender, helo, context, format_))
    ctx.exit(_list(domain, context, format_))


def _known(
    name: str, zones: tuple[str, ...], lock: Path | None, given: Path | None, origin: str | None
) -> list[tuple[ZoneId, Context]]:
    """What is known around a domain, in each zone that holds it. Raises RunRefused."""
    project = Project(config=given, origin=origin, lock=lock)
    paths = [each for each in zones if each == STDIN or Path(each).exists()]
    read = project.open(paths)
    if read.problems and (paths or not read.zones):
        raise RunRefused(*map(str, read.problems))
    found = project.around(name, repository(project, read.zones, paths))
    if names := {each.lower() for each in zones if each not in paths}:
        # A zone that all of its targets get alike is named by none of them.
        targets = {project.identity_of(z): getattr(z, "targets", ()) for z in read.zones}
        found = [each for each in found if names & _names(each[0], targets.get(each[0], ()))]
        if not found:
            asked = ", ".join(each for each in zones if each not in paths)
            where = f"no file or folder, and no view or target of {without_dot(name)}"
            raise RunRefused(f"{asked}: there is {where}")
        return found
    public = [each for each in found if each[1].settings.is_public(each[0].view)]
    return public or found


def _names(zone: ZoneId, targets: Iterable[str]) -> set[str]:
    """What a zone can be chosen by, beside its file: its view, and who publishes it."""
    names = (zone.view, zone.provider, *zone.provider.split(", "), *targets)
    return {each.lower() for each in names if each}


def _tell_apart(zones: Sequence[ZoneId]) -> list[str]:
    """The shortest words that tell each zone from the others."""
    for words in ([z.view for z in zones], [z.provider for z in zones], [z.id for z in zones]):
        if all(words) and len(set(words)) == len(words):
            return words
    return list(map(str, zones))


def _describe_answer(
    name: str, ip: Address | None, sender: str | None, helo: str | None, context: Context
) -> tuple[str, ...]:
    """The answer in the words of the text, to hold against that of another zone of the name."""
    if ip is not None:
        return tuple(_describe(check_host(ip, name, context.answers, sender=sender, helo=helo)))
    try:
        return tuple(_listed(lookups.tree(name, context), networks.of(name, context)))
    except networks.TooManyNetworks:
        return ()


# -- one address ----------------------------------------------------------------------------------


def _check(
    name: str, ip: Address, sender: str | None, helo: str | None, context: Context, format_: str
) -> int:
    verdict = check_host(ip, name, context.answers, sender=sender, helo=helo)
    facts = {
        "result": str(verdict.result),
        "path": list(verdict.path),
        "lookups": verdict.lookups,
        "explanation": verdict.explanation,
        "missing": list(verdict.missing),
    }
    shared.answer(format_, lambda: facts, _describe(verdict))
    # A temperror is what the lock did not learn: the next receiver may well get an answer.
    open_ = verdict.result in (Outcome.UNDECIDED, Outcome.TEMPERROR)
    return COULD_NOT if open_ else CLEAN


def _describe(verdict: Verdict) -> Iterator[str]:
    yield str(verdict.result)
    if verdict.path:
        why = "because" if verdict.result in _FAILED else "by"
        yield f"  {why} {' > '.join(verdict.path)}"
    if verdict.explanation is not None:
        yield f"  explanation: {verdict.explanation}"
    yield f"  lookups: {verdict.lookups}{' or more' if verdict.missing else ''}"
    yield from _missing(verdict.missing)


def _missing(names: Iterable[str]) -> Iterator[str]:
    told = list(names)
    unknown = [name for name in told if name.endswith(".")]
    others = [why for why in told if not why.endswith(".")]
    if unknown:
        yield "  not in the zones or the lock ('zonelint lock' resolves what it can):"
        yield from (f"    {name}" for name in unknown)
    if others:
        yield "  not known:"
        yield from (f"    {why}" for why in others)


# -- all addresses --------------------------------------------------------------------------------


def _list(name: str, context: Context, format_: str) -> int:
    tree = lookups.tree(name, context)
    try:
        maps = networks.of(name, context)
    except networks.TooManyNetworks:
        needed = lookups.format_number(tree.lookups)
        return print_errors(
            [
                f"{name} needs {needed} lookups, {lookups.LIMIT} are allowed: listing what it lets "
                "send would be pointless"
            ]
        )
    shared.answer(format_, lambda: _facts(tree, maps), _listed(tree, maps))
    values = {_word(value) for map in (maps.ip4, maps.ip6) for _, _, value in map.intervals()}
    is_open = "undecided" in values or (tree.record is None and tree.missing)
    return COULD_NOT if is_open else CLEAN


def _facts(tree: Tree, maps: Maps) -> dict[str, object]:
    rows = [*_rows(maps.ip4), *_rows(maps.ip6)]
    return {
        "domain": tree.domain,
        "lookups": tree.lookups,
        "exact": tree.is_exact,
        "void_lookups": {"ip4": tree.voids[0], "ip6": tree.voids[1]},
        "networks": [{"network": network, **_value(value)} for network, value in rows],
        "otherwise": {
            "ip4": _value(_remainder(maps.ip4)),
            "ip6": _value(_remainder(maps.ip6)),
        },
        "missing": list(dict.fromkeys([*tree.missing, *maps.missing])),
    }


def _value(value: Value) -> dict[str, object]:
    return {"result": _word(value), "path": list(value.path), "depends": _depends(value)}


def _listed(tree: Tree, maps: Maps) -> Iterator[str]:
    name = tree.domain.removesuffix(".")
    if tree.record is None or tree.fate is not lookups.Fate.FOUND:
        yield f"{name}: {_NO_MAP[tree.fate.value]}"
        yield from _missing(tree.missing)
        return
    cost = lookups.format_number(tree.lookups)
    word = "lookup" if tree.lookups == 1 else "lookups"
    many = f"{cost} {word} at worst" if tree.is_exact else f"at least {cost} {word}"
    if tree.loops:
        loop = " → ".join(without_dot(each) for each in tree.loops[0])
        many = f"it leads into a loop ({loop}) of lookups"
    yield f"{name}: {many}, {lookups.LIMIT} are allowed"
    if tree.lookups > lookups.LIMIT:
        yield "  over the limit: receivers may return permerror instead of what is listed here"
    elif max(tree.voids) > lookups.VOID_LIMIT:
        whose = "" if min(tree.voids) > lookups.VOID_LIMIT else f" for {_family(tree)} clients"
        yield (
            f"  {max(tree.voids)} of them find nothing{whose}, {lookups.VOID_LIMIT} are allowed: "
            "receivers may return permerror instead of what is listed here"
        )
    rows = []
    for family, map in (("IPv4", maps.ip4), ("IPv6", maps.ip6)):
        listed = _rows(map)
        rows += listed
        rows.append((f"all {'other ' if listed else ''}{family}", _remainder(map)))
    width = max(len(network) for network, _ in rows)
    for network, value in rows:
        yield f"  {_word(value):<9}  {network:<{width}}  {_way(value)}".rstrip()
    yield from _missing(dict.fromkeys([*tree.missing, *maps.missing]))


def _family(tree: Tree) -> str:
    """The family whose clients meet more void lookups."""
    return "IPv6" if tree.voids[1] > tree.voids[0] else "IPv4"


_FAILED = (Outcome.PERMERROR, Outcome.TEMPERROR)
"""Results that say what went wrong in place of the terms that led there."""

_NO_MAP = {
    "no-record": "there is no SPF record: every result is none",
    "several": "there are several SPF records: every result is permerror",
    "broken": "the SPF record has a syntax error: every result is permerror",
    "no-name": "this cannot be a name",
    "failed": "undecided, it did not answer when the lock was made",
    "unknown": "undecided, its record is not known",
}


def _rows(map: IntervalMap) -> list[tuple[str, Value]]:
    """The networks that differ from the rest of their family."""
    rest = _remainder(map)
    return [(str(network), value) for network, value in map.networks(lambda v: v is not rest)]


def _remainder(map: IntervalMap) -> Value:
    """The value of most addresses: what is left when the networks are listed."""
    sizes: dict[int, int] = {}
    values: dict[int, Value] = {}
    for first, last, value in map.intervals():
        sizes[id(value)] = sizes.get(id(value), 0) + last - first + 1
        values[id(value)] = value
    return values[max(sizes, key=lambda key: sizes[key])]


def _word(value: Value) -> str:
    found = possible(value)
    (word, *others) = found
    return "undecided" if others or word.startswith("redirect=") else word


def _depends(value: Value) -> list[str]:
    return [" > ".join(question.path) for question in questions(value)]


def _way(value: Value) -> str:
    depends = _depends(value)
    if not depends:
        return " > ".join(value.path)
    return (
        f"depends on {', '.join(depends)}; otherwise {' > '.join(_last(value).path) or 'neutral'}"
    )


def _last(value: Value) -> Value:
    """What comes out where no question is answered by a match."""
    while isinstance(value, NetworkQuestion):
        value = value.misses
    return value
