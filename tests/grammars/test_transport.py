"""MTA-STS, TLS report and BIMI records."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies_taglist import any_text, bimi_records, layouts, sts_records, tlsrpt_records
from zonelint.grammars.fault import FaultKind
from zonelint.grammars.tags import sts_policy, transport
from zonelint.grammars.tags.taglist import TagList

K = FaultKind


def found(record: TagList) -> list[tuple[FaultKind, str, str | None]]:
    return [
        (fault.kind, record.text[fault.start : fault.end], fault.suggestion)
        for fault in record.faults
    ]


@pytest.mark.parametrize(
    ("text", "identifier", "faults"),
    [
        ("v=STSv1; id=20160831085700Z;", "20160831085700Z", []),
        ("v=STSv1;id=1;x.y-z=4;", "1", []),
        ("v=STSv1; x=4; id=1", "1", []),
        ("v=STSv1; id=2016-08-31", None, [(K.TAG_VALUE, "2016-08-31", "20160831")]),
        (f"v=STSv1; id={'a' * 33}", None, [(K.TAG_VALUE, "a" * 33, None)]),
        ("v=STSv1; id=", None, [(K.TAG_VALUE, "", None)]),
        ("v=STSv1;", None, [(K.MISSING, "", None)]),
        ("v=STSv1; id = 3", "3", [(K.SYNTAX, "id = ", "id=")]),
        ("v=STSv1 ; id=3", "3", [(K.VERSION, " ", "")]),
        ("v=stsv1; id=3", "3", [(K.VERSION, "stsv1", "STSv1")]),
        ("id=3; v=STSv1", "3", [(K.VERSION, "v=STSv1", None)]),
        ("v=STSv1 id=3", None, [(K.VERSION, " ", "; ")]),
        ("v=STSv1; id=3; id=3", "3", [(K.DUPLICATE, "id=3", None)]),
        ("v=STSv1; id=3; x=4=5", "3", [(K.SYNTAX, "4=5", None)]),
    ],
)
def test_mta_sts(text, identifier, faults):
    record = transport.StsRecord.read(text)
    assert found(record) == faults
    assert record.id == identifier
    if not faults:
        assert transport.is_sts(text)


@pytest.mark.parametrize(
    ("text", "domains", "faults"),
    [
        ("v=TLSRPTv1; rua=mailto:a@b.example,https://c.example/v1?x=y", ["b.example", "c.example"],
         []),
        ("v=TLSRPTv1;rua=mailto:a@b.example; rua=mailto:a@c.example;", ["b.example", "c.example"],
         []),
        ("v=TLSRPTv1; rua=a@b.example", [""],
         [(K.REPORT_URI, "a@b.example", "mailto:a@b.example")]),
        ("v=TLSRPTv1; rua=ftp://b.example", [""], [(K.REPORT_URI, "ftp://b.example", None)]),
        ("v=TLSRPTv1; rua=", [""], [(K.REPORT_URI, "", None)]),
        ("v=TLSRPTv1", [], [(K.MISSING, "", None)]),
        ("v=TLSRPT1; rua=mailto:a@b.example", ["b.example"], [(K.VERSION, "TLSRPT1", "TLSRPTv1")]),
        ("v=TLSRPTv1; rua = mailto:a@b.example", ["b.example"], [(K.SYNTAX, "rua = ", "rua=")]),
    ],
)  # fmt: skip
def test_tls_reports(text, domains, faults):
    record = transport.TlsRptRecord.read(text)
    assert found(record) == faults
    assert [uri.domain for uri in record.rua] == domains
    assert all(text[uri.start : uri.end] == uri.text for uri in record.rua)


@pytest.mark.parametrize(
    ("text", "location", "declines", "faults"),
    [
        ("v=BIMI1; l=https://b.example/a.svg; a=", "https://b.example/a.svg", False, []),
        ("v=BIMI1; l=https://b.example/a.svg; a=https://b.example/a.pem; avp=brand;",
         "https://b.example/a.svg", False, []),
        ("v=BIMI1; l=; a=;", "", True, []),
        ("v=BIMI1; l= ;", "", True, []),
        ("v=BIMI1;", None, False, [(K.MISSING, "", None)]),
        ("v=BIMI1; l=http://b.example/a.svg", None, False,
         [(K.REPORT_URI, "http://b.example/a.svg", "https://b.example/a.svg")]),
        ("v=BIMI1; l=b.example/a.svg", None, False,
         [(K.REPORT_URI, "b.example/a.svg", "https://b.example/a.svg")]),
        ("v=BIMI1; l=https://b.example/a.svg,https://c.example/a.svg", None, False,
         [(K.REPORT_URI, "https://b.example/a.svg,https://c.example/a.svg", None)]),
        ("v=bimi1; l=", "", True, [(K.VERSION, "bimi1", "BIMI1")]),
    ],
)  # fmt: skip
def test_bimi(text, location, declines, faults):
    record = transport.BimiRecord.read(text)
    assert found(record) == faults
    assert record.location == location
    assert record.declines is declines


def test_which_records_receivers_keep():
    assert transport.is_sts("v=STSv1; id=1")
    assert not transport.is_sts("v=STSv1 ; id=1")
    assert not transport.is_sts(" v=STSv1; id=1")
    assert transport.is_tlsrpt("v=TLSRPTv1;rua=mailto:a@b.example")
    assert not transport.is_tlsrpt("v=TLSRPTv2;rua=mailto:a@b.example")
    assert transport.is_bimi("v = BIMI1")
    assert not transport.is_bimi("v=bimi1;")


@given(sts_records, st.data())
def test_every_legal_sts_record_is_kept(record, data):
    text = data.draw(layouts("sts", record._content()))
    assert transport.is_sts(text)
    assert transport.StsRecord.read(text).id == record.id != ""


@given(tlsrpt_records, st.data())
def test_every_legal_tls_report_record_is_kept(record, data):
    text = data.draw(layouts("tlsrpt", record._content()))
    assert transport.is_tlsrpt(text)
    again = transport.TlsRptRecord.read(text)
    assert ",".join(uri.text for uri in again.rua) == record.value("rua")


@given(bimi_records, st.data())
def test_every_legal_bimi_record_is_seen(record, data):
    text = data.draw(layouts("bimi", record._content()))
    assert transport.is_bimi(text)
    assert transport.BimiRecord.read(text).location == record.location is not None


@given(any_text)
def test_accessors_answer_for_any_text(text):
    identifier = transport.StsRecord.read(text).id
    assert identifier is None or identifier.isalnum()
    for uri in transport.TlsRptRecord.read(text).rua:
        assert 0 <= uri.start <= uri.end <= len(text)
    bimi = transport.BimiRecord.read(text)
    for place in (bimi.location, bimi.authority):
        assert not place or place.lower().startswith("https://")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-01", "202401"),
        ("-", None),
        ("a-", "a"),
        ("a" * 32 + "-", "a" * 32),
        ("a" * 33, None),
    ],
)
def test_an_id_of_sts_has_1_to_32_letters_and_digits(written: str, meant: str | None):
    assert transport._id_meant(written) == meant


@pytest.mark.parametrize(
    ("age", "seconds"),
    [("0", 0), ("86400", 86400), ("31557600", 31557600), ("31557601", None), ("-1", None)],
)
def test_the_age_of_a_policy(age: str, seconds: int | None):
    assert sts_policy.parse(f"version: STSv1\nmax_age: {age}\n").max_age == seconds


def test_a_line_of_a_policy_has_a_key_and_a_colon():
    policy = sts_policy.parse("version: STSv1\nmode\n: enforce\nmx:\n")
    assert policy.broken == (2, 3)
    assert [entry.key for entry in policy.entries] == ["version", "mx"]


@pytest.mark.parametrize(
    ("place", "better"),
    [
        ("x.example/a.svg", "https://x.example/a.svg"),
        ("ftp://x.example/a.svg", None),
        ("x y", None),
        ("http://x.example/a.svg", "https://x.example/a.svg"),
        ("https://x.example/a.svg,https://y.example/b.svg", None),
    ],
)
def test_the_address_of_a_logo(place: str, better: str | None):
    [fault] = transport._place_faults(place)
    assert fault.suggestion == better
