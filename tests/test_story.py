"""The stories under examples/, played as a user would, step by step."""

# Some of these tests take over 3 s: the story runs as a script, name servers included.

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.dns_server import NAMED

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.xdist_group("examples")


def played(script: str) -> dict[str, str]:
    """What each step of a story printed, by the step's heading."""
    environment = {
        **os.environ,
        "ZONELINT": str(Path(sys.executable).with_name("zonelint")),
        "PYTHON": sys.executable,
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        ["bash", script],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    parts = re.split(r"^### (.*)$", done.stdout, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture(scope="module")
def told() -> dict[str, str]:
    return played("examples/roll-out/story.sh")


@pytest.fixture(scope="module")
def whole() -> dict[str, str]:
    return played("examples/whole-story/story.sh")


def step(told: dict[str, str], words: str) -> str:
    (found,) = [text for heading, text in told.items() if words in heading]
    return found


def test_the_broken_zone_is_found(told: dict[str, str]) -> None:
    for code in ("SPF002", "SPF210", "DKIM008", "DMARC101", "ZONE003"):
        assert code in step(told, "as it bounces")


def test_propose_makes_it_clean(told: dict[str, str]) -> None:
    text = step(told, "still lacks")
    assert '+_dmarc          IN  TXT    "v=DMARC1; p=none; rua=mailto:dmarc@example.com"' in text
    assert "0 errors" not in text
    assert "Nothing found in 1 zone" in text or "Clean in 1 zone" in text


def test_a_new_sender_is_told_in_addresses(told: dict[str, str]) -> None:
    assert "SPF adds 256 addresses (198.51.100.0/24)" in step(told, "newsletter service joins")


def test_the_jump_is_stopped(told: dict[str, str]) -> None:
    text = step(told, "jumps to p=reject")
    assert "error PHASE001" in text
    assert "none → reject" in text


def test_good_reports_offer_the_next_phase(told: dict[str, str]) -> None:
    text = step(told, "99 % aligned")
    assert "Ready for p=quarantine" in text
    assert '+_dmarc          IN  TXT    "v=DMARC1; p=quarantine;' in text
    assert "not yet" not in text  # the phase behind the offered one is for another day


def test_bad_reports_do_not_and_name_the_source(told: dict[str, str]) -> None:
    text = step(told, "The same with 90 %")
    assert "p=quarantine;" not in text
    assert "not yet: example.com: p=quarantine waits: " in text
    assert "203.0.113.66 (1,400 messages)" in text


def test_a_dropped_include_is_replayed(told: dict[str, str]) -> None:
    text = step(told, "drops the newsletter")
    assert "99 % were aligned; with this change 89 % would be" in text
    assert "lost: 198.51.100.0/24, 1,400 messages" in text
    assert "PHASE007" in text


# -- the whole story -------------------------------------------------------------------------------


def test_the_bounce_becomes_steps_and_two_tickets(whole: dict[str, str]) -> None:
    text = step(whole, "comes back")
    for code in ("SPF002", "SPF210", "DKIM008", "DMARC101"):
        assert code in text
    assert text.count("A ticket to send\n") == 2
    assert "Subject: Mail from example.com to yahoo.com fails with 550 5.4.300, 421 4.4.2" in text


def test_every_try_stands_in_the_ticket(whole: dict[str, str]) -> None:
    text = step(whole, "Every attempt")
    assert "2026-03-09T08:12:44Z  Defer  mta7.am0.yahoodns.net [192.0.2.80]" in text


def test_the_server_that_is_behind_is_told(whole: dict[str, str]) -> None:
    if NAMED is None:
        pytest.skip("named is not installed")
    behind = step(whole, "is behind")
    assert re.search(r"ns1\S* \(\S+\): published", behind)
    assert "not yet, it answers `v=spf1 a ~all`, `v=spf1 mx -all`; its zone has serial" in behind
    assert "5 of 5 records are published as written." in step(whole, "caught up")


def test_the_evidence_leads_to_the_next_phase(whole: dict[str, str]) -> None:
    assert "Ready for p=quarantine." in step(whole, "reports prove")
    assert "none → quarantine" in step(whole, "next phase")
    before, after = whole["Where the domain stands"], whole["Where the domain stands now"]
    assert "[ ] p=quarantine" in before
    assert "[x] p=quarantine" in after
    assert "p=quarantine, on the way to p=reject" in after
