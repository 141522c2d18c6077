"""octoDNS's own commands with zonelint inside, on `examples/octodns/` and small repositories."""

# Some of these tests take over 3 s: octoDNS's commands are started, which import it and all
# providers.

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.warm.command import warm
from zonelint.rules.dkim.support.example_keys import RSA_2048

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "octodns"

pytestmark = pytest.mark.xdist_group("octodns")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A copy of the examples, which a sync may write into."""
    return Path(shutil.copytree(EXAMPLES, tmp_path / "octodns"))


def run(folder: Path, command: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*warm(command), "--config-file=octodns.yaml", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )


def validate(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "octodns-validate", *options)


def sync(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "octodns-sync", "--doit", *options)


def places(text: str) -> set[tuple[str, int, int, str]]:
    """Path, line, column and code of every finding in a log or an error."""
    found = re.findall(r"([\w./]+\.yaml):(\d+):(\d+): ([A-Z]+\d+)", text)
    return {(path, int(line), int(column), code) for path, line, column, code in found}


def position(file: Path, text: str, line: str | None = None) -> tuple[int, int]:
    """Line and column of a text that stands once in the file, or once in its line so holding."""
    lines = file.read_text().splitlines()
    (number,) = [n for n, each in enumerate(lines, 1) if (line or text) in each]
    return number, lines[number - 1].index(text) + 1


# ---- the examples ------------------------------------------------------------------------------


def test_validate_names_every_fault_of_every_zone_with_its_place(example: Path) -> None:
    folder = example / "before"
    done = validate(folder)
    assert done.returncode == 1
    com, org = folder / "zones" / "example.com.yaml", folder / "zones" / "example.org.yaml"
    wanted = {
        ("zones/example.com.yaml", *position(com, "604800"), "ZONE003"),
        ("zones/example.com.yaml", *position(com, "v=spf1 mx -all"), "SPF210"),
        ("zones/example.com.yaml", *position(com, "'v=spf1 a"), "SPF002"),
        ("zones/example.com.yaml", *position(com, " 192.0.2.80", "ip4:"), "SPF001"),
        ("zones/example.com.yaml", *position(com, "non;"), "DMARC005"),
        ("zones/example.com.yaml", *position(com, "dmarc@example.com"), "DMARC010"),
        ("zones/example.com.yaml", *position(com, "selector1.domainkey:"), "DKIM008"),
        ("zones/example.com.yaml", *position(com, "selector2.domainkey:"), "DKIM008"),
        ("zones/example.org.yaml", *position(org, "+all"), "SPF201"),
    }
    assert wanted <= places(done.stderr)
    assert 'Invalid zone "example.com."' in done.stderr
    assert "via: zonelint" in done.stderr


def test_the_corrected_repository_passes_validate_and_sync(example: Path) -> None:
    folder = example / "after"
    checked = validate(folder)
    assert (checked.returncode, checked.stdout) == (0, "")
    done = sync(folder)
    assert done.returncode == 0, done.stderr
    deployed = (folder / "deployed" / "example.com.zone").read_text()
    assert "v=spf1 include:spf.protection.outlook.com -all" in deployed
    assert done.stdout.startswith("## zonelint\n")
    # A second run compares with what stands there, and nothing stands in its way.
    assert sync(folder).returncode == 0


def test_apply_writes_the_keys_that_are_declared(example: Path) -> None:
    folder = example / "apply"
    assert "selector" not in (folder / "zones" / "example.com.yaml").read_text()
    assert validate(folder).returncode == 0
    done = sync(folder)
    assert done.returncode == 0, done.stderr
    deployed = (folder / "deployed" / "example.com.zone").read_text()
    for number in (1, 2):
        name = f"selector{number}"
        target = f"{name}-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft."
        assert re.search(rf"^{name}\._domainkey\s+3600 IN CNAME\s+{target}$", deployed, re.M)
        # The plan names who adds them.
        assert re.search(rf"Create <CnameRecord CNAME 3600, {name}.*\(zonelint\)", done.stderr)
    assert "Added by zonelint:" in done.stdout


@pytest.mark.parametrize("options", [(), ("--force",)])
def test_a_skipped_phase_is_refused_and_nothing_is_written(
    example: Path, options: tuple[str, ...]
) -> None:
    folder = example / "after"
    assert sync(folder).returncode == 0
    before = {file.name: file.read_text() for file in (folder / "deployed").iterdir()}
    zone = folder / "zones" / "example.com.yaml"
    zone.write_text(zone.read_text().replace("p=none", "p=reject"))
    done = sync(folder, *options)
    assert done.returncode == 1
    place = position(zone, "p=reject")
    assert ("zones/example.com.yaml", *place, "PHASE001") in places(done.stderr)
    assert "`p=quarantine` first" in done.stderr
    assert {file.name: file.read_text() for file in (folder / "deployed").iterdir()} == before


def test_the_next_phase_passes(example: Path) -> None:
    folder = example / "after"
    assert sync(folder).returncode == 0
    zone = folder / "zones" / "example.com.yaml"
    zone.write_text(zone.read_text().replace("p=none", "p=quarantine"))
    done = sync(folder)
    assert done.returncode == 0, done.stderr
    assert "p=quarantine" in (folder / "deployed" / "example.com.zone").read_text()


# ---- what cannot be used -----------------------------------------------------------------------


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    return done.stderr.rstrip().splitlines()[-1]


@pytest.mark.parametrize("command", ["octodns-validate", "octodns-sync"])
@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda folder: (folder / "zonelint.toml").unlink(), "zonelint.toml: there is no such"),
        (
            lambda folder: (folder / "zonelint.toml").write_text(
                '[domains."example.com"]\nsenders = ["microsoft356"]\n'
            ),
            'unknown sender "microsoft356"; did you mean "microsoft365"?',
        ),
        (lambda folder: (folder / "zonelint.lock").write_text("spoilt\n"), "zonelint.lock:1"),
    ],
    ids=["no config", "unknown sender", "broken lock"],
)
def test_what_cannot_be_used_ends_the_run_in_one_clear_line(
    example: Path, command: str, spoil: Callable[[Path], object], says: str
) -> None:
    spoil(example)
    options = ("--doit",) if command == "octodns-sync" else ()
    done = run(example / "after", command, *options)
    assert done.returncode == 1
    assert says in last_line(done)
    assert not (example / "after" / "deployed").exists()


def test_an_unknown_mode_is_told(example: Path) -> None:
    config = example / "after" / "octodns.yaml"
    config.write_text(config.read_text().replace("mode: block", "mode: blok"))
    done = sync(example / "after")
    assert done.returncode == 1
    assert 'mode "blok"; it is block, propose or apply' in last_line(done)


def test_what_octodns_refuses_itself_is_told_by_octodns(example: Path) -> None:
    zone = example / "after" / "zones" / "example.com.yaml"
    zone.write_text(zone.read_text().replace("value: 192.0.2.80", "value: 192.0.2.800"))
    done = validate(example / "after")
    assert done.returncode == 1
    assert last_line(done).count("192.0.2.800") == 1
    assert "zonelint" not in last_line(done)


# ---- small repositories ------------------------------------------------------------------------

CONFIG = """\
---
providers:
  config:
    class: octodns.provider.yaml.YamlProvider
    directory: ./zones
    escaped_semicolons: false
  target:
    class: octodns.provider.yaml.YamlProvider
    directory: ./target
    escaped_semicolons: false
  mail:
    class: zonelint.providers.octodns.MailAuthSource
