"""Changes written into octoDNS YAML: only what is meant changes, and octoDNS can read the rest."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from octodns.yaml import safe_load

from zonelint.grammars.rdata import txt_rdata
from zonelint.grammars.zone import Record
from zonelint.providers import writing
from zonelint.providers.octodns.yaml.document import YamlFault, YamlSource
from zonelint.providers.octodns.yaml.record import EntrySettings
from zonelint.providers.octodns.yaml.zone import OctoZone, read
from zonelint.providers.writing import EditError
from zonelint.rules.core.change import Edit


def no_include(including: str, name: str) -> tuple[str, str]:
    raise YamlFault(f"`{name}` is not there.", "")


def zone(text: str, escaped: bool | None = True) -> OctoZone:
    source = YamlSource("example.com.yaml", text)
    return read("example.com.", [(source, EntrySettings(escaped=escaped))], no_include)


def first(found: OctoZone, owner: str, type: str, number: int = 0) -> Record:
    rrset = found.get(owner, type)
    assert rrset is not None
    return rrset.records[number]


def after(found: OctoZone, *edits: Edit) -> str:
    """The text after the edits, which octoDNS reads with its order of keys enforced."""
    (pair,) = writing.changed(found, edits).texts.values()
    safe_load(pair[1].removeprefix("\ufeff"))
    return pair[1]


TEXT = """\
---
# All of example.com.
'':
  - ttl: 300
    type: MX     # the mail
    value:
      exchange: a.example.net.
      preference: 10
  - type: TXT
    values:
      - "v=spf1 mx ~all"   # ours
      - other

# Reports go to the team.
_dmarc:
  type: TXT
  value: v=DMARC1\\; p=none
b2: {type: A, value: 192.0.2.2}
b10:
  type: CNAME
  value: 'c.example.net.'
