"""What the zone reader makes of good and bad lines: places, faults, recovery, suppressions."""

import gc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonelint.grammars.masterfile.generate import (
    LARGEST_RANGE,
    BadGenerate,
    GenerateTemplate,
    counters,
)
from zonelint.grammars.masterfile.head import known_types
from zonelint.grammars.masterfile.rdata import LARGEST_RDATA
from zonelint.grammars.masterfile.reader import MOST_FAULTS, IncludeError, MasterZone, read
from zonelint.grammars.masterfile.record import MasterRecord, plain_strings
from zonelint.grammars.zone import Record, Span, ZoneFaultKind

ORIGIN = "example.com."


def zone_of(text: str, **options) -> MasterZone:
    return read(text, "x.zone", ORIGIN, **options)


def only(zone: MasterZone) -> MasterRecord:
    [rrset] = zone.rrsets()
    [record] = rrset
    assert isinstance(record, MasterRecord)
    return record


def records_of(zone: MasterZone) -> list[Record]:
    return [record for rrset in zone.rrsets() for record in rrset]


def piece(text: str, span: Span) -> str:
    """The text that a span of one line covers."""
    assert span.line == span.end_line
    line = text.replace("\r\n", "\n").removeprefix("\ufeff").split("\n")[span.line - 1]
    return line[span.column - 1 : span.end_column - 1]


def faults_of(text: str, **options) -> list[tuple[int, str]]:
    """Line and text of each fault's place."""
    faults = zone_of(text, **options).faults
    return [(fault.span.line, piece(text, fault.span)) for fault in faults]


# ---- places ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "owner", "ttl", "rdata", "fields"),
    [
        ("www 60 IN A 192.0.2.1 ; x\n", "www", "60", "192.0.2.1", ["192.0.2.1"]),
        ("www IN 1h A 192.0.2.1\n", "www", "1h", "192.0.2.1", ["192.0.2.1"]),
        ("www MX ( 10 a ) ; x\n", "www", None, "10 a", ["10", "a"]),
        ("\ufeffwww MX 10 a", "www", None, "10 a", ["10", "a"]),
        ("\ufeff60 ( 60 CNAME @ )", "60", "60", "@", ["@"]),
        ("a\\.b\tTXT\t\"x y\" z\t\n", "a\\.b", None, '"x y" z', ['"x y"', "z"]),
        ("\r\n\n www TXT x\n", None, None, None, None),
        ('"www" 5 TXT x\n', '"www"', "5", "x", ["x"]),
    ],
)  # fmt: skip
def test_each_part_of_a_record_has_its_place(text, owner, ttl, rdata, fields):
    zone = zone_of(text)
    if owner is None:  # the line begins with a blank: its type is missing
        assert [fault.span.line for fault in zone.faults] == [3, 3]
        return
    record = only(zone)
    assert piece(text, record.owner_span) == owner
    assert piece(text, record.rdata_span) == rdata
    assert [piece(text, field.span) for field in record.fields] == fields
    assert [field.text for field in record.fields] == fields
    assert piece(text, record.span).startswith(owner)
    assert piece(text, record.span).endswith(rdata)
    if ttl is None:
        assert record.ttl_span == record.span
    else:
        assert piece(text, record.ttl_span) == ttl


def test_a_record_over_several_lines_keeps_its_places():
    text = 'a TXT (  ; one\n  "v=spf1 "\n\t"-all" ) ; two\nb A 192.0.2.1\n'
    record = zone_of(text).get("a.example.com.", "TXT").records[0]
    assert record.span == Span("x.zone", 1, 1, 3, 8)
    assert record.rdata_span == Span("x.zone", 2, 3, 3, 8)
    assert record.rdata == '"v=spf1 " "-all"'
    assert record.text.value == "v=spf1 -all"
    assert record.text.span(0, 7) == Span("x.zone", 2, 4, 2, 11)
    assert record.text.span(6, 8) == Span("x.zone", 2, 10, 3, 4)
    layout = record.layout
    assert text[slice(*layout.line)] == text[: text.index("b A")]
    assert [text[slice(*place)] for place in layout.comments] == ["; one", "; two"]
    assert text[slice(*layout.type)] == "TXT"
    assert layout.ttl is None


def test_where_the_owner_is_left_out_it_stands_at_the_start_of_the_record():
    zone = zone_of("a A 192.0.2.1\n  60 TXT x\n")
    record = zone.get("a.example.com.", "TXT").records[0]
    assert record.owner_span == Span("x.zone", 2, 3, 2, 3)
    assert record.span == Span("x.zone", 2, 3, 2, 11)
    assert record.layout.owner is None


def test_names_in_rdata_are_absolute_and_fields_are_as_written():
    zone = zone_of(
        "@ MX 10 Mail\n@ SRV 1 2 3 @\nwww CNAME example.com\nx NS \\097\n@ CAA 0 issue a\n"
    )
    assert {record.rdata for record in records_of(zone)} == {
        "10 mail.example.com.",
        "1 2 3 example.com.",
        "example.com.example.com.",
        "a.example.com.",
        "0 issue a",
    }
    mx = zone.get(ORIGIN, "MX").records[0]
    assert (mx.preference, mx.target) == (10, "mail.example.com.")
    assert [field.text for field in mx.fields] == ["10", "Mail"]
    assert zone.get(ORIGIN, "SRV").records[0].target == ORIGIN