processors:
  mailauth:
    class: zonelint.providers.octodns.MailAuthProcessor
    mode: {mode}
    lenient: {lenient}
validators:
  zonelint:
    class: zonelint.providers.octodns.MailAuthValidator
    {sets}
zones:
  {zones}
"""
INTENT = """\
[domains."example.com"]
senders = ["microsoft365"]
[domains."example.com".microsoft365.dkim]
selector1 = "selector1-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft"
selector2 = "selector2-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft"
[domains."sub.example.com"]
senders = ["microsoft365"]
[domains."sub.example.com".microsoft365.dkim]
selector1 = "selector1-sub-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft"
selector2 = "selector2-sub-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft"
"""
BAD = "'':\n  type: TXT\n  value: v=spf1 +all\n"
FINE = "'':\n  type: TXT\n  value: v=spf1 -all\n"


@pytest.fixture
def repository(tmp_path: Path) -> Callable[..., Path]:
    def make(
        zones: str,
        *,
        files: dict[str, str],
        mode: str = "block",
        lenient: bool = False,
        validator: bool = True,
        intent: str = "",
    ) -> Path:
        sets = "sets: [legacy]" if validator else "sets: [never]"
        text = CONFIG.format(zones=zones, mode=mode, lenient=str(lenient).lower(), sets=sets)
        (tmp_path / "octodns.yaml").write_text(text)
        (tmp_path / "zonelint.toml").write_text(intent)
        for path, content in files.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        return tmp_path

    return make


PLAIN = "example.net.: {sources: [config], targets: [target]}"
PROCESSED = "example.net.: {sources: [config], processors: [mailauth], targets: [target]}"


def test_warnings_do_not_change_the_exit_status(repository: Callable[..., Path]) -> None:
    folder = repository(PLAIN, files={"zones/example.net.yaml": BAD.replace("+all", "mx ?all")})
    done = validate(folder)
    assert "WARNING MailAuthValidator[zonelint] zones/example.net.yaml:3:20: SPF202" in done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize("validator", [True, False], ids=["validate", "sync"])
def test_each_target_is_judged_by_the_records_that_it_gets(
    repository: Callable[..., Path], validator: bool
) -> None:
    key = "s1._domainkey:\n  octodns: {excluded: %s}\n  type: TXT\n  value: v=DKIM1; p="
    text = f"{MAIL.replace('p=none', 'p=reject')}{key}{RSA_2048}\n"
    zones = "example.com.: {sources: [config], processors: [mailauth], targets: [target, deep]}"
    second = "  deep: {class: octodns.provider.yaml.YamlProvider, directory: ./deep}\n  mail:\n"
    for targets, at in ("[]", None), ("[deep]", "at deep: "), ("[deep, target]", ""):
        files = {"zones/example.com.yaml": text % targets}
        folder = repository(zones, files=files, validator=validator)
        config = folder / "octodns.yaml"
        config.write_text(config.read_text().replace("  mail:\n", second))
        done = validate(folder) if validator else sync(folder)
        assert (f"DMARC203 {at}`p=reject`" in done.stderr) is (at is not None), done.stderr
        assert done.returncode == (at is not None)


@pytest.mark.parametrize("validator", [True, False], ids=["validate", "sync"])
def test_no_ttl_is_judged_that_is_left_to_cloudflare(
    repository: Callable[..., Path], validator: bool
) -> None:
    record = "'': {octodns: {cloudflare: {%s: true}}, ttl: 30, type: TXT, value: v=spf1 mx -all}\n"
    for option, told in (("auto-ttl", False), ("lenient", True)):
        files = {"zones/example.net.yaml": record % option}
        folder = repository(PLAIN if validator else PROCESSED, files=files, validator=validator)
        done = validate(folder) if validator else sync(folder)
        assert ("ZONE003" in done.stderr) is told


@pytest.mark.parametrize("validator", [True, False], ids=["validate", "sync"])
def test_a_proxied_key_is_told(repository: Callable[..., Path], validator: bool) -> None:
    record = "octodns: {cloudflare: {proxied: true}}, type: CNAME, value: %s"
    text = f"""\
