"""The example that the README's first command runs on."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "microsoft365"
ZONELINT = Path(sys.executable).with_name("zonelint")

pytestmark = pytest.mark.xdist_group("examples")


def check(state: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [ZONELINT, "check", *options, f"examples/microsoft365/{state}"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.fixture(scope="module")
def before() -> list[dict[str, Any]]:
    done = check("before", "--format", "json")
    assert done.returncode == 1, done.stderr
    findings: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    return findings


def place_of(text: str, start: str) -> tuple[int, int]:
    """The line and column, from 1, of the last occurrence of `text` on the line so beginning."""
    lines = (EXAMPLE / "before" / "example.com.zone").read_text().splitlines()
    (number,) = [n for n, line in enumerate(lines, 1) if start in line]
    return number, lines[number - 1].rindex(text) + 1


@pytest.mark.parametrize(
    ("code", "owner", "text", "line"),
    [
        ("SPF002", "example.com.", '"v=spf1 a ~all"', '"v=spf1 a ~all"'),
        ("SPF210", "example.com.", '"v=spf1 mx -all"', '"v=spf1 mx -all"'),
        ("DKIM008", "selector1.domainkey.example.com.", "selector1.dom", "selector1.dom"),
        ("DKIM008", "selector2.domainkey.example.com.", "selector2.dom", "selector2.dom"),
        ("ZONE003", "example.com.", "604800", "MX     0"),
        ("ZONE003", "example.com.", "604800", '"v=spf1 mx -all"'),
    ],
)
def test_the_zone_before_has_its_faults_at_their_places(
    before: list[dict[str, Any]], code: str, owner: str, text: str, line: str
) -> None:
    found = [(f["line"], f["column"]) for f in before if f["code"] == code and f["owner"] == owner]
    assert place_of(text, line) in found


def test_the_missing_dmarc_record_is_proposed(before: list[dict[str, Any]]) -> None:
    (missing,) = [finding for finding in before if finding["code"] == "DMARC101"]
    assert missing["fix"]["safe"] is False
    (record,) = missing["fix"]["after"]
    assert missing["owner"] == "_dmarc.example.com."
    assert record == '"v=DMARC1; p=none; rua=mailto:dmarc@example.com"'


def test_the_text_report_names_every_fault() -> None:
    shown = check("before").stdout
    for code in ("SPF002", "SPF210", "DKIM008", "DMARC101", "ZONE003"):
        assert code in shown


def test_the_zone_after_is_clean() -> None:
    done = check("after")
    assert done.returncode == 0, done.stdout + done.stderr


def test_both_states_declare_the_same() -> None:
    first, second = (EXAMPLE / state / "zonelint.toml" for state in ("before", "after"))
    assert first.read_text() == second.read_text()


def test_the_readme_shows_what_a_user_sees() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = readme[readme.index("```text\n") + len("```text\n") :].partition("```")[0]
    assert shown.strip() in check("before").stdout.replace("examples/microsoft365/before/", "")


def test_no_page_says_to_install_from_an_index() -> None:
    """No package index has zonelint; whoever took the name there would be installed instead."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
    bare = re.compile(
        r"pip install [^\n]*?(?<![./\w-])['\"]?zonelint(?:\[\w+\])?['\"]?(?=\s|$)(?! @)"
    )
    assert [page.name for page in pages if bare.search(page.read_text("utf-8"))] == []