def test_generic_rdata_is_understood():
    zone = zone_of("a MX \\# 5 000a 01 6d 00\na TXT \\# 3 02 6869\na TYPE1 \\# 4 c0000201\n")
    mx = zone.get("a.example.com.", "MX").records[0]
    assert (mx.rdata, mx.preference, mx.target) == ("10 m.", 10, "m.")
    text = zone.get("a.example.com.", "TXT").records[0].text
    assert (text.value, text.strings) == ("hi", ("hi",))
    assert text.span(0, 1) == Span("x.zone", 2, 7, 2, 19)
    assert zone.get("a.example.com.", "A").records[0].rdata == "192.0.2.1"


def test_a_record_says_what_it_does_not_hold():
    record = only(zone_of("a A 192.0.2.1\n"))
    for name in ("text", "target", "preference"):
        with pytest.raises(ValueError):
            getattr(record, name)


spelt = st.one_of(
    st.sampled_from(["\\065", "\\;", '\\"', "\\\\", "\\200", "\\195\\169", "\\é"]),
    st.sampled_from(["é", "€", "a", "Z", " "]),
    st.sampled_from(['" "', '"\n"', '" "" "', '" ; x "(\n"', "\udce9"]),
)  # fmt: skip


@given(st.lists(spelt, max_size=20).map("".join))
def test_every_character_of_a_text_knows_where_it_was_written(body: str):
    text = f'a TXT ( "{body}" )\n'
    zone = zone_of(text)
    assert not zone.faults
    record = only(zone)
    value, source = record.text.value, record.source.text
    assert value == "".join(record.text.strings)
    base = record.at + record.begin
    places = record.text.places()
    assert len(places) == len(value)
    assert all(left[1] <= right[0] for left, right in pairwise(places))
    for char, (start, end) in zip(value, places, strict=True):
        written = source[base + start : base + end]
        assert only(zone_of(f'a TXT "{written}"\n')).text.value == char


def test_a_character_may_be_cut_by_the_end_of_a_string():
    text = only(zone_of('a TXT "\\195" "\\169b"\n')).text
    assert text.value == "éb"
    assert text.strings == ("\udcc3", "\udca9b")
    assert text.span(0, 1) == Span("x.zone", 1, 8, 1, 19)
    assert text.span(1, 2) == Span("x.zone", 1, 19, 1, 20)


def test_the_long_string_of_a_record_is_kept():
    record = only(zone_of(f'a TXT "{"x" * 300}" y\n'))
    assert [len(string) for string in record.text.strings] == [300, 1]


def test_an_empty_range_is_a_point():
    text = only(zone_of('a TXT "xy"\n')).text
    assert text.span(1, 1) == Span("x.zone", 1, 9, 1, 9)
    assert text.span(2, 2) == Span("x.zone", 1, 10, 1, 10)
    assert only(zone_of('a TXT ""\n')).text.span(0, 0) == Span("x.zone", 1, 8, 1, 8)