s1._domainkey: {{{record % "s1.dkim.example.net."}}}
selector1._domainkey: {{{record % "selector1-a._domainkey.contoso.onmicrosoft.com."}}}
www: {{{record % "web.example.net."}}}
"""
    files = {"zones/example.net.yaml": text}
    folder = repository(PLAIN if validator else PROCESSED, files=files, validator=validator)
    done = validate(folder) if validator else sync(folder)
    assert done.stderr.count("ZONE008") == 1
    assert "`s1._domainkey.example.net` is proxied" in done.stderr
    assert done.returncode != 0


def test_an_alias_with_several_answers_is_one_alias(repository: Callable[..., Path]) -> None:
    text = """\
a:
  dynamic:
    pools:
      one: {values: [{value: a.example.org.}, {value: b.example.org., weight: 2}]}
    rules: [{pool: one}]
  type: CNAME
  value: a.example.org.
"""
    folder = repository(PLAIN, files={"zones/example.net.yaml": text})
    done = validate(folder)
    assert done.returncode == 0, done.stderr
    check = [*warm("zonelint"), "check", "octodns.yaml"]
    assert subprocess.run(check, cwd=folder, capture_output=True).returncode == 0


def test_a_second_run_of_a_process_tells_all_anew(repository: Callable[..., Path]) -> None:
    folder = repository(PLAIN, files={"zones/example.net.yaml": BAD.replace("+all", "mx ?all")})
    twice = (
        "import logging; logging.basicConfig()\n"
        "from octodns.manager import Manager\n"
        "Manager('octodns.yaml').validate_configs()\n"
        "Manager('octodns.yaml').validate_configs()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", twice], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.stderr.count("SPF202") == 2, done.stderr


def test_a_comment_silences_inside_octodns(repository: Callable[..., Path]) -> None:
    text = BAD.replace("+all", "+all  # noqa: SPF201")
    folder = repository(PLAIN, files={"zones/example.net.yaml": text})
    done = validate(folder)
    assert (done.returncode, "SPF201" in done.stderr) == (0, False)


def test_lenient_records_and_zones_become_octodns_warnings(repository: Callable[..., Path]) -> None:
    lenient = BAD.replace("'':\n", "'':\n  octodns: {lenient: true}\n")
    folder = repository(PLAIN, files={"zones/example.net.yaml": lenient})
    done = sync(folder)
    assert done.returncode == 0
    assert "WARNING Zone Invalid zone" in done.stderr
    assert "SPF201" in done.stderr
    config = folder / "octodns.yaml"
    config.write_text(config.read_text().replace("net.: {", "net.: {lenient: true, "))
    (folder / "zones" / "example.net.yaml").write_text(BAD)
    assert sync(folder).returncode == 0


def test_the_processor_blocks_without_a_validator(repository: Callable[..., Path]) -> None:
    files = {"zones/example.net.yaml": BAD}
    done = sync(repository(PROCESSED, files=files, validator=False))
    assert done.returncode == 1
    assert places(last_line(done)) == {("zones/example.net.yaml", 3, 17, "SPF201")}
    assert not list(Path(repository(PROCESSED, files=files)).glob("target/*"))


def test_a_lenient_processor_warns(repository: Callable[..., Path]) -> None:
    files = {"zones/example.net.yaml": BAD}
    done = sync(repository(PROCESSED, files=files, validator=False, lenient=True))
    assert done.returncode == 0
    assert "SPF201" in done.stderr


COM = "example.com.: {sources: [config], processors: [mailauth], targets: [target]}"
MAIL = (
    "'':\n- type: MX\n  value: {exchange: m.example.net., preference: 1}\n"
    "- type: TXT\n  value: v=spf1 include:spf.protection.outlook.com -all\n"
    "_dmarc:\n  type: TXT\n  value: v=DMARC1; p=none; rua=mailto:d@example.com\n"
)


def test_propose_tells_and_changes_nothing(repository: Callable[..., Path]) -> None:
    folder = repository(
        COM,
        files={"zones/example.com.yaml": MAIL},
        mode="propose",
        validator=False,
        intent=INTENT,
    )
    done = sync(folder)
    assert done.returncode == 0, done.stderr
    assert "zonelint would add selector1._domainkey.example.com CNAME (DKIM101)" in done.stderr
    assert "selector" not in (folder / "target" / "example.com.yaml").read_text()


def test_apply_merges_into_records_that_are_there(repository: Callable[..., Path]) -> None:
    text = MAIL.replace("include:spf.protection.outlook.com", "mx")
    folder = repository(COM, files={"zones/example.com.yaml": text}, mode="apply", intent=INTENT)
    assert validate(folder).returncode == 0
    done = sync(folder)
    assert done.returncode == 0, done.stderr
    written = (folder / "target" / "example.com.yaml").read_text()
    assert "v=spf1 mx -all" not in written
    assert "value: v=spf1 mx include:spf.protection.outlook.com -all" in written
    assert "selector2._domainkey.sub:" in written


def test_what_apply_leaves_of_a_record_keeps_its_place(repository: Callable[..., Path]) -> None:
    spf = "  values:\n  - v=spf1 mx +all\n  - spf2.0/pra ?all\n"
    text = MAIL.replace("  value: v=spf1 include:spf.protection.outlook.com -all\n", spf)
    folder = repository(COM, files={"zones/example.com.yaml": text}, mode="apply", intent=INTENT)
    done = sync(folder)
    assert done.returncode == 1
    # The one value was changed before it was judged; the other stands as it was written.
    assert places(last_line(done)) == {("zones/example.com.yaml", 6, 5, "SPF201")}
    assert ("zones/example.com.yaml", 7, 5, "SPF304") in places(done.stderr)


def test_a_source_supplies_the_declared_records(repository: Callable[..., Path]) -> None:
    folder = repository(
        "example.com.: {sources: [config, mail], targets: [target]}",
        files={"zones/example.com.yaml": MAIL},
        intent=INTENT,
    )
    assert validate(folder).returncode == 0
    done = sync(folder)
    assert done.returncode == 0, done.stderr
    written = (folder / "target" / "example.com.yaml").read_text()
    for name in ("selector1._domainkey", "selector2._domainkey.sub"):
        assert f"{name}:" in written
    assert re.search(r"Create <CnameRecord .*selector1.*\(mail\)", done.stderr)


@pytest.mark.parametrize("command", ["octodns-validate", "octodns-sync"])
def test_a_source_in_front_of_another_is_told(
    repository: Callable[..., Path], command: str
) -> None:
    folder = repository(
        "example.com.: {sources: [mail, config], targets: [target]}",
        files={"zones/example.com.yaml": MAIL},
        intent=INTENT,
    )
    done = run(folder, command)
    assert done.returncode == 1
    assert "has the source mail before config; put it last" in last_line(done)


def test_changes_are_judged_at_a_yaml_target_too(repository: Callable[..., Path]) -> None:
    strict = MAIL.replace("p=none", "p=reject")
    folder = repository(
        COM, files={"zones/example.com.yaml": MAIL, "target/example.com.yaml": strict}
    )
    done = sync(folder, "--force")
    assert done.returncode == 1
    assert ("zones/example.com.yaml", *position(folder / "zones/example.com.yaml", "p=none"),
            "PHASE002") in places(done.stderr)  # fmt: skip
    assert (folder / "target" / "example.com.yaml").read_text() == strict
    # Who means it says so in the file.
    meant = MAIL.replace("d@example.com\n", "d@example.com  # noqa: PHASE002\n")
    (folder / "zones" / "example.com.yaml").write_text(meant)
    done = sync(folder)
    assert done.returncode == 0, done.stderr
    assert "p=none" in (folder / "target" / "example.com.yaml").read_text()


def summarise(folder: Path, file: str | None = None) -> None:
    """Have octoDNS write zonelint's summary, into a file or to standard output."""
    config = folder / "octodns.yaml"
    output = "zonelint.providers.octodns.MailAuthMarkdown"
    plan = f"manager:\n  plan_outputs:\n    summary:\n      class: {output}\n"
    if file is not None:
        plan += f"      output_filename: {file}\n"
    text = config.read_text()
    config.write_text("---\n" + plan + text[text.index("providers:") :])


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("../summary.md", "outside the repository"),
        ("outside.md", "outside the repository"),
        ("pipe.md", "a pipe"),
        ("zones", "a folder"),
        ("zonelint.toml", "something else"),
        (".git/config", "version control"),
        ("/dev/null", "outside the repository"),
    ],
)
def test_the_summary_is_written_over_nothing_else(
    repository: Callable[..., Path], file: str, said: str
) -> None:
    folder = repository(PLAIN, files={"zones/example.net.yaml": FINE})
    (folder / ".git").mkdir()
    (folder / "outside.md").symlink_to("../summary.md")
    os.mkfifo(folder / "pipe.md")
    (folder / "zonelint.toml").write_text("select = ['ALL']\n")
    summarise(folder, file)
    done = run(folder, "octodns-sync")
    assert done.returncode == 1
    assert f"{file} cannot be written: it" in done.stderr
    assert said in done.stderr
    assert not (folder.parent / "summary.md").exists()
    assert (folder / "zonelint.toml").read_text() == "select = ['ALL']\n"


