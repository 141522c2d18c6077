"""Every format, held against what others have published about it, and against hostile zones.

SARIF and JUnit have schemas, which are fetched from the package registries; JUnit XML is read by
junitparser too. Markdown is rendered by markdown-it. GitHub's workflow commands and GitLab's code
quality report are documented in words: what reads them is written down here, as small as it goes.
"""

from __future__ import annotations

import json
import os
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import jsonschema
import junitparser
import pytest
import xmlschema
from click.testing import CliRunner, Result
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pytest_regressions.file_regression import FileRegressionFixture

from tests import published
from zonelint.changes import textedits
from zonelint.formats import FORMATS
from zonelint.main import zonelint
from zonelint.providers.zonefile import edit as zonefile_edit

ZONE = """\
$ORIGIN example.com.
$TTL 3600
@          SOA   ns1.example.net. hostmaster 1 4h 1h 2w 1h
@          NS    ns1.example.net.
@          MX    10 mail
@          TXT   "v=spf1 a include:_spf.example.net mx +all"
mail       A     192.0.2.25
news       TXT   "v=spf1 mx ?all exists:%{i}.example.org"
shop       TXT   "v=spf1 ipv4:192.0.2.1 ip4:192.0.2.7/24 -all"
_dmarc     TXT   "v=DMARC1; p=none; pct=50; rua=mailto:d@example.com"
legacy     TXT   "v=spf1 +all" ; noqa: SPF201
"""
SELECT = "SPF001,SPF101,SPF201,SPF202,SPF205,SPF301,DMARC105"
"""Rules of every severity, one that cannot decide without a lock, and safe fixes and proposals."""

HOSTILE = (
    b"$ORIGIN example.com.\n$TTL 3600\n"
    b'@ TXT "v=spf1 ip4:::error::]]> `]]>```` @octocat #12 <b>x</b> ![i](u) %0A%25 +all"\n'
    b'\\::error\\::x\\010y.\\@octocat.\\<script\\>.\\]\\]\\> TXT "v=spf1 \xff\x1b[31m ?all"\n'
    b'##\\[error\\]x.`code` TXT "v=spf1 \x01\x7f\xed\xa0\x80 mx ?all"\n'
    b'\\226\\128\\174.a|b TXT "v=spf1 +all mx"\n'
    b'broken TXT "v=spf1 ::warning:: ##[error] +all\n'
)
NASTY = "- ::we ird,%0A]]>`@octocat <b> ##[error]\x1b=\udcff.zone"

