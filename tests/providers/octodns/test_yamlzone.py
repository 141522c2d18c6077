"""octoDNS YAML into zones: what octoDNS would send, and the place of every character of it."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from zonelint.grammars.zone import Span, ZoneFaultKind
from zonelint.providers.octodns.yaml.document import DEEPEST, MOST_PAIRS, YamlFault, YamlSource
from zonelint.providers.octodns.yaml.record import EntrySettings
from zonelint.providers.octodns.yaml.scalar import places, write
from zonelint.providers.octodns.yaml.zone import OctoZone, read
from zonelint.rules.core.change import CommentEdit
from zonelint.rules.model.wording import LEFT_AS_IT_IS


def no_include(including: str, name: str) -> tuple[str, str]:
    raise YamlFault(f"`{name}` is not there.", "")


def zone(text: str, **options: object) -> OctoZone:
    source = YamlSource("example.com.yaml", text)
    return read("example.com.", [(source, EntrySettings(**options))], no_include)  # type: ignore[arg-type]


def texts(found: OctoZone, owner: str = "example.com.") -> list[str]:
    return [record.text.value for record in found.get(owner, "TXT") or ()]


def marked(text: str, span: Span) -> str:
    """What a span marks in the text; of several lines the first."""
    lines = text.splitlines()
    end = span.end_column - 1 if span.line == span.end_line else None
    return lines[span.line - 1][span.column - 1 : end]


# ---- values ------------------------------------------------------------------------------------


def test_values_come_as_string_list_and_mapping() -> None:
    found = zone("""\
'':
  - type: A
    value: 192.0.2.1
  - type: MX
    values:
      - {exchange: a.example.net., preference: 10}
      - priority: 20
        value: b.example.net.
  - type: TXT
    values: [one, two]
  - type: CAA
    value: {flags: 0, tag: issue, value: ca.example.net}
_smtp._tcp:
  type: SRV
  value: {port: 25, priority: 0, target: s.example.net., weight: 5}
""")
    held = {(r.owner, r.type, r.rdata) for rrset in found.rrsets() for r in rrset}
    assert held == {
        ("example.com.", "A", "192.0.2.1"),
        ("example.com.", "MX", "10 a.example.net."),
        ("example.com.", "MX", "20 b.example.net."),
        ("example.com.", "TXT", '"one"'),
        ("example.com.", "TXT", '"two"'),
        ("example.com.", "CAA", '0 issue "ca.example.net"'),
        ("_smtp._tcp.example.com.", "SRV", "0 5 25 s.example.net."),
    }
    assert found.faults == []


def test_a_record_without_a_ttl_has_the_provider_s() -> None:
    text = "a: {type: A, value: 192.0.2.1}\nb: {ttl: 60, type: A, value: 192.0.2.1}\n"
    assert {r.records[0].ttl for r in zone(text).rrsets()} == {3600, 60}
    assert {r.records[0].ttl for r in zone(text, default_ttl=300).rrsets()} == {300, 60}


@pytest.mark.parametrize(
    ("options", "ttl"),
    [
        ("{cloudflare: {auto-ttl: true}}", None),
        ("{cloudflare: {proxied: true}}", None),
        ("{cloudflare: {auto-ttl: false}}", 60),
        ("{cloudflare: {comment: mail}}", 60),
        ("{cloudflare: auto-ttl}", 60),
        ("{other: {auto-ttl: true}}", 60),
        ("{lenient: true}", 60),
    ],
)
def test_a_ttl_may_be_left_to_cloudflare(options: str, ttl: int | None) -> None:
    found = zone(f"'':\n  octodns: {options}\n  ttl: 60\n  type: TXT\n  value: v=spf1 mx -all\n")
    [record] = found.get("example.com.", "TXT")
    assert record.ttl == ttl


def test_geo_and_dynamic_values_are_what_may_be_answered() -> None:
    found = zone("""\
geo:
  type: A
  values: [192.0.2.1]
  geo: {AF: [192.0.2.2], NA-US: [192.0.2.1]}
