"""DMARC records: RFC 9989 section 4.8 and what people write instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies_taglist import any_text, dmarc_records, layouts
from zonelint.grammars.fault import FaultKind
from zonelint.grammars.tags import dmarc, reporturi
from zonelint.grammars.tags.dmarc import Alignment, Policy, Reading

K = FaultKind


def found(text: str) -> list[tuple[FaultKind, str, str | None]]:
    """Kind, the text under the caret, suggestion."""
    return [
        (fault.kind, text[fault.start : fault.end], fault.suggestion)
        for fault in dmarc.parse(text).faults
    ]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("v=DMARC1; p=quarentine", [(K.POLICY_VALUE, "quarentine", "quarantine")]),
        ("v=DMARC1; p=none; sp=Rejected", [(K.POLICY_VALUE, "Rejected", "reject")]),
        ("v=DMARC1; p=", [(K.POLICY_VALUE, "", None)]),
        ('v=DMARC1; p="none"', [(K.POLICY_VALUE, '"none"', "none")]),
        ("v=DMARC1; p==none", [(K.POLICY_VALUE, "=none", "none")]),
        ("v=DMARC1; p=maybe", [(K.POLICY_VALUE, "maybe", None)]),
        ("v=DMARC1; p=none; adkim=strict", [(K.TAG_VALUE, "strict", "s")]),
        ("v=DMARC1; p=none; aspf=relaxed", [(K.TAG_VALUE, "relaxed", "r")]),
        ("v=DMARC1; p=none; t=yes", [(K.TAG_VALUE, "yes", "y")]),
        ("v=DMARC1; p=none; fo=0:1:d", [(K.TAG_VALUE, "0:1:d", "1:d")]),
        ("v=DMARC1; p=none; fo=d:d", [(K.TAG_VALUE, "d:d", "d")]),
        ("v=DMARC1; p=none; fo=1,d", [(K.TAG_VALUE, "1,d", "1:d")]),
        ("v=DMARC1; p=none; pct=100%", [(K.TAG_VALUE, "100%", "100")]),
        ("v=DMARC1; p=none; pct=101", [(K.TAG_VALUE, "101", None)]),
        ("v=DMARC1; p=none; fo:0", [(K.SYNTAX, "fo:0", "fo=0")]),
        ("v=DMARC1; p=none; sp-none", [(K.SYNTAX, "sp-none", "sp=none")]),
        ("v=DMARC1; p=none; pct100", [(K.SYNTAX, "pct100", "pct=100")]),
        ("v=DMARC1; p none", [(K.SYNTAX, "p none", "p=none")]),
        ("v=DMARC1; p=none rua=mailto:a@b.example", [(K.SYNTAX, " ", "; ")]),
        ("v=DMARC1; p=none, rua=mailto:a@b.example", [(K.SYNTAX, ", ", "; ")]),
        ("v=DMARC1; p=none;; sp=none", [(K.SYNTAX, ";", "")]),
        ("v=DMARC1; p=none; hello", [(K.SYNTAX, "hello", None)]),
        ("v=DMARC1; p=none; p=none", [(K.DUPLICATE, "p=none", None)]),
        ("v=DMARC1;p=none;v=DMARC1", [(K.DUPLICATE, "v=DMARC1", None)]),
        ("v=DMARC1; p=none; rau=mailto:a@b.example", [(K.UNKNOWN_TAG, "rau", "rua")]),
        ("v=DMARC1; p=none; zzzz=1", [(K.UNKNOWN_TAG, "zzzz", None)]),
        ("v=DMARC1; P=none", [(K.UNKNOWN_TAG, "P", "p")]),
        ("v=dmarc1; p=none", [(K.VERSION, "dmarc1", "DMARC1")]),
        ("v=DMARC2; p=none", [(K.VERSION, "DMARC2", "DMARC1")]),
        ("v=DMARC1, p=none", [(K.VERSION, ", ", "; ")]),
        ("v=DMARC1 p=none", [(K.VERSION, " ", "; ")]),
        ("v:DMARC1; p=none", [(K.VERSION, "v:DMARC1", "v=DMARC1")]),
        ("V=DMARC1; p=none", []),
        (" v=DMARC1; p=none", [(K.VERSION, " ", "")]),
        ('"v=DMARC1; p=none', [(K.VERSION, '"', "")]),
        ("DMARC1; p=none", [(K.VERSION, "DMARC1", "v=DMARC1")]),
        ("xv=DMARC1; p=none", [(K.VERSION, "xv=DMARC1", "v=DMARC1")]),
        ("p=none; v=DMARC1", [(K.VERSION, "v=DMARC1", None)]),
        ("p=none", [(K.VERSION, "p=none", "v=DMARC1; p=none")]),
        ("", [(K.VERSION, "", None)]),
        ("v=DMARC1; p=none; rua=a@b.example",
         [(K.REPORT_URI, "a@b.example", "mailto:a@b.example")]),
        ("v=DMARC1; p=none; rua=mailto://a@b.example",
         [(K.REPORT_URI, "mailto://a@b.example", "mailto:a@b.example")]),
        ("v=DMARC1; p=none; rua=mailto: a@b.example",
         [(K.REPORT_URI, "mailto: a@b.example", "mailto:a@b.example")]),
        ("v=DMARC1; p=none; rua=mailto:a!b@c.example",
         [(K.REPORT_URI, "mailto:a!b@c.example", "mailto:a%21b@c.example")]),
        ("v=DMARC1; p=none; rua=mailto:a@b.example,c@d.example",
         [(K.REPORT_URI, "c@d.example", "mailto:c@d.example")]),
        ("v=DMARC1; p=none; rua=mailto:a@b.example mailto:c@d.example", [(K.REPORT_URI, " ", ",")]),
        ("v=DMARC1; p=none; rua=mailto:a@b.example; mailto:c@d.example",
         [(K.REPORT_URI, "mailto:c@d.example", None)]),
        ("v=DMARC1; p=none; rua=reports", [(K.REPORT_URI, "reports", None)]),
        ("v=DMARC1; p=none; rua=", [(K.REPORT_URI, "", None)]),
        ("v=DMARC1; p=none; rua=mailto:a@b.example,", [(K.REPORT_URI, "", None)]),
        ("v=DMARC1; p=\u201cnone\u201d",
         [(K.NON_ASCII, "\u201c", ""), (K.NON_ASCII, "\u201d", "")]),
        ("v=DMARC1;\u00a0p=none", [(K.NON_ASCII, "\u00a0", " ")]),
        ("v=DMARC1; p=none\uff1b sp=none", [(K.NON_ASCII, "\uff1b", ";")]),
        ("v=DMARC1; p=n\u00f6ne",
         [(K.POLICY_VALUE, "n\u00f6ne", "none"), (K.NON_ASCII, "\u00f6", None)]),
    ],
)  # fmt: skip
def test_a_fault_has_its_kind_its_place_and_what_should_stand_there(text, faults):
    assert found(text) == faults


def test_all_faults_of_a_record_are_found_in_one_run():
    text = "v=DMARC1; p=quarentine; fo:0; sp-none; pct100; adkim=strict;; rua=a@b.example rf=x"
    assert [kind for kind, _, _ in found(text)] == [
        K.POLICY_VALUE, K.SYNTAX, K.SYNTAX, K.SYNTAX, K.TAG_VALUE, K.SYNTAX, K.REPORT_URI, K.SYNTAX,
    ]  # fmt: skip
    fixed = dmarc.parse(text).correcting()
    assert fixed == (
        "v=DMARC1; p=quarantine; fo=0; sp=none; pct=100; adkim=s; rua=mailto:a@b.example; rf=x"
    )
    assert dmarc.parse(fixed).faults == ()


@pytest.mark.parametrize(
    "text",
    [
        "v=DMARC1",
        "v=DMARC1;",
        "v = DMARC1 ; p = Reject ; ",
        "v=DMARC1;p=REJECT;rua=mailto:a@b.example!10m,https://b.example/r?x=1",
        "v=DMARC1; p=reject \t;\tsp=none",
        "v=DMARC1; p=none; rf=afrf; ri=86400; pct=100",
        "v=DMARC1; p=none; rua=mailto:a%2Cb@c.example?subject=x",
    ],
)
def test_what_the_abnf_allows_has_no_fault(text):
    assert dmarc.parse(text).faults == ()
    assert dmarc.is_dmarc(text)


def test_typed_values():
    record = dmarc.parse(
        "v=DMARC1; p=Quarantine; sp=NONE; np=reject; adkim=S; aspf=r; fo=1:d; t=Y; psd=n; pct=20; "
        "rua=mailto:a@B.example!10m, https://c.example/x; ruf=mailto:d@e.example"
    )
    assert (record.p, record.sp, record.np) == (Policy.QUARANTINE, Policy.NONE, Policy.REJECT)
    assert (record.adkim, record.aspf) == (Alignment.STRICT, Alignment.RELAXED)
    assert record.fo == ("1", "d")
    assert (record.t, record.psd, record.pct) == ("y", "n", 20)
    first, second = record.rua
    assert (first.uri, first.address, first.domain) == (
        "mailto:a@B.example", "a@B.example", "b.example",
    )  # fmt: skip
    assert (first.scheme, first.size_suffix) == ("mailto", "10m")
    assert (second.scheme, second.domain, second.address) == ("https", "c.example", "")
    assert record.text[second.start : second.end] == "https://c.example/x"
    assert [uri.address for uri in record.ruf] == ["d@e.example"]


def test_what_receivers_cannot_read_is_none_and_still_there():
    record = dmarc.parse("v=DMARC1; p=quarentine; sp:none; adkim=strict; rua=a@b.example")
    assert (record.p, record.sp, record.adkim) == (None, None, None)
    assert record.has("sp")
    assert record.tag("p") is not None
    assert [uri.faults[0].kind for uri in record.rua] == [K.REPORT_URI]
    empty = dmarc.parse("v=DMARC1")
    assert (empty.p, empty.fo, empty.rua, empty.t, empty.pct) == (None, (), (), None, None)


def test_faults_of_addresses_stand_where_the_addresses_stand():
    text = "v=DMARC1;\u00a0p=none; rua=mailto:a@b.example, c@d.example"
    uri = dmarc.parse(text).rua[1]
    assert text[uri.start : uri.end] == "c@d.example"
    assert text[uri.faults[0].start : uri.faults[0].end] == "c@d.example"


N, Q, R = Policy.NONE, Policy.QUARANTINE, Policy.REJECT


@pytest.mark.parametrize(
    ("tags", "new", "old", "percent"),
    [
        ("p=reject", (R, R, R), (R, R, R), 100),
        ("p=reject; sp=none", (R, N, N), (R, N, N), 100),
        ("p=none; sp=none; np=reject", (N, N, R), (N, N, N), 100),
        ("p=reject; np=quarantine", (R, R, Q), (R, R, R), 100),
        ("p=reject; t=y", (Q, Q, Q), (R, R, R), 100),
        ("p=quarantine; sp=none; np=reject; t=y", (N, N, Q), (Q, N, N), 100),
        ("p=reject; t=n; pct=20", (R, R, R), (R, R, R), 20),
        ("rua=mailto:a@b.example", (N, N, N), (N, N, N), 100),
        ("sp=reject", (None,) * 3, (None,) * 3, 100),
        ("p=rejct; rua=mailto:a@b.example", (N, N, N), (N, N, N), 100),
        ("p=reject; sp=rejct; rua=a@b.example", (None,) * 3, (None,) * 3, 100),
        ("p=reject; np=rejct", (None,) * 3, (R, R, R), 100),
    ],
)
def test_the_effective_policy_in_both_readings(tags, new, old, percent):
    record = dmarc.parse(f"v=DMARC1; {tags}")
    now = record.effective()
    assert (now.domain, now.subdomains, now.nonexistent, now.percent) == (*new, 100)
    then = record.effective(Reading.RFC7489)
    assert (then.domain, then.subdomains, then.nonexistent, then.percent) == (*old, percent)


def test_a_record_that_receivers_do_not_see_has_no_policy():
    assert dmarc.parse("v=dmarc1; p=reject").effective().domain is None


@pytest.mark.parametrize(
    "text",
    [
        "v=dmarc1; p=none", "p=none; v=DMARC1", "DMARC1; p=none", "xv=DMARC1; p=none",
        " v=DMARC1; p=none", '"v=DMARC1; p=none"', "v=DMARC; p=none",
        "v=DMARC1 p=none", "v=DMARC1, p=none", "v=DMARC1\\; p=none", "v:DMARC1;p=none",
        "p=none; rua=mailto:a@b.example", "p=reject", "v=DMARC 1; p=none", "\u201cv=DMARC1; p=none",
        "v=D-MARC1; p=none",
    ],
)  # fmt: skip
def test_what_was_meant_as_dmarc_and_receivers_do_not_see(text):
    assert not dmarc.is_dmarc(text)
    assert dmarc.looks_like_dmarc(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "v=spf1 include:dmarc.example.com -all", "v=spf1 exp=dmarc1.example.com -all",
        "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3", "v=DKIM1; p=", "google-site-verification=dmarc1",
        "dmarc=yes", "dmarc-verification=abc; p=none", "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GN",
        "v=STSv1; id=1", "v=TLSRPTv1; rua=mailto:dmarc@example.com", "MS=ms12345678",
        "o=~; r=postmaster@example.com", "t=y; o=-", "dkim=all", "DMARC reports: see example.com",
        "p=none of your business", "v=BIMI1; l=https://example.com/dmarc1.svg",
    ],
)  # fmt: skip
def test_what_is_no_dmarc_and_was_not_meant_to_be(text):
    assert not dmarc.is_dmarc(text)
    assert not dmarc.looks_like_dmarc(text)


@given(any_text)
def test_what_receivers_see_looks_like_it_and_has_no_version_fault(text):
    sees = dmarc.is_dmarc(text)
    assert dmarc.looks_like_dmarc(text) or not sees
    if sees:
        assert K.VERSION not in {fault.kind for fault in dmarc.parse(text).faults}


@given(dmarc_records, st.data())
def test_every_legal_record_is_seen_and_its_policies_are_typed(record, data):
    text = data.draw(layouts("dmarc", record._content()))
    again = dmarc.parse(text)
    assert dmarc.is_dmarc(text)
    assert again == record
    assert (again.p is None) == (not again.has("p"))
    assert all(not uri.faults for uri in again.rua + again.ruf)
    value = again.value("rua")
    assert ",".join(uri.text for uri in again.rua) == (value or "")


@given(any_text)
def test_accessors_answer_for_any_text(text):
    record = dmarc.parse(text)
    for uri in record.rua + record.ruf:
        assert 0 <= uri.start <= uri.end <= len(text)
    record.effective()
    record.effective(Reading.RFC7489)
    assert record.pct is None or 0 <= record.pct <= 100
    assert set(record.fo) <= {"0", "1", "d", "s"}


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("p=none; v=DMARC1", "v=DMARC1; p=none"),
        ("p=none; v=DMARC1; sp=none", "v=DMARC1; p=none; sp=none"),
        ("v=dmarc1; p=none;", "v=DMARC1; p=none;"),
        ('"v=DMARC1; p=none"', "v=DMARC1; p=none"),
        ("v=DMARC1 p=none", "v=DMARC1; p=none"),
        ("DMARC1;p=none", "v=DMARC1;p=none"),
        ("p=none", "v=DMARC1; p=none"),
    ],
)
def test_the_version_can_be_put_in_front(text, fixed):
    assert dmarc.parse(text).with_version_first() == fixed
    assert dmarc.is_dmarc(fixed)


def test_features_say_what_is_there_and_what_is_not():
    record = dmarc.parse("v=DMARC1; p=Reject; rua=mailto:a@b.example!1m; fo:0; adkim=x")
    assert record.features >= {
        "v", "p", "p=reject", "rua", "uri-size", "fo", "adkim", "without:sp", "without:ruf",
        "fault:syntax", "fault:tag-value",
    }  # fmt: skip
    assert "adkim=x" not in record.features
    assert "without:fo" not in record.features
    assert dmarc.parse("v=DMARC1; p=none").features == {
        "v", "p", "p=none",
        *(f"without:{name}" for name in
          ("sp", "np", "adkim", "aspf", "fo", "rua", "ruf", "t", "psd", "pct", "rf", "ri")),
    }  # fmt: skip


def test_a_long_list_of_addresses_is_not_kept():
    before = reporturi._remembered.cache_info().currsize
    reporturi.read(",".join(["mailto:a@example.com"] * 5000))
    assert reporturi._remembered.cache_info().currsize == before


@pytest.mark.parametrize(
    ("raw", "faulty"),
    [
        ("dmarc.example.com:443", True),
        ("reports:a@example.com", True),
        ("tel:123", False),
    ],
)
def test_a_scheme_by_accident_is_none(raw: str, faulty: bool):
    assert bool(reporturi.faults(raw)) is faulty


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('v=DMARC1; p="none"', ["what is around none makes it invalid"]),
        ("v=DMARC1; p=quarentine", ["not quarentine (did you mean `quarantine`?)"]),
        ("v=DMARC1; p=whatever", ["not whatever."]),
        ("v=DMARC1; p=", ["The tag `p` is empty"]),
    ],
)
def test_what_is_said_of_a_value(text: str, words: list[str]):
    messages = [fault.message for fault in dmarc.parse(text).faults]
    assert len(messages) == len(words)
    for message, word in zip(messages, words, strict=True):
        assert word in message, message


def test_the_first_tag_is_marked_where_the_version_is_missing():
    for text in ("p=none; rua=mailto:a@example.com", " ; p=none"):
        [version] = [f for f in dmarc.parse(text).faults if f.kind is FaultKind.VERSION]
        assert text[version.start : version.end] == "p=none"


def test_a_pasted_tag_in_front_of_a_missing_version_is_rewritten_clean():
    text = "p=none\u200b; rua=mailto:a@example.com"
    [version] = [f for f in dmarc.parse(text).faults if f.kind is FaultKind.VERSION]
    assert version.suggestion == "v=DMARC1; p=none"


@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_a_version_is_put_inside_of_the_quotes(quote: str):
    record = dmarc.parse(f"{quote}p=none; rua=mailto:a@example.com{quote}")
    assert record.with_version_first() == "v=DMARC1; p=none; rua=mailto:a@example.com"


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("'p=none; v=DMARC1'", "v=DMARC1; p=none"),
        ('"p=none; v=DMARC1"', "v=DMARC1; p=none"),
        ("sp=none; rua=mailto:a@b.cs", "v=DMARC1; sp=none; rua=mailto:a@b.cs"),
    ],
)
def test_only_quotes_are_taken_from_around_a_record(text: str, fixed: str) -> None:
    assert dmarc.parse(text).with_version_first() == fixed
