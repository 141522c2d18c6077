"""The tag list: one definition, two readers, every fault at its place."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.strategies_taglist import (
    LANGUAGES,
    RECORDS,
    Generic,
    any_text,
    contents,
    layouts,
    plain,
    scraps,
)
from zonelint.grammars.fault import FaultKind
from zonelint.grammars.tags import dmarc
from zonelint.grammars.tags.value import TEXT

NAMED = st.sampled_from(sorted(contents))
ANY_LANGUAGE = st.sampled_from(sorted(RECORDS))
CONTENT = NAMED.flatmap(lambda name: st.tuples(st.just(name), contents[name]))


@given(CONTENT)
def test_a_normal_form_reads_back_as_itself(drawn):
    language, content = drawn
    record = RECORDS[language].read(plain(content))
    assert str(record) == plain(content)
    assert tuple((tag.name, tag.value) for tag in record.tags) == content
    assert RECORDS[language].read(str(record)) == record
    assert hash(RECORDS[language].read(str(record))) == hash(record)


@given(CONTENT, st.data())
def test_every_legal_layout_is_the_same_record_without_a_fault(drawn, data):
    language, content = drawn
    text = data.draw(layouts(language, content))
    record = RECORDS[language].read(text)
    assert record.faults == ()
    assert record == RECORDS[language].read(plain(content))
    assert str(record) == plain(content)
    for tag in record.tags:
        assert tag.text == text[tag.start : tag.end]
        assert tag.text.startswith(tag.name)
        assert tag.text == tag.text.strip()


@pytest.mark.parametrize("name", sorted(LANGUAGES))
def test_a_language_and_its_grammar_know_the_same_tags(name):
    """Each tag of a language has an alternative of its own: as an unknown one it takes any text."""
    language = LANGUAGES[name]
    for tag, rule in language.tags.items():
        taken = language.read_value(tag, "~") is not None
        assert taken == (rule is TEXT), tag
    if language.version:
        assert language.read_value("v", language.version) == language.version
        assert language.read_value("v", language.version.swapcase()) is None


@settings(max_examples=400)
@given(ANY_LANGUAGE, any_text)
@example("bimi", "v=\u200b")
def test_any_text_is_a_record_with_faults_at_their_places(name, text):
    record = RECORDS[name].read(text)
    faults = record.faults
    for fault in faults:
        assert 0 <= fault.start <= fault.end <= len(text)
        assert fault.message.endswith(".")
        assert fault.message.isprintable()
    assert list(faults) == sorted(faults, key=lambda fault: (fault.start, fault.end))
    assert record.is_clean == (not faults)
    words = {word for word in record.features if word.startswith("fault:")}
    assert words == {f"fault:{fault.kind.value}" for fault in faults}
    for tag in record.tags:
        assert 0 <= tag.start <= tag.value_start <= tag.value_end <= tag.end <= len(text)
        assert tag.text == text[tag.start : tag.end]
        assert set(tag.faults) <= set(faults)
    again = RECORDS[name].read(str(record))
    if record.is_clean:
        assert again == record
        assert str(again) == str(record)
    for rewritten in (
        record.correcting(),
        record.correcting(FaultKind.VERSION),
        record.with_version_first(),
        record.appending("x=y"),
        record.without("p", "v"),
        record.replacing("p", "p=none"),
        record.inserting_after("v", "p=none"),
    ):
        RECORDS[name].read(rewritten)


@given(ANY_LANGUAGE, scraps)
def test_repaired_text_has_no_more_characters_that_were_pasted(name, text):
    fixed = RECORDS[name].read(RECORDS[name].read(text).correcting(FaultKind.NON_ASCII))
    left = [fault for fault in fixed.faults if fault.kind is FaultKind.NON_ASCII]
    assert all(fault.suggestion is None for fault in left)


@pytest.mark.parametrize(
    "text",
    [
        "a;" * 20000, "a=b " * 15000, "p=none," * 9000, ";" * 60000, " " * 60000, '"' * 60000,
        "v=" + " " * 60000, "rua=" + "mailto:a@b.example," * 3000, "p=" + '" "' * 20000,
        "v=DMARC1" * 8000, "\u201c" * 30000, "\x00" * 30000, "p=" + "A" * 60000, "=" * 60000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", sorted(RECORDS))
def test_a_hostile_text_is_read_to_its_end(name, text):
    record = RECORDS[name].read(text)
    covered = max(
        [tag.end for tag in record.tags] + [fault.end for fault in record.faults], default=0
    )
    assert covered >= len(text.rstrip(" ;")) - 1
    assert record.is_clean == (not record.faults)


def test_a_list_of_no_language_has_names_values_and_places():
    record = Generic.read(" a = b c ;d=;e=f=g;")
    assert [(tag.name, tag.value, tag.start, tag.end) for tag in record.tags] == [
        ("a", "b c", 1, 8),
        ("d", "", 10, 12),
        ("e", "f=g", 13, 18),
    ]
    assert record.faults == ()
    assert str(record) == "a=b c; d=; e=f=g"


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a=b;;c=d", [(4, 5, "")]),
        ("a=b;;;c=d;;", [(4, 6, ""), (10, 11, "")]),
        ("a=b c=d", [(3, 4, "; ")]),
        ("a=b, c=d", [(3, 5, "; ")]),
        ("a=b; stray; c=d", [(5, 10, None)]),
        ('"a=b', [(0, 1, "")]),
        ("a=b;\u00a0c=d", [(4, 5, " ")]),
        ("a\u200b=b", [(1, 2, "")]),
        ("\u201ca=b\u201d", [(0, 1, ""), (4, 5, "")]),
        ("a=b\x07; c=d", [(3, 4, " ")]),
    ],
)
def test_each_fault_stands_at_its_own_column(text, places):
    faults = Generic.read(text).faults
    assert [(fault.start, fault.end, fault.suggestion) for fault in faults] == places


@given(contents["dmarc"].filter(lambda content: len(content) > 1), st.data())
def test_rewriting_touches_one_tag_and_leaves_every_other_character(content, data):
    text = data.draw(layouts("dmarc", content))
    record = RECORDS["dmarc"].read(text)
    number = data.draw(st.integers(1, len(content) - 1))
    tag = record.tags[number]

    replaced = record.replacing(tag, "x=y")
    assert replaced == text[: tag.start] + "x=y" + text[tag.end :]

    without = RECORDS["dmarc"].read(record.without(tag))
    assert without._content() == content[:number] + content[number + 1 :]
    assert without.faults == ()

    added = RECORDS["dmarc"].read(record.appending("np=none"))
    assert added._content() == (*content, ("np", "none"))
    inserted = RECORDS["dmarc"].read(record.inserting_after("v", "np=none"))
    assert inserted._content() == (content[0], ("np", "none"), *content[1:])


@given(contents["dmarc"], st.data())
def test_any_tags_can_be_taken_out_together(content, data):
    record = RECORDS["dmarc"].read(data.draw(layouts("dmarc", content)))
    gone = data.draw(st.sets(st.sampled_from(range(len(content)))))
    text = record.without(*[record.tags[number] for number in gone])
    left = tuple(tag for number, tag in enumerate(content) if number not in gone)
    assert RECORDS["dmarc"].read(text)._content() == left


def test_separators_stay_as_the_record_has_them():
    read = RECORDS["dmarc"].read
    assert read("v=DMARC1;p=none;").appending("sp=none") == "v=DMARC1;p=none;sp=none;"
    assert read("v=DMARC1; p=none").appending("sp=none") == "v=DMARC1; p=none; sp=none"
    assert read("v=DMARC1;").appending("p=none") == "v=DMARC1; p=none;"
    assert read("v=DMARC1; p=none; sp=none;").without("sp") == "v=DMARC1; p=none;"
    assert read("v=DMARC1; p=none; sp=none;").without("p") == "v=DMARC1; sp=none;"
    assert read("v=DMARC1; p=none").without("rua") == "v=DMARC1; p=none"
    assert read("v=DMARC1; p=none").replacing("rua", "x=y") == "v=DMARC1; p=none"


def test_a_stray_word_is_no_tag():
    record = dmarc.parse("v=DMARC1; hello; p=none; sp-none")
    entries = {entry.value: entry for piece in record.pieces for entry in piece.fields}
    assert not entries["hello"].sound
    assert not entries["none"].sound or entries["none"].name == "p"


def test_the_value_of_a_tag_without_a_sign_has_its_place():
    record = dmarc.parse("v=DMARC1; p=none; pct100")
    [entry] = [e for piece in record.pieces for e in piece.fields if e.name == "pct"]
    piece = next(piece for piece in record.pieces if entry in piece.fields)
    assert piece.text[entry.value_start : entry.value_end] == "100"


def test_a_tag_is_the_same_wherever_and_however_it_stands():
    plain = dmarc.parse("v=DMARC1; p=none").tags[1]
    elsewhere = dmarc.parse("v=DMARC1;sp=none ; p = none").tags[2]
    broken = dmarc.parse("v=DMARC1; p-none").tags[1]
    assert plain == elsewhere == broken
    assert hash(plain) == hash(elsewhere)
    assert plain.sound
    assert plain != dmarc.parse("v=DMARC1; p=reject").tags[1]


def test_a_record_tells_what_its_grammar_read() -> None:
    assert dmarc.parse("v=DMARC1; p=none\u200b; x=é").cleaned() == "v=DMARC1; p=none; x="
    assert dmarc.parse("v=DMARC1;p = none ;").cleaned() == "v=DMARC1;p = none ;"