"""


def test_a_value_changes_in_its_own_quotes() -> None:
    found = zone(TEXT)
    record = first(found, "example.com.", "TXT")
    new = after(found, Edit("example.com.", "TXT", record, '"v=spf1 mx -all"'))
    assert new == TEXT.replace("~all", "-all")


def test_a_value_of_several_names_is_written_once_where_all_of_them_want_the_same() -> None:
    found = zone("'': &s\n  type: TXT\n  value: v=spf1 mx mx -all\nb: *s\nc: *s\n")
    named = {owner: first(found, owner, "TXT") for owner in ("example.com.", "b.example.com.")}
    some = [Edit(owner, "TXT", record, '"v=spf1 mx -all"') for owner, record in named.items()]
    third = first(found, "c.example.com.", "TXT")
    whole = [*some, Edit("c.example.com.", "TXT", third, '"v=spf1 mx -all"')]
    assert after(found, *whole) == "'': &s\n  type: TXT\n  value: v=spf1 mx -all\nb: *s\nc: *s\n"
    for edits in (some, [*some, Edit("c.example.com.", "TXT", third, '"v=spf1 -all"')]):
        with pytest.raises(EditError, match="also has the value, through an anchor"):
            writing.changed(found, edits)


def test_semicolons_are_escaped_as_the_provider_wants_them() -> None:
    found = zone(TEXT)
    record = first(found, "_dmarc.example.com.", "TXT")
    edit = Edit("_dmarc.example.com.", "TXT", record, txt_rdata("v=DMARC1; p=reject"))
    assert after(found, edit) == TEXT.replace("p=none", "p=reject")
    plain = TEXT.replace("\\;", ";")
    found = zone(plain, escaped=None)
    edit = Edit(edit.owner, "TXT", first(found, edit.owner, "TXT"), edit.after)
    assert after(found, edit) == plain.replace("p=none", "p=reject")


def test_fields_of_a_mapping_change_alone() -> None:
    found = zone(TEXT)
    edit = Edit("example.com.", "MX", first(found, "example.com.", "MX"), "0 a.example.net.")
    assert after(found, edit) == TEXT.replace("preference: 10", "preference: 0")


def test_ttls_are_changed_and_added() -> None:
    found = zone(TEXT)
    mx = first(found, "example.com.", "MX")
    assert after(found, Edit(mx.owner, "MX", mx, mx.rdata, 3600)) == TEXT.replace("300", "3600")
    record = first(found, "_dmarc.example.com.", "TXT")
    edit = Edit(record.owner, "TXT", record, record.rdata, 7200)
    assert after(found, edit) == TEXT.replace("_dmarc:\n  type", "_dmarc:\n  ttl: 7200\n  type")
    flow = first(found, "b2.example.com.", "A")
    edit = Edit(flow.owner, "A", flow, flow.rdata, 7200)
    assert after(found, edit) == TEXT.replace("b2: {type", "b2: {ttl: 7200, type")


def test_all_values_of_a_record_share_their_ttl() -> None:
    found = zone(TEXT)
    record = first(found, "example.com.", "TXT")
    with pytest.raises(EditError, match="one TTL"):
        writing.changed(found, [Edit(record.owner, "TXT", record, record.rdata, 60)])


def test_a_value_goes_with_its_line() -> None:
    found = zone(TEXT)
    record = first(found, "example.com.", "TXT", 1)
    assert after(found, Edit(record.owner, "TXT", record, None)) == TEXT.replace(
        "      - other\n", ""
    )


def test_the_last_value_takes_its_record_along() -> None:
    found = zone(TEXT)
    gone = [Edit(r.owner, "TXT", r, None) for r in found.get("example.com.", "TXT") or ()]
    start, end = TEXT.index("  - type: TXT"), TEXT.index("\n# Reports")
    assert after(found, *gone) == TEXT[:start] + TEXT[end:]


def test_a_name_goes_with_all_its_lines() -> None:
    found = zone(TEXT)
    record = first(found, "b10.example.com.", "CNAME")
    assert after(found, Edit(record.owner, "CNAME", record, None)) == TEXT[: TEXT.index("b10:")]


def test_a_value_comes_beside_others() -> None:
    found = zone(TEXT)
    new = after(found, Edit("example.com.", "TXT", None, txt_rdata("a; b")))
    assert new == TEXT.replace("      - other\n", "      - other\n      - a\\; b\n")


def test_one_value_becomes_a_list() -> None:
    found = zone(TEXT)
    new = after(found, Edit("example.com.", "MX", None, "20 b.example.net."))
    assert new == TEXT.replace(
        "    value:\n      exchange: a.example.net.\n      preference: 10\n",
        "    values:\n      - exchange: a.example.net.\n        preference: 10\n"
        "      - exchange: b.example.net.\n        preference: 20\n",
    )


def test_a_record_of_another_type_comes_to_a_name() -> None:
    found = zone(TEXT)
    new = after(found, Edit("_dmarc.example.com.", "A", None, "192.0.2.9", 60))
    assert new == TEXT.replace(
        "_dmarc:\n  type: TXT\n  value: v=DMARC1\\; p=none\n",
        "_dmarc:\n  - type: TXT\n    value: v=DMARC1\\; p=none\n"
        "  - ttl: 60\n    type: A\n    value: 192.0.2.9\n",
    )


@pytest.mark.parametrize(
    ("owner", "before"),
    [
        ("selector1._domainkey", None),
        ("b3", "b10:\n"),
        ("a", "b2: {"),
        ("*", "\n# Reports"),
        ("_a", "\n# Reports"),
    ],
)
def test_a_new_name_stands_in_octodns_order(owner: str, before: str | None) -> None:
    found = zone(TEXT)
    new = after(found, Edit(f"{owner}.example.com.", "CNAME", None, "t.example.net."))
    key = "'*'" if owner == "*" else owner
    added = f"{key}:\n  type: CNAME\n  value: t.example.net.\n"
    if before is None:
        assert new == TEXT + added
    else:
        place = TEXT.index(before) + (before.startswith("\n"))
        assert new == TEXT[:place] + added + TEXT[place:]


def test_a_record_moves_to_another_owner() -> None:
    text = "selector1.domainkey:\n  ttl: 60\n  type: CNAME\n  value: t.example.net.\nz: {type: A, value: 192.0.2.1}\n"  # noqa: E501
    found = zone(text)
    record = first(found, "selector1.domainkey.example.com.", "CNAME")
    new = after(found, Edit("selector1._domainkey.example.com.", "CNAME", record, record.rdata))
    assert new == text.replace("domainkey", "_domainkey")


def test_line_ends_and_a_byte_order_mark_are_kept() -> None:
    text = "\ufeff" + TEXT.replace("\n", "\r\n")
    found = zone(text)
    new = after(found, Edit("zz.example.com.", "A", None, "192.0.2.9"))
    assert new == text + "zz:\r\n  type: A\r\n  value: 192.0.2.9\r\n"


def test_a_file_without_a_last_line_end_is_kept_so() -> None:
    found = zone("a: {type: A, value: 192.0.2.1}")
    new = after(found, Edit("zz.example.com.", "A", None, "192.0.2.9"))
    assert new == "a: {type: A, value: 192.0.2.1}\nzz:\n  type: A\n  value: 192.0.2.9"


DUMPED = """\
---
? ''
: - type: MX
    value:
      exchange: a.example.net.
      preference: 10
  - type: TXT
    value: v=spf1 mx ~all
www:
  type: A
  value: 192.0.2.1
