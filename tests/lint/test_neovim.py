"""`zonelint lsp` behind a real editor: Neovim, without a screen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("neovim.lua")
ZONELINT = Path(sys.executable).with_name("zonelint")
NEOVIM = shutil.which("nvim")
ZONE = """\
$ORIGIN example.com.
$TTL 3600
@ IN SOA ns1.example.net. hostmaster 1 7200 900 1209600 3600
@ IN NS ns1.example.net.
@ IN NS ns2.example.net.
@ IN MX 10 mx.example.net.
@ IN TXT "v=spf1 ip4:40.92.0.7/15 ip4:40.92.0.7/15 -all"
_dmarc IN TXT "v=DMARC1; p=none; rua=mailto:d@example.com"
"""

pytestmark = pytest.mark.skipif(NEOVIM is None, reason="Neovim is not installed")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("neovim")
    zone = folder / "example.com.zone"
    zone.write_text(ZONE)
    assert NEOVIM is not None
    done = subprocess.run(
        [NEOVIM, "--headless", "-u", "NONE", "-i", "NONE", "-n", "-c", f"luafile {SCRIPT}"],
        env={**os.environ, "ZONELINT": str(ZONELINT), "ZONE": str(zone), "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_marks_stand_at_their_lines_with_a_link(told: Any) -> None:
    assert told["seen"], "no marks within a minute"
    marks = {(mark["code"], mark["line"]): mark for mark in told["marks"]}
    assert {("SPF301", 7), ("SPF302", 7)} <= set(marks)
    for mark in told["marks"]:
        if mark["code"] in ("SPF301", "SPF302"):
            assert mark["link"].startswith("https://www.rfc-editor.org/rfc/rfc7208")


def test_no_two_quick_fixes_are_equal(told: Any) -> None:
    titles = [action["title"] for action in told["actions"]]
    assert titles
    assert sorted(set(titles)) == sorted(titles)


def test_a_quick_fix_that_is_safe_changes_the_text_and_takes_its_mark_away(told: Any) -> None:
    assert told["applied"].startswith("Fix SPF30")
    assert told["fewer"]
    before = ZONE.splitlines()
    changed = [line for line, old in zip(told["text"], before, strict=True) if line != old]
    assert len(changed) == 1
    assert changed[0].startswith('@ IN TXT "v=spf1 ip4:40.92.0.')
    assert changed[0] != before[6]