def test_the_summary_replaces_an_older_one_and_that_of_the_pipeline(
    repository: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = repository(PLAIN, files={"zones/example.net.yaml": FINE})
    (folder / ".git").mkdir()
    beside = folder.parent / "step_summary_1"
    beside.touch()
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(beside))
    for file in ("summary.md", "summary.md", "env/GITHUB_STEP_SUMMARY"):
        summarise(folder, file)
        done = run(folder, "octodns-sync")
        assert done.returncode == 0, done.stderr
    for written in (folder / "summary.md", beside):
        assert written.read_text().startswith("## zonelint\n")


def test_the_summary_has_no_part_for_a_zone_with_nothing_but_advice(
    repository: Callable[..., Path],
) -> None:
    advice = FINE + "_dmarc:\n  type: TXT\n  value: v=DMARC1; p=reject\n"
    folder = repository(PLAIN, files={"zones/example.net.yaml": advice})
    summarise(folder)
    done = run(folder, "octodns-sync")
    assert done.stdout == (
        "## zonelint\n\n1 info in 1 zone.\n\n`zonelint check` shows findings of severity info.\n"
    )


def test_the_summary_names_what_is_wrong_with_the_change(repository: Callable[..., Path]) -> None:
    strict = MAIL.replace("p=none", "p=reject")
    folder = repository(
        COM,
        files={"zones/example.com.yaml": MAIL, "target/example.com.yaml": strict},
        mode="propose",
    )
    summarise(folder)
    done = run(folder, "octodns-sync")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^\| error \| PHASE002 \| zones/example.com.yaml:8:20 \|", done.stdout, re.M)