"""
"""As octodns-dump writes a zone: its own name behind a question mark."""


def test_names_come_and_go_in_a_file_that_octodns_wrote() -> None:
    found = zone(DUMPED)
    new = after(found, Edit("_dmarc.example.com.", "TXT", None, txt_rdata("v=DMARC1; p=none")))
    record = "type: TXT\n  value: v=DMARC1\\; p=none\n"
    www = DUMPED[DUMPED.index("www") :]
    assert new == DUMPED.replace("www:", f"_dmarc:\n  {record}www:")
    found = zone(f"? ''\n: {record}{www}")
    misplaced = first(found, "example.com.", "TXT")
    new = after(found, Edit("_dmarc.example.com.", "TXT", misplaced, misplaced.rdata))
    assert new == f"_dmarc:\n  {record}{www}"


def test_a_new_name_stands_before_one_behind_a_question_mark() -> None:
    text = "---\n? b\n: type: A\n  value: 192.0.2.1\n"
    new = after(zone(text), Edit("a.example.com.", "A", None, "192.0.2.9"))
    assert new == text.replace("? b", "a:\n  type: A\n  value: 192.0.2.9\n? b")


def test_the_provider_s_order_of_names_counts() -> None:
    text = "s1: {type: A, value: 192.0.2.1}\ns3: {type: A, value: 192.0.2.3}\n"
    added = "s10:\n  type: A\n  value: 192.0.2.9\n"
    edit = Edit("s10.example.com.", "A", None, "192.0.2.9")
    assert after(zone(text), edit) == text + added
    source = YamlSource("example.com.yaml", text)
    found = read("example.com.", [(source, EntrySettings(natural=False))], no_include)
    (pair,) = writing.changed(found, [edit]).texts.values()
    assert pair[1] == text.replace("s3", added + "s3")
    safe_load(pair[1], order_mode="simple")


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        (["v=spf1 mx", "-all a"], ["v=spf1 mx", "-all"]),
        (["v=spf1 mx -all", "a"], ["v=spf1 mx -all"]),
        (["v=spf1 mx", "-all"], ["v=spf1 mx", "-all ip4:192.0.2.1"]),
    ],
)
@pytest.mark.parametrize(("start", "end"), [("", ""), (">-\n    ", ""), ("'", "'"), ('"', '"')])
def test_the_end_of_a_value_of_several_lines_changes_alone(
    lines: list[str], left: list[str], start: str, end: str
) -> None:
    frame = f"a:\n  type: TXT\n  value: {start}%s{end} # kept\nb: {{type: A, value: 192.0.2.1}}\n"
    if start.startswith(">"):
        frame = frame.replace(" # kept", "")
    found = zone(frame % "\n    ".join(lines))
    record = first(found, "a.example.com.", "TXT")
    new = after(found, Edit(record.owner, "TXT", record, txt_rdata(" ".join(left))))
    assert new == frame % "\n    ".join(left)


def test_what_an_alias_shares_is_not_changed() -> None:
    found = zone("a: &a {type: A, value: 192.0.2.1}\nb: *a\n")
    record = first(found, "a.example.com.", "A")
    with pytest.raises(EditError, match=r"b\.example\.com also has the value"):
        writing.changed(found, [Edit(record.owner, "A", record, "192.0.2.9")])


def test_nothing_is_written_for_a_zone_that_is_an_alias() -> None:
    source = YamlSource("example.com.yaml", "a: {type: A, value: 192.0.2.1}\n")
    found = read("example.org.", [(source, EntrySettings())], no_include, copy_of="example.net.")
    record = first(found, "a.example.org.", "A")
    for edit in (
        Edit(record.owner, "A", record, "192.0.2.9"),
        Edit("b.example.org.", "A", None, "192.0.2.9"),
    ):
        with pytest.raises(EditError, match=r"example\.org is an alias"):
            writing.changed(found, [edit])


def test_a_new_name_of_a_split_zone_stands_in_its_catch_all() -> None:
    sources = [
        YamlSource("example.com./$example.com.yaml", "'': {type: A, value: 192.0.2.1}\n"),
        YamlSource("example.com./www.yaml", "www: {type: A, value: 192.0.2.2}\n"),
    ]
    found = read("example.com.", [(s, EntrySettings()) for s in sources], no_include)
    changed = writing.changed(found, [Edit("new.example.com.", "A", None, "192.0.2.9")])
    assert list(changed.texts) == ["example.com./$example.com.yaml"]


# ---- any edit of any file ----------------------------------------------------------------------

VALUES = {
    "TXT": ["v=spf1 mx -all", r"'v=DMARC1\; p=none'", '"a \\\\; b"', ">-\n    two\n    lines",
            "plain over\n    two lines"],
    "A": ["192.0.2.1", "'192.0.2.2'"],
    "MX": ["{exchange: m.example.net., preference: 5}",
           "\n    exchange: n.example.net.\n    preference: 6 # six"],
    "CNAME": ["t.example.net.", '"u.example.net."'],
}  # fmt: skip
NEW = {
    "TXT": [txt_rdata("v=spf1 a -all"), txt_rdata('"quoted; x" # y: z'), txt_rdata("a\tb")],
    "A": ["198.51.100.1"],
    "MX": ["0 .", "10 new.example.org."],
    "CNAME": ["new.example.org."],
}  # fmt: skip


@st.composite
def files(draw: st.DrawFn) -> str:
    """The text of a zone, its names in octoDNS's order."""
    lines = ["---"] if draw(st.booleans()) else []
    for name in ("''", "'*'", "_dmarc", "a1", "a10", "www"):
        if draw(st.booleans()):
            continue
        alone = [] if name == "''" else [["CNAME"]]
        types = draw(st.sampled_from([["A"], *alone, ["TXT"], ["MX"], ["A", "MX", "TXT"]]))
        lines += [f"# about {name}"] if draw(st.booleans()) else []
        asked = draw(st.booleans())  # as octoDNS writes the zone's own name
        lines.append(f"? {name}" if asked else f"{name}:")
        begin = len(lines)
        for type in types:
            value = draw(st.sampled_from(VALUES[type]))
            body = [f"ttl: {draw(st.sampled_from((60, 3600)))}"] if draw(st.booleans()) else []
            body.append(f"type: {type} # kept")
            if type in ("TXT", "A") and draw(st.booleans()):
                body += [
                    "values:",
                    f"  - {VALUES[type][0]} # one",
                    "  - other" if type == "TXT" else "  - 192.0.2.7",
                ]
            else:
                body += f"value: {value}".replace(": \n", ":\n").replace("\n  ", "\n").split("\n")
            lead = "- " if len(types) > 1 else "  "
            lines += [f"{lead if n == 0 else '  '}{line}" for n, line in enumerate(body)]
        if asked:
            indent = "  " if len(types) > 1 else ""
            lines[begin:] = [f"{indent}{line}" for line in lines[begin:]]
            lines[begin] = f": {lines[begin][2:]}"
    return "\n".join(lines) + draw(st.sampled_from(["\n", ""]))


