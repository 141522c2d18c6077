"""Mail of the reports under other records: what would be aligned, and what would not."""

from __future__ import annotations

import dataclasses

from tests.rules.harness import HEADER, evidence_of, read
from zonelint.rules.context import Context
from zonelint.rules.evidence.evidence import DkimResult
from zonelint.rules.evidence.replay import Replay, ReplayMeans, replay

SPF = '@ TXT "v=spf1 ip4:192.0.2.0/24 -all"\nsub TXT "v=spf1 ip4:192.0.2.0/24 -all"\n'
KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


def replayed(rows: str, after: str, before: str | None = None, **more: object) -> Replay:
    [about] = evidence_of(f"days = 1\nrows = [{rows}]")
    if more:
        flows = tuple(dataclasses.replace(flow, **more) for flow in about.flows)
        about = dataclasses.replace(about, flows=flows)
    previous = None if before is None else Context([read(HEADER + before)])
    return replay(about, Context([read(HEADER + after)], previous=previous))


def policy(tags: str) -> str:
    return f'_dmarc TXT "v=DMARC1; p=reject{tags}"\n'


def test_without_a_side_before_the_records_as_they_are_judge():
    found = replayed('{ from = "192.0.2.1", messages = 5 }', SPF + policy(""))
    assert (found.messages, found.aligned, found.then) == (5, 5, 5)
    found = replayed('{ from = "198.51.100.1", messages = 5 }', SPF + policy(""))
    assert (found.aligned, found.then) == (5, 0)
    assert [(loss.means, loss.where) for loss in found.losses] == [
        (ReplayMeans.SPF, "198.51.100.1")
    ]


def test_what_does_not_change_is_as_the_receivers_told():
    row = '{ from = "198.51.100.1", messages = 5 }'
    found = replayed(row, SPF + policy("") + "w A 192.0.2.1\n", SPF + policy(""))
    assert not found.is_any


def test_a_relaxed_mode_helps_only_mail_that_passed():
    row = '{{ from = "192.0.2.1", messages = 5, spf = "{}", envelope = "sub.example.com" }}'
    strict, relaxed = SPF + policy("; aspf=s"), SPF + policy("; aspf=r")
    failed = replayed(row.format("fail"), relaxed, strict, spf_aligned=False)
    assert (failed.aligned, failed.then) == (0, 0)
    passed = replayed(row.format("sub.example.com"), relaxed, strict, spf_aligned=False)
    assert (passed.aligned, passed.then) == (0, 5)
    lost = replayed(row.format("sub.example.com"), strict, relaxed, spf_aligned=True)
    assert (lost.aligned, lost.then) == (5, 0)
    assert [loss.means for loss in lost.losses] == [ReplayMeans.ALIGNMENT]


def test_one_aligned_signature_is_enough():
    key = f's._domainkey TXT "{KEY}"\n'
    zone = policy("") + key + f't._domainkey TXT "{KEY}"\n'
    row = '{ from = "192.0.2.1", messages = 5, spf = "fail", dkim = "s@example.com" }'
    signatures = (
        DkimResult("list.example.org", "x", "pass"),
        DkimResult("example.com", "t", "pass"),
        DkimResult("example.com", "s", "pass"),
    )
    # t goes, s stays; what the list signed never counted.
    found = replayed(row, policy("") + key, zone, dkim=signatures)
    assert (found.aligned, found.then) == (5, 5)
    found = replayed(row, policy(""), zone, dkim=signatures)
    assert (found.aligned, found.then) == (5, 0)
    assert [loss.means for loss in found.losses] == [ReplayMeans.KEY]


def test_a_strict_mode_for_dkim_loses_what_a_subdomain_signed():
    zone = f's._domainkey.sub TXT "{KEY}"\n'
    row = '{ from = "192.0.2.1", messages = 5, spf = "fail", dkim = "s@sub.example.com" }'
    found = replayed(row, zone + policy("; adkim=s"), zone + policy(""), dkim_aligned=True)
    assert (found.aligned, found.then) == (5, 0)
    found = replayed(row, zone + policy(""), zone + policy("; adkim=s"), dkim_aligned=False)
    assert (found.aligned, found.then) == (0, 5)


def test_a_signature_is_aligned_by_the_mode_for_signatures():
    before = f'{policy("; adkim=s")}s._domainkey TXT "{KEY}"\n'
    signed = tuple(DkimResult(name, "s", "pass") for name in ("example.com", "m.example.com"))
    row = '{ from = "192.0.2.1", messages = 5, spf = "fail", dkim = "s" }'
    lost = replayed(row, policy("; adkim=s"), before, dkim=signed)
    assert (lost.aligned, lost.then) == (5, 0)