# ---- faults ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("w TXTT x", "TXTT"),
        ("w A 192.0.2.256", "192.0.2.256"),
        ("w A 192.0.2.01", "192.0.2.01"),
        ("w A 2001:db8::1", "2001:db8::1"),
        ("w A host", "host"),
        ("w A", "A"),
        ("w A 192.0.2.1 192.0.2.2", "192.0.2.2"),
        ("w AAAA 192.0.2.1", "192.0.2.1"),
        ("w AAAA 2001:db8::/64", "2001:db8::/64"),
        ("w MX mail", "mail"),
        ("w MX 10", "10"),
        ("w MX 70000 a", "70000"),
        ("w MX ten a", "ten"),
        ("w MX 10 a..b", "a..b"),
        ('w MX 10 "a"', '"a"'),
        ("w CNAME a b", "b"),
        ("w CNAME " + "a" * 64, "a" * 64),
        ("w CNAME " + "a." * 130, "a." * 130),
        ("w NS a\\999", "a\\999"),
        ("@ SOA a b 1 2 3 4", "4"),
        ("@ SOA a b x 2 3 4 5", "x"),
        ("@ SOA a b 1 2 3 4 5x", "5x"),
        ("w TXT", "TXT"),
        ('w TXT "a\\25x"', "\\25x"),
        ('w TXT "a" "b\\256"', "\\256"),
        ("w TXT \\1", "\\1"),
        ('w TXT "a', '"a'),
        ("w TXT a\\", "\\"),
        ("w TXT a )", ")"),
        ("w SPF", "SPF"),
        ("w TLSA 3 1 1 xyz", "xyz"),
        ("w TLSA 3 1 1 abc", "abc"),
        ("w SRV 1 2 3", "3"),
        ("w SRV 1 2 x a", "x"),
        ("w CAA 0 is-sue x", "is-sue"),
        ("w CAA 256 issue x", "256"),
        ("w A \\# 3 c00002", "\\#"),
        ("w 12x A 192.0.2.1", "12x"),
        ("w 4294967296 A 192.0.2.1", "4294967296"),
        ("w CH TXT x", "CH"),
        ("w INN A 192.0.2.1", "INN"),
        ("  www A 192.0.2.1", "www"),
        ("TXT x", "x"),
        ("w", "w"),
        ("w IN", "IN"),
        ("w HINFO", "HINFO"),
        ("w ANY x", "ANY"),
        ("a..b A 192.0.2.1", "a..b"),
        (".a A 192.0.2.1", ".a"),
        ("$ORGIN x.", "$ORGIN"),
        ("$ORIGIN", "$ORIGIN"),
        ("$ORIGIN a..b", "a..b"),
        ("$TTL x", "x"),
        ("$TTL 5 6", "6"),
        ("$GENERATE 1-2 a", "1-2"),
        ("$GENERATE 2-1 a$ A 192.0.2.$", "2-1"),
        ("$GENERATE 1-99999 a$ A 192.0.2.$", "1-99999"),
        ("$GENERATE 1-2 a${x} A 192.0.2.$", "1-2"),
        ("$GENERATE 1-2 a${0,999} A 192.0.2.$", "1-2"),
        ("$GENERATE 255-256 a$ A 192.0.2.$", "192.0.2.$"),
        ("$GENERATE 1-2 a$ TXTT $", "TXTT"),
        ("$INCLUDE", "$INCLUDE"),
        ("$INCLUDE other", "other"),
        ("w DNSKEYY x", "DNSKEYY"),
    ],
)
def test_a_bad_line_is_one_fault_at_its_token_and_the_rest_is_read(line: str, place: str):
    text = f"$TTL 5\n@ A 192.0.2.1\n{line}\nok A 192.0.2.2\nok2 TXT y\n"
    zone = zone_of(text)
    assert faults_of(text) == [(3, place)]
    [fault] = zone.faults
    assert fault.kind is ZoneFaultKind.SYNTAX
    assert fault.message.endswith(".")
    assert fault.advice.endswith((".", "`"))
    assert zone.get("ok.example.com.", "A")
    assert zone.get("ok2.example.com.", "TXT")


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("w TXTT x", "Write `TXT`."),
        ("w CNMAE x", "Write `CNAME`."),
        ("w MX mail", "Write `10 mail`."),
        ("$ORGIN x.", "Write `$ORIGIN`."),
        ("w INN A 192.0.2.1", "Write `IN`."),
    ],
)
def test_the_word_that_was_meant_is_named(line: str, advice: str):
    assert [fault.advice for fault in zone_of(line + "\n").faults] == [advice]


def test_a_fault_names_owner_and_type_of_its_record():
    [fault] = zone_of("www MX mail\n").faults
    assert (fault.owner, fault.type) == ("www.example.com.", "MX")
    [fault] = zone_of("$ORIGN x\n").faults
    assert (fault.owner, fault.type) == (None, None)


@pytest.mark.parametrize(
    "damage",
    [
        'bad TXT ( "x"\n',
        'bad TXT ( "x"\n    "y"\n',
        "bad TXT ( ( x )\n",
        "bad A ( 192.0.2.1\n",
        "@ SOA a b (\n 1 2 3 4 5\n",
        'bad TXT "x\n',
        'bad TXT "x\n  y"\n',
        'bad TXT ( "x\n  y" )\n',
    ],
)
def test_open_parentheses_and_quotes_swallow_no_other_record(damage: str):
    rest = 'a A 192.0.2.2\nb 60 IN TXT ( "x"\n "y" )\n TXT z\n$ORIGIN x.example.com.\nc MX 10 d\n'
    zone = zone_of("$TTL 5\n@ NS ns\n" + damage + rest)
    assert [fault.span.line for fault in zone.faults] == [3]
    assert {(record.owner, record.rdata) for record in records_of(zone)} == {
        (ORIGIN, "ns.example.com."),
        ("a.example.com.", "192.0.2.2"),
        ("b.example.com.", '"x" "y"'),
        ("b.example.com.", "z"),
        ("c.x.example.com.", "10 d.x.example.com."),
    }


def test_an_open_parenthesis_before_a_record_that_closes_one():
    zone = zone_of("$TTL 5\nbad A ( 192.0.2.1\n@ SOA a b ( 1 2 3 4 5 )\nok A 192.0.2.2\n")
    assert [fault.span for fault in zone.faults] == [Span("x.zone", 2, 7, 2, 8)]
    assert zone.get(ORIGIN, "SOA")
    assert zone.get("ok.example.com.", "A")


