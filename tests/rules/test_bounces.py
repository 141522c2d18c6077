"""What bounces mean, as data: it has to hold together, and to name only what there is."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from zonelint.providers.bounces.causes import StatusMeaning, bounces, subject
from zonelint.rules.core import registry


def meanings() -> list[StatusMeaning]:
    known = bounces()
    found = chain(
        chain.from_iterable(known.by_status.values()),
        chain.from_iterable(known.by_reply.values()),
        (meaning for _, meaning in known.by_mark),
    )
    return list({id(each): each for each in found}.values())


def test_every_cause_that_is_named_is_there_and_the_other_way_round() -> None:
    used = {cause for each in meanings() for cause in (*each.named, *each.possible)}
    assert used == set(bounces().causes)
    for each in meanings():
        assert not set(each.named) & set(each.possible)
        assert each.named or each.possible


def test_rules_name_causes_that_there_are_and_that_records_can_be() -> None:
    explained = {cause for rule in registry.rules() for cause in rule.explains}
    assert explained == {cause.id for cause in bounces().causes.values() if cause.in_dns}


def test_everything_has_a_reference_and_speaks_in_sentences() -> None:
    for each in meanings():
        assert re.match(r"RFC \d{4} §|https://", each.reference)
        assert each.meaning.endswith(".")
        assert set(each.by) <= set(bounces().receivers)
    for cause in bounces().causes.values():
        assert cause.means.endswith(".")
        assert cause.step.endswith(".")


@pytest.mark.parametrize(
    ("status", "receivers", "text", "title"),
    [
        ("5.7.27", ["google"], "", "SPF did not pass"),
        ("5.7.27", [], "", "Sender address has null MX"),
        ("5.7.1", [], "rejected by SPF", "Refused because of SPF"),
        ("5.7.1", ["microsoft"], "", "Delivery not authorized"),
        ("5.7.649", ["microsoft"], "", "Banned sending IP"),
    ],
)
def test_the_entry_that_fits_best_explains(
    status: str, receivers: list[str], text: str, title: str
) -> None:
    found = bounces().of_status(status, receivers, text)
    assert found is not None
    assert found.title == title


def test_what_only_another_receiver_says_is_not_known() -> None:
    assert bounces().of_status("5.7.650", ["microsoft"], "") is None
    assert bounces().of_mark("TSS04", ["google"]) is None


@pytest.mark.parametrize(
    ("host", "domain", "expected"),
    [
        ("mta7.am0.yahoodns.net", "example.org", ["yahoo"]),
        ("notyahoodns.net", "example.org", []),
        (None, "yahoo.co.uk", ["yahoo"]),
        (None, "mail.yahoo.evil.example", []),
        ("example-org.mail.protection.outlook.com", "example.org", ["microsoft"]),
        (None, "googlemail.com", ["google"]),
    ],
)
def test_receivers_are_known_by_hosts_and_domains(
    host: str | None, domain: str, expected: list[str]
) -> None:
    assert bounces().receivers_at([host] if host else [], [domain], "") == expected


def test_a_class_and_a_subject_are_told() -> None:
    assert subject("4.4.99") == (
        "A temporary failure; sending again may help, about the network or the route to the "
        "receiver"
    )
