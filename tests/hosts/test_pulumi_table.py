"""Each provider of the table by Pulumi's engine: the example pack judges and mends its records."""

# Some of these tests take over 3 s: Pulumi's engine deploys every kind of record of the table.

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from zonelint.providers.pulumi.declaration import MailRecord
from zonelint.providers.pulumi.factories import properties_of
from zonelint.providers.resources.kinds import RecordKind
from zonelint.rules.dkim.support.example_keys import RSA_2048

from .commands import Stack
from .table_provider import KINDS

LONG = "v=spf1 " + " ".join(f"ip4:11.22.33.{n}" for n in range(100, 130)) + " -all"
KEY = f"v=DKIM1; k=rsa; p={RSA_2048}"
WHOLE = {
    token: kind
    for token, kind in KINDS.items()
    if kind.fixed_type in (None, "TXT") and kind.form("TXT") is not None
}


def name_of(token: str) -> str:
    """What the program calls its record of a type."""
    return "".join(c if c.isalnum() else "-" for c in token)


def program(text: str, label: str = "") -> dict[str, Any]:
    """A TXT record by every kind of the table that can hold one, each in a zone of its own."""
    return {name_of(token): {"type": token, "properties": txt(kind, text, label)}
            for token, kind in WHOLE.items()}  # fmt: skip


def txt(kind: RecordKind, text: str, label: str) -> dict[str, Any]:
    zone = f"z{list(KINDS).index(kind.tokens[0])}.example"
    owner = f"{label}.{zone}." if label else f"{zone}."
    record = MailRecord("txt", owner, f"{zone}.", "TXT", 3600, ("<text>",))  # else it is split
    ((_, found),) = properties_of(kind, "txt", record)
    found = json.loads(json.dumps(found).replace("<text>", text))
    if kind.inside is not None:
        found = {kind.inside: [found]}
    for property in (kind.zone_ref, kind.zone_name):
        if property is not None:
            found[property] = zone
    return found


def blocked(said: str, code: str) -> set[str]:
    """The resources that a finding of a rule names."""
    found, is_ours = set(), False
    for line in said.splitlines():
        words = line.split()
        if words[:1] == [code]:
            is_ours = True
        if is_ours and words[:1] == ["Resource:"]:
            found.add(words[1].rpartition("::")[2].partition(".")[0])
            is_ours = False
    return found


def test_a_record_that_breaks_mail_is_blocked_in_every_provider(tables: Stack) -> None:
    tables.pack()
    tables.program(program("v=spf1 mx +all"))
    said = tables.preview(status=1).said
    assert blocked(said, "SPF201") == {name_of(token) for token in WHOLE}
    tables.program(program("v=spf1 mx ?all"))
    said = tables.preview().said
    assert blocked(said, "SPF202") == {name_of(token) for token in WHOLE}
    tables.program(program("v=spf1 mx -all"))
    said = tables.preview().said
    assert "(error)" not in said
    assert "SPF2" not in said


@pytest.mark.parametrize(("text", "label"), [(LONG, ""), (KEY, "k1._domainkey")], ids="SK")
def test_a_long_text_is_split_wherever_the_provider_does_not(
    text: str, label: str, tables: Stack
) -> None:
    tables.pack()
    tables.program(program(text, label))
    shown = json.loads(tables.run("pulumi", "preview", "--json", *tables.packs).output)
    made = {step["urn"].rpartition("::")[2]: step["newState"]["inputs"] for step in shown["steps"]
            if step["urn"].split("::")[2] in WHOLE}  # fmt: skip
    assert len(made) == len(WHOLE)
    for token, kind in WHOLE.items():
        before, after = txt(kind, text, label), made[name_of(token)]
        assert (after == before) == bool(kind.cut), token
        assert joined(after) == joined(before), token
        if not kind.cut:
            assert max(map(len, strings(after, text))) <= 255, token


def joined(value: Mapping[str, Any]) -> str:
    """Properties without what cuts a text."""
    text = json.dumps(value, sort_keys=True)
    for cut in (r"\" \"", r"\"\"", '", "'):
        text = text.replace(cut, "")
    return text.replace('\\"', "")


def strings(value: Any, whole: str) -> list[str]:
    """The pieces of the text, as they are written."""
    match value:
        case dict():
            return [each for inner in value.values() for each in strings(inner, whole)]
        case list():
            return [each for inner in value for each in strings(inner, whole)]
        case str():
            return [part for part in value.split('"') if part and part in whole]
        case _:
            return []