def test_an_owner_outside_the_zone_is_told_once_and_takes_its_records_along():
    text = "$TTL 5\na A 192.0.2.1\nwww.example.org. A 192.0.2.1\n TXT x\nb A 192.0.2.1\n"
    zone = zone_of(text)
    [fault] = zone.faults
    assert fault.kind is ZoneFaultKind.OUT_OF_ZONE
    assert fault.owner == "www.example.org."
    assert piece(text, fault.span) == "www.example.org."
    assert zone.names == {ORIGIN, "a.example.com.", "b.example.com."}


def test_records_of_an_owner_that_cannot_be_read_are_given_to_nobody_else():
    text = "$TTL 5\na A 192.0.2.1\nb..c A 192.0.2.1\n TXT x\nd TXT y\n"
    zone = zone_of(text)
    assert [fault.span.line for fault in zone.faults] == [3, 4]
    assert [r.owner for r in zone.of_type("TXT")] == ["d.example.com."]


def test_the_first_record_without_owner_is_told_and_read():
    zone = zone_of("$TTL 5\n A 192.0.2.1\n TXT x\n")
    assert [fault.span.line for fault in zone.faults] == [2]
    assert {rrset.type for rrset in zone.at(ORIGIN)} == {"A", "TXT"}


def test_a_record_in_front_of_the_first_ttl_is_a_fault_of_a_whole_zone_only():
    record = "a A 192.0.2.1\nb A 192.0.2.1\n"
    assert zone_of(record).faults == []
    assert [r.ttl for r in records_of(zone_of(record))] == [None, None]
    assert [r.ttl for r in records_of(zone_of(record, default_ttl=60))] == [60, 60]
    [fault] = zone_of(record + "@ SOA a b 1 2 3 4 5\n").faults
    assert fault.span.line == 1
    assert fault.owner == "a.example.com."


def test_a_second_soa_elsewhere_is_a_fault():
    soa = "SOA a b 1 2 3 4 5\n"
    zone = zone_of(f"@ {soa}sub {soa}")
    assert [(fault.span.line, fault.owner) for fault in zone.faults] == [(2, "sub.example.com.")]
    assert len(zone_of(f"@ {soa}@ {soa}").get(ORIGIN, "SOA")) == 2


def test_a_newer_soa_beside_the_old_one():
    zone = zone_of("$TTL 5\n@ SOA a b 1 2 3 4 5\n@ SOA a b 2 2 3 4 5\n@ NS a\n")
    [fault] = zone.faults
    assert "second SOA" in fault.message
    assert fault.span.line == 3
    assert len(zone.get(ORIGIN, "SOA")) == 1
    assert zone.get(ORIGIN, "NS")


def test_reading_stops_when_nobody_can_use_more_faults():
    zone = zone_of("w TXTT x\n" * (MOST_FAULTS + 50) + "ok A 192.0.2.1\n")
    assert len(zone.faults) == MOST_FAULTS + 1
    assert "reading stopped" in zone.faults[-1].message
    assert not zone.complete


@given(st.text() | st.text(st.sampled_from('a1 \t\n\r();"\\$@.IN TXMSOA'), max_size=200))
def test_any_text_at_all_is_read_without_an_exception(text: str):
    zone = zone_of(text)
    for record in records_of(zone):
        assert record.span.line >= 1
        assert isinstance(record.rdata, str)
        assert record.fields is not None
        assert zone.contains(record.owner)
    lines = text.count("\n") + text.count("\r") + 1
    assert all(1 <= fault.span.line <= lines for fault in zone.faults)


def test_the_source_keeps_every_byte():
    data = b'\xef\xbb\xbfa TXT "caf\xe9 \xc3\xa9" ; \xff\r\n\r\nb A 192.0.2.1'
    zone = zone_of(data.decode("utf-8", "surrogateescape"))
    assert zone.source.text.encode("utf-8", "surrogateescape") == data
    text = zone.get("a.example.com.", "TXT").records[0].text
    assert text.value.encode("utf-8", "surrogateescape") == b"caf\xe9 \xc3\xa9"
    assert text.span(5, 6) == Span("x.zone", 1, 13, 1, 14)


def test_the_collector_is_left_as_it_was():
    gc.disable()
    try:
        zone_of("a A 192.0.2.1\n")
        assert not gc.isenabled()
    finally:
        gc.enable()
    zone_of("a A 192.0.2.1\n")
    assert gc.isenabled()


def test_rrsets_of_several_records_are_listed():
    zone = zone_of(
        "$TTL 5\na A 192.0.2.1\nb A 192.0.2.1\na A 192.0.2.2\nb TXT ( x )\nb TXT y\nb TXT z\n"
    )
    assert [(rrset.owner, rrset.type, len(rrset)) for rrset in zone.several] == [
        ("a.example.com.", "A", 2),
        ("b.example.com.", "TXT", 3),
    ]
    assert zone.records == 6


# ---- directives --------------------------------------------------------------------------------