dynamic:
  type: CNAME
  value: a.example.net.
  dynamic:
    pools:
      one: {values: [{value: a.example.net.}, {value: b.example.net., weight: 2}]}
    rules: [{pool: one}]
""")
    assert [r.rdata for r in found.get("geo.example.com.", "A") or ()] == [
        "192.0.2.1",
        "192.0.2.2",
    ]
    targets = [r.target for r in found.get("dynamic.example.com.", "CNAME") or ()]
    assert targets == ["a.example.net.", "b.example.net."]


def test_a_provider_s_own_alias_answers_like_an_alias() -> None:
    text = "w: {type: Route53Provider/ALIAS, value: {name: x.example.net., type: A}}\n"
    (record,) = zone(text).get("w.example.com.", "ALIAS") or ()
    assert record.target == "x.example.net."


@pytest.mark.parametrize(
    ("values", "targets", "complete"),
    [
        ("values: [{name: '', type: A}, {name: '', type: AAAA}]", ["example.com."], True),
        (
            "value: {evaluate-target-health: true, hosted-zone-id: Z1, type: A, "
            "name: lb.us-east-1.elb.amazonaws.com.}",
            ["lb.us-east-1.elb.amazonaws.com."],
            True,
        ),
        ("value: {name: mail, type: MX}", [], False),
        ("value: {target: x, type: A}", [], False),
    ],
)
def test_a_provider_s_own_alias_leads_to_its_name(
    values: str, targets: list[str], complete: bool
) -> None:
    found = zone(f"w: {{type: Route53Provider/ALIAS, {values}}}\n")
    assert [r.target for r in found.get("w.example.com.", "ALIAS") or ()] == targets
    assert found.complete is complete
    assert not found.faults


def test_an_ignored_record_may_be_anything_at_the_target() -> None:
    text = "w: {type: A, value: 192.0.2.1, octodns: {ignored: true}}\n"
    found = zone(text)
    assert found.records == 0
    assert found.unknown == {("w.example.com.", "A"): (LEFT_AS_IT_IS,)}
    assert found.complete


def test_names_are_idna_and_lower_case() -> None:
    found = zone("Bücher: {type: A, value: 192.0.2.1}\n'*': {type: A, value: 192.0.2.1}\n")
    assert set(found.table("A")) == {"xn--bcher-kva.example.com.", "*.example.com."}


def test_merges_and_anchors_are_read() -> None:
    found = zone("""\
a: &a
  ttl: 60
  type: A
  value: 192.0.2.1
b:
  <<: *a
  value: 192.0.2.2
