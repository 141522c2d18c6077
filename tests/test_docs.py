"""The documentation: it builds without a warning, its commands run, and it is made from the code.

The site is built once, as CI builds it; the tests look at what came out.
"""

# Some of these tests take over 3 s: the whole site is built, with every command on its pages run.

import html
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from tests.dns_server import NAMED
from tests.hosts.build import HOSTS
from zonelint.main import COMMANDS
from zonelint.providers.resources import table
from zonelint.rules.config import intent
from zonelint.rules.config.senders import Catalogue
from zonelint.rules.core import registry
from zonelint.rules.core.rule import Rule

ROOT = Path(__file__).resolve().parents[1]
RULES = registry.rules()

in_one_process = pytest.mark.xdist_group("docs")


@cache
def tool(name: str) -> ModuleType:
    """A module of tools/, which import each other by their bare names."""
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.pop(0)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site. A warning, or a command that ends otherwise than told, fails the build."""
    out = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", out],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def text_of(page: Path) -> str:
    """What a reader sees of a page."""
    body = page.read_text("utf-8").partition("<article")[2].partition("</article>")[0]
    return html.unescape(re.sub(r"<[^>]+>", "", body))


# -- the site -------------------------------------------------------------------------------------


@pytest.mark.slow
@in_one_process
def test_every_rule_has_its_page(site: Path) -> None:
    index = (site / "rules" / "index.html").read_text()
    for rule in RULES:
        page = text_of(site / "rules" / rule.code / "index.html")
        assert rule.name in page
        assert f'href="{rule.code}/"' in index


@pytest.mark.slow
@in_one_process
@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("start/zone-files", ["SPF002", "Wrote zonelint.toml", "new", "baseline"]),
        ("start/octodns", ["ValidationError", "zones/example.com.yaml:", "PHASE001"]),
        ("start/terraform", ["aws_route53_record.dmarc", "PHASE001", "none → reject"]),
        ("story", ["SPF002", "SPF210", "DKIM008", "DMARC101", "zonelint.lock", "PHASE001"]),
        ("guide/phases", ["p=quarantine", "PHASE001"]),
        ("guide/bounces", ["5.7.509", "policy of reject", "TSS04", "masked"]),
        ("guide/lock", ["pass", "spf.protection.outlook.com"]),
        ("reference/formats", ['"version": 1', "::error", "<testsuite", "sarif-schema"]),
    ],
)
def test_the_output_of_the_commands_is_on_the_page(site: Path, page: str, words: list[str]) -> None:
    shown = text_of(site / page / "index.html")
    assert [word for word in words if word not in shown] == []
    assert "Traceback" not in shown


@pytest.mark.slow
@in_one_process
@pytest.mark.parametrize(
    ("page", "hosts", "words"),
    [
        ("start/pulumi", ["pulumi", "pulumi-yaml"],
         ["[mandatory]", "SPF201 spf-pass-all", "Record::spf", "example-dmarc create"]),
        ("start/terraform", ["tofu", "provider"], ["aws_route53_record.dmarc will be updated"]),
    ],
)  # fmt: skip
def test_the_hosts_have_run_where_they_are_built(
    site: Path, page: str, hosts: list[str], words: list[str]
) -> None:
    if NAMED is None or not all(HOSTS[name].path.exists() for name in hosts):
        pytest.skip(f"not built: {', '.join(hosts)} (python -m tests.hosts.build)")
    shown = text_of(site / page / "index.html")
    assert [word for word in words if word not in shown] == []


@pytest.mark.slow
@in_one_process
def test_no_place_of_the_machine_is_on_a_page(site: Path) -> None:
    for page in site.rglob("*.html"):
        shown = text_of(page)
        assert str(ROOT) not in shown, page
        assert "zonelint-docs-" not in shown, page


@pytest.mark.slow
@in_one_process
def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        fetched = re.findall(
            r'<(?:script|img|link)[^>]+(?:src|href)="(https?:[^"]*)', page.read_text()
        )
        assert fetched == [], page


@pytest.mark.slow
@in_one_process
def test_every_key_sender_and_command_is_in_the_reference(site: Path) -> None:
    keys = text_of(site / "reference" / "configuration" / "index.html")
    known = (*intent.schema(), *table.schema())
    assert [key.path for key in known if key.path not in keys] == []
    assert [sender.id for sender in Catalogue() if sender.id not in keys] == []
    commands = text_of(site / "reference" / "commands" / "index.html")
    assert [name for name in COMMANDS if f"zonelint {name}" not in commands] == []


# -- the pages made from the code -----------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_page_of_a_rule_says_what_the_rule_says(rule: Rule) -> None:
    page = tool("docs_rules").rule_page(rule)
    assert rule.severity.value in page
    for heading in ("What it finds", "Why it matters", "Example", "Use instead", "References"):
        assert f"## {heading}" in page
    assert page.count("```") % 2 == 0


def test_a_page_shows_what_a_fix_makes_of_an_example() -> None:
    page = tool("docs_rules").rule_page(registry.get("SPF201"))
    assert '- @ TXT "v=spf1 mx +all"\n+ @ TXT "v=spf1 mx -all"' in page


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("RFC 7208 §5.1", "rfc7208#section-5.1"),
        ("RFC 9989 §4.7, §4.10.1; RFC 7489 §6.3", "rfc7489#section-6.3"),
        ("RFC 1912", "rfc1912)"),
    ],
)
def test_sections_of_an_rfc_are_links(text: str, linked: str) -> None:
    assert linked in tool("docs_rules").linked(text)


def test_every_limit_in_the_table_is_one_of_the_code() -> None:
    for limit in tool("docs_limits").LIMITS:
        assert limit.value > 0, limit.place


def test_no_bound_of_a_reader_is_missing_in_the_table() -> None:
    """Public constants that are named as bounds; a new one belongs into the table as well."""
    told = {limit.place for limit in tool("docs_limits").LIMITS}
    bound = re.compile(r"^((?:MOST|LARGEST|DEEPEST)(?:_[A-Z]+)*) = ", re.MULTILINE)
    other = {"LARGEST_TTL", "MOST_ROUNDS", "MOST_LENGTH"}  # no bounds of what is read
    missing = set()
    for floor in ("grammars", "providers"):
        for path in (ROOT / floor).rglob("*.py"):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            names = set(bound.findall(path.read_text("utf-8"))) - other
            missing |= {f"{module}:{name}" for name in names} - told
    assert missing == set()


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (1 << 29, "octets", "512 MiB"),
        (1 << 16, "octets", "64 KiB"),
        (92 * 86_400, "seconds", "92 days"),
        (3.0, "seconds", "3 seconds"),
        (5_000_000, "", "5,000,000"),
    ],
)
def test_numbers_are_shown_as_people_read_them(value: float, unit: str, shown: str) -> None:
    assert tool("docs_limits").shown(value, unit) == shown


# -- the runner of commands -----------------------------------------------------------------------


def test_a_command_that_ends_otherwise_fails_the_page() -> None:
    run = tool("docs_run")
    with run.page("a.md", "") as here, pytest.raises(run.PageError, match=r"a\.md: 'false'"):
        run.filled("<!-- run -->\n```console\n$ false\n```\n", here)


def test_output_stands_below_its_command_and_cannot_close_the_block() -> None:
    run = tool("docs_run")
    page = "<!-- run -->\n```console\n$ printf '```\\nx\\n'\n```\n"
    with run.page("a.md", "") as here:
        filled = run.filled(page, here)
    assert filled == "````console\n$ printf '```\\nx\\n'\n```\nx\n````\n"


def test_a_file_of_the_page_is_written_for_the_commands() -> None:
    run = tool("docs_run")
    page = "<!-- file: d/f -->\n```text\nhello\n```\n\n<!-- run -->\n```console\n$ cat d/f\n```\n"
    with run.page("a.md", "") as here:
        assert "$ cat d/f\nhello\n" in run.filled(page, here)


# -- the example of a rule package ----------------------------------------------------------------


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which the example's package is installed beside zonelint."""
    source = tmp_path_factory.mktemp("source") / "rule-package"
    shutil.copytree(ROOT / "examples" / "rule-package", source)
    target = tmp_path_factory.mktemp("target")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", target, source],
        check=True,
        capture_output=True,
    )
    return {**os.environ, "PYTHONPATH": str(target), "NO_COLOR": "1"}