def test_generated_records_stand_at_their_directive_and_cannot_be_edited():
    text = '$TTL 5\n$GENERATE 1-3 h${0,2} 60 MX 10 "m$"\n$GENERATE 1-2 t$ TXT "a $" b$\n'
    zone = zone_of(text.replace('10 "m$"', '"10 m$"'))
    (fault,) = zone.faults
    assert (fault.kind, fault.span.line) == (ZoneFaultKind.SERVER_DEPENDENT, 3)
    record = zone.get("h02.example.com.", "MX").records[0]
    assert (record.rdata, record.ttl, record.editable) == ("10 m2.example.com.", 60, False)
    assert record.span == record.owner_span == record.rdata_span == record.ttl_span
    assert record.span.line == 2
    text_record = zone.get("t2.example.com.", "TXT").records[0]
    assert text_record.text.value == "a 2b2"
    assert text_record.text.span(0, 1) == text_record.span
    with pytest.raises(ValueError):
        text_record.layout  # noqa: B018


def test_a_flood_of_generated_records_is_bounded():
    zone = zone_of("$GENERATE 1-60000 a$ A 192.0.2.1\n" * 8 + "ok A 192.0.2.1\n")
    assert len(zone.faults) == 4
    assert zone.records == 4 * 60000 + 1
    assert not zone.complete


def test_included_records_stand_in_their_own_file():
    files = {
        "a": "$TTL 7\nx A 192.0.2.1\n@ TXT a\n$INCLUDE b\ny A 192.0.2.2\n",
        "b": " TXT b ; noqa\n",
    }
    zone = zone_of(
        "$TTL 5\ntop A 192.0.2.9\n$INCLUDE a sub\n AAAA ::1\n$INCLUDE a\n",
        include=lambda path, name: (name, files[name]),
    )
    assert not zone.faults
    assert {(r.owner, r.ttl, r.rdata, r.span.path, r.span.line) for r in records_of(zone)} == {
        ("top.example.com.", 5, "192.0.2.9", "x.zone", 2),
        ("x.sub.example.com.", 7, "192.0.2.1", "a", 2),
        ("sub.example.com.", 7, "a", "a", 3),
        ("sub.example.com.", 7, "b", "b", 1),
        ("y.sub.example.com.", 7, "192.0.2.2", "a", 5),
        ("top.example.com.", 5, "::1", "x.zone", 4),
        ("x.example.com.", 7, "192.0.2.1", "a", 2),
        (ORIGIN, 7, "a", "a", 3),
        (ORIGIN, 7, "b", "b", 1),
        ("y.example.com.", 7, "192.0.2.2", "a", 5),
    }
    assert [source.path for source in zone.included] == ["a", "b"]
    assert [s.span.path for s in zone.suppressions] == ["b"]
    assert all(record.editable for record in records_of(zone))


def test_includes_that_fail_loop_or_multiply_are_faults():
    def refuse(path: str, name: str) -> tuple[str, str]:
        raise IncludeError("There is no such file.", "Write one.")

    zone = zone_of("$INCLUDE f\nok A 192.0.2.1\n", include=refuse)
    assert [(f.span.line, f.message) for f in zone.faults] == [(1, "There is no such file.")]
    assert zone.records == 1
    assert not zone.complete
    loop = zone_of("$INCLUDE f\n", include=lambda path, name: ("f", "$INCLUDE f\n"))
    assert [(f.span.path, f.span.line) for f in loop.faults] == [("f", 1)]
    deep = zone_of("$INCLUDE 0\n", include=lambda _, n: (n, f"$INCLUDE {int(n) + 1}\n"))
    assert len(deep.faults) == 1
    bomb = zone_of("$INCLUDE 0\n", include=lambda _, n: (n, f"$INCLUDE {int(n) + 1}\n" * 10))
    assert 1 < len(bomb.faults) <= MOST_FAULTS + 1


def test_what_is_in_force_at_the_end_is_kept_for_a_new_record():
    zone = zone_of("$TTL 5\n$ORIGIN sub\na A 192.0.2.1\n")
    assert (zone.end_origin, zone.end_ttl) == ("sub.example.com.", 5)


# ---- suppressions ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "codes", "first", "last"),
    [
        ("a A 192.0.2.1 ; noqa\n", None, 1, 1),
        ("a A 192.0.2.1;NOQA:SPF203\n", ("SPF203",), 1, 1),
        ("\na A 192.0.2.1 ;x ; noqa : spf203 , Dmarc110 agreed\n", ("SPF203", "DMARC110"), 2, 2),
        ("a TXT ( x ; noqa: SPF203 DMARC110\n y\n )\n\n", ("SPF203", "DMARC110"), 1, 3),
        ("a A 192.0.2.1\n; noqa: ZONE001\n", ("ZONE001",), 2, 2),
        ("a TXTT x ; noqa: ZONE001\n", ("ZONE001",), 1, 1),
        ("$TTL x ; noqa: ZONE001", ("ZONE001",), 1, 1),
        ("a A 192.0.2.1 ; noqa: later\n", (), 1, 1),
        ("a A 192.0.2.1 ; noqa spf203 twice, old\n", ("SPF203",), 1, 1),
        ("a A 192.0.2.1 ; noqa (SPF203), see DMARC110\n", ("SPF203", "DMARC110"), 1, 1),
        ("a A 192.0.2.1 ; noqa agreed with Peter\n", None, 1, 1),
        ("bad TXT ( x\na A 192.0.2.1 ; noqa\n", None, 2, 2),
        ("a TXT ( x ; of the first line\n y ; noqa: SPF203\n )\n", ("SPF203",), 1, 3),
    ],
)  # fmt: skip
def test_comments_that_ask_for_silence(text, codes, first, last):
    [found] = zone_of(text).suppressions
    assert (found.codes, found.first_line, found.last_line) == (codes, first, last)
    assert piece(text, found.span).lower().startswith((";noqa", "; noqa"))
    assert tuple(piece(text, span).upper() for span in found.code_spans) == (codes or ())