def test_alias_dynamic_and_sub_zones(repository: Callable[..., Path]) -> None:
    folder = repository(
        "example.com.: {sources: [config], targets: [target]}\n"
        "  sub.example.com.: {sources: [config], targets: [target]}\n"
        "  example.org.: {alias: example.com.}\n"
        "  '*': {sources: [config], targets: [target]}",
        files={
            "zones/example.com.yaml": FINE,
            "zones/sub.example.com.yaml": FINE,
            "zones/example.edu.yaml": FINE,
        },
    )
    done = sync(folder)
    assert done.returncode == 0, done.stderr
    assert {file.name for file in (folder / "target").iterdir()} == {
        "example.com.yaml", "sub.example.com.yaml", "example.org.yaml", "example.edu.yaml",
    }  # fmt: skip
    (folder / "zones" / "example.edu.yaml").write_text(BAD)
    done = validate(folder)
    assert done.returncode == 1
    assert places(done.stderr) >= {("zones/example.edu.yaml", 3, 17, "SPF201")}


def test_validate_refuses_a_copy_that_sync_would_refuse(repository: Callable[..., Path]) -> None:
    folder = repository(
        "example.com.: {sources: [config], targets: [target]}\n"
        "  example.org.: {alias: example.com.}",
        files={"zones/example.com.yaml": FINE},
        intent='[domains."example.org"]\nprofile = "sending"\nsenders = ["microsoft365"]\n',
    )
    assert sync(folder).returncode == 1
    done = validate(folder)
    assert done.returncode == 1
    assert re.search(r"SPF210.*example\.org", done.stderr)


