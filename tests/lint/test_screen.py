"""The screen: what a terminal of 80 and of 120 columns shows, with its colours."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pytest_regressions.file_regression import FileRegressionFixture

from tests.terminal import read_terminal
from zonelint.formats import FORMATS
from zonelint.main import zonelint

NETWORKS = " ".join(f"ip4:20.40.{number}.0/24" for number in range(1, 16))
ZONE = f"""\
$ORIGIN example.com.
$TTL 1h
@\tSOA\tns.example.net. host.example.net. 1 4h 1h 2w 1h
@\tNS\tns.example.net.
@\tMX\t10 mail.example.net.
@\tTXT\t"v=spf1 {NETWORKS} +all ip4:20.41.0.0/24 ip4:20.41.1.0/24"
news\tTXT\t"v=spf1 mx ?all"  ; \u65e5\u672c
_dmarc\tTXT\t"v=DMARC1; p=none; pct=50; rua=mailto:dmarc@example.com"
selector1.domainkey\tCNAME\tselector1-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft.
"""
MANY = "".join(f"s{number}._domainkey CNAME gone.example.com.\n" for number in range(2000))

SGR = {
    "1": "bold", "22": "plain", "31": "red", "32": "green", "33": "yellow", "36": "cyan",
    "94": "blue", "0": "",
}  # fmt: skip
"""The names of all attributes that a report may use."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    Path("example.com.zone").write_text(ZONE)
    return tmp_path


def on_screen(columns: int, *words: str) -> str:
    """What zonelint writes to a terminal so many columns wide, attributes as `<red>`."""
    text = read_terminal("check", *words, columns=columns, with_errors=False).decode()
    return re.sub(r"\x1b\[(\d+)m", lambda found: f"<{SGR[found[1]]}>", text)


def without_attributes(text: str) -> str:
    return re.sub("<(?:" + "|".join(SGR.values()) + ")>", "", text)


def width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


def check(*words: str) -> Result:
    return CliRunner().invoke(zonelint, ["check", *words])


@pytest.mark.parametrize("columns", [80, 120])
def test_the_screen(columns: int, file_regression: FileRegressionFixture) -> None:
    text = on_screen(columns, "--select", "SPF201,SPF202,DKIM008,DMARC105", ".")
    lines = without_attributes(text).splitlines()
    for number, line in enumerate(lines):
        is_copied = line.lstrip().startswith(("+ ", "- ", "zonelint check"))
        assert is_copied or width(line) <= columns, line
        if set(line.strip(" |")) == {"^"}:
            above = lines[number - 1]
            assert above.index("|") == line.index("|"), "the gutter is as wide as its number"
    file_regression.check(text)


def test_the_carets_stand_under_the_term_of_a_long_line() -> None:
    lines = without_attributes(on_screen(80, "--select", "SPF201", ".")).splitlines()
    (carets,) = [number for number, line in enumerate(lines) if "^^^^" in line]
    at = lines[carets].index("^")
    assert lines[carets - 1][at : at + 4] == "+all"
    assert "\u2026" in lines[carets - 1]


def test_two_thousand_names_of_one_cause_fit_a_screen() -> None:
    Path("example.com.zone").write_text(ZONE + MANY)
    text = without_attributes(on_screen(80, "--select", "DKIM013", "."))
    assert len(text.splitlines()) < 24
    assert "and 1,996 more names" in " ".join(text.split())
    assert "2,000 errors of 1 cause in 1 zone" in text


def test_the_last_lines_say_what_failed_and_what_to_do() -> None:
    result = check("--select", "SPF201,SPF202,DMARC105", ".")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == (
        "Failed: 1 error and 2 warnings in 1 file; 3 have proposals: "
        "zonelint check --fix-proposed SPF201,SPF202,DMARC105 --select SPF201,SPF202,DMARC105 ."
    )
    words = result.stdout.splitlines()[-1].rpartition("zonelint check ")[2].split()
    assert check(*words).exit_code == 0


@pytest.mark.parametrize(
    ("words", "last"),
    [
        (("--select", "SPF202", "--fail-on", "error"), None),
        (("--select", "SPF202", "--exit-zero"), "Failing without --exit-zero: 1 warning in 1 file"),
        (
            ("--select", "SPF202", "--min-severity", "error"),
            "Failed: 1 finding that --min-severity hides.",
        ),
        (("--select", "SPF101", "--fail-on", "undecided"), "Failed: 1 undecided."),
        (("nothing.zone",), "Failed: "),
    ],
)
def test_what_failed_is_named(words: tuple[str, ...], last: str | None) -> None:
    if "SPF101" in words:
        Path("example.com.zone").write_text(ZONE.replace("+all", "include:_spf.example.net +all"))
    line = check(*words, ".").stdout.splitlines()[-1]
    assert line.startswith(last) if last else "Fail" not in line


def test_a_command_names_the_configuration_and_quotes_paths() -> None:
    Path("my zones").mkdir()
    Path("my zones/a.example.zone").write_text('$TTL 1h\n@ TXT "v=spf1 mx +all"\n')
    Path("other.toml").write_text('select = ["SPF201"]\n')
    last = check("--config", "other.toml", "my zones").stdout.splitlines()[-1]
    assert last.endswith(" check --fix-proposed SPF201 --config other.toml 'my zones'")