def test_every_noqa_counts_whatever_stands_between() -> None:
    text = "a A 192.0.2.1 ; noqa: SPF203 why ; noqa: MX001 noqa\nb A 192.0.2.1 ; noqa\n"
    found = zone_of(text).suppressions
    assert [(each.codes, each.first_line) for each in found] == [
        (("SPF203",), 1), (("MX001",), 1), (None, 2),
    ]  # fmt: skip
    assert piece(text, found[0].span) == "; noqa: SPF203 why "
    assert piece(text, found[1].span) == "; noqa: MX001 noqa"


@pytest.mark.parametrize(
    "text",
    [
        'a TXT "x ; noqa"\n',
        "a TXT noqa\n",
        "a A 192.0.2.1 ; see noqa\n",
        "a A 192.0.2.1 ; noqable\n",
        "noqa A 192.0.2.1\n",
        "a TXT x\\; noqa\n",
    ],
)
def test_only_comments_that_begin_with_the_word_ask_for_silence(text: str):
    zone = zone_of(text)
    assert zone.suppressions == []
    assert zone.records == 1


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("www A {{ ip }}\n", "{{ ip }}"),
        ("www A {{WEB_IP}} ; the web\n", "{{WEB_IP}}"),
        ("{% for host in hosts %}\n", "{% for host in hosts %}"),
        ("{{ host.name }} IN A {{ host.ip }}\n", "{{ host.name }}"),
        ("www AAAA ${ip6}\n", "${ip6}"),
        ("@ SOA ns host <%= serial %> 2 3 4 5\n", "<%= serial %>"),
        ("%{ if mail ~}\n", "%{ if mail ~}"),
    ],
)
def test_a_placeholder_of_a_template_is_told_as_such(text, place):
    [fault] = zone_of(text).faults
    assert piece(text, fault.span) == place
    assert fault.message == (
        f"`{place}` is a placeholder of a template, so no name server loads this."
    )


def test_only_a_fault_in_a_placeholder_is_the_templates():
    [fault] = zone_of("www A 192.0.2.300 {{ comment }}\n").faults
    assert "`192.0.2.300`" in fault.message
    assert not zone_of('a TXT "{{ text }}"\nb TXT "v=spf1 exists:%{i}.example.net -all"\n').faults


@pytest.mark.parametrize("type", ["ALIAS", "ANAME", "DYNA", "dync", "LUA"])
def test_types_that_only_some_name_servers_know_are_records(type):
    record = only(zone_of(f"@ {type} geoip!web\n"))
    assert record.type == type.upper()


HEAD_OF_EXPORT = ";;\n;; Domain:     example.com.\n;; Exported:   2026-01-02 03:04:05\n;;\n"


@pytest.mark.parametrize(
    ("head", "servers", "ttls"),
    [
        (HEAD_OF_EXPORT, (), [None, 1800]),
        (HEAD_OF_EXPORT, ("ada.ns.cloudflare.com.", "bob.ns.cloudflare.com."), [None, 1800]),
        (HEAD_OF_EXPORT, ("REPLACE&ME$WITH^YOUR@NAMESERVER.",), [None, 1800]),
        (HEAD_OF_EXPORT, ("ada.ns.cloudflare.com.", "ns1.example.net."), [1, 1800]),
        (HEAD_OF_EXPORT.replace("\n", "\r\n"), (), [None, 1800]),
        ("", ("ada.ns.cloudflare.com.",), [1, 1800]),
        (";; Domain: example.com.\n", (), [1, 1800]),
    ],
)
def test_a_ttl_of_1_in_an_export_of_cloudflare_is_cloudflare_s_own(
    head: str, servers: tuple[str, ...], ttls: list[int | None]
) -> None:
    text = head + "".join(f"example.com.\t86400\tIN\tNS\t{server}\n" for server in servers)
    text += 'example.com.\t1\tIN\tMX\t10 mx.example.net.\nexample.com.\t1800\tIN\tTXT\t"x"\n'
    found = zone_of(text)
    assert not found.faults
    assert [found.get("example.com.", type).records[0].ttl for type in ("MX", "TXT")] == ttls