GITLAB_SEVERITIES = {"info", "minor", "major", "critical", "blocker"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    return tmp_path


def check(*words: str) -> Result:
    return CliRunner().invoke(zonelint, ["check", *words])


def report(form: str, *words: str, zone: str | bytes = ZONE, name: str = "example.com.zone") -> str:
    """The report on one zone, as text; it has to be UTF-8."""
    Path(name).write_bytes(zone if isinstance(zone, bytes) else zone.encode())
    result = check("--format", form, *words, name if name[0] != "-" else f"./{name}")
    assert result.exit_code in (1, 2), result.output
    assert not isinstance(result.exception, Exception), result.exception
    return result.stdout_bytes.decode("utf-8")


def hostile(form: str) -> str:
    return report(form, zone=HOSTILE, name=NASTY)


# ---- whole reports ------------------------------------------------------------------------------

ENDINGS = {
    "text": ".txt", "json": ".json", "sarif": ".json", "github": ".txt", "gitlab": ".json",
    "junit": ".xml", "markdown": ".md", "concise": ".txt", "rdjson": ".json",
}  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
def test_whole(form: str, file_regression: FileRegressionFixture) -> None:
    text = report(form, "--select", SELECT)
    text = re.sub(r'("(?:semanticV|v)ersion": )"(?!2\.1\.0")[^"]*"', r'\1"VERSION"', text)
    file_regression.check(text, extension=ENDINGS[form])


@pytest.mark.parametrize("form", FORMATS)
def test_a_clean_zone_and_an_unreadable_one(form: str) -> None:
    Path("example.com.zone").write_text('$ORIGIN example.com.\n$TTL 1h\n@ TXT "v=spf1 -all"\n')
    clean = check("--format", form, "--select", SELECT, "example.com.zone")
    assert clean.exit_code == 0, clean.output
    missing = check("--format", form, "nothing.zone")
    assert missing.exit_code == 2
    assert "nothing.zone" in (
        missing.stderr if form in ("text", "concise", "json") else missing.stdout
    )
    if form == "sarif":
        sarif_is_valid(json.loads(clean.stdout))
        log = sarif_is_valid(json.loads(missing.stdout))
        assert log["runs"][0]["invocations"][0]["executionSuccessful"] is False
    if form == "junit":
        assert junit_is_valid(clean.stdout).tests == 1
        assert junit_is_valid(missing.stdout).errors == 1
    if form == "gitlab":
        assert gitlab_is_valid(json.loads(clean.stdout)) == []
        (blocker,) = gitlab_is_valid(json.loads(missing.stdout))
        assert blocker["severity"] == "blocker"
    if form == "github":
        assert [command.name for command in commands(missing.stdout)] == ["error"]


# ---- SARIF --------------------------------------------------------------------------------------


@cache
def sarif_schema() -> Any:
    try:
        return json.loads(published.SARIF.path().read_bytes())
    except published.Unreachable as reason:
        pytest.skip(f"the schema of SARIF is out of reach: {reason}")


def sarif_is_valid(log: Any) -> Any:
    schema = sarif_schema()
    jsonschema.validators.validator_for(schema)(schema).validate(log)
    return log


@pytest.mark.parametrize("form", ["plain", "hostile"])
def test_sarif_is_valid(form: str) -> None:
    text = report("sarif") if form == "plain" else hostile("sarif")
    (run,) = sarif_is_valid(json.loads(text))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["results"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_the_schema_refuses_what_is_no_sarif() -> None:
    log = json.loads(report("sarif"))
    log["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        sarif_is_valid(log)


def test_sarif_names_the_file_as_a_uri() -> None:
    (run,) = json.loads(hostile("sarif"))["runs"]
    for result in run["results"]:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert uri.isascii()
        assert urlsplit(uri).scheme == urlsplit(uri).fragment == urlsplit(uri).query == ""
        assert unquote_to_bytes(uri) == os.fsencode(NASTY)


def applied(text: str, fix: Mapping[str, Any]) -> str:
    """The text with a SARIF fix made, as section 3.55 of the standard has it."""
    (changes,) = fix["artifactChanges"]
    lines = text.splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]

    def offset(region: Mapping[str, int], end: str) -> int:
        return starts[region[f"{end}Line"] - 1] + region[f"{end}Column"] - 1

    found = [
        (offset(each["deletedRegion"], "start"), offset(each["deletedRegion"], "end"), each)
        for each in changes["replacements"]
    ]
    for start, end, each in sorted(found, key=lambda item: item[0], reverse=True):
        text = text[:start] + each["insertedContent"]["text"] + text[end:]
    return text


@pytest.mark.parametrize("code", ["SPF201", "SPF202", "SPF205", "SPF301", "DMARC105"])
def test_a_fix_in_sarif_is_what_fix_proposed_does(code: str) -> None:
    Path("zonelint.toml").write_text("[fix]\nserial = false\n")
    zone = ZONE.replace("mx +all", "mx é +all") if code == "DMARC105" else ZONE
    (run,) = json.loads(report("sarif", "--select", code, zone=zone))["runs"]
    text = zone
    results = [result for result in run["results"] if "fixes" in result]
    assert results
    for result in reversed(results):
        text = applied(text, result["fixes"][0])
    check("--select", code, "--fix-proposed", code, "example.com.zone")
    assert text == Path("example.com.zone").read_text("utf-8")
    assert text != zone


OCTODNS = """\
# The zone, as octoDNS keeps it.
'':
  - type: MX
    value: {exchange: mx.example.net., preference: 10}
  - type: TXT
    values:
      - v=spf1 ipv4:192.0.2.1 mx -all
      - "grüße"  # stays
selector1.domainkey:
  type: CNAME
  value: selector1-example-com._domainkey.contoso.onmicrosoft.com.
www:
  type: CNAME
  value: example.com.
"""


@pytest.mark.parametrize("code", ["SPF001", "DKIM008", "DMARC101"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_fix_in_sarif_is_one_for_yaml_too(code: str, mark: str) -> None:
    Path("zones").mkdir()
    zone = Path("zones", "example.com.yaml")
    zone.write_text(mark + OCTODNS)
    Path("octodns.yaml").write_text(
        "providers:\n  config:\n    class: octodns.provider.yaml.YamlProvider\n"
        "    directory: zones\nzones:\n  example.com.:\n    sources: [config]\n    targets: []\n"
    )
    log = sarif_is_valid(json.loads(check("--format", "sarif", "--select", code, "zones").stdout))
    (result,) = log["runs"][0]["results"]
    text = mark + applied(OCTODNS, result["fixes"][0])
    check("--select", code, "--fix-proposed", code, "--fix", "zones")
    assert text == zone.read_text("utf-8")
    assert text != mark + OCTODNS


def test_fixes_of_a_large_yaml_file_end_before_they_take_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(textedits, "MOST_READ_AGAIN", 2 * len(OCTODNS) + 10)
    more = "".join(f"h{n}:\n  type: TXT\n  value: v=spf1 ipv4:192.0.2.{n} -all\n" for n in range(5))
    Path("example.com.yaml").write_text(OCTODNS.replace("www:", f"{more}www:"))
    (run,) = json.loads(check("--format", "sarif", "--select", "SPF001", ".").stdout)["runs"]
    assert ["fixes" in result for result in run["results"]] == [True] + [False] * 5


def test_the_records_of_a_zone_are_sought_once_for_all_its_fixes() -> None:
    zonefile_edit._records.cache_clear()
    found = json.loads(report("sarif", "--select", SELECT))["runs"][0]["results"]
    assert sum("fixes" in result for result in found) > 3
    assert zonefile_edit._records.cache_info().misses == 1


@pytest.mark.parametrize(
    ("code", "link"),
    [
        ("SPF106", "https://www.rfc-editor.org/rfc/rfc7208#section-5.2"),
        ("DMARC112", "https://www.rfc-editor.org/rfc/rfc9990"),
        ("NOQA001", None),
        (
            "BIMI001",
            "https://datatracker.ietf.org/doc/draft-brand-indicators-for-message-identification/",
        ),
    ],
)
def test_a_rule_in_sarif_links_to_its_standard(code: str, link: str | None) -> None:
    Path("empty.example.zone").write_text("$ORIGIN empty.example.\n@ 3600 TXT hello\n")
    found = check("--format", "sarif", "--select", code, "empty.example.zone")
    (rule,) = sarif_is_valid(json.loads(found.stdout))["runs"][0]["tool"]["driver"]["rules"]
    assert rule.get("helpUri") == link
    if link:
        assert "](https://www.rfc-editor.org/rfc/" in rule["help"]["markdown"] or code == "BIMI001"


@pytest.mark.parametrize("form", ["sarif", "gitlab", "github"])
@pytest.mark.parametrize("has_top", [True, False])
def test_paths_start_at_the_top_of_the_repository(
    form: str, has_top: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if has_top:
        Path(".git").mkdir()
    below = folder / "dns" / "zones"
    below.mkdir(parents=True)
    (below / "example.com.zone").write_text(ZONE)
    (folder / "other.zone").write_text(ZONE)
    monkeypatch.chdir(folder / "dns")
    missing = "zones/missing.zone"  # what is not there stays as it was called
    text = check("--format", form, "--select", "SPF201", "./zones", "../other.zone", missing).stdout
    found = {
        "sarif": r'"uri": "([^"]*)"',
        "gitlab": r'"path": "([^"]*)"',
        "github": "file=([^,:]*)",
    }[form]
    wanted = {"dns/zones/example.com.zone", "other.zone"}
    if not has_top:
        wanted = {"zones/example.com.zone", "../other.zone"}
    assert set(re.findall(found, text)) - {missing} == wanted


# ---- reviewdog ----------------------------------------------------------------------------------


def rdjson_is_valid(held: Any) -> list[dict[str, Any]]:
    """What proto/rdf/reviewdog.proto has: a path and a message each, positions within the file."""
    assert set(held) == {"source", "diagnostics"}
    for each in held["diagnostics"]:
        known = {"message", "location", "severity", "code", "suggestions"}
        assert {"message", "location", "severity"} <= set(each) <= known
        assert each["severity"] in ("ERROR", "WARNING", "INFO")
        assert set(each["location"]) <= {"path", "range"}
        assert isinstance(each["location"]["path"], str)
        for place in (each["location"], *each.get("suggestions", ())):
            if "range" in place:
                start, end = place["range"]["start"], place["range"]["end"]
                assert (1, 1) <= (start["line"], start["column"]) <= (end["line"], end["column"])
    found = held["diagnostics"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("form", ["plain", "hostile"])
def test_rdjson_is_what_reviewdog_reads(form: str) -> None:
    text = report("rdjson", "--select", SELECT) if form == "plain" else hostile("rdjson")
    assert [each for each in rdjson_is_valid(json.loads(text)) if "range" in each["location"]]


def test_rdjson_counts_octets_and_suggests_what_a_fix_does() -> None:
    zone = '$ORIGIN example.com.\n$TTL 1h\n@ TXT "v=spf1 é mx +all"\n'
    found = rdjson_is_valid(json.loads(report("rdjson", "--select", "SPF201", zone=zone)))
    (each,) = [each for each in found if each.get("code", {}).get("value") == "SPF201"]
    line = zone.splitlines()[2].encode()
    start, end = each["location"]["range"]["start"], each["location"]["range"]["end"]
    assert line[start["column"] - 1 : end["column"] - 1] == b"+all"
    (suggestion,) = each["suggestions"]
    start, end = suggestion["range"]["start"], suggestion["range"]["end"]
    made = line[: start["column"] - 1] + suggestion["text"].encode() + line[end["column"] - 1 :]
    assert made == line.replace(b"+all", b"-all")


# ---- fingerprints -------------------------------------------------------------------------------


def sarif_fingerprints(zone: str) -> list[str]:
    (run,) = json.loads(report("sarif", "--select", SELECT, zone=zone))["runs"]
    return [result["partialFingerprints"]["zonelint/v1"] for result in run["results"]]


def gitlab_fingerprints(zone: str) -> list[str]:
    return [
        each["fingerprint"] for each in json.loads(report("gitlab", "--select", SELECT, zone=zone))
    ]


@pytest.mark.parametrize("fingerprints", [sarif_fingerprints, gitlab_fingerprints])
def test_fingerprints_survive_moves_and_differ(fingerprints: Any) -> None:
    before = fingerprints(ZONE)
    head, records = ZONE.split("@          SOA", 1)
    moved = fingerprints(f"; a line\n\n{head}; another\n@          SOA{records}")
    assert moved == before
    assert len(set(before)) == len(before)
    mended = fingerprints(ZONE.replace("pct=50; ", ""))
    assert set(mended) < set(before)


# ---- JUnit --------------------------------------------------------------------------------------


@cache
def junit_schema() -> xmlschema.XMLSchema:
    try:
        return xmlschema.XMLSchema(published.JUNIT.path())
    except published.Unreachable as reason:
        pytest.skip(f"the schema of JUnit reports is out of reach: {reason}")


def junit_is_valid(text: str) -> junitparser.JUnitXml:
    """What junitparser reads; its own counts must be those that the report states."""
    junit_schema().validate(text)
    read = junitparser.JUnitXml.fromroot(ElementTree.fromstring(text))
    stated = (read.tests, read.failures, read.errors, read.skipped)
    read.update_statistics()
    assert stated[:3] == (read.tests, read.failures, read.errors)
    return read


@pytest.mark.parametrize("form", ["plain", "hostile"])
def test_junit_is_valid(form: str) -> None:
    text = report("junit", "--select", SELECT) if form == "plain" else hostile("junit")
    read = junit_is_valid(text)
    assert read.failures == len(re.findall("<failure ", text)) > 0


@pytest.mark.parametrize(("least", "failures", "status"), [("warning", 1, 1), ("error", 0, 0)])
def test_a_junit_case_fails_where_the_run_does(least: str, failures: int, status: int) -> None:
    Path("zonelint.toml").write_text(f'min-severity = "{least}"\nselect = ["SPF202", "SPF306"]\n')
    Path("example.com.zone").write_text('$ORIGIN example.com.\n$TTL 1h\n@ TXT "v=spf1 MX ?all"\n')
    result = check("--format", "junit", "example.com.zone")
    assert result.exit_code == status
    read = junit_is_valid(result.stdout)
    assert (read.tests, read.failures) == (2, failures)
    assert all(code in result.stdout for code in ("SPF202", "SPF306"))
    assert result.stdout.count("<system-out>info: ") == 1


def test_the_schema_refuses_what_is_no_junit() -> None:
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        junit_schema().validate(report("junit").replace(" tests=", " trials="))


# ---- GitHub -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Command:
    name: str
    properties: Mapping[str, str]
    data: str


REGISTERED = {"error", "warning", "notice", "debug", "add-mask", "stop-commands", "group"}


def commands(log: str) -> list[Command]:
    """The commands that the runner finds in a step's output.

    `::name key=value,key=value::data` at the start of a line, after blanks; and of old
    `##[name key=value;key=value]data` anywhere in one. A line ends at CR or LF.
    """
    found = []
    for line in re.split(r"\r\n|\r|\n", log):
        new = re.match(r"::(?P<name>[^ :]*)(?: (?P<properties>.*?))?::(?P<data>.*)", line.lstrip())
        if new and new["name"] in REGISTERED:
            pairs = (pair.split("=", 1) for pair in (new["properties"] or "").split(",") if pair)
            properties = {key: unescaped(value, ("%3A", ":"), ("%2C", ",")) for key, value in pairs}
            found.append(Command(new["name"], properties, unescaped(new["data"])))
            continue
        old = re.search(r"##\[(?P<name>[^] ]*)[^]]*\](?P<data>.*)", line)
        if old and old["name"] in REGISTERED:
            found.append(Command(f"##{old['name']}", {}, old["data"]))
    return found


def unescaped(text: str, *more: tuple[str, str]) -> str:
    for escape, char in (("%0D", "\r"), ("%0A", "\n"), *more, ("%25", "%")):
        text = text.replace(escape, char)
    return text


def test_github_annotations_stand_at_their_places() -> None:
    found = commands(report("github", "--select", SELECT))
    assert {command.name for command in found} == {"error", "warning"}
    (neutral,) = [each for each in found if each.properties["title"].startswith("SPF202 ")]
    assert neutral.properties["file"] == "example.com.zone"
    assert ZONE.splitlines()[7][int(neutral.properties["col"]) - 1 :].startswith("?all")
    first, last = int(neutral.properties["col"]), int(neutral.properties["endColumn"])
    assert last - first + 1 == len("?all")


def test_github_takes_nothing_of_a_zone_for_a_command() -> None:
    found = commands(hostile("github"))
    assert found
    assert {command.name for command in found} <= {"error", "warning", "notice"}
    for command in found:
        assert set(command.properties) <= {"file", "line", "col", "endLine", "endColumn", "title"}
        assert "title" in command.properties or "file" in command.properties
        if "file" in command.properties:
            assert command.properties["file"] == NASTY.replace("\x1b", "\\027").replace(
                "\udcff", "\\255"
            )


def test_github_gets_ten_of_a_kind_and_a_line_for_every_other() -> None:
    hosts = "".join(f'h{number} TXT "v=spf1 ##[error]x +all"\n' for number in range(25))
    text = report("github", "--select", "SPF2", "nothing.zone", zone=f"$TTL 1h\n{hosts}")
    found = commands(text)
    assert [command.name for command in found] == ["error"] * 10
    assert found[0].properties == {"file": "nothing.zone"}
    told = re.findall(r"^example\.com\.zone:(\d+):\d+: error SPF201: ", text, re.M)
    assert len(told) + 9 == 25


# ---- GitLab -------------------------------------------------------------------------------------


def gitlab_is_valid(issues: Any) -> Any:
    """The documented keys of GitLab's code quality report, and what it says about them."""
    assert isinstance(issues, list)
    for issue in issues:
        assert isinstance(issue["description"], str)
        assert issue["description"]
        assert isinstance(issue["check_name"], str)
        assert re.fullmatch("[0-9a-f]{64}", issue["fingerprint"])
        assert issue["severity"] in GITLAB_SEVERITIES
        path = issue["location"]["path"]
        assert not path.startswith("./")
        assert not PurePosixPath(path).is_absolute()
        assert issue["location"]["lines"]["begin"] >= 1
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    return issues


def test_gitlab_is_valid() -> None:
    assert gitlab_is_valid(json.loads(report("gitlab", "--select", SELECT)))
    assert gitlab_is_valid(json.loads(hostile("gitlab")))


def test_an_absolute_path_is_told_from_the_top_of_the_repository(folder: Path) -> None:
    text = report("gitlab", "--select", SELECT, name=str(folder / "example.com.zone"))
    assert {each["location"]["path"] for each in gitlab_is_valid(json.loads(text))} == {
        "example.com.zone"
    }


# ---- Markdown -----------------------------------------------------------------------------------

OURS = re.compile(r"</?(details|summary)>")


def tokens(text: str) -> list[Token]:
    """All tokens, inline ones too, of what GitHub's dialect makes of the text."""
    parsed = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    return [each for token in parsed for each in (token, *(token.children or ()))]


def shown(found: Sequence[Token]) -> str:
    return "".join(token.content for token in found if token.type == "text")


def test_markdown_makes_nothing_of_what_a_zone_holds() -> None:
    found = tokens(hostile("markdown"))
    kinds = {token.type for token in found}
    assert not kinds & {"link_open", "image", "html_inline", "s_open", "em_open", "blockquote_open"}
    for token in found:
        if token.type == "html_block":
            assert re.sub(r"Undecided \(\d+\)", "", OURS.sub("", token.content)).strip() == ""
    text = shown(found)
    assert not re.search(r"(?<!\w)@\w|(?<!\w)#\d", text)
    assert "octocat" in text


def test_markdown_shows_the_change_and_what_is_undecided() -> None:
    found = tokens(report("markdown", "--select", SELECT))
    diffs = [token.content for token in found if token.type == "fence" and token.info == "diff"]
    assert any("+ _dmarc" not in diff and "-all" in diff for diff in diffs)
    headings = [token.content for token in found if token.type == "inline"]
    assert any(heading.startswith("What breaks mail") for heading in headings)
    assert "Undecided" in "".join(token.content for token in found if token.type == "html_block")


def test_markdown_fits_into_a_comment() -> None:
    records = "".join(
        f'h{number} TXT "v=spf1 {"a:" + "x" * 60} {number} +all" "{"y" * 250}" "{"z" * 250}"\n'
        for number in range(400)
    )
    text = report("markdown", "--select", "SPF", zone=f"$TTL 1h\n{records}")
    assert len(text) < 65_536
    assert "more; `zonelint check` lists all of them" in text


def test_markdown_fits_into_a_comment_whatever_there_is_to_tell() -> None:
    names = [f"d{number}.example" for number in range(150)]
    includes = [f"include:{'x' * 50}{number}.example.net " for number in range(5)]
    spf = " ".join(f'"{term}"' for term in ("v=spf1 ", *includes, "-all"))
    head = "$TTL 1h\n@ SOA a. b. 1 2 3 4 5\n@ MX 1 {}.b.\n"
    for folder, policy in (("old", "reject"), ("new", "none")):
        Path(folder).mkdir()
        for name in names:
            policies = f'@ TXT {spf}\n_dmarc TXT "v=DMARC1; p={policy}; rua=mailto:a@{name}"\n'
            Path(folder, f"{name}.zone").write_text(head.format(f"{folder}.{name}") + policies)
    missing = [f"new/{'long' * 20}{number}.zone" for number in range(150)]
    words = ("--format", "markdown", "--against", "old", "--all-findings")
    result = check(*words, "new", *missing)
    assert result.exit_code == 2
    text = result.stdout
    assert len(text) < 65_536
    for part in ("Could not be read", "What breaks mail", "What the change means", "Undecided"):
        assert part in text
    for rest in ("> … and", "more; `zonelint check`", "what it means for", "- … and"):
        assert rest in text


def test_markdown_tells_what_a_change_means() -> None:
    Path("before").mkdir()
    Path("before/example.com.zone").write_text(ZONE)
    after = ZONE.replace("p=none", "p=reject").replace("a include", "ip4:198.51.100.7 include")
    text = report("markdown", "--against", "./before", zone=after)
    assert "### What the change means for example.com" in text
    assert "none → reject" in text


# ---- JSON and text ------------------------------------------------------------------------------


def test_json_and_text_hold_nothing_that_steers() -> None:
    loaded = json.loads(hostile("json"))
    assert loaded["version"] == 1
    assert loaded["findings"]
    assert not re.search("[\ud800-\udfff]", json.dumps(loaded, ensure_ascii=False))
    text = hostile("text")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text)


# ---- what a change declares ---------------------------------------------------------------------


@pytest.mark.parametrize("form", sorted(FORMATS))
@pytest.mark.parametrize("zone", [ZONE, ZONE.replace("+all", "-all")])
def test_what_a_change_declares_is_listed(form: str, zone: str) -> None:
    for folder, senders in (("before", ""), ("after", '"google-workspace"')):
        Path(folder).mkdir()
        Path(folder, "example.com.zone").write_text(zone)
        declared = f'[domains."example.com"]\nsenders = [{senders}]\n'
        Path(folder, "zonelint.toml").write_text(declared)
    told = check("--format", form, "--against", "before", "after").stdout
    assert re.search(r"after/zonelint\.toml:2 domains.+example\.com.+senders", told), told
    if form == "junit":
        junit_is_valid(told)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("has `p=none` [x](y)", r"has `p=none` \[x\](y)"),
        ("`a` and ` left", r"`a` and \` left"),
        ("`<b>` <b>", "`<b>` &lt;b&gt;"),
        ("``a` *b*", r"\``a` \*b\*"),
    ],
)
def test_markdown_shows_what_is_quoted_as_code_and_the_rest_as_text(text: str, shown: str) -> None:
    from zonelint.formats.markdown import prose

    assert prose(text) == shown
