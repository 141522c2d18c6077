"""check_host against the openspf project's suite for RFC 7208: every case is a test of its own."""

from __future__ import annotations

import ipaddress

import pytest

from tests.rules import openspf
from zonelint.rules.mail.check_host import check_host
from zonelint.rules.model.answers import World

CASES, REASON = openspf.cases()

DIFFERENT: dict[str, str] = {}
"""Cases whose result differs from the suite's, each with the reason."""

TOTAL = 203


@pytest.mark.skipif(not CASES, reason=REASON)
def test_the_suite_is_whole() -> None:
    assert len(CASES) == TOTAL
    assert set(DIFFERENT) <= {case.name for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case) -> None:
    _, at, host = case.sender.rpartition("@")
    verdict = check_host(
        ipaddress.ip_address(case.host),
        host if at else case.helo,
        World([case.zone]),
        sender=case.sender or None,
        helo=case.helo,
    )
    agrees = str(verdict.result) in case.results
    if case.explanation is not None:
        agrees = agrees and (verdict.explanation or "DEFAULT") == case.explanation
    assert agrees == (case.name not in DIFFERENT), f"{verdict} where {case.results} is expected"