@pytest.mark.parametrize(
    "soa",
    [
        "example.com\t3600\tIN\tSOA\tada.ns.cloudflare.com dns.cloudflare.com 1 2 3 4 5\n",
        "$ORIGIN .\n@\t3600\tIN\tSOA\texample.com.\tr.example.com.\t(\n\t1 ; serial\n\t2 3 4 5)\n",
    ],
)
def test_the_soa_of_an_export_is_the_zone_s(soa: str) -> None:
    records = "example.com.\t300\tIN\tMX\t10 mx.example.net.\n"
    found = zone_of(HEAD_OF_EXPORT + soa + records)
    assert not found.faults
    assert {(rrset.owner, rrset.type) for rrset in found.rrsets()} == {
        ("example.com.", "SOA"), ("example.com.", "MX"),
    }  # fmt: skip
    assert zone_of(soa + records).get("example.com.", "SOA") is None


def strings_of(zone: MasterZone, owner: str) -> list[tuple[str, ...]]:
    return [record.text.strings for record in zone.get(owner, "TXT") or ()]


def test_a_range_may_be_as_long_as_it_may_be():
    assert len(counters(f"1-{LARGEST_RANGE}")) == LARGEST_RANGE
    with pytest.raises(BadGenerate):
        counters(f"0-{LARGEST_RANGE}")
    assert len(counters(f"0-{2 * LARGEST_RANGE - 1}/2")) == LARGEST_RANGE
    with pytest.raises(BadGenerate):
        counters(f"0-{2 * LARGEST_RANGE}/2")


@pytest.mark.parametrize(
    ("template", "counter", "text"),
    [
        # BIND 9.18: the width counts digits and dots.
        ("${0,0,n}", 0, "0"),
        ("${0,0,n}", 0xAB, "b.a"),
        ("${0,0,N}", 0xAB, "B.A"),
        ("${0,3,n}", 1, "1.0"),
        ("${0,4,n}", 1, "1.0."),
        ("${0,4,n}", 0xABC, "c.b.a"),
        ("${-1,0,n}", 1, "0"),
    ],
)
def test_nibbles(template: str, counter: int, text: str):
    assert GenerateTemplate(template).text(counter) == text


def test_nibbles_of_a_negative_number_are_refused():
    with pytest.raises(BadGenerate, match="below zero"):
        GenerateTemplate("${-2,0,n}").text(1)


def test_quotes_around_generated_text_are_dropped_as_bind_does():
    zone = zone_of(
        '$TTL 5\n$GENERATE 1-1 t$ TXT "a $ b"\n$GENERATE 1-1 u$ TXT "\\"a $ b\\""\n'
        '$GENERATE 1-1 v$ TXT "a$; b"\n$GENERATE 1-1 a$ A "192.0.2.$"\n'
    )
    told = [(fault.kind, fault.span.line) for fault in zone.faults]
    assert told == [(ZoneFaultKind.SERVER_DEPENDENT, 2), (ZoneFaultKind.SERVER_DEPENDENT, 4)]
    assert strings_of(zone, "t1.example.com.") == [("a", "1", "b")]
    assert strings_of(zone, "u1.example.com.") == [("a 1 b",)]
    assert strings_of(zone, "v1.example.com.") == [("a1",)]
    assert [r.rdata for r in zone.get("a1.example.com.", "A") or ()] == ["192.0.2.1"]


def test_the_minimum_of_any_soa_stands_in_for_the_ttl():
    generic = "\\# 22 00 00 00000001 00000002 00000003 00000004 00000005"
    for soa in ("a. b. 1 2 3 4 5", "a. b. (1\n 2 3 4\n 5 )", generic):
        zone = zone_of(f"@ SOA {soa}\nw A 192.0.2.1\n")
        assert [r.ttl for r in zone.get("w.example.com.", "A") or ()] == [5], soa


@pytest.mark.parametrize(
    ("text", "strings"),
    [
        ('"a"', ("a",)),
        ('"a" "b"', ("a", "b")),
        ('"a"\t\n"b"', ("a", "b")),
        ('""', ("",)),
        ('"a" b', None),
        ('a "b"', None),
        ('"a" b "c"', None),
        ('"a', None),
        ('"a" "b', None),
        ("a", None),
        ("", None),
    ],
)
def test_plain_strings_are_quoted_ones_only(text: str, strings: tuple[str, ...] | None):
    assert plain_strings(text) == strings


def test_a_point_in_a_text_has_its_place():
    [record] = zone_of('w 5 TXT "ab" "cd"\n').get("w.example.com.", "TXT") or ()
    text = record.text
    assert [text.span(at, at).column for at in range(5)] == [10, 11, 15, 16, 17]
    assert text.span(9, 9).column == 17


def test_a_null_mx_without_its_blank_is_told_as_one():
    (fault,) = zone_of("@ MX 0.\n").faults
    assert "`0 .`" in fault.advice


def test_only_an_mx_has_a_preference():
    [record] = zone_of("w 5 TXT 7\n").get("w.example.com.", "TXT") or ()
    with pytest.raises(ValueError, match="no preference"):
        _ = record.preference