def test_a_source_of_mail_records_stands_in_a_dynamic_zone(
    repository: Callable[..., Path],
) -> None:
    folder = repository(
        "'*': {sources: [config, mail], targets: [target]}",
        files={"zones/example.com.yaml": FINE},
    )
    config = folder / "octodns.yaml"
    source = "  mail: {class: zonelint.providers.octodns.MailAuthSource}\n"
    config.write_text(config.read_text().replace("providers:\n", f"providers:\n{source}", 1))
    assert validate(folder).returncode == 0
    assert sync(folder).returncode == 0


def test_what_a_template_will_say_is_not_judged(repository: Callable[..., Path]) -> None:
    text = "'':\n  type: TXT\n  value: v=spf1 a:{zone_name} -all\n"
    for processors, status in (("[fill]", 0), ("[]", 1)):
        folder = repository(
            f"example.com.: {{sources: [config], processors: {processors}, targets: [target]}}",
            files={"zones/example.com.yaml": text},
        )
        config = folder / "octodns.yaml"
        fill = "  fill: {class: octodns.processor.templating.Templating, trailing_dots: false}\n"
        config.write_text(config.read_text().replace("processors:\n", f"processors:\n{fill}", 1))
        done = validate(folder)
        assert done.returncode == status, done.stderr
        assert ("SPF001" in done.stderr) is bool(status)


def test_a_key_that_stands_twice_is_told_though_octodns_is_silent(
    repository: Callable[..., Path],
) -> None:
    text = "a:\n  type: A\n  value: 192.0.2.1\na:\n  type: A\n  value: 192.0.2.2\n"
    done = validate(repository(PLAIN, files={"zones/example.net.yaml": text}))
    assert done.returncode == 1
    assert ("zones/example.net.yaml", 1, 1, "ZONE001") in places(done.stderr)


# ---- all zones in one run ----------------------------------------------------------------------

SEVERAL = """\
example.net.: {sources: [config], processors: [mailauth], targets: [target]}
  example.edu.: {sources: [config], processors: [mailauth], targets: [target]}
  example.org.: {sources: [config], targets: [target]}
"""


def levels(text: str) -> dict[str, str]:
    """The log level at which each zone's file is named."""
    found = re.findall(r"(ERROR|WARNING) +MailAuth\S+ zones/([\w.]+)\.yaml:\d+:\d+: SPF201", text)
    return {zone: level for level, zone in found}


def test_a_sync_names_the_faults_of_all_zones_that_have_the_processor(
    repository: Callable[..., Path],
) -> None:
    files = {f"zones/example.{end}.yaml": BAD for end in ("net", "edu", "org")}
    done = sync(repository(SEVERAL, files=files, validator=False))
    assert done.returncode == 1
    assert places(last_line(done)) == {("zones/example.net.yaml", 3, 17, "SPF201")}
    assert levels(done.stderr) == {"example.edu": "ERROR"}  # example.org has no processor
    both = sync(repository(SEVERAL, files=files))
    assert both.returncode == 1
    assert levels(both.stderr) == {"example.edu": "ERROR"}


def test_zones_that_the_configuration_includes_are_known_too(
    repository: Callable[..., Path],
) -> None:
    files = {f"zones/example.{end}.yaml": BAD for end in ("net", "edu")}
    folder = repository(SEVERAL, files=files)
    config = folder / "octodns.yaml"
    text = config.read_text()
    start = text.index("zones:\n")
    (folder / "parts").mkdir()
    zones = "\n".join(line.strip() for line in text[start:].splitlines()[1:-1])
    (folder / "parts" / "zones.yaml").write_text(zones[: zones.index("example.org")])
    config.write_text(text[:start] + "zones: !include parts/zones.yaml\n")
    done = validate(folder)
    assert done.returncode == 1
    assert ("zones/example.net.yaml", 3, 17, "SPF201") in places(last_line(done))
    assert levels(done.stderr) == {"example.edu": "ERROR"}


def test_the_faults_of_split_zones_are_named_too(repository: Callable[..., Path]) -> None:
    files = {
        "zones/example.net.yaml": BAD,
        "zones/example.edu./$example.edu.yaml": FINE,
        "zones/example.edu./mail.yaml": BAD.replace("''", "mail"),
    }
    zones = PLAIN + "\n  example.edu.: {sources: [config], targets: [target]}"
    folder = repository(zones, files=files)
    config = folder / "octodns.yaml"
    plain = "    directory: ./zones\n"
    config.write_text(config.read_text().replace(plain, plain + "    split_extension: .\n"))
    found = places(validate(folder).stderr)
    assert ("zones/example.edu./mail.yaml", 3, 17, "SPF201") in found


