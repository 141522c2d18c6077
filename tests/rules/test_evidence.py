"""What reports add up to, and when they suffice."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.harness import added_up, evidence_of
from zonelint.grammars.tags import dmarc
from zonelint.rules.context import Context
from zonelint.rules.evidence import readiness
from zonelint.rules.evidence.evidence import (
    AggregateReport,
    Disposition,
    DkimResult,
    NoMessages,
    NotReady,
    PublishedPolicy,
    Ready,
    Row,
    SpfResult,
    TooFewAligned,
    TooFewDays,
)
from zonelint.rules.evidence.readiness import percent, published
from zonelint.rules.mail.meaning import NameGroup

FIRST = date(2026, 11, 1)
NONE = PublishedPolicy("example.com", p="none", adkim="r", aspf="r", pct=100)
QUARANTINE = PublishedPolicy("example.com", p="quarantine", adkim="r", aspf="r", pct=100)
GOOD, BAD = "192.0.2.1", "203.0.113.66"


def begin(day: int) -> int:
    moment = FIRST + timedelta(days=day)
    return int(datetime(moment.year, moment.month, moment.day, tzinfo=UTC).timestamp())


def row(count: int, aligned: bool = True, **other) -> Row:
    return Row(
        other.pop("source_ip", GOOD if aligned else BAD),
        count,
        Disposition.NONE,
        dkim_aligned=aligned,
        spf_aligned=False,
        header_from="example.com",
        **other,
    )


def report(
    day: int,
    good: int = 99,
    bad: int = 1,
    *,
    policy: PublishedPolicy = NONE,
    org: str = "receiver.example",
    days: int = 1,
    rows: tuple[Row, ...] | None = None,
) -> AggregateReport:
    made = (row(good), row(bad, aligned=False)) if rows is None else rows
    start = begin(day)
    return AggregateReport(org, f"id{day}", start, start + days * 86_400 - 1, policy, made)


def test_fourteen_days_at_98_percent_are_ready_and_a_message_less_is_not():
    enough = added_up(report(day, 98, 2) for day in range(14)).domains["example.com"].readiness()
    assert isinstance(enough, Ready)
    assert (enough.first, enough.last) == (FIRST, FIRST + timedelta(days=13))
    assert (enough.tally.messages, enough.tally.aligned) == (1400, 1372)

    days = [*(report(day, 98, 2) for day in range(13)), report(13, 97, 3)]
    short = added_up(days).domains["example.com"].readiness()
    assert isinstance(short, NotReady)
    (missing,) = short.missing
    assert isinstance(missing, TooFewAligned)
    assert [source.address for source in missing.sources] == [BAD]
    assert missing.sources[0].tally.unaligned == 29
    assert missing.sources[0].passes_neither


def test_the_share_counts_messages_and_not_rows():
    rows = (*(row(1, source_ip=f"192.0.2.{n}") for n in range(1, 100)), row(900, aligned=False))
    answer = (
        added_up(report(day, rows=rows) for day in range(14)).domains["example.com"].readiness()
    )
    assert isinstance(answer, NotReady)
    assert round(answer.tally.share, 3) == round(99 / 999, 3)


def test_days_without_a_report_do_not_count():
    answer = added_up(report(day) for day in range(0, 26, 2)).domains["example.com"].readiness()
    assert isinstance(answer, NotReady)
    (missing,) = answer.missing
    assert isinstance(missing, TooFewDays)
    assert (missing.have, missing.need, missing.since) == (13, 14, FIRST)
    assert missing.broken_by is None


def test_several_receivers_a_day_are_one_day():
    reports = [report(day, org=org) for day in range(7) for org in ("a.example", "b.example")]
    answer = added_up(reports).domains["example.com"].readiness()
    assert isinstance(answer, NotReady)
    (missing,) = answer.missing
    assert isinstance(missing, TooFewDays)
    assert missing.have == 7


def test_a_report_of_a_week_covers_seven_days():
    evidence = added_up([report(0, days=7), report(7, days=7)])
    answer = evidence.domains["example.com"].readiness()
    assert isinstance(answer, Ready)
    assert len(answer.standing.days) == 14
    assert answer.tally.messages == 200


def test_a_period_from_afternoon_to_afternoon_is_one_day():
    start = begin(0) + 15 * 3600
    made = AggregateReport("r.example", "1", start, start + 86_399, NONE, (row(1),))
    assert made.days == (FIRST,)


def test_a_new_policy_starts_the_count_anew():
    reports = [report(day) for day in range(10)]
    reports += [report(day, policy=QUARANTINE) for day in range(10, 20)]
    found = added_up(reports).domain("example.com")
    assert found is not None
    standing = found.standing()
    assert standing.policy.p == "quarantine"
    assert standing.since == FIRST + timedelta(days=10)
    assert len(standing.days) == 10
    assert standing.broken_by is not None
    assert standing.broken_by.report_id == "id9"
    assert isinstance(found.readiness(), NotReady)
    assert isinstance(found.readiness(min_days=10), Ready)


def test_stricter_alignment_is_a_new_policy():
    strict = PublishedPolicy("example.com", p="none", adkim="s", aspf="s", pct=100)
    reports = [report(day, policy=strict if day >= 12 else NONE) for day in range(20)]
    found = added_up(reports).domain("example.com")
    assert found is not None
    assert len(found.standing().days) == 8


def test_a_receiver_that_fills_defaults_in_differently_changes_no_policy():
    terse = PublishedPolicy("example.com", p="none")
    wordy = PublishedPolicy("example.com", p="none", sp="quarantine", adkim="r", aspf="r", pct=100)
    reports = [report(day, org="terse.example", policy=terse) for day in range(14)]
    reports += [report(day, org="wordy.example", policy=wordy) for day in range(14)]
    assert isinstance(added_up(reports).domains["example.com"].readiness(), Ready)


def test_one_receiver_that_sees_another_subdomain_policy_saw_a_change():
    changed = PublishedPolicy("example.com", p="none", sp="reject", adkim="r", aspf="r", pct=100)
    reports = [report(day, policy=changed if day >= 9 else NONE) for day in range(14)]
    found = added_up(reports).domain("example.com")
    assert found is not None
    assert len(found.standing().days) == 5


def test_a_policy_that_no_report_shows_yet_has_no_days():
    found = added_up(report(day) for day in range(20)).domain("example.com")
    assert found is not None
    answer = found.readiness(present=QUARANTINE)
    assert isinstance(answer, NotReady)
    (missing,) = answer.missing
    assert isinstance(missing, TooFewDays)
    assert missing.have == 0
    assert missing.broken_by is not None
    assert missing.broken_by.policy.p == "none"


def test_only_the_last_days_are_judged():
    bad_once = [report(day, 10, 90) for day in range(10)]
    mended = [report(day, 100, 0) for day in range(10, 24)]
    assert isinstance(added_up([*bad_once, *mended]).domains["example.com"].readiness(), Ready)
    broken_now = [report(day, 100, 0) for day in range(100)] + [
        report(day, 90, 10) for day in range(100, 114)
    ]
    assert isinstance(added_up(broken_now).domains["example.com"].readiness(), NotReady)


def test_no_reports_and_no_messages_are_not_ready():
    assert added_up([]).domain("Example.COM.") is None
    empty = added_up(report(day, rows=()) for day in range(14)).domains["example.com"].readiness()
    assert isinstance(empty, NotReady)
    assert empty.missing == (NoMessages(),)


def test_a_report_delivered_twice_counts_once():
    evidence = added_up([report(0), report(0), report(0, org="other.example"), report(1)])
    assert (evidence.reports, evidence.duplicates) == (3, 1)
    found = evidence.domain("example.com")
    assert found is not None
    assert found.tally.messages == 300
    assert dict(found.by_receiver()) == {"receiver.example": 200, "other.example": 100}


def test_reports_without_an_id_are_told_apart_by_their_rows():
    def nameless(count: int) -> AggregateReport:
        return AggregateReport("r.example", "", begin(0), begin(0) + 60, NONE, (row(count),))

    evidence = added_up([nameless(1), nameless(2), nameless(1)])
    assert (evidence.reports, evidence.duplicates) == (2, 1)


def test_domains_are_kept_apart():
    other = PublishedPolicy("other.example", p="reject")
    evidence = added_up([report(0), report(0, 1, 0, policy=other)])
    assert list(evidence.domains) == ["example.com", "other.example"]
    assert [each.tally.messages for each in evidence] == [100, 1]


def test_the_views_tell_sources_selectors_days_and_envelopes():
    signed = DkimResult("example.com", "s1", "pass")
    failed = DkimResult("example.com", "old", "fail")
    spf = SpfResult("bounces.example.com", "mfrom", "pass")
    rows = (
        row(70, dkim=(signed, signed, failed), spf=(spf,)),
        row(30, aligned=False, dkim=(failed,), envelope_from="crm.example.net"),
    )
    found = added_up([report(0, rows=rows), report(3, rows=rows[:1])]).domain("example.com")
    assert found is not None

    good, bad = found.by_source()
    assert (good.address, good.tally.messages, good.passes_neither) == (GOOD, 140, False)
    assert good.last_seen == FIRST + timedelta(days=3)
    assert good.envelope_domains == ("bounces.example.com",)
    assert good.signatures == (("example.com", "s1"),)
    assert (bad.address, bad.tally.share, bad.passes_neither) == (BAD, 0.0, True)
    assert bad.last_seen == FIRST
    assert found.failing_sources() == (bad,)

    old, in_use = found.by_selector()
    assert (old.selector, old.messages, old.passed, old.last_passed) == ("old", 170, 0, None)
    assert (in_use.messages, in_use.passed) == (140, 140)  # signed twice is one message
    assert in_use.last_passed == FIRST + timedelta(days=3)

    assert [(each.day.day, each.tally.messages) for each in found.by_day()] == [(1, 100), (4, 70)]
    assert found.last_days(1).tally.messages == 70


counted = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=30
)


@given(counted)
def test_no_message_is_lost_or_counted_twice_in_any_view(days):
    reports = [
        report(day, good, bad, org=f"r{n}.example") for n, (day, good, bad) in enumerate(days)
    ]
    found = added_up(reports).domain("example.com")
    assert found is not None
    total = sum(good + bad for _, good, bad in days)
    assert found.tally.messages == total
    assert found.tally.unaligned == sum(bad for _, _, bad in days)
    assert sum(each.tally.messages for each in found.by_source()) == total
    assert sum(each.tally.messages for each in found.by_day()) == total
    assert sum(found.by_receiver().values()) == total


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (0.00001, "0.1 %"),
        (0.123, "12.3 %"),
        (0.5, "50 %"),
        (0.99999, "99.9 %"),
        (1.0, "100 %"),
    ],
)
def test_a_share_in_words(share: float, text: str):
    assert percent(share) == text


def test_what_a_record_publishes():
    def of(text: str) -> PublishedPolicy:
        return published(dmarc.parse(text), "example.com.")

    plain = of("v=DMARC1; p=reject")
    assert plain == PublishedPolicy(
        "example.com", p="reject", adkim="r", aspf="r", pct=plain.pct, testing=False
    )
    assert of("v=DMARC1; p=reject; t=y").testing
    assert not of("v=DMARC1; p=reject; t=n").testing
    assert of("v=DMARC1; p=reject; adkim=s; sp=none").sp == "none"


def test_defaults_of_a_published_policy_are_no_difference():
    bare = PublishedPolicy("example.com", p="none")
    full = PublishedPolicy("example.com", p="none", sp="none", np="none", pct=100, testing=False)
    assert bare.fine_print == full.fine_print
    for other in ({"pct": 50}, {"sp": "reject"}, {"np": "reject"}, {"testing": True}):
        assert dataclasses.replace(bare, **other).fine_print != bare.fine_print


ROWS = """
p = "none"
rows = [
    { from = "192.0.2.1", messages = 100 },
    { from = "192.0.2.2", messages = 50, spf = "fail", header_from = "sub.example.com" },
]
"""


@pytest.mark.parametrize(
    ("names", "messages", "aligned"),
    [
        ((NameGroup.DOMAIN, NameGroup.SUBDOMAINS), 14 * 150, 14 * 100),
        ((NameGroup.DOMAIN, NameGroup.NONEXISTENT), 14 * 150, 14 * 100),
        ((NameGroup.DOMAIN,), 14 * 100, 14 * 100),
        ((NameGroup.SUBDOMAINS,), 14 * 50, 0),
        ((NameGroup.NONEXISTENT,), 14 * 50, 0),
    ],
)
def test_a_policy_is_judged_by_the_mail_it_is_for(names, messages: int, aligned: int):
    about = evidence_of(ROWS).domain("example.com")
    answer = readiness.readiness(about, "example.com.", Context([]), names=names)
    assert answer.tally is not None
    assert (answer.tally.messages, answer.tally.aligned) == (messages, aligned)


def test_that_nobody_writes_as_a_subdomain_is_no_hindrance():
    rows = 'p = "none"\nrows = [{ from = "192.0.2.1", messages = 100 }]\n'
    about = evidence_of(rows).domain("example.com")
    below = readiness.readiness(about, "example.com.", Context([]), names=(NameGroup.SUBDOMAINS,))
    assert not isinstance(below, NotReady)
    few = evidence_of("days = 3\n" + rows).domain("example.com")
    answer = readiness.readiness(few, "example.com.", Context([]), names=(NameGroup.SUBDOMAINS,))
    assert isinstance(answer, NotReady)
    assert [type(each).__name__ for each in answer.missing] == ["TooFewDays"]


def test_what_receivers_did_is_counted():
    evidence = evidence_of(ROWS)
    [about] = evidence
    disposed = [
        dataclasses.replace(flow, disposition=disposition, count=count)
        for flow, disposition, count in zip(
            about.flows, (Disposition.REJECT, Disposition.QUARANTINE), (3, 5), strict=False
        )
    ]
    tally = dataclasses.replace(about, flows=tuple(disposed)).tally
    assert (tally.messages, tally.rejected, tally.quarantined) == (8, 3, 5)


def test_a_signature_that_names_no_key_is_of_none():
    [about] = evidence_of('rows = [{ from = "192.0.2.1", messages = 1, dkim = "s@example.com" }]')
    flows = [
        dataclasses.replace(flow, dkim=(*flow.dkim, DkimResult(*other, "pass")))
        for flow in about.flows
        for other in (("example.com", ""), ("", "s"))
    ]
    found = dataclasses.replace(about, flows=tuple(flows)).by_selector()
    assert [(each.domain, each.selector) for each in found] == [("example.com", "s")]


def test_no_reports_are_no_evidence():
    assert not list(added_up([]))