def test_the_layout_of_a_record_says_where_its_data_stand():
    source = "$TTL 5\nw IN A 192.0.2.1 ; x\n"
    [record] = zone_of(source).get("w.example.com.", "A") or ()
    assert source[slice(*record.layout.rdata)] == "192.0.2.1"


def test_types_that_no_zone_can_hold_are_not_proposed():
    known = set(known_types())
    assert {"A", "TXT", "MX"} <= known
    assert not known & {"TYPE0", "NONE", "ANY", "AXFR", "OPT"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("w A mail.example.com.", "is a name, and an A record"),
        ("w A 192.0.2", "`192.0.2` is not an IPv4 address"),
        ("\u200b", "An invisible character"),
        ("w", "ends before its type"),
        ("TXT mail", "The line starts with `TXT`"),
        ("w IN XX a b", "`XX` is not a record type"),
        ("# the web server", "Comments start with a semicolon"),
        ("// the web server", "Comments start with a semicolon"),
        ('w TXT "v=DKIM1; "\n   "p=MIIBIjAN"', "This string is on a separate line"),
    ],
)
def test_what_is_said_of_a_bad_line(line: str, message: str):
    [fault] = zone_of(f"$TTL 5\n{line}\n").faults
    assert message in fault.message


def test_a_word_that_might_be_a_class_is_one_only_in_front_of_a_type():
    [fault] = zone_of("$TTL 5\nw INN A 192.0.2.1\n").faults
    assert fault.advice == "Write `IN`."
    [fault] = zone_of("$TTL 5\nw INN x y\n").faults
    assert fault.advice.startswith("Write a type")


def test_an_odd_fingerprint_is_marked_at_its_last_part():
    source = "$TTL 5\nw TLSA 3 1 1 abcd efa\n"
    [fault] = zone_of(source).faults
    assert "odd number" in fault.message
    assert source.split("\n")[1][fault.span.column - 1 : fault.span.end_column - 1] == "efa"


def test_a_record_may_be_as_large_as_a_message_carries():
    strings = ['"' + "x" * 255 + '"'] * (LARGEST_RDATA // 256)
    rest = LARGEST_RDATA - 256 * len(strings) - 1
    for more, good in ((rest, True), (rest + 1, False)):
        # An escape that is one octet leaves the quick reader out of it.
        zone = zone_of("w 5 TXT " + " ".join([*strings, f'"{"y" * (more - 1)}\\z"']) + "\n")
        assert (not zone.faults) is good, more


@pytest.mark.parametrize(
    ("rdata", "largest"),
    [
        ("MX {} a", 65535),
        ("SRV {} 2 3 a", 65535),
        ("SRV 1 {} 3 a", 65535),
        ("SRV 1 2 {} a", 65535),
        ("TLSA {} 1 1 abcd", 255),
        ("TLSA 3 {} 1 abcd", 255),
        ("TLSA 3 1 {} abcd", 255),
        ("CAA {} issue x", 255),
        ("SOA a b {} 2 3 4 5", 2**32 - 1),
    ],
)
def test_the_largest_number_of_a_field(rdata: str, largest: int):
    assert not zone_of(f"@ 5 {rdata.format(largest)}\n").faults
    [fault] = zone_of(f"@ 5 {rdata.format(largest + 1)}\n").faults
    assert str(largest + 1) in fault.message


@pytest.mark.parametrize(
    ("text", "places", "owners"),
    [
        # A parenthesis that swallows a record was not meant to: one fault for it, one for its end.
        ("bad A ( 192.0.2.999\nok A 192.0.2.1\n)\nw A 192.0.2.2\n", [1, 3], {"ok", "w"}),
        ("bad FOO ( x\nok A 192.0.2.1\n) ; x\nw A 192.0.2.2\n", [1, 3], {"ok", "w"}),
        ("a..b A ( 192.0.2.9\nok A 192.0.2.1\n)\nw A 192.0.2.2\n", [1, 3], {"ok", "w"}),
        # A bad name in front of a text without an end is not told as well.
        ('a..b TXT "x\nw A 192.0.2.1\n', [1], {"w"}),
    ],
)
def test_one_slip_is_one_fault(text: str, places: list[int], owners: set[str]):
    zone = zone_of(f"$TTL 5\n{text}")
    assert [fault.span.line - 1 for fault in zone.faults] == places
    assert {rrset.owner.split(".")[0] for rrset in zone.rrsets()} == owners


@pytest.mark.parametrize("address", ["1:2", "::1::", ":1", "1::2:", "12345::", "1:2:3:4:5:6:7:8:9"])
def test_a_plain_line_with_a_bad_address_is_a_fault(address: str):
    zone = zone_of(f"$TTL 5\nv A 192.0.2.1\nw AAAA {address}\nx AAAA 2001:db8::1\n")
    assert [fault.span.line for fault in zone.faults] == [3]
    assert zone.get("w.example.com.", "AAAA") is None
    assert zone.get("x.example.com.", "AAAA") is not None
