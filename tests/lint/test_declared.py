"""Declared domains that stand in no zone."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from zonelint.main import zonelint
from zonelint.rules.config import intent
from zonelint.run.declared import strangers


@pytest.mark.parametrize(
    ("declared", "guess"),
    [
        ("example.com", None),
        ("mail.example.com", None),
        ("*.example.com", None),
        ("*.com", None),
        ("*", None),
        ("exmaple.com", '; did you mean "example.com"?'),
        ("*.exmaple.com", '; did you mean "example.com"?'),
        ("other.test", ""),
        ("com", ""),
    ],
)
def test_a_domain_in_no_zone_is_told(declared: str, guess: str | None) -> None:
    read = intent.load(f'[domains."{declared}"]\nspf = "final"\n')
    told = list(strangers(read, ["example.com.", "example.org."]))
    if guess is None:
        assert told == []
    else:
        (message,) = told
        assert message == (
            f'zonelint.toml: warning: [domains."{declared}"] is in none of the zones that were '
            f"read, so nothing that it declares is checked{guess}"
        )


def test_a_check_of_all_zones_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("example.com.zone").write_text(
        "$ORIGIN example.com.\n$TTL 3600\n@ SOA ns hostmaster 1 7200 900 1209600 300\n@ NS ns\n"
        "ns A 203.0.113.53\n"
    )
    Path("zonelint.toml").write_text('zones = ["*.zone"]\n[domains."exmaple.com"]\nspf = "final"\n')
    whole = CliRunner().invoke(zonelint, ["check", "--exit-zero"])
    assert 'did you mean "example.com"?' in whole.stderr
    Path("zonelint.toml").write_text('[domains."exmaple.com"]\nspf = "final"\n')
    folder = CliRunner().invoke(zonelint, ["check", "--exit-zero"])
    assert folder.stderr == "", "it may be one of several folders"
    part = CliRunner().invoke(zonelint, ["check", "--exit-zero", "example.com.zone"])
    assert part.stderr == ""


def test_a_word_of_views_that_tells_no_zone_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for view in ("internal", "external"):
        Path(view).mkdir()
        Path(view, "example.com.zone").write_text("$ORIGIN example.com.\n$TTL 3600\n@ NS ns\n")
    Path("zonelint.toml").write_text(
        '[views]\ninternal = ["internl"]\nexternal = ["external",\n  "extrnal/*.zone",\n'
        '  "Amazon Route 53", "external/example.com.zone", "elsewhere"]\n'
        'late = ["external/*.zone"]\n'
    )
    asked = ["check", "--exit-zero"]
    none = "is the path or provider of none of the zones that were read"
    expected = [
        f'2: warning: views.internal: "internl" {none}; did you mean "internal"?',
        f'4: warning: views.external: "extrnal/*.zone" {none}; did you mean "external/*.zone"?',
        f'5: warning: views.external: "elsewhere" {none}',
        '6: warning: views.late: "external/*.zone" has zones that "external" puts in the view '
        "`external` first",
    ]
    for jobs in ("1", "2"):
        whole = CliRunner().invoke(zonelint, [*asked, "--jobs", jobs])
        assert whole.stderr.splitlines() == [f"zonelint: zonelint.toml:{e}" for e in expected]
    part = CliRunner().invoke(zonelint, [*asked, "external"])
    assert part.stderr == "", "the others may be in what was not read"
    monkeypatch.chdir("external")
    assert CliRunner().invoke(zonelint, asked).stderr == ""