def test_the_last_line_names_no_single_code_for_several() -> None:
    text = '$TTL 1h\n@ MX 10 mail\n@ TXT "v=spf1 mx -all"\n_dmarc TXT "v=DMARC1; p=reject"\n'
    Path("example.com.zone").write_text(text)
    last = check("--select", "MX,DMARC203", ".").stdout.splitlines()[-1]
    assert last.endswith("; 'zonelint rule CODE' says what to do.")


def test_a_path_that_looks_like_an_option_stays_a_path_in_the_command() -> None:
    Path("--a.zone").write_text('$ORIGIN a.example.\n$TTL 1h\n@ TXT "v=spf1 mx +all"\n')
    words = ["check", "--as-found", "--select", "SPF201", "--", "--a.zone"]
    last = CliRunner().invoke(zonelint, words).stdout.splitlines()[-1]
    assert last.endswith(" --fix-proposed SPF201 --select SPF201 --as-found -- --a.zone")


def test_concise_lists_what_is_undecided() -> None:
    Path("example.com.zone").write_text(ZONE.replace("+all", "include:_spf.example.net -all"))
    told = check("--select", "SPF101", "--format", "concise", ".").stdout
    assert (
        "undecided SPF101 spf-too-many-lookups for example.com. needs _spf.example.net: "
        "run 'zonelint lock'\n" in told
    )


def test_an_option_that_does_nothing_is_told() -> None:
    done = check("--trust-change=all", "--all-findings", ".")
    for name in ("--trust-change", "--all-findings"):
        assert f"zonelint: {name} has no effect without --against\n" in done.stderr
        assert name not in done.stdout
    clash = check("--write-baseline", "--diff", ".")
    assert clash.exit_code == 2
    assert "--write-baseline cannot be combined with --diff." in clash.stderr


def test_standard_input_cannot_be_read_again() -> None:
    words = ["check", "--select", "SPF201", "--origin", "example.com", "-"]
    result = CliRunner().invoke(zonelint, words, input='@ 3600 TXT "v=spf1 +all"\n')
    assert result.stdout.splitlines()[-1] == (
        "Failed: 1 error in 1 file; 'zonelint rule SPF201' says what to do."
    )


def test_errors_are_named_at_the_end_of_a_long_report() -> None:
    hosts = "".join(f'h{number} TXT "v=spf1 mx ?all"\n' for number in range(20))
    Path("example.com.zone").write_text(ZONE + hosts)
    lines = check("--select", "SPF201,SPF202", ".").stdout.splitlines()
    (end,) = [n for n, line in enumerate(lines) if line.startswith("1 error, 21 warnings")]
    assert lines[end - 3] == "The errors once more:"
    assert lines[end - 2].endswith(": error SPF201 example.com")
    few = check("--select", "SPF201", ".").stdout
    assert few.count("error SPF201") == 1


@pytest.mark.parametrize("form", ["text", "concise"])
def test_quiet_prints_findings_only(form: str) -> None:
    found = check("--quiet", "--format", form, "--select", "SPF201,SPF202", ".")
    assert found.exit_code == 1
    lines = found.stdout.splitlines()
    assert [line.split(": ")[1][:14] for line in lines] == ["error SPF201 s", "warning SPF202"] or (
        form == "concise" and len(lines) == 2
    )
    assert check("--quiet", "--format", form, "--select", "SPF301", ".").stdout == ""


def test_concise_is_a_line_a_cause() -> None:
    Path("example.com.zone").write_text(ZONE + MANY)
    lines = check("--format", "concise", "--quiet", "--select", "DKIM013,SPF202", ".").stdout
    first, second = lines.splitlines()
    assert re.fullmatch(r"example\.com\.zone:7:\d+: warning SPF202 .*", first)
    assert re.fullmatch(
        r"example\.com\.zone:10:\d+: error DKIM013 .* \(and 1,999 more places\)", second
    )


@pytest.mark.parametrize(
    ("when", "environment", "coloured"),
    [
        ("auto", {}, False),
        ("auto", {"FORCE_COLOR": "1"}, True),
        ("always", {}, True),
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
    ],
)
@pytest.mark.parametrize("form", ["text", "concise"])
def test_color(
    when: str, environment: dict[str, str], coloured: bool, form: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    words = ["check", "--format", form, "--select", "SPF201", "--color", when, "."]
    result = CliRunner().invoke(zonelint, words, color=True)
    assert ("\x1b[" in result.stdout) is coloured


def test_color_holds_for_a_file_where_it_is_always() -> None:
    check("--select", "SPF201", "--output", "a.txt", ".")
    check("--select", "SPF201", "--color", "always", "--output", "b.txt", ".")
    assert "\x1b[" not in Path("a.txt").read_text()
    assert "\x1b[" in Path("b.txt").read_text()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("more", [(), ("--quiet",), ("--color", "always"), ("--exit-zero",)])
def test_a_report_replaces_the_one_before(form: str, more: tuple[str, ...]) -> None:
    words = ("--format", form, *more, "--select", "SPF201", "--output", "report.out", ".")
    assert [check(*words).exit_code, check(*words).exit_code] == [1 - ("--exit-zero" in more)] * 2
    quiet = ("--format", form, "--quiet", "--color", "always", *words[2:])
    assert check(*quiet).exit_code == check(*words).exit_code != 2


def test_what_changes_is_in_bold() -> None:
    text = on_screen(120, "--select", "SPF202", ".")
    assert '<red>- news.example.com. 3600 TXT "v=spf1 mx <bold>?all<plain>"<>\n' in text
    assert '<green>+ news.example.com. 3600 TXT "v=spf1 mx <bold>~all<plain>"<>\n' in text