def test_what_is_lenient_elsewhere_is_told_as_a_warning(repository: Callable[..., Path]) -> None:
    lenient = BAD.replace("'':\n", "'':\n  octodns: {lenient: true}\n")
    folder = repository(
        "example.net.: {sources: [config], targets: [target]}\n"
        "  example.edu.: {sources: [config], targets: [target]}\n"
        "  example.org.: {sources: [config], targets: [target], lenient: true}",
        files={
            "zones/example.net.yaml": BAD,
            "zones/example.edu.yaml": lenient,
            "zones/example.org.yaml": BAD,
        },
    )
    done = validate(folder)
    assert done.returncode == 1
    assert levels(done.stderr) == {"example.edu": "WARNING", "example.org": "WARNING"}


def test_a_lenient_zone_leaves_the_others_to_octodns(repository: Callable[..., Path]) -> None:
    folder = repository(
        "example.net.: {sources: [config], targets: [target], lenient: true}\n"
        "  example.edu.: {sources: [config], targets: [target]}",
        files={"zones/example.net.yaml": BAD, "zones/example.edu.yaml": BAD},
    )
    done = validate(folder)
    assert done.returncode == 1
    assert done.stderr.count("zones/example.edu.yaml:3:17: SPF201") == 1


KEY = "v=DKIM1; p=" + RSA_2048
TOLD = re.compile(r"zones/(\S+\.yaml):(\d+):(\d+): ([A-Z]+\d+)")


def test_a_zone_is_judged_among_the_others(repository: Callable[..., Path]) -> None:
    """octoDNS comes to one zone after the other; the rules see all, as in `zonelint check`."""
    zones = ("example.com", "sub.example.com", "example.org")
    each = "{sources: [config], targets: [target]}"
    key = f"s1._domainkey:\n  type: TXT\n  value: {KEY}\n"
    sub = "".join(
        f"selector{n}._domainkey:\n  type: CNAME\n"
        f"  value: selector{n}-sub-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft.\n"
        for n in (1, 2)
    )
    folder = repository(
        "\n  ".join(f"{zone}.: {each}" for zone in zones),
        files={
            # An alias at _dmarc leads to a record of another zone, which is in its place there.
            "zones/example.com.yaml": FINE
            + "_dmarc:\n  type: CNAME\n  value: dmarc.example.org.\n"
            + key,
            "zones/example.org.yaml": FINE
            + "_dmarc:\n  type: CNAME\n  value: dmarc.example.org.\n"
            + "dmarc:\n  type: TXT\n  value: v=DMARC1; p=reject; rua=mailto:d@example.org\n"
            + key,
            # What is declared of a name in a zone below is held against that zone alone.
            "zones/sub.example.com.yaml": MAIL[: MAIL.index("_dmarc")] + sub,
        },
        intent=INTENT[INTENT.index('[domains."sub') :],
    )
    done = validate(folder)
    assert done.returncode == 0, done.stderr
    inside = set(TOLD.findall(done.stderr))
    assert ("example.org.yaml", "12", "19", "DKIM011") in inside
    alone = subprocess.run(
        [*warm("zonelint"), "check", "octodns.yaml", "--format", "json"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    said = json.loads(alone.stdout)
    outside = {
        (f["path"].removeprefix("zones/"), str(f["line"]), str(f["column"]), f["code"])
        for f in said["findings"]
        if f["severity"] != "info"
    }
    assert inside == outside


# ---- what zonelint.toml names ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["known.json", "zonelint-baseline.json"])
def test_what_the_baseline_knows_stops_nothing(repository: Callable[..., Path], name: str) -> None:
    folder = repository(
        SEVERAL,
        files={f"zones/example.{end}.yaml": BAD for end in ("net", "edu", "org")},
        # The usual name needs no mention.
        intent='baseline = "known.json"\n' if name == "known.json" else "",
    )
    known = [{"code": "SPF201", "owner": f"example.{end}.", "type": "TXT", "count": 1}
             for end in ("net", "edu")]  # fmt: skip
    (folder / name).write_text(json.dumps({"version": 1, "findings": known}))
    done = validate(folder)
    assert done.returncode == 1
    assert places(done.stderr) == {("zones/example.org.yaml", 3, 17, "SPF201")}
    (folder / "zones" / "example.org.yaml").write_text(FINE)
    assert validate(folder).returncode == 0
    assert sync(folder).returncode == 0
    (folder / name).write_text("{")
    assert f"{name}:1: this is not a baseline" in last_line(validate(folder))


def test_the_mta_sts_policy_is_read(repository: Callable[..., Path]) -> None:
    text = (
        "'':\n- type: MX\n  value: {exchange: mx1.example.org., preference: 1}\n"
        "- type: TXT\n  value: v=spf1 -all\n"
        "_mta-sts:\n  type: TXT\n  value: v=STSv1; id=1\n"
    )
    folder = repository(
        PLAIN,
        files={
            "zones/example.net.yaml": text,
            "sts.txt": "version: STSv1\nmode: enforce\nmx: mx2.example.org\nmax_age: 86400\n",
        },
        intent='[domains."example.net"]\nmta-sts.policy = "sts.txt"\n',
    )
    done = validate(folder)
    assert done.returncode == 1
    assert ("zones/example.net.yaml", 3, 21, "STS003") in places(done.stderr)
    (folder / "sts.txt").unlink()
    assert "sts.txt: the MTA-STS policy of example.net: there is no such file" in last_line(
        validate(folder)
    )


def test_an_old_lock_is_told(repository: Callable[..., Path]) -> None:
    folder = repository(PLAIN, files={"zones/example.net.yaml": FINE})
    lock = 'version = 1\n\n["spf.example.org."]\nseen = 2020-01-01\nTXT = ["v=spf1 -all"]\n'
    lock += "\n# end of zonelint.lock\n"
    (folder / "zonelint.lock").write_text(lock)
    done = validate(folder)
    assert done.returncode == 0
    assert "zonelint.lock: an entry is older than 30 days (spf.example.org.)" in done.stderr


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("mode: apply\n    codes: [DKIM1O1]", 'mailauth has the code "DKIM1O1"'),
        ("mode: apply\n    codes: MX002", 'mailauth has the code "MX002", but no rule with it'),
    ],
)
def test_codes_that_change_nothing_are_told(
    repository: Callable[..., Path], given: str, says: str
) -> None:
    folder = repository(PROCESSED, files={"zones/example.net.yaml": FINE})
    config = folder / "octodns.yaml"
    config.write_text(config.read_text().replace("mode: block", given))
    done = sync(folder)
    assert done.returncode == 1
    assert says in last_line(done)


