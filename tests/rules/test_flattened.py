"""However a name is answered, a change means the same: by records of its own, an alias, a DNAME or
a wildcard.

Zones with all of these are held to their equals, in which the same names have the same records
themselves: what is found there is found or undecided here, and the other way round.
"""

from __future__ import annotations

from itertools import product
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.rules.harness import HEADER
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.grammars.zone import Zone, is_below
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Engine
from zonelint.rules.core.finding import Severity
from zonelint.rules.model.repository import Repository, RunZone

Line = tuple[str, str, str]
"""Owner, type and value."""

_KEYS = ("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "", "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMw=")
_KINDS = (
    ("", "MX", ("10 mail.example.com.", "0 .", "20 mail.example.com.")),
    ("", "TXT", ("v=spf1 mx -all", "v=spf1 -all", "v=spf1 mx ~all")),
    ("_dmarc.", "TXT", ("v=DMARC1; p=reject", "v=DMARC1; p=none", "v=DMARC1; p=quarantine")),
    ("s1._domainkey.", "TXT", tuple(f"v=DKIM1; k=ed25519; p={key}" for key in _KEYS)),
    ("_mta-sts.", "TXT", ("v=STSv1; id=1", "v=STSv1; id=2")),
)
_HERE = HEADER + (
    '@ MX 10 mail\nmail A 8.8.8.8\n@ TXT "v=spf1 mx -all"\n_dmarc TXT "v=DMARC1; p=reject"\n'
)
_FAR = f"$ORIGIN example.org.\n{HEADER}"
_HOLDING = (
    "t",
    "u",
    "x.t",
    "x.u",
    "x.sub",
    "sub",
    "a.w",
    "*.v",
    "t.example.org.",
    "x.t.example.org.",
)
_TARGETS = ("t", "u", "x.t", "t.example.org.", "x.t.example.org.", "gone", "x.sub", "v", "x.v")
_ASKED = ("sub", "x.sub", "sub2", "a.w", "b.w", "sub3")
_RULES = [each for each in registry.rules() if each.family == "PHASE"]


def absolute(name: str) -> str:
    return name if name.endswith(".") else f"{name}.example.com."


def records(random: Random) -> list[Line]:
    return [
        (label + owner, type, random.choice(values))
        for owner in _HOLDING
        if random.random() < 0.35
        for label, type, values in _KINDS
        if random.random() < 0.6 and not (label and owner.startswith("*"))
    ]


def leads(random: Random) -> list[Line]:
    at = random.choice(("sub", "sub2", "_domainkey.sub2"))
    found = [(at, "DNAME", random.choice(_TARGETS))] if random.random() < 0.5 else []
    for owner in ("sub", "sub2", "sub3", "*.w"):
        if random.random() < 0.4:
            found.append((owner, "CNAME", random.choice(_TARGETS)))
    for label in ("_dmarc.", "s1._domainkey.", "_mta-sts."):
        if random.random() < 0.4:
            found.append((f"{label}sub3", "CNAME", label + random.choice(_TARGETS)))
    return found


def changed(random: Random, lines: list[Line]) -> list[Line]:
    """With one line gone, or with another value."""
    at = random.randrange(len(lines))
    owner, type, value = lines[at]
    if random.random() < 0.5:
        return lines[:at] + lines[at + 1 :]
    if type in ("CNAME", "DNAME"):
        label = next((each[0] for each in _KINDS if each[0] and value.startswith(each[0])), "")
        new = label + random.choice(_TARGETS)
    else:
        new = random.choice(
            next(values for _, of, values in _KINDS if of == type and value in values)
        )
    return [*lines[:at], (owner, type, new), *lines[at + 1 :]]


def published(lines: list[Line]) -> list[Line]:
    """Without what no zone can hold: other records beside an alias, or below a DNAME."""
    aliases = {owner for owner, type, _ in lines if type == "CNAME"}
    redirections = [owner for owner, type, _ in lines if type == "DNAME" and owner not in aliases]
    return [
        line
        for line in lines
        if (line[1] == "CNAME" or line[0] not in aliases)
        and not any(line[0] != at and is_below(f"{line[0]}.", f"{at}.") for at in redirections)
    ]


def zones(lines: list[Line]) -> list[Zone]:
    texts = {"example.com.": _HERE, "example.org.": _FAR}
    for owner, type, value in lines:
        held = absolute(owner)
        origin = "example.org." if is_below(held, "example.org.") else "example.com."
        texts[origin] += (
            f'{held} {type} "{value}"\n' if type == "TXT" else f"{held} {type} {value}\n"
        )
    return [masterfile.read(text, f"{origin}zone", origin) for origin, text in texts.items()]


def flattened(lines: list[Line]) -> tuple[list[Line], set[str]]:
    """The answers at the names that are asked for, as records of theirs; the rest that leads not.

    With the names for which there is no answer, for they lead to themselves.
    """
    ask = Context(zones(lines)).answers.ask
    own: list[Line] = []
    open_: set[str] = set()
    for owner, (label, type, values) in product(_ASKED, _KINDS):
        name = absolute(label + owner)
        answer = ask(name, type)
        open_ |= set() if answer.is_fact else {name}
        # Of other texts that a wildcard has no receiver makes anything.
        own += [(name, type, v) for v in answer.values if v[:6] == values[0][:6] or type == "MX"]
    names = {name for name, *_ in own}
    rest = [
        each
        for each in lines
        if each[1] not in ("CNAME", "DNAME")
        and absolute(each[0]) not in names
        and "*" not in each[0]
    ]
    return own + rest, open_


def said(
    before: list[Line], after: list[Line]
) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """The code and the name of what is found (for information aside), and of all that is told."""
    old, new = ([RunZone(zone) for zone in zones(each)] for each in (before, after))
    result = Engine(_RULES).run(Repository(new, before=Repository(old)))
    assert not result.crashes, result.crashes
    found = {(e.code, e.owner) for e in result.findings if e.severity is not Severity.INFO}
    told = {(each.code, each.owner) for each in (*result.findings, *result.undecided)}
    return found, told


def is_in(finding: tuple[str, str], told: set[tuple[str, str]], lines: list[Line]) -> bool:
    """A wildcard stands for its names; of an alias that stays at `_mta-sts` STS002 tells."""
    code, owner = finding
    if owner.startswith("_mta-sts.") and any(
        absolute(name) == owner and type == "CNAME" for name, type, _ in lines
    ):
        return True
    return any(
        code == each and (owner == name or (name[:2] == "*." and owner.endswith(name[1:])))
        for each, name in told
    )


@given(st.randoms(use_true_random=False))
def test_a_change_means_the_same_however_names_are_answered(random: Random) -> None:
    lines = [*records(random), *leads(random)]
    if not lines:
        return
    before, after = published(lines), published(changed(random, lines))
    here, told_here = said(before, after)
    (old, unknown_before), (new, unknown_after) = flattened(before), flattened(after)
    direct, told_direct = said(old, new)
    names = {absolute(label + owner) for owner in _ASKED for label, *_ in _KINDS}
    names -= unknown_before | unknown_after
    missed = {each for each in direct - told_here if each[1] in names}
    false = {each for each in here - told_direct if each[1] in names}
    assert not {each for each in missed if not is_in(each, told_here, after)}, (before, after)
    assert not {each for each in false if not is_in(each, told_direct, after)}, (before, after)