@st.composite
def edited(draw: st.DrawFn) -> tuple[OctoZone, Sequence[Edit]]:
    found = zone(draw(files()))
    assert found.faults == []
    records = [record for rrset in found.rrsets() for record in rrset]
    edits = []
    if records:
        for record in draw(st.lists(st.sampled_from(records), max_size=3, unique_by=id)):
            new = draw(st.sampled_from(NEW[record.type]))
            kind = draw(st.sampled_from(("change", "remove", "move", "retype")))
            edits.append(
                {
                    "change": Edit(record.owner, record.type, record, new),
                    "remove": Edit(record.owner, record.type, record, None),
                    "move": Edit("moved.example.com.", record.type, record, record.rdata),
                    "retype": Edit(record.owner, "CNAME", record, "other.example.org."),
                }[kind]
            )
    for owner in draw(st.lists(st.sampled_from(("", "www.", "a2.", "_dmarc.")), max_size=2)):
        type = draw(st.sampled_from(sorted(NEW)))
        edits.append(Edit(f"{owner}example.com.", type, None, draw(st.sampled_from(NEW[type]))))
    return found, edits


@given(edited())
@settings(max_examples=100, deadline=None)
def test_an_edit_is_made_exactly_or_refused(case: tuple[OctoZone, Sequence[Edit]]) -> None:
    """writing.changed compares what comes out with what was meant; octoDNS can read it."""
    found, edits = case
    try:
        changed = writing.changed(found, edits)
    except EditError:
        return
    for _, new in changed.texts.values():
        safe_load(new)


def test_too_many_backslashes_go_with_a_change_of_the_text() -> None:
    for escaped, mark in ((True, "\\\\;"), (False, "\\;")):
        text = f"v=DMARC1{mark} p=none{mark} pct=100"
        found = zone(f"_dmarc:\n  type: TXT\n  value: {text}\n", escaped)
        record = first(found, "_dmarc.example.com.", "TXT")
        assert record.text.value == "v=DMARC1; p=none; pct=100"
        edit = Edit(record.owner, "TXT", record, txt_rdata("v=DMARC1; p=none"))
        right = "\\;" if escaped else ";"
        assert after(found, edit) == f"_dmarc:\n  type: TXT\n  value: v=DMARC1{right} p=none\n"