c: *a
""")
    held = {r.owner: (r.rdata, r.ttl) for rrset in found.rrsets() for r in rrset}
    assert held == {
        "a.example.com.": ("192.0.2.1", 60),
        "b.example.com.": ("192.0.2.2", 60),
        "c.example.com.": ("192.0.2.1", 60),
    }


def test_included_files_are_read_and_named() -> None:
    def include(including: str, name: str) -> tuple[str, str]:
        assert (including, name) == ("example.com.yaml", "spf.yaml")
        return "shared/spf.yaml", "type: TXT\nvalue: v=spf1 +all\n"

    source = YamlSource("example.com.yaml", "'': !include spf.yaml\n")
    found = read("example.com.", [(source, EntrySettings())], include)
    (record,) = found.get("example.com.", "TXT") or ()
    assert record.rdata_span == Span("shared/spf.yaml", 2, 8, 2, 19)


@pytest.mark.parametrize("text", ["---\n", "''\n", "", "~\n", "- a\n"])
def test_an_included_file_that_is_merged_may_hold_an_empty_text(text: str) -> None:
    """octoDNS merges the value of the node: that of `---` is the empty text, and brings nothing."""
    source = YamlSource("example.com.yaml", "<<: !include x.yaml\na: {type: A, value: 192.0.2.1}\n")
    is_read = text in ("---\n", "''\n")
    with (
        contextlib.nullcontext() if is_read else pytest.raises(YamlFault, match="merges something")
    ):
        found = read("example.com.", [(source, EntrySettings())], lambda *_: ("x.yaml", text))
        assert found.records == 1


# ---- text and its places -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"v=DMARC1\; p=none", "v=DMARC1; p=none"),
        (r"'v=DMARC1\; p=none'", "v=DMARC1; p=none"),
        (r'"v=DMARC1\\; p=none"', "v=DMARC1; p=none"),
        ('\'"one" "two"\'', "onetwo"),
        ('"\\u0076=x"', "v=x"),
        ("'it''s'", "it's"),
        ("one\n    two", "one two"),
        (">-\n    one\n    two", "one two"),
        ("|-\n    one two", "one two"),
    ],
)
def test_text_is_what_octodns_sends(written: str, text: str) -> None:
    assert texts(zone(f"'':\n  type: TXT\n  value: {written}\n")) == [text]


@pytest.mark.parametrize(
    ("escaped", "written", "text", "faults"),
    [
        (True, r"a\; b", "a; b", 0),
        (True, "a; b", "a; b", 1),
        (True, r"a\\; b", "a; b", 1),
        (False, "a; b", "a; b", 0),
        (False, r"a\; b", "a; b", 1),
        (None, r"a\; b", "a; b", 0),
        (None, "a; b", "a; b", 0),
    ],
)
def test_semicolons_in_both_settings(
    escaped: bool | None, written: str, text: str, faults: int
) -> None:
    found = zone(f"'': {{type: TXT, value: '{written}'}}\n", escaped=escaped)
    assert texts(found) == [text]
    assert len(found.faults) == faults


@pytest.mark.parametrize(
    "written",
    [
        r"v=spf1 a\; TERM -all",
        r"'v=spf1 it''s a\; TERM -all'",
        r'"v=spf1 \"a\" \\; TERM -all"',
        "v=spf1 a\n          TERM -all",
        "'v=spf1 a\n\n          TERM -all'",
        '"v=spf1 a \\\n          TERM -all"',
        ">-\n          v=spf1 a\n          TERM -all",
        "|-\n          v=spf1 a\n          TERM -all",
        '\'"v=spf1 a " "TERM -all"\'',
    ],
)
def test_a_term_is_found_where_it_stands(written: str) -> None:
    text = f"---\n'':\n  - type: TXT\n    values:\n      - other\n      - {written}\n"
    record = list(zone(text).get("example.com.", "TXT") or ())[1]
    start = record.text.value.index("TERM")
    assert marked(text, record.text.span(start, start + 4)) == "TERM"


def test_long_text_is_cut_into_strings_of_255_octets() -> None:
    found = zone(f"'': {{type: TXT, value: {'x' * 600}}}\n")
    (record,) = found.get("example.com.", "TXT") or ()
    assert [len(string) for string in record.text.strings] == [255, 255, 90]


def test_places_of_fields_owner_and_ttl() -> None:
    text = """\
'':
  - ttl: 60   # short
    type: MX
    value:
      exchange: a.example.net.
      preference: 10