@pytest.mark.slow
@in_one_process
def test_a_rule_package_runs_once_it_is_installed(acme: dict[str, str], tmp_path: Path) -> None:
    zone = tmp_path / "example.com.zone"
    zone.write_text('$TTL 3600\n_dmarc TXT "v=DMARC1; p=none; rua=mailto:acme@reports.example"\n')
    zonelint = Path(sys.executable).with_name("zonelint")
    command = [zonelint, "check", "--select", "ACME", "--format", "json", zone]
    done = subprocess.run(command, capture_output=True, text=True, env=acme)
    assert done.returncode == 1, done.stderr
    (finding,) = json.loads(done.stdout)["findings"]
    assert (finding["code"], finding["line"], finding["column"]) == ("ACME001", 2, 31)
    assert "mailto:dmarc@acme.example" in finding["fix"]["after"][0]
    explained = subprocess.run(
        [zonelint, "rule", "ACME001"], capture_output=True, text=True, env=acme
    )
    assert "Acme's own mailbox" in explained.stdout


@pytest.mark.slow
@in_one_process
def test_the_examples_of_a_rule_package_are_its_tests(acme: dict[str, str], tmp_path: Path) -> None:
    page = (ROOT / "docs" / "extend" / "rules.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=acme, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr


# -- a release ------------------------------------------------------------------------------------


@pytest.mark.slow
@in_one_process
def test_the_same_source_gives_the_same_wheel(tmp_path: Path) -> None:
    wheels = [_built(tmp_path / name) for name in ("one", "another-folder")]
    names = [zipfile.ZipFile(wheel).namelist() for wheel in wheels]
    assert names[0] == names[1]
    assert wheels[0].read_bytes() == wheels[1].read_bytes()


def _built(folder: Path) -> Path:
    """The wheel of a copy of the source, with the time that docs/release.md sets."""
    for name in ("lint", "grammars", "rules", "providers"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, folder / name)
    out = folder / "out"
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", out, folder],
        check=True,
        capture_output=True,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1767225600"},
    )
    (wheel,) = out.glob("*.whl")
    return wheel


def test_every_link_leads_somewhere_in_a_clone() -> None:
    """And to the page that is made of it, where the site is built."""
    linked = tool("docs_hook").linked
    texts = [ROOT / "README.md", *ROOT.glob("examples/*/README.md"), *ROOT.glob("docs/**/*.md")]
    links = [
        (text, link)
        for text in texts
        for link in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text.read_text("utf-8"))
    ]
    assert [(text, link) for text, link in links if not (text.parent / link).exists()] == []
    built = {
        (page := text.relative_to(ROOT / "docs").as_posix()): linked(text.read_text("utf-8"), page)
        for text in texts
        if text.is_relative_to(ROOT / "docs")
    }
    assert "](../rules/PHASE009.md)" in built["guide/gates.md"]
    assert "](rules/SPF101.md)" in built["peers.md"]
    assert [page for page, text in built.items() if ".py)" in text] == []