# ---- what stops a run --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("intent", "option", "stops"),
    [
        ("", "", False),
        ('fail-on = "warning"', "", True),
        ('fail-on = "undecided"', "", True),
        ('fail-on = "error"', "", False),
        ('fail-on = "never"', "fail_on: warning", True),
        ('fail-on = "warning"', "fail_on: never", False),
    ],
)
@pytest.mark.parametrize("validator", [True, False], ids=["validate", "sync"])
def test_fail_on_says_what_stops(
    repository: Callable[..., Path], validator: bool, intent: str, option: str, stops: bool
) -> None:
    files = {"zones/example.net.yaml": BAD.replace("+all", "mx ?all")}
    folder = _failing_on(repository, option, validator, files=files, intent=intent)
    done = validate(folder) if validator else sync(folder)
    assert (done.returncode != 0) is stops, done.stderr
    assert "SPF202" in done.stderr


@pytest.mark.parametrize("validator", [True, False], ids=["validate", "sync"])
def test_what_is_undecided_stops_where_that_is_asked_for(
    repository: Callable[..., Path], validator: bool
) -> None:
    files = {"zones/example.net.yaml": BAD.replace("+all", "include:_spf.vendor.example -all")}
    for option, stops in (("", False), ("fail_on: undecided", True)):
        folder = _failing_on(repository, option, validator, files=files)
        done = validate(folder) if validator else sync(folder)
        assert (done.returncode != 0) is stops, done.stderr
        assert "could not be decided for example.net: it needs _spf.vendor.example" in done.stderr


def test_a_word_that_fail_on_does_not_have_is_told(repository: Callable[..., Path]) -> None:
    files = {"zones/example.net.yaml": FINE}
    folder = _failing_on(repository, "fail_on: all", True, files=files)
    assert "error, warning, info, undecided, never" in last_line(validate(folder))


def _failing_on(
    repository: Callable[..., Path], option: str, validator: bool, **given: object
) -> Path:
    folder = repository(PLAIN if validator else PROCESSED, validator=validator, **given)
    config = folder / "octodns.yaml"
    name = "MailAuthValidator" if validator else "MailAuthProcessor"
    line = f"    class: zonelint.providers.octodns.{name}\n"
    config.write_text(config.read_text().replace(line, f"{line}    {option}\n"))
    return folder


@pytest.mark.parametrize(
    ("zone", "answer"),
    [
        ("{sources: [config], targets: [target]}", 1),
        ("{sources: [config], targets: []}", 0),
        ("{sources: [], targets: [target]}", 0),
    ],
)
def test_a_zone_that_a_sync_passes_over_lacks_nothing(
    repository: Callable[..., Path], zone: str, answer: int
) -> None:
    text = "'':\n  type: TXT\n  value: v=spf1 include:spf.protection.outlook.com -all\n"
    files = {"zones/example.com.yaml": text}
    folder = repository(f"example.com.: {zone}", files=files, intent=INTENT)
    done = validate(folder)
    assert done.returncode == answer, done.stderr
    found = subprocess.run(
        [*warm("zonelint"), "check", ".", "--format", "json"],
        cwd=folder, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    data = json.loads(found.stdout)
    assert ("DKIM101" in {each["code"] for each in data["findings"]}) is bool(answer)
    needed = [what for each in data["undecided"] for what in each["missing"]]
    assert any("octoDNS leaves it alone" in what for what in needed) is not bool(answer)