www: {type: A, value: 192.0.2.1}
"""
    found = zone(text)
    (mx,) = found.get("example.com.", "MX") or ()
    assert [marked(text, field.span) for field in mx.fields] == ["10", "a.example.net."]
    assert marked(text, mx.ttl_span) == "60"
    assert (mx.rdata_span.line, mx.rdata_span.end_line) == (5, 6)
    (a,) = found.get("www.example.com.", "A") or ()
    assert marked(text, a.owner_span) == "www"
    assert marked(text, a.rdata_span) == "192.0.2.1"


def test_a_byte_order_mark_moves_nothing() -> None:
    found = zone("\ufeffwww: {type: A, value: 192.0.2.1}\n")
    (a,) = found.get("www.example.com.", "A") or ()
    assert (a.owner_span.line, a.owner_span.column) == (1, 1)


WORDS = st.text(alphabet="abcé;\\'\"-:# {}[],&*!|>%@`~0.1", max_size=30)


@given(text=WORDS, flow=st.booleans())
@settings(max_examples=100, deadline=None)
def test_what_is_written_is_read_again(text: str, flow: bool) -> None:
    written = write(text, flow=flow)
    around = f"[{written}, x]" if flow else written
    read_again = yaml.safe_load(f"a: {around}\n")["a"]
    assert (read_again[0] if flow else read_again) == text


@given(
    words=st.lists(st.text("abé;'\"", min_size=1, max_size=6), min_size=1, max_size=8),
    gaps=st.lists(st.sampled_from([" ", "  ", "\n", "\n\n"]), min_size=8, max_size=8),
    style=st.sampled_from(["'", '"', "|", ">", None]),
    width=st.sampled_from([10, 30, 1000]),
)
@settings(max_examples=100, deadline=None)
def test_every_character_has_its_place(
    words: list[str], gaps: list[str], style: str | None, width: int
) -> None:
    value = "".join(word + gap for word, gap in zip(words, gaps, strict=False)).rstrip()
    text = yaml.dump({"a": value}, default_style=style, width=width, allow_unicode=True)
    root = yaml.compose(text, yaml.CBaseLoader)
    assert isinstance(root, yaml.MappingNode)
    node = root.value[0][1]
    found = places(text, node)
    assert len(found) == len(node.value)
    for char, (start, end) in zip(node.value, found, strict=True):
        if char.isalnum():
            assert text[start:end] == char


# ---- what octoDNS refuses, or passes over in silence -------------------------------------------


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("a: {type: A, value: 1}\na: {type: A, value: 192.0.2.1}\n", "a", "appears twice"),
        ("'@': {type: A, value: 192.0.2.1}\n", "'@'", "no `@`"),
        ("w.example.com.: {type: A, value: 192.0.2.1}\n", "w.example.com.", "adds the zone's"),
        ("a: {value: 192.0.2.1}\n", "a", "no `type`"),
        ("a:\n", "a", "There is no record"),
        ("a: {type: A}\n", "A", "no value"),
        ("a: {type: A, value: 192.0.2.256}\n", "192.0.2.256", "not an IPv4 address"),
        ("a: {type: txt, value: x}\n", "txt", "knows no type"),
        ("a: {type: HINFO, value: x}\n", "HINFO", "knows no type"),
        ("a: {octodns: [lenient], type: A, value: 192.0.2.1}\n", "octodns", "not a mapping"),
        ("a: {type: TXT, value: grün}\n", "grün", "not ASCII"),
        ("a: {type: A, ttl: 1h, value: 192.0.2.1}\n", "1h", "not a TTL"),
        ("a: {type: TXT, value: 12345}\n", "12345", "as a number"),
        ("a: {type: TXT, value: '\"cut'}\n", "'\"cut'", "last characters"),
        ("a: {type: MX, value: {exchange: a.example.net.}}\n", "{exchange", "no `preference`"),
        ("a: {type: TXT, value: x, values: [y]}\n", "value", "ignores"),
        (
            "a: [{type: TXT, value: x}, {type: TXT, value: y}]\n",
            "TXT",
            "a second TXT record",
        ),
    ],
)
def test_faults_have_their_place(text: str, at: str, says: str) -> None:
    (fault,) = zone(text).faults[:1]
    assert says in fault.message
    assert marked(text, fault.span).startswith(at)
    assert fault.kind is ZoneFaultKind.SYNTAX
    assert fault.advice


def test_the_rest_of_a_file_with_a_fault_is_read() -> None:
    found = zone("a: {type: A, value: nonsense}\nb: {type: A, value: 192.0.2.1}\n")
    assert set(found.table("A")) == {"b.example.com."}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('a:\n  type: TXT\n  value: "v=DMARC1\\; p=none"\n', 3, "double quotes"),
        ("a:\n\ttype: A\n", 2, "tab"),
        ("a:\n  type: A\n value: 1\n", 3, "not valid YAML"),
        ("a: b: c\n", 1, "colon"),
        ("a: 'open\n", 1, "quote"),
        ("a: *nowhere\n", 1, "anchor"),
        ("*: {type: A}\n", 1, "in quotes"),
        ("a: 1\n---\nb: 2\n", 2, "second YAML document"),
        ("a: \x01\n", 1, "does not allow"),
        ("- a\n", 1, "no mapping"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(YamlFault) as caught:
        zone(text)
    assert caught.value.span is not None
    assert caught.value.span.line == line
    assert says in f"{caught.value.message} {caught.value.advice}"


# ---- hostile files -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 100_000,
        "a: " + "{b: " * 5_000 + "c" + "}" * 5_000,
        "- " * 100_000 + "a",
        "? " * 50_000 + "a",
    ],
)
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(YamlFault, match=str(DEEPEST)):
        zone(text)


def test_aliases_that_multiply_are_refused() -> None:
    values = ", ".join(f"192.0.{n // 200}.{n % 200}" for n in range(2_000))
    bomb = f"a: &a {{type: A, values: [{values}]}}\n"
    bomb += "".join(f"b{n}: *a\n" for n in range(2_000))
    with pytest.raises(YamlFault, match=f"{MOST_PAIRS:,}"):
        zone(bomb)


def test_merges_that_multiply_stay_small() -> None:
    text = "m0: &m0 {type: A, value: 192.0.2.1}\n"
    for n in range(1, 60):
        text += f"m{n}: &m{n} {{<<: [*m{n - 1}, *m{n - 1}]}}\n"
    assert zone(text).records == 60


@pytest.mark.parametrize("text", ["a: &a\n  <<: *a\n  type: A\n", "a: &a [*a]\n"])
def test_what_contains_itself_ends(text: str) -> None:
    with contextlib.suppress(YamlFault):
        assert zone(text).records == 0


# ---- comments ----------------------------------------------------------------------------------


def test_noqa_comments_reach_their_record_value_or_name() -> None:
    text = """\
'':                             # 1
  - type: TXT                   # noqa: SPF203
    values:
      - v=spf1 mx               # noqa: SPF201, SPF202
      - "a # noqa"
  - type: A
    value: 192.0.2.1            # noqa
www:                            # noqa: ZONE003
  type: A
  value: 192.0.2.1
_dmarc:
  type: TXT
  value: >-                     # noqa: DMARC102
    v=DMARC1\\; p=none
# noqa DKIM001 later
"""
    found = {s.codes: (s.first_line, s.last_line) for s in zone(text).suppressions}
    assert found == {
        ("SPF203",): (2, 5),
        ("SPF201", "SPF202"): (4, 4),
        None: (6, 7),
        ("ZONE003",): (8, 10),
        ("DMARC102",): (11, 14),
        ("DKIM001",): (15, 15),
    }
    (comma,) = [s for s in zone(text).suppressions if s.codes == ("SPF201", "SPF202")]
    assert [marked(text, span) for span in comma.code_spans] == ["SPF201", "SPF202"]
    shown = {CommentEdit(each).before for each in zone(text).suppressions}
    assert {"# noqa", "# noqa: SPF201,SPF202"} <= shown


def test_the_example_files_are_without_fault() -> None:
    root = Path(__file__).resolve().parents[3] / "examples" / "octodns"
    files = sorted(root.glob("*/zones/*.yaml"))
    assert len(files) >= 5
    for file in files:
        source = YamlSource(str(file), file.read_text())
        found = read(file.name[:-4], [(source, EntrySettings(escaped=False))], no_include)
        assert found.faults == []
        assert found.records


@pytest.mark.parametrize(
    ("key", "owner", "written"),
    [("a.example.com", "a.example.com.", "a"), ("example.com", "example.com.", "''")],
)
def test_names_are_told_as_keys(key: str, owner: str, written: str) -> None:
    ((record,),) = zone(f"{key}: {{type: A, value: 192.0.2.1}}\n").rrsets()
    assert record.owner == f"{key}.example.com."
    assert not record.spelling.owner_dots
    assert record.spelling.owner(owner) == written
