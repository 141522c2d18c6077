"""Which files are octoDNS's: configurations, files named after domains, folders of split files."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from zonelint.main import zonelint

ZONE = "'':\n  type: TXT\n  value: v=spf1 +all\n"
FINE = "'':\n  type: TXT\n  value: v=spf1 -all\n"
SELECT = "SPF201,ZONE001,NOQA001"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(path: str, text: str = ZONE) -> None:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def check(*paths: str, options: tuple[str, ...] = ()) -> tuple[int, list[tuple[str, str]], str]:
    """The exit status, path and owner of every finding, and what was told of failures."""
    arguments = ["check", *paths, "--select", SELECT, "--format", "json", *options]
    result = CliRunner().invoke(zonelint, arguments)
    data: dict[str, Any] = json.loads(result.stdout)
    found = [(f["path"], f["owner"]) for f in data["findings"]]
    return result.exit_code, found, result.stderr


def test_a_file_named_after_its_zone(folder: Path) -> None:
    put("example.com.yaml")
    for path in ("example.com.yaml", "."):
        assert check(path) == (1, [("example.com.yaml", "example.com.")], "")


def test_the_origin_of_another_name_is_given(folder: Path) -> None:
    put("mine.yaml")
    status, found, told = check("mine.yaml")
    assert (status, found) == (2, [])
    assert "Nothing shows which zone" in told
    assert check("mine.yaml", options=("--origin", "example.net"))[1] == [
        ("mine.yaml", "example.net.")
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("docker-compose.yaml", "services:\n  web: {image: x}\n"),
        ("docker-compose.prod.yaml", "services:\n  web: {image: x}\n"),
        ("values.production.yaml", "a: {{ .Values.b }}\n  c: [\n"),
        ("app.deployment.yaml", "kind: Deployment\nspec:\n  type: Recreate\n"),
        ("empty.example.yaml", ""),
        (".pre-commit-config.yaml", "repos: []\n"),
    ],
)
def test_other_yaml_is_passed_over_in_a_search_and_told_when_named(
    folder: Path, name: str, text: str
) -> None:
    put(name, text)
    put("example.com.yaml", FINE)
    assert check(".") == (0, [], "")
    status, found, told = check(name)
    assert (status, found) == (2, [])
    assert name in told


def test_a_folder_of_other_yaml_holds_no_zone(folder: Path) -> None:
    put("docker-compose.yaml", "services: {}\n")
    status, _, told = check(".")
    assert status == 2
    assert "no zone file" in told


@pytest.mark.parametrize("text", ["'':\n  type: TXT\n value: x\n", "'': {type: TXT}\n#\n  x: [\n"])
def test_a_broken_zone_is_told_in_a_search_too(folder: Path, text: str) -> None:
    put("example.com.yaml", text)
    status, found, told = check(".")
    assert (status, found) == (2, [])
    assert re.search(r"example\.com\.yaml:[34]:[0-9]+: ", told)


def test_records_without_their_types_hide_no_zone(folder: Path) -> None:
    put("example.com.yaml", ZONE + "a: {value: 192.0.2.1}\nb: {typ: A, value: 192.0.2.1}\n")
    _, found, _ = check(".")
    assert len(found) == 3


def test_bytes_that_are_no_text_are_told(folder: Path) -> None:
    Path("example.com.yaml").write_bytes(b"'':\n  type: TXT\n  value: \xff\n")
    status, _, told = check(".")
    assert status == 2
    assert "example.com.yaml:3: " in told


def test_split_files_are_one_zone(folder: Path) -> None:
    put("zones/example.com./$example.com.yaml")
    put("zones/example.com./www.yaml", ZONE.replace("''", "www"))
    both = [
        ("zones/example.com./$example.com.yaml", "example.com."),
        ("zones/example.com./www.yaml", "www.example.com."),
    ]
    assert check("zones")[1] == both
    # A part stands for the whole: without its neighbours it would look incomplete.
    assert check("zones/example.com./www.yaml")[1] == both


CONFIG = """\
providers:
  config:
    class: octodns.provider.yaml.YamlProvider
    directory: ./zones
    {options}
  split:
    class: octodns.provider.yaml.SplitYamlProvider
    directory: ./parts
  overlay:
    class: octodns.provider.yaml.YamlProvider
    directory: env/OVERLAY/overlay
    populate_should_replace: true
  written:
    class: octodns.provider.yaml.YamlProvider
    directory: ./written
  route53:
    class: octodns_route53.Route53Provider
    access_key_id: env/NOT_SET
zones:
  {zones}
"""


MINIMAL = """\
providers:
  config: {class: octodns.provider.yaml.YamlProvider, directory: ./zones}
"""


def config(zones: str, options: str = "escaped_semicolons: true") -> None:
    put("octodns.yaml", CONFIG.format(zones=zones, options=options))


def test_a_configuration_names_its_zones(folder: Path) -> None:
    config("example.com.: {sources: [config], targets: [written]}")
    put("zones/example.com.yaml")
    put("zones/example.net.yaml")
    put("written/example.com.yaml")
    assert check("octodns.yaml")[1] == [("zones/example.com.yaml", "example.com.")]
    # In a search the other files count too, but not those that octoDNS writes.
    assert check(".")[1] == [
        ("zones/example.com.yaml", "example.com."),
        ("zones/example.net.yaml", "example.net."),
    ]


def test_dynamic_alias_and_split_zones(folder: Path) -> None:
    config(
        "'*': {sources: [config], targets: [config]}\n"
        "  '*split': {sources: [split], targets: [split], glob: '*.org.'}\n"
        "  example.net.: {alias: example.com.}"
    )
    put("zones/example.com.yaml")
    put("parts/example.org./$example.org.yaml")
    put("parts/example.edu./$example.edu.yaml")
    assert sorted(check("octodns.yaml")[1]) == [
        ("parts/example.org./$example.org.yaml", "example.org."),
        ("zones/example.com.yaml", "example.com."),
        ("zones/example.com.yaml", "example.net."),
    ]


def test_a_later_source_replaces_records(folder: Path) -> None:
    config("example.com.: {sources: [config, overlay], targets: [config]}")
    put("zones/example.com.yaml")
    put("overlay/example.com.yaml", FINE)
    assert check("octodns.yaml") == (0, [], "")


def test_a_provider_of_another_make_may_add_records(folder: Path) -> None:
    put("zones/example.com.yaml", "mail:\n  type: A\n  value: 192.0.2.1\n")
    zones = "zones: {example.com.: {sources: [config, shared], targets: [config]}}\n"
    shared = "  shared: {class: our_dns.NamedYamlProvider, directory: ./shared}\n"
    put("octodns.yaml", f"{MINIMAL}{shared}{zones}")
    arguments = ["check", "octodns.yaml", "--select", "SPF307", "--format", "json"]
    data = json.loads(CliRunner().invoke(zonelint, arguments).stdout)
    assert data["findings"] == []
    assert [each["missing"] for each in data["undecided"]] == [
        ["what `shared` reads beside its files"]
    ]


def test_a_token_outside_the_repository_does_no_harm(folder: Path) -> None:
    put("zones/example.com.yaml")
    target = "  written: {class: a.Provider, token: !include /home/somebody/.token}\n"
    zones = "zones: {example.com.: {sources: [config], targets: [written]}}\n"
    put("octodns.yaml", f"{MINIMAL}{target}{zones}")
    assert check("octodns.yaml") == (1, [("zones/example.com.yaml", "example.com.")], "")


def test_the_directory_is_where_the_zones_are(folder: Path) -> None:
    put("dns/example.com.yaml")
    zones = "zones: {example.com.: {sources: [config], targets: [config]}}\n"
    put("dns/octodns.yaml", MINIMAL.replace("./zones", ".") + zones)
    assert check("dns/octodns.yaml")[1:] == ([("dns/example.com.yaml", "example.com.")], "")


def test_a_lenient_zone_or_record_needs_no_escapes(folder: Path) -> None:
    record = "  type: TXT\n  value: v=DMARC1; p=none\n"
    put("zones/example.com.yaml", f"_dmarc:\n{record}")
    put("zones/example.net.yaml", f"_dmarc:\n  octodns: {{lenient: true}}\n{record}")
    strict = (1, [("zones/example.com.yaml", "_dmarc.example.com.")], "")
    net = "  example.net.: {sources: [config], targets: [config]}\n"
    for more, expected in (("", strict), (", lenient: true", (0, [], ""))):
        put(
            "octodns.yaml",
            f"{MINIMAL}zones:\n  example.com.: {{sources: [config], targets: [config]{more}}}\n"
            f"{net}",
        )
        assert check("octodns.yaml") == expected


def test_shared_files_belong_to_every_zone(folder: Path) -> None:
    config("example.com.: {sources: [config], targets: [config]}", "shared_filename: $shared.yaml")
    put("zones/example.com.yaml", FINE)
    put("zones/$shared.yaml", ZONE.replace("''", "all"))
    assert check("octodns.yaml")[1] == [("zones/$shared.yaml", "all.example.com.")]


def test_a_zone_may_have_nothing_but_the_shared_file(folder: Path) -> None:
    config("example.com.: {sources: [config], targets: [config]}", "shared_filename: shared.yaml")
    put("zones/shared.yaml")
    assert check("octodns.yaml") == (1, [("zones/shared.yaml", "example.com.")], "")
    # Its name is no zone's: octoDNS takes for one what has two dots in it.
    config("'*': {sources: [config], targets: [config]}", "shared_filename: shared.yaml")
    put("zones/example.net.yaml", FINE.replace("''", "all"))
    assert check("octodns.yaml") == (1, [("zones/shared.yaml", "example.net.")], "")


def test_the_escaping_of_the_provider_counts(folder: Path) -> None:
    text = "_dmarc: {type: TXT, value: v=DMARC1; p=none}\n"
    put("zones/example.com.yaml", text)
    config("example.com.: {sources: [config], targets: [config]}", "escaped_semicolons: false")
    assert check("octodns.yaml") == (0, [], "")
    config("example.com.: {sources: [config], targets: [config]}")
    assert check("octodns.yaml")[1] == [("zones/example.com.yaml", "_dmarc.example.com.")]


def test_a_configured_zone_without_a_file_is_told(folder: Path) -> None:
    config("example.com.: {sources: [config], targets: [config]}")
    Path("zones").mkdir()
    status, _, told = check("octodns.yaml")
    assert status == 2
    assert "example.com has no file" in told
    put("zones/example.net.yaml", FINE)
    put_in = "{sources: [config], targets: [config]}"
    zones = f"example.com.: {put_in}\n  example.net.: {put_in}"
    config(zones, "ignore_missing_zones: true")
    assert check("octodns.yaml") == (0, [], "")


def test_includes_stay_in_the_repository(folder: Path) -> None:
    (folder / "repo" / ".git").mkdir(parents=True)
    put("outside.yaml", "type: TXT\nvalue: secret\n")
    put("repo/example.com.yaml", "'': !include ../outside.yaml\n")
    status, found, told = check("repo")
    assert (status, found) == (2, [])
    assert "outside the repository" in told
    put("repo/spf.yaml", "type: TXT\nvalue: v=spf1 +all\n")
    put("repo/example.com.yaml", "'': !include spf.yaml\n")
    assert check("repo")[1] == [("repo/spf.yaml", "example.com.")]


def test_comments_silence(folder: Path) -> None:
    put("example.com.yaml", ZONE.replace("+all", "+all  # noqa: SPF201"))
    assert check(".") == (0, [], "")
    put("example.com.yaml", FINE.replace("-all", "-all  # noqa: SPF201"))
    assert check(".") == (1, [("example.com.yaml", "example.com.")], "")


# ---- beside a revision -------------------------------------------------------------------------

ROLLED_OUT = (
    "'':\n- type: MX\n  value: {exchange: m.example.net., preference: 1}\n"
    "- type: TXT\n  value: v=spf1 mx -all\n"
    "_dmarc:\n  type: TXT\n  value: v=DMARC1; p=none; rua=mailto:d@example.com\n"
)


def git(*arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


@pytest.mark.parametrize("path", ["octodns.yaml", "zones", "zones/example.com.yaml", None])
def test_a_change_since_a_revision_is_judged(folder: Path, path: str | None) -> None:
    git("init", "-q")
    put("zonelint.toml", 'zones = ["octodns.yaml"]\n')
    config("example.com.: {sources: [config], targets: [config]}", "escaped_semicolons: false")
    put("zones/example.com.yaml", ROLLED_OUT)
    git("add", "-A")
    git("commit", "-qm", "before")
    paths = [] if path is None else [path]
    options = ["--against", "HEAD", "--select", "PHASE001", "--format", "json"]
    assert CliRunner().invoke(zonelint, ["check", *paths, *options]).exit_code == 0
    put("zones/example.com.yaml", ROLLED_OUT.replace("p=none", "p=reject"))
    result = CliRunner().invoke(zonelint, ["check", *paths, *options])
    assert result.exit_code == 1
    (finding,) = json.loads(result.stdout)["findings"]
    assert (finding["code"], finding["path"]) == ("PHASE001", "zones/example.com.yaml")


def test_an_absolute_directory_is_that_of_the_revision(folder: Path) -> None:
    git("init", "-q")
    config("example.com.: {sources: [config], targets: [config]}")
    text = Path("octodns.yaml").read_text().replace("./zones", str(folder / "zones"))
    put("octodns.yaml", text)
    put("zones/example.com.yaml", FINE)
    git("add", "-A")
    git("commit", "-qm", "before")
    arguments = ["check", "octodns.yaml", "--against", "HEAD", "--format", "json"]
    result = CliRunner().invoke(zonelint, arguments)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["findings"] == []
    put("zones/example.com.yaml", FINE.replace("-all", "+all"))
    found = json.loads(CliRunner().invoke(zonelint, arguments).stdout)["findings"]
    assert "SPF201" in {each["code"] for each in found}


POLICY = (
    "'':\n- {type: MX, value: {exchange: mail.example.com., preference: 10}}\n"
    "- {type: TXT, value: v=spf1 mx -all}\n"
    "_dmarc:\n  octodns: %s\n  type: TXT\n  value: v=DMARC1\\; p=none\n"
    "mail: {type: A, value: 192.0.2.1}\n"
)


def judge_policy(
    zone: str,
    options: str = "{}",
    processor: str = "{class: octodns.processor.meta.MetaProcessor}",
    rest: str = "",
) -> tuple[list[str], dict[str, list[str]]]:
    """The codes found, and what is missing by code, of a zone with one DMARC record."""
    put("config/example.com.yaml", POLICY % options)
    Path("production.yaml").write_text(
        "providers:\n"
        "  config: {class: octodns.provider.yaml.YamlProvider, directory: ./config}\n"
        "  r: {class: octodns_bind.ZoneFileSource}\n"
        "  t: {class: octodns_route53.Route53Provider}\n"
        "  u: {class: octodns_ns1.Ns1Provider}\n"
        "  v: {class: octodns_ns1.Ns1Provider}\n"
        f"processors:\n  f: {processor}\nzones:\n  example.com.: {zone}\n{rest}"
    )
    arguments = ["check", ".", "--select", "DMARC101,ZONE001", "--format", "json"]
    data = json.loads(CliRunner().invoke(zonelint, arguments).stdout)
    return (
        [each["code"] for each in data["findings"]],
        {each["code"]: each["missing"] for each in data["undecided"]},
    )


ONE = "{sources: [config], targets: [t]}"
TWO = "{sources: [config], targets: [t, u]}"
LEFT = "what the processor `f` leaves of the records"
FILTERED = "{sources: [config], processors: [f], targets: [t]}"


@pytest.mark.parametrize(
    ("zone", "options", "found"),
    [
        (ONE, "{excluded: [t]}", ["DMARC101"]),
        (ONE, "{included: [u]}", ["DMARC101"]),
        (TWO, "{excluded: [t, u], included: [t, u]}", ["DMARC101"]),
        (TWO, "{excluded: [t]}", ["DMARC101"]),
        (TWO, "{included: [u]}", ["DMARC101"]),
        (TWO, "{included: [t, u]}", []),
        (ONE, "{excluded: []}", []),
        ("{sources: [config], targets: [config]}", "{excluded: [t]}", []),
    ],
)
def test_a_record_that_a_target_does_not_get_is_absent_there(
    folder: Path, zone: str, options: str, found: list[str]
) -> None:
    assert judge_policy(zone, options) == (found, {})


def test_targets_with_other_records_are_zones_of_their_own(folder: Path) -> None:
    def check(*arguments: str) -> Result:
        return CliRunner().invoke(zonelint, ["check", ".", *arguments])

    judge_policy(TWO, "{excluded: [t]}")
    text = POLICY.replace("p=none", "p=none\\; pct=100").replace("spf1 mx", "spf1 mx mx")
    put("config/example.com.yaml", text % "{excluded: [t]}")
    found = check("--format", "concise").stdout
    assert "ZONE010" in found
    assert "`u config/example.com.yaml`" in found
    assert " DMARC101 at t: example.com has mail" in found
    assert " DMARC110 at u: The record" in found
    also = "also: example.com SOA (u config/example.com.yaml)"
    assert also in check("--select", "ZONE010").stdout
    (both,) = (line for line in found.splitlines() if " SPF302 `mx` already" in line)
    assert "more place" not in both
    put("zonelint.toml", '[views]\ninside = ["t"]\n')
    found = check("--format", "concise").stdout
    assert "ZONE010" not in found
    assert "DMARC101" in found
    assert "PHASE" not in check("--fix").output
    text = Path("config/example.com.yaml").read_text()
    assert "mx mx" not in text
    assert "pct" not in text  # the other target's zone has no such record, so it has no say


def test_targets_name_the_view_of_what_they_all_get(folder: Path) -> None:
    put("zonelint.toml", '[views]\ninside = { zones = ["t"], public = false }\n')
    alone = judge_policy(ONE.replace("[t]", "[v]"), "{excluded: [v]}")
    assert alone == (["DMARC101"], {})
    assert judge_policy(ONE, "{excluded: [t]}") == ([], {})  # nobody outside sees it
    both = judge_policy(TWO, "{excluded: [t, u]}")
    assert both == (["DMARC101"], {})  # the internet sees what u gets
    judge_policy(ONE)
    told = CliRunner().invoke(zonelint, ["spf", "example.com", "--zones", "inside"])
    assert told.exit_code == 0, told.output


def test_a_second_configuration_publishes_what_the_first_excludes(folder: Path) -> None:
    put(
        "staging.yaml",
        "providers:\n"
        "  config: {class: octodns.provider.yaml.YamlProvider, directory: ./config}\n"
        "zones:\n  example.com.: {sources: [config], targets: [u]}\n",
    )
    assert judge_policy("{sources: [config], targets: [config]}", "{excluded: [t]}") == ([], {})
    assert judge_policy(ONE, "{excluded: [t]}") == (["DMARC101"], {})  # of the first alone


def test_an_alias_has_the_targets_of_the_zone_that_it_copies(folder: Path) -> None:
    rest = "  example.net.: {alias: example.com., targets: [t]}\n"
    zone = "{sources: [config], targets: [u]}"
    found, _ = judge_policy(zone, "{excluded: [u]}", rest=rest)
    assert found == ["DMARC101", "DMARC101"]


@pytest.mark.parametrize(
    "processor",
    [
        "{class: octodns.processor.filter.TypeRejectlistFilter, rejectlist: [TXT]}",
        "{class: octodns.processor.filter.TypeAllowlistFilter, allowlist: [A, MX]}",
        "{class: octodns.processor.filter.NameRejectlistFilter, rejectlist: [_dmarc]}",
        "{class: octodns.processor.filter.NameRejectlistFilter, rejectlist: [/^_/]}",
        "{class: octodns.processor.filter.ValueRejectlistFilter, rejectlist: [x]}",
        "{class: own.Processor}",
    ],
)
def test_what_rests_on_a_record_that_a_filter_may_take_is_undecided(
    folder: Path, processor: str
) -> None:
    missing = ["what the processor `f` leaves of the records"]
    assert judge_policy(FILTERED, processor=processor) == (
        [],
        {"DMARC101": missing, "ZONE001": missing},
    )
    assert judge_policy(ONE, processor=processor) == ([], {})


@pytest.mark.parametrize(
    ("processor", "found", "missing"),
    [
        ("TypeRejectlistFilter, rejectlist: [TXT], include_target: false", ["DMARC101"], {}),
        # What `mail` holds there is not known; the policy of its domain covers it all the same.
        ("NameRejectlistFilter, rejectlist: [mail]", [], {"ZONE001": [LEFT]}),
        ("NameRejectlistFilter, rejectlist: [/^x/, www]", [], {"ZONE001": [LEFT]}),
        ("NetworkValueRejectlistFilter, rejectlist: [10.0.0.0/8]", [], {"ZONE001": [LEFT]}),
        ("ExcludeRootNsChanges", [], {}),
    ],
)
def test_a_filter_takes_what_octodns_takes(
    folder: Path, processor: str, found: list[str], missing: dict[str, list[str]]
) -> None:
    filter = f"{{class: octodns.processor.filter.{processor}}}"
    assert judge_policy(FILTERED, processor=filter) == (found, missing)


@pytest.mark.parametrize(
    "processor",
    [
        "{class: own.MetaProcessor}",
        "{class: own.Templating}",
    ],
)
def test_a_processor_is_known_by_its_whole_class(folder: Path, processor: str) -> None:
    found, missing = judge_policy(FILTERED, processor=processor)
    assert found == []
    assert "DMARC101" in missing


def read_zone(zones: str, text: str, options: str = "", files: dict[str, str] | None = None) -> Any:
    """What check says, as JSON, of a repository with these zones."""
    put("zones/example.com.yaml", text)
    for path, other in (files or {}).items():
        put(path, other)
    put(
        "octodns.yaml",
        "providers:\n"
        "  c: {class: octodns.provider.yaml.YamlProvider, directory: ./zones, "
        "escaped_semicolons: false}\n"
        "  a: {class: octodns.provider.yaml.YamlProvider, directory: /nowhere}\n"
        "  b: {class: octodns_bind.ZoneFileProvider, directory: ./bind, file_extension: .zone}\n"
        "  t: {class: octodns_route53.Route53Provider}\n"
        "  e: {class: octodns.source.envvar.EnvVarSource, variable: V, name: v}\n"
        "  m: {class: zonelint.providers.octodns.MailAuthSource}\n"
        f"processors:\n  f: {{class: octodns.processor.{options}}}\nzones:\n{zones}",
    )
    run = CliRunner().invoke(zonelint, ["check", ".", "--format", "json"])
    return {**json.loads(run.stdout), "status": run.exit_code, "told": run.stderr}


def codes(said: Any, key: str = "findings") -> set[tuple[str, str]]:
    return {(each["code"], each["owner"]) for each in said[key]}


STAR = "sources: [c], targets: [t]"
TEMPLATED = "  example.com.: {sources: [c], processors: [f], targets: [t]}\n"


@pytest.mark.parametrize(
    ("value", "options", "found", "undecided"),
    [
        ("v=spf1 a:x.{zone_name} +all", "", "SPF201", None),
        ("v=spf1 a:x.{zone_name} -all", "", None, None),
        ("v=spf1 {all}", ", context: {all: +all}", "SPF201", None),
        ("v=spf1 {all}", ", context: {all: env/UNSET_HERE}", None, "ZONE001"),
        ("v=spf1 exists:%{i}.x.example +all", "", "ZONE001", None),
        ("v=spf1 exists:%{{i}}.x.example +all", "", "SPF201", None),
        ("v=spf1 {zone_num_records} +all", "", None, "ZONE001"),
        ("v=spf1 a:{zone_name:>99999999} +all", "", None, "ZONE001"),
    ],
)
def test_templates_are_filled_in(
    folder: Path, value: str, options: str, found: str | None, undecided: str | None
) -> None:
    said = read_zone(
        TEMPLATED, f"'':\n  type: TXT\n  value: '{value}'\n", f"templating.Templating{options}"
    )
    for code, key in ((found, "findings"), (undecided, "undecided")):
        told = {each for each, _ in codes(said, key)} & {"SPF201", "SPF001", "ZONE001"}
        assert told == ({code} if code else set())
    for each in said["findings"]:
        if each["code"] == "SPF201":
            assert value[each["column"] - len("  value: '") - 1 :].startswith(("+all", "{all}"))


def test_what_is_filled_in_is_not_written(folder: Path) -> None:
    text = "'':\n  type: TXT\n  value: 'v=spf1 mx mx a:{zone_name} -all'\n"
    read_zone(TEMPLATED, text, "templating.Templating, trailing_dots: false")
    CliRunner().invoke(zonelint, ["check", ".", "--fix"])
    assert Path("zones/example.com.yaml").read_text() == text


def test_a_ttl_is_that_of_the_clamp(folder: Path) -> None:
    text = "'':\n  ttl: 700000\n  type: TXT\n  value: v=spf1 -all\n"
    said = read_zone(TEMPLATED, text, "acme.AcmeManagingProcessor")
    assert ("ZONE003", "example.com.") in codes(said)
    said = read_zone(TEMPLATED, text, "clamp.TtlClampProcessor")
    assert ("ZONE003", "example.com.") not in codes(said)


@pytest.mark.parametrize(
    ("processor", "text", "told"),
    [
        ("meta.MetaProcessor", "meta: {type: TXT, value: x}\n", "f adds a TXT record here"),
        ("meta.MetaProcessor, record_name: ''", FINE, "f adds a TXT record here"),
        ("meta.MetaProcessor", "meta: {type: A, value: 192.0.2.1}\n", ""),
        ("restrict.TtlRestrictionFilter", FINE, ""),
        ("restrict.TtlRestrictionFilter, min_ttl: 7200", FINE, "f allows no TTL of 3600"),
        ("restrict.TtlRestrictionFilter, allowed_ttls: [60]", FINE, "f allows no TTL of 3600"),
        ("restrict.TtlRestrictionFilter, allowed_ttls: [3600]", FINE, ""),
        (
            "restrict.TtlRestrictionFilter, max_ttl: 60",
            "'': {octodns: {lenient: true}, type: A, value: 192.0.2.1}\n",
            "",
        ),
    ],
)
def test_what_a_processor_refuses_is_told(
    folder: Path, processor: str, text: str, told: str
) -> None:
    said = read_zone(TEMPLATED, text, processor)
    faults = [each["message"] for each in said["findings"] if each["code"] == "ZONE001"]
    assert len(faults) == bool(told)
    assert told in "".join(faults)


_CLAMP = "class: octodns.processor.clamp.TtlClampProcessor"
_FILTER = "class: octodns.processor.filter"


@pytest.mark.parametrize(
    ("options", "column", "told"),
    [
        (f"{_CLAMP}, min_ttl: 900, max_ttl: 300", 57, "has a min_ttl of 900, which is more than"),
        (f"{_CLAMP}, max_ttl: 30", 57, "has a min_ttl of 300, which is more than its max_ttl, 30"),
        (f"{_CLAMP}, min_ttl: '90'", 57, "has the min_ttl `90`, which is not a number"),
        (f"{_CLAMP}, min_ttl: env/LEAST", 0, ""),
        (
            f"{_CLAMP}, minttl: 90",
            57,
            "has the option `minttl`, which it does not take, so octoDNS",
        ),
        (f"{_CLAMP}, steps: 90", 0, ""),
        ("min_ttl: 90", 3, "has no `class`, so octoDNS ends on it."),
        ("class: octodns.processor.clamp.TtlClampProcesor", 7, "Did you mean `octodns.processor."),
        ("class: octodns.processor.clamp.Stepper", 0, ""),
        ("class: own.TtlClampProcesor, min_ttl: 900, max_ttl: 300", 0, ""),
        (
            "class: zonelint.providers.octodns.MailAuthProcesor",
            7,
            "MailAuthProcesor`, which is not",
        ),
        (f"{_FILTER}.NameRejectlistFilter", 3, "has no `rejectlist`, which it needs, so octoDNS"),
        (
            f"{_FILTER}.NameRejectlistFilter, rejectlist: [a, 1]",
            61,
            "lists `1`, which is not a text",
        ),
        (
            f"{_FILTER}.NameAllowlistFilter, allowlist: ['/(/']",
            60,
            "which is not a regular expression",
        ),
        (
            f"{_FILTER}.NetworkValueRejectlistFilter, rejectlist: [192.0.2.1/24]",
            69,
            "not a network",
        ),
        (f"{_FILTER}.NetworkValueRejectlistFilter, rejectlist: [192.0.2.1, 5]", 0, ""),
        (f"{_FILTER}.TypeRejectlistFilter, rejectlist: [1]", 0, ""),
    ],
)
def test_what_octodns_ends_on_in_its_own_classes_is_told_at_its_line(
    folder: Path, options: str, column: int, told: str
) -> None:
    put("zones/example.com.yaml", FINE)
    put(
        "octodns.yaml",
        "providers:\n  c: {class: octodns.provider.yaml.YamlProvider, directory: zones}\n"
        f"processors:\n  p: {{{options}}}\n"
        "zones:\n  example.com.: {sources: [c], targets: [c]}\n",
    )
    status, _, said = check(".")
    assert (status, told in said) == (2 if told else 0, True)
    assert said.startswith(f"zonelint: octodns.yaml:4:{column}: The processor `p`" * bool(told))


@pytest.mark.parametrize(
    ("part", "options", "told"),
    [
        (
            "Processor",
            "mode: aply",
            "The processor `p` has the mode `aply`, so octoDNS ends on it.",
        ),
        ("Processor", "mode: apply, config: other.toml", 'other.toml:1: unknown key "foo"'),
        ("Processor", "config: none.toml", "The processor `p` reads none.toml, which is not in"),
        ("Processor", "fail_on: eror", "The processor `p` has the fail_on `eror`, so octoDNS ends"),
        ("Processor", "codes: [DKIM101, FOO1]", "The processor `p` has the code FOO1, but no rule"),
        ("Processor", "codes: DKM101", "Did you mean DKIM101?"),
        ("Validator", "config: none.toml", "The validator `p` reads none.toml, which is not in"),
        (
            "Validator",
            "fail_on: false",
            "The validator `p` has the fail_on `False`, so octoDNS",
        ),
        ("Validator", "fail_on: info, config: zonelint.toml", ""),
        ("Validator", "config: env/UNSET, fail_on: env/UNSET", ""),
        (
            "Source",
            "config: none.toml",
            "The source `p` reads none.toml, which is not in",
        ),
        ("Source", "codes: [spf9]", "The source `p` has the code SPF9, but no rule with it makes"),
        ("Source", "codes: [spf, DKIM101]", ""),
    ],
)
def test_our_own_options_that_cannot_be_used_are_told(
    folder: Path, part: str, options: str, told: str
) -> None:
    put("zonelint.toml", "")
    put("other.toml", "foo = 1\n")
    put("zones/example.com.yaml", FINE)
    yaml = "octodns.provider.yaml.YamlProvider, directory"
    own = f"  p: {{class: zonelint.providers.octodns.MailAuth{part}, {options}}}\n"
    processors = ", processors: [p]" if part == "Processor" else ""
    put(
        "octodns.yaml",
        f"providers:\n  c: {{class: {yaml}: ./zones}}\n  t: {{class: {yaml}: ./out}}\n"
        + {"Source": own}.get(part, f"{part.lower()}s:\n{own}")
        + f"zones:\n  example.com.: {{{STAR}{processors}}}\n",
    )
    for path in ("octodns.yaml", "zones/example.com.yaml"):
        run = CliRunner().invoke(zonelint, ["check", path, "--select", SELECT])
        assert (run.exit_code == 2) is bool(told)
        assert told in run.stderr
        assert bool(told) is bool(run.stderr)


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        ("octodns.yaml", "providers:\n%szones:\n  '*': {sources: [c], targets: [c]\n", True),
        ("octodns.yaml", "providers:\n%szones:\n  example.com.: {sources: [c]]\n", True),
        ("a/octodns.yaml", "providers:\n%szones:\n  example.com.: [}\n", True),
        ("octodns.yaml", "providers:\n%szones:\n  sub.example.com.: [}\n", False),
        ("octodns.yaml", "providers:\n%szones:\n  example.com.au.: [}\n", False),
        ("b/octodns.yaml", "providers:\n%szones:\n  '*': [}\n", False),
        ("values.yaml", "providers:\n  x: {{ .y }}\nzones:\n  example.com: [}\n", False),
        ("octodns.yaml", "providers: !include p.yaml\nzones:\n  example.com.: [}\n", True),
    ],
)
def test_a_broken_configuration_is_told_where_a_file_that_it_may_read_is_named(
    folder: Path, path: str, text: str, told: bool
) -> None:
    put("zonelint.toml", "")
    put("zones/example.com.yaml", FINE)
    put("b/zones/example.net.yaml", FINE)
    provider = "  c: {class: octodns.provider.yaml.YamlProvider, directory: ./zones}\n"
    put(path, text.replace("%s", provider))
    if path.startswith("b/"):
        zones = "zones: {example.com.: {sources: [c], targets: [c]}}"
        put("octodns.yaml", f"providers:\n{provider}{zones}\n")
    status, _, said = check("zones/example.com.yaml")
    assert (status == 2, path in said) == (told, told)
    if told:
        assert said == check(".")[2]


@pytest.mark.parametrize("key", ["directory", "default_ttl"])
def test_a_variable_that_is_not_set_is_told_of_a_file_that_is_named(folder: Path, key: str) -> None:
    put("zonelint.toml", "")
    put("zones/example.com.yaml", FINE)
    preset = "" if key == "directory" else "directory: ./zones, "
    yaml = f"octodns.provider.yaml.YamlProvider, {preset}{key}: env/UNSET"
    zones = "zones: {example.com.: {sources: [c], targets: [c]}}"
    put("octodns.yaml", f"providers:\n  c: {{class: {yaml}}}\n{zones}\n")
    status, _, told = check("zones/example.com.yaml")
    assert status == 2
    assert told == check(".")[2]
    assert told.rstrip().endswith("Set UNSET.")


@pytest.mark.parametrize(
    ("manager", "zone", "told"),
    [
        ("manager: {processors: [g]}\n", STAR, "`manager` has the processor g, which is not"),
        ("manager: {post_processors: [g]}\n", STAR, "`manager` has the processor g, which is not"),
        (
            "",
            f"{STAR}, processors: [g]",
            "The zones a0.test, a1.test, a2.test and 6 more have ",
        ),
    ],
)
def test_one_cause_of_many_refusals_is_told_once(
    folder: Path, manager: str, zone: str, told: str
) -> None:
    names = [f"a{number}.test" for number in range(9)]
    for name in names:
        put(f"zones/{name}.yaml", FINE)
    put("zonelint.toml", "")
    yaml = "octodns.provider.yaml.YamlProvider, directory"
    put(
        "octodns.yaml",
        f"{manager}providers:\n  c: {{class: {yaml}: ./zones}}\n  t: {{class: {yaml}: ./out}}\n"
        "zones:\n" + "".join(f"  {name}.: {{{zone}}}\n" for name in names),
    )
    status, _, said = check(".")
    assert (status, said.count("\n")) == (2, 1)
    assert told in said
    status, _, said = check("zones/a3.test.yaml")
    assert (status, said.count("\n")) == (2, 1)
    assert "the processor g, which is not configured, so octoDNS refuses" in said


@pytest.mark.parametrize(
    ("directory", "rest", "told"),
    [
        (", directory: zones", "example.org.: {alias: example.net.}", "is not configured"),
        (", directory: zones", "example.org.: {sources: [g], targets: [t]}", "the source g"),
        (", directory: zones", "example.org.: {sources: [c], targets: [t]}", "has no file"),
        ("", "", "has no `directory`"),
        (", directory: nowhere", "", "has no file in the folder of c"),
    ],
)
def test_what_ends_octodns_elsewhere_is_told_of_a_file_that_is_named(
    folder: Path, directory: str, rest: str, told: str
) -> None:
    put("zonelint.toml", "")
    put("zones/example.com.yaml", FINE)
    put("other/example.net.yaml", FINE)
    put(
        "octodns.yaml",
        "providers:\n"
        f"  c: {{class: octodns.provider.yaml.YamlProvider{directory}}}\n"
        "  t: {class: octodns.provider.yaml.YamlProvider, directory: out}\n"
        f"zones:\n  example.com.: {{sources: [c], targets: [t]}}\n  {rest}\n",
    )
    found = check("zones/example.com.yaml")
    assert (found[0], told in found[2]) == (2, True)
    assert found[2] == check(".")[2]
    assert check("other/example.net.yaml")[0] == 0


_YAML = "class: octodns.provider.yaml.YamlProvider"


@pytest.mark.parametrize(
    ("more", "zones", "told"),
    [
        ("manager: {max_workers: x}\n", "", "`max_workers` is not a number"),
        ("manager: x\n", "", "`manager` is not a mapping"),
        ("processors: {f: x}\n", "", "`f` is not a mapping with a `class`"),
        ("processors: {f: {class: x}}\n", "", "the class `x`, which is in no package"),
        ("", "'/.*/': {sources: [c], targets: [t]}", "`/.*/` is not the name of a zone"),
        ("", "'': {sources: [c], targets: [t]}", "`` is not the name of a zone"),
        ("", "a..b.: {sources: [c], targets: [t]}", "`a..b.` is not the name of a zone"),
        ("", "'*': {sources: [c], targets: [t], regex: (}", "the regex `(`, which is not"),
        ("", "example.org.: {sources: [c], targets: t}", "`targets` that are not a list"),
        ("", "example.org.: {sources: [c, []], targets: [t]}", "`sources` that are not a list"),
        ("", "example.org.: {alias: example.org.}", "which is one itself"),
    ],
)
def test_what_octodns_ends_on_in_its_configuration_is_told(
    folder: Path, more: str, zones: str, told: str
) -> None:
    put("zones/example.com.yaml", FINE)
    put(
        "octodns.yaml",
        f"{more}providers:\n  c: {{{_YAML}, directory: zones}}\n"
        f"  t: {{{_YAML}, directory: out}}\n"
        f"zones:\n  example.com.: {{sources: [c], targets: [t]}}\n  {zones}\n",
    )
    found = check(".")
    assert (found[0], told in found[2]) == (2, True), found[2]


@pytest.mark.parametrize(
    ("kind", "processors", "told"),
    [
        ("octodns_bind.ZoneFileProvider, directory: out", "[]", True),
        ("octodns_bind.Rfc2136Provider, host: ns.example.net", "[]", True),
        ("octodns_bind.ZoneFileProvider, directory: out", "[dots]", False),
        ("octodns_route53.Route53Provider", "[]", False),
    ],
)
def test_a_target_without_its_final_dot_is_told_where_it_is_written_as_it_is(
    folder: Path, kind: str, processors: str, told: bool
) -> None:
    put("zones/example.com.yaml", "w: {type: CNAME, value: www.example.net}\n")
    put(
        "octodns.yaml",
        f"providers:\n  c: {{{_YAML}, directory: zones}}\n  t: {{class: {kind}}}\n"
        "processors: {dots: {class: octodns.processor.trailing_dots.EnsureTrailingDots}}\n"
        f"zones:\n  example.com.: {{sources: [c], targets: [t], processors: {processors}}}\n",
    )
    run = CliRunner().invoke(zonelint, ["check", ".", "--select", "ZONE001"])
    assert run.exit_code == told
    assert ("`www.example.net` lacks its final dot, and at t" in run.stdout) is told


def test_an_option_that_a_later_octodns_may_have_is_not_decided(folder: Path) -> None:
    put("zones/example.com.yaml", FINE)
    put(
        "octodns.yaml",
        f"providers:\n  c: {{{_YAML}, directory: zones}}\n"
        f"  t: {{{_YAML}, directory: out, colour: red}}\n"
        "zones:\n  example.com.: {sources: [c], targets: [t]}\n",
    )
    run = CliRunner().invoke(zonelint, ["check", ".", "--select", "ZONE001"])
    assert run.exit_code == 0
    assert "whether octoDNS ends on the option `colour` of `t`" in run.stdout


def test_a_pattern_that_is_refused_is_told_of_a_file_that_is_named(folder: Path) -> None:
    put("zonelint.toml", "")
    put("other/example.net.yaml", FINE)
    whole = read_zone("  '*': {sources: [c, d], targets: [t]}\n", FINE)
    told = check("zones/example.com.yaml")
    assert told[0] == 2
    assert told[2] == whole["told"]
    assert "d, which is not configured" in told[2]
    assert check("other/example.net.yaml")[0] == 0


@pytest.mark.parametrize(
    ("excluded", "found"),
    [("[t]", False), ("t", False), ("ta", False), ("u", True), ("[ta]", True)],
)
def test_an_option_that_is_a_text_is_searched_for_the_target(
    folder: Path, excluded: str, found: bool
) -> None:
    text = f"'': {{octodns: {{excluded: {excluded}}}, type: TXT, value: v=spf1 +all}}\n"
    said = read_zone(f"  example.com.: {{{STAR}}}\n", text)
    assert (("SPF201", "example.com.") in codes(said)) is found


OUT_OF_USE = {
    "no source": ("sources: [], targets: [t]", {}),
    "only ours": ("sources: [m], targets: [t]", {}),
    "no targets": ("sources: [c]", {}),
    "unknown processor": (f"{STAR}, processors: [g]", {}),
    "an alias": ("alias: other.test.", {}),
    "another spelling": ("sources: [c], targets: [t]", {"zones/EXAMPLE.com.yaml": "{}\n"}),
}


@pytest.mark.parametrize("name", OUT_OF_USE)
def test_a_file_by_its_name_is_answered_as_its_configuration(folder: Path, name: str) -> None:
    said, files = OUT_OF_USE[name]
    put("zonelint.toml", "")
    rest = f"  other.test.: {{{STAR}}}\n"
    put("zones/other.test.yaml", FINE)
    whole = read_zone(f"  example.com.: {{{said}}}\n{rest}", ZONE, files=files)
    run = CliRunner().invoke(zonelint, ["check", "zones/example.com.yaml", "--format", "json"])
    alone = json.loads(run.stdout)
    assert (run.exit_code == 2, run.stderr) == (whole["status"] == 2, whole["told"])
    for key in ("findings", "undecided"):
        mine = {each for each in codes(whole, key) if "other.test" not in each[1]}
        assert codes(alone, key) == mine


def test_a_split_zone_with_another_extension_is_found_by_its_parts(folder: Path) -> None:
    options = "{class: octodns.provider.yaml.YamlProvider, directory: dns, split_extension: .zone}"
    put("octodns.yaml", f"providers:\n  c: {options}\nzones:\n  example.com.: {{{STAR}}}\n")
    put("octodns.yaml", Path("octodns.yaml").read_text().replace("[t]", "[c]"))
    put("zonelint.toml", "")
    put("dns/example.com.zone/k1._domainkey.yaml", "k1._domainkey: {type: TXT, value: x}\n")
    put("dns/example.com.zone/bad.yaml", "bad: {type: TXT, value: v=spf1 +all}\n")
    put("dns/example.com.zone/other.yml", "bad: {type: TXT, value: v=spf1 +all}\n")
    for path in ("octodns.yaml", "dns/example.com.zone/k1._domainkey.yaml", "."):
        assert check(path)[1] == [("dns/example.com.zone/bad.yaml", "bad.example.com.")]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("glob: 'bü*'", True),
        ("glob: 'xn--*'", False),
        ("regex: '^bü'", True),
        ("regex: xn--", False),
    ],
)
def test_a_pattern_is_held_against_the_name_of_the_file(
    folder: Path, pattern: str, found: bool
) -> None:
    zones = f"  '*': {{{STAR}, {pattern}}}\n  example.com.: {{{STAR}}}\n"
    put("zones/bücher.test.yaml", ZONE)
    read_zone(zones, FINE)
    assert bool(check("octodns.yaml")[1]) is found


def test_files_under_both_spellings_of_a_name_are_told(folder: Path) -> None:
    put("zones/xn--bcher-kva.test.yaml", FINE)
    said = read_zone(f"  bücher.test.: {{{STAR}}}\n", FINE, files={"zones/bücher.test.yaml": FINE})
    assert "xn--bcher-kva.test has files under both spellings of its name" in said["told"]


ZONE_FILE = '@ IN SOA a. b. 1 2 3 4 5\n@ IN TXT "v=spf1 +all"\n'


@pytest.mark.parametrize(
    ("zones", "found"),
    [
        (f"  '*': {{{STAR}}}\n", {"com", "net"}),
        (f"  '*': {{{STAR}}}\n  example.net.: {{alias: example.com.}}\n", {"com", "net copied"}),
        (f"  '*a': {{{STAR}, glob: '*.net.'}}\n  '*b': {{{STAR}}}\n", {"com", "net"}),
        (
            f"  '*a': {{{STAR}, processors: [f], regex: '\\.net\\.$'}}\n  '*b': {{{STAR}}}\n",
            {"com"},
        ),
        (f"  '*a': {{{STAR}, processors: [f], regex: '\\.org\\.$'}}\n  '*': {{{STAR}}}\n",
         {"com", "net"}),
    ],
)  # fmt: skip
def test_dynamic_zones_are_those_that_octodns_finds(
    folder: Path, zones: str, found: set[str]
) -> None:
    said = read_zone(
        zones, ZONE, "filter.TypeRejectlistFilter, rejectlist: [TXT]",
        {"zones/example.net.yaml": ZONE},
    )  # fmt: skip
    told = {
        each["owner"].split(".")[1]
        + " copied" * ("net" in each["owner"] and ".com." in each["path"])
        for each in said["findings"]
        if each["code"] == "SPF201"
    }
    assert told == found


def test_a_regular_expression_that_may_take_long_leaves_open_what_it_finds(folder: Path) -> None:
    said = read_zone(f"  '*': {{{STAR}, regex: '^(a+)+$'}}\n", FINE)
    assert ("ZONE001", "example.com.") in codes(said, "undecided")


@pytest.mark.parametrize(
    ("zones", "owners"),
    [
        ("  '*': {sources: [b], targets: [t]}\n", {"example.org."}),
        ("  '*': {sources: [x], targets: [t]}\n", {"*."}),
        (
            "  example.org.: {sources: [b], targets: [t]}\n  a.test.: {alias: example.org.}\n",
            {"example.org.", "a.test."},
        ),
    ],
)
def test_zones_of_other_sources_are_undecided(folder: Path, zones: str, owners: set[str]) -> None:
    put("zonelint.toml", 'zones = ["octodns.yaml"]\n')
    put("bind/example.org.zone", ZONE_FILE)
    read_zone(zones, FINE)
    run = CliRunner().invoke(zonelint, ["check", "--format", "json"])
    assert codes(json.loads(run.stdout), "undecided") == {("ZONE001", owner) for owner in owners}


def test_a_relative_folder_that_is_not_there_is_no_refusal(folder: Path) -> None:
    said = read_zone("  '*': {sources: [b], targets: [t]}\n", FINE)
    assert said["status"] < 2
    assert said["told"] == ""


def test_files_that_no_zone_reads_or_writes_are_zones(folder: Path) -> None:
    """`octodns-dump` may write there, a sync does not."""
    said = read_zone("  {}\n", FINE.replace("-all", "+all"))
    assert ("SPF201", "example.com.") in codes(said)


def test_zone_files_that_octodns_writes_are_not_judged(folder: Path) -> None:
    zones = "  example.com.: {sources: [c], targets: [b]}\n"
    said = read_zone(zones, FINE, files={"bind/example.com.zone": ZONE_FILE})
    assert "SPF201" not in {code for code, _ in codes(said)}


@pytest.mark.parametrize(
    ("zones", "told"),
    [
        ("  a.test.: {alias: b.test.}\n", "a.test is an alias of b.test, which is not configured"),
        (
            "  a.test.: {alias: example.com.}\n  b.test.: {alias: a.test.}\n",
            "b.test is an alias of a.test, which is one itself",
        ),
        (
            "  a.test.: {alias: b.test.}\n  b.test.: {sources: [b], targets: []}\n",
            "a.test is an alias of b.test, which octoDNS leaves alone",
        ),
        ("  a.test.: {sources: [c], targets: [t]}\n", "a.test has no file in the folder of c"),
        ("  a.test.: {targets: [t]}\n", "a.test has no `sources`"),
        ("  a.test.: {sources: [d], targets: [t]}\n", "a.test has the source d, which is not"),
        (
            "  a.test.: {sources: [b], processors: [g], targets: [t]}\n",
            "a.test has the processor g, which is not configured",
        ),
        ("  a.test: {sources: [b], targets: [t]}\n", "a.test is configured without its final dot"),
        ("  a.test.:\n", "a.test has no `sources`"),
        ("  a.test.: {sources: [b]}\n", "a.test has no `targets`"),
        ("  a.test.: {sources: [b], targets: [u]}\n", "a.test has the target u, which is not"),
        ("  a.test.: {sources: [b], targets: [e]}\n", "a.test has the target e, which can only"),
        ("  a.test.: {sources: [m, b], targets: [t]}\n", "a.test has zonelint's source m before b"),
        ("  a.test.: {alias: }\n", "a.test has an `alias` that is not the name of a zone"),
        (
            "  a.test.: {alias: Example.com.}\n",
            "a.test is an alias of `Example.com.`, which octoDNS",
        ),
        ("  '*': {targets: [t]}\n", "* has no `sources`"),
        ("  '*': {sources: [d], targets: [t]}\n", "* has the source d, which is not configured"),
        ("  '*': {sources: [a], targets: [t]}\n", "* has the source a, whose folder /nowhere is"),
        (
            f"  bücher.test.: {{{STAR}}}\n  xn--bcher-kva.test.: {{{STAR}}}\n",
            "xn--bcher-kva.test is configured a second time, as `bücher.test.`",
        ),
    ],
)
def test_a_zone_that_octodns_refuses_is_told(folder: Path, zones: str, told: str) -> None:
    said = read_zone(f"  example.com.: {{{STAR}}}\n{zones}", FINE)
    assert said["status"] == 2
    assert f"The zone {told}" in said["told"]
    assert said["told"].rstrip().endswith("so octoDNS refuses it.")


@pytest.mark.parametrize(
    ("options", "text", "told"),
    [
        ("", "x.sub: {type: TXT, value: a}\n", True),
        ("", "sub: {type: TXT, value: a}\n", True),
        ("", "sub: {type: NS, value: ns.example.net.}\n", False),
        ("", "xsub: {type: TXT, value: a}\n", False),
        ("", "x.sub: {octodns: {lenient: true}, type: TXT, value: a}\n", False),
        (", ignore_subzone_adds: true", "x.sub: {type: TXT, value: a}\n", False),
        (", lenient: true", "x.sub: {type: TXT, value: a}\n", False),
    ],
)
def test_a_record_of_a_zone_below_is_refused(
    folder: Path, options: str, text: str, told: bool
) -> None:
    put("zones/sub.example.com.yaml", "'': {type: A, value: 192.0.2.1}\n")
    zones = (
        f"  example.com.: {{{STAR}{options}}}\n  sub.example.com.: {{{STAR}}}\n"
        "  other.example.: {alias: sub.example.com.}\n"
    )
    said = read_zone(zones, text)
    assert ("belongs to the zone sub.example.com" in str(said["findings"])) is told


def test_two_configurations_read_a_file_each_in_its_way(folder: Path) -> None:
    zones = "  example.com.: {%s sources: [c], targets: [t]}\n"
    read_zone(zones % "processors: [f],", ZONE, "filter.TypeRejectlistFilter, rejectlist: [TXT]")
    put("second.yaml", Path("octodns.yaml").read_text().replace("processors: [f],", ""))
    run = CliRunner().invoke(zonelint, ["check", ".", "--format", "json"])
    said = json.loads(run.stdout)
    assert ("SPF201", "example.com.") in codes(said)
    assert ("ZONE001", "example.com.") in codes(said, "undecided")


def test_a_filter_of_other_types_takes_no_policy(folder: Path) -> None:
    processor = "{class: octodns.processor.filter.TypeRejectlistFilter, rejectlist: [CAA]}"
    assert judge_policy(FILTERED, processor=processor) == ([], {})


def test_a_source_that_is_not_read_makes_the_zone_a_part(folder: Path) -> None:
    zone = "{sources: [config, r], targets: [t]}"
    assert judge_policy(zone) == ([], {"ZONE001": ["the records of `r`, which only octoDNS reads"]})


SENDER = """[domains."example.com"]
senders = ["microsoft365"]
[domains."example.com".microsoft365.dkim]
selector1 = "selector1-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft"
selector2 = "selector2-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft"
"""


@pytest.mark.parametrize(
    ("zone", "options", "found", "missing"),
    [
        ("{sources: [config], targets: [t]}", "", True, None),
        ("{sources: [config, m], targets: [t]}", "", False, None),
        ("{sources: [config, m], targets: [t]}", "codes: [spf210]", False, None),
        ("{sources: [config, m], targets: [t]}", "codes: DKIM101", True, None),
        ("{sources: [config, m], targets: [t]}", "config: env/UNSET/zonelint.toml", False, None),
        ("{sources: [config], processors: [p], targets: [t]}", "mode: apply", False, None),
        ("{sources: [config], processors: [p], targets: [t]}", "mode: propose", True, None),
        ("{sources: [config, m], targets: [t]}", "config: none.toml", False, "the source m"),
        (
            "{sources: [config, m], targets: [t]}",
            "config: env/UNSET",
            False,
            "the source m, whose options name an environment variable that is not set,",
        ),
        (
            "{sources: [config], processors: [p], targets: [t]}",
            "mode: env/UNSET",
            False,
            "the processor p, whose options name an environment variable that is not set,",
        ),
    ],
)  # fmt: skip
def test_what_our_own_source_or_processor_adds_is_filled_in(
    folder: Path, zone: str, options: str, found: bool, missing: str | None
) -> None:
    put("zonelint.toml", SENDER)
    put("config/example.com.yaml", "'':\n  type: TXT\n  value: v=spf1 mx -all\n")
    put(
        "production.yaml",
        "providers:\n"
        "  config: {class: octodns.provider.yaml.YamlProvider, directory: ./config}\n"
        f"  m: {{class: zonelint.providers.octodns.MailAuthSource, {options}}}\n"
        "processors:\n"
        f"  p: {{class: zonelint.providers.octodns.MailAuthProcessor, {options}}}\n"
        f"zones:\n  example.com.: {zone}\n",
    )
    arguments = ["check", ".", "--select", "SPF210", "--format", "json"]
    data = json.loads(CliRunner().invoke(zonelint, arguments).stdout)
    assert [each["code"] for each in data["findings"]] == ["SPF210"] * found
    needed = [each["missing"] for each in data["undecided"]]
    assert needed == ([[f"what {missing} adds to the zone"]] if missing else [])


@pytest.mark.parametrize(
    ("zone", "options"),
    [
        ("{sources: [config, m], targets: [t]}", ""),
        ("{sources: [config], processors: [p], targets: [t]}", "mode: apply"),
    ],
)
def test_what_is_added_does_not_depend_on_what_is_selected(
    folder: Path, zone: str, options: str
) -> None:
    dmarc = '[domains."example.com".dmarc]\nrua = ["mailto:d@example.com"]\n'
    put("zonelint.toml", SENDER + dmarc)
    records = (
        "'':\n- type: TXT\n  value: v=spf1 mx -all\n"
        "- type: MX\n  value: {exchange: mail.example.com., preference: 10}\n"
        "mail:\n  type: A\n  value: 192.0.2.1\n"
    )
    put("config/example.com.yaml", records)
    put(
        "production.yaml",
        "providers:\n"
        "  config: {class: octodns.provider.yaml.YamlProvider, directory: ./config}\n"
        f"  m: {{class: zonelint.providers.octodns.MailAuthSource, {options}}}\n"
        "processors:\n"
        f"  p: {{class: zonelint.providers.octodns.MailAuthProcessor, {options}}}\n"
        f"zones:\n  example.com.: {zone}\n",
    )
    every = found_by("check", ".")
    assert "DMARC102" in {code for code, _ in every}
    for code in dict(every):
        assert found_by("check", ".", "--select", code) == [
            each for each in every if each[0] == code
        ]


def found_by(*arguments: str) -> list[tuple[str, str]]:
    run = CliRunner().invoke(zonelint, [*arguments, "--format", "json"])
    assert run.stdout, run.stderr
    return [(each["code"], each["message"]) for each in json.loads(run.stdout)["findings"]]


def test_what_a_source_adds_is_judged_with_the_rest(folder: Path) -> None:
    put("zonelint.toml", SENDER)
    put("config/example.com.yaml", "'':\n  type: TXT\n  value: v=spf1 -all\n")
    put(
        "production.yaml",
        "providers:\n"
        "  config: {class: octodns.provider.yaml.YamlProvider, directory: ./config}\n"
        "  m: {class: zonelint.providers.octodns.MailAuthSource}\n"
        "zones:\n  example.com.: {sources: [config, m], targets: [t]}\n"
        "  example.net.: {sources: [m], targets: [t]}\n",
    )
    run = CliRunner().invoke(zonelint, ["check", ".", "--format", "json"])
    data = json.loads(run.stdout)
    assert not {each["code"] for each in data["findings"]} & {"SPF210", "DKIM101", "DMARC101"}
    waits = {each["code"]: each["missing"] for each in data["undecided"]}
    assert "spf.protection.outlook.com" in str(waits["SPF101"])  # of the include that is added


def test_what_a_source_writes_is_written_in_no_file(folder: Path) -> None:
    put("zonelint.toml", SENDER)
    text = "'':\n  type: TXT\n  value: v=spf1 mx mx -all\n"
    put("config/example.com.yaml", text)
    put(
        "production.yaml",
        "providers:\n"
        "  config: {class: octodns.provider.yaml.YamlProvider, directory: ./config}\n"
        "  m: {class: zonelint.providers.octodns.MailAuthSource}\n"
        "zones:\n  example.com.: {sources: [config, m], targets: [t]}\n",
    )
    shown = CliRunner().invoke(zonelint, ["check", ".", "--format", "json"])
    (fault,) = (e for e in json.loads(shown.stdout)["findings"] if e["code"] == "SPF302")
    why = "No change is offered, because no file holds the record as it is published."
    assert (fault["fix"], fault["message"].endswith(why)) == (None, True)
    run = CliRunner().invoke(zonelint, ["check", ".", "--fix-proposed", "SPF302"])
    assert "SPF302 is not applied: no file holds the record as it is published" in run.stderr
    assert Path("config/example.com.yaml").read_text() == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("'': {type: TXT, value: v=spf1 mx ?all}\n", "1 has a proposal:"),
        (
            "'': {type: TXT, value: &v v=spf1 mx ?all}\nx: {type: TXT, value: *v}\n",
            "2 have proposals:",
        ),
        (
            "'': {type: TXT, value: 'v=spf1 a:{zone_name} mx ?all'}\n",
            "1 has a change to write by hand",
        ),
    ],
)
def test_what_cannot_be_written_is_not_counted_as_a_proposal(
    folder: Path, text: str, told: str
) -> None:
    fills = "templating.Templating, trailing_dots: false"
    read_zone("  example.com.: {sources: [c], processors: [f], targets: [t]}\n", text, fills)
    words = ["check", "octodns.yaml", "--select", "SPF202", "--format", "concise"]
    run = CliRunner().invoke(zonelint, words, catch_exceptions=False)
    assert told in run.stdout
    assert ("--fix-proposed" in run.stdout) is ("proposal" in told)


_UNESCAPED = "_dmarc: {type: TXT, value: v=DMARC1; p=none}\n"
_OFF = "disable_validators: {TXT: [chunked-value-rfc]}"


@pytest.mark.parametrize(
    ("manager", "zone", "told"),
    [
        ("", "", True),
        ("validators: {enabled: []}", "", False),
        ("validators: {enabled: [strict]}", "", True),
        ("validators: {enabled: [], record: {validators: {TXT: [chunked-value-rfc]}}}", "", True),
        (f"validators: {{record: {{{_OFF}}}}}", "", False),
        (f"validators: {{{_OFF}}}", "", False),
        ("", f", validators: {{record: {{{_OFF}}}}}", False),
        ("", ", validators: {record: {disable_validators: {MX: [chunked-value-rfc]}}}", True),
    ],
)
def test_what_no_validator_of_octodns_is_asked_about_is_not_told(
    folder: Path, manager: str, zone: str, told: bool
) -> None:
    put("zones/example.com.yaml", _UNESCAPED)
    put(
        "octodns.yaml",
        f"manager: {{{manager}}}\n"
        "providers:\n  c: {class: octodns.provider.yaml.YamlProvider, directory: zones}\n"
        f"zones:\n  example.com.: {{sources: [c], targets: [t]{zone}}}\n"
        "processors: {}\n".replace("targets: [t]", "targets: [c]"),
    )
    assert check(".") == (int(told), [("zones/example.com.yaml", "_dmarc.example.com.")] * told, "")


@pytest.mark.parametrize(("error", "told"), [("true", ["ZONE006"]), ("false", [])])
def test_a_filter_by_the_zone_s_name_takes_what_it_does_not_refuse(
    folder: Path, error: str, told: list[str]
) -> None:
    filtering = f"{{class: octodns.processor.filter.ZoneNameFilter, error: {error}}}"
    judge_policy(FILTERED, "{}", filtering)
    name = "www.example.com: {type: A, value: 192.0.2.1}\n"
    put("config/example.com.yaml", POLICY % "{}" + name)
    arguments = ["check", ".", "--select", "ZONE006", "--format", "json"]
    data = json.loads(CliRunner().invoke(zonelint, arguments).stdout)
    assert [each["code"] for each in data["findings"]] == told
    assert data["undecided"] == []


@pytest.mark.parametrize("options", [(), ("--as-found",)])
def test_a_part_that_is_named_leads_to_the_zones_that_include_it(
    folder: Path, options: tuple[str, ...]
) -> None:
    Path(".git").mkdir()
    put("octodns.yaml", "providers: !include p.yaml\nzones: {example.com.: {sources: [c]}}\n")
    put("p.yaml", "c: {class: octodns.provider.yaml.YamlProvider, directory: zones}\n")
    put("zones/example.com.yaml", "'': !include mail.yaml\n")
    put("zones/example.net.yaml", "'': !include deeper.yaml\n")
    put("zones/example.org./a.yaml", "a: !include ../mail.yaml\n")
    put("zones/deeper.yaml", "!include mail.yaml\n")
    put("zones/mail.yaml", "type: TXT\nvalue: v=spf1 +all\n")
    put("zones/other.yaml", "some: !include thing.yaml\n")
    put("zones/thing.yaml", "else: 1\n")
    put("zones/example.edu.yaml")
    _, found, told = check("zones/mail.yaml", options=options)
    owners = {"example.com.", "example.net.", "a.example.org."}
    assert {owner for _, owner in found} == owners
    assert "zones/mail.yaml" not in told
    _, found, told = check("p.yaml", options=options)
    assert "does not contain" not in told
    assert "The zone example.com has no `targets`" in told
    status, found, told = check("zones/thing.yaml", options=options)
    assert (status, "does not contain" in told) == ((0, False) if options else (2, True))


def test_what_octodns_writes_is_not_judged_beside_what_it_is_written_from(folder: Path) -> None:
    Path(".git").mkdir()
    put(
        "octodns.yaml",
        "providers:\n  c: {class: octodns.provider.yaml.YamlProvider, directory: zones}\n"
        "  t: {class: octodns.provider.yaml.YamlProvider, directory: out}\n"
        "zones: {example.com.: {sources: [c], targets: [t]}}\n",
    )
    put("zones/example.com.yaml", FINE)
    put("out/example.com.yaml")
    assert check(".") == (0, [], "")
    assert check("out/example.com.yaml") == (1, [("out/example.com.yaml", "example.com.")], "")
    run = CliRunner().invoke(zonelint, ["check", "out", "--format", "concise"])
    assert "ZONE010" not in run.stdout
    assert "SPF201" in run.stdout
    run = CliRunner().invoke(zonelint, ["check", "out", "--select", "SPF201"])
    assert "octoDNS writes this file: what it is written from has to change." in run.stdout


def test_a_cause_is_shown_by_the_zone_of_the_file_and_an_alias_says_that_it_is_one(
    folder: Path,
) -> None:
    put(
        "octodns.yaml",
        "providers:\n  c: {class: octodns.provider.yaml.YamlProvider, directory: zones}\n"
        "zones:\n  a.example.net.: {alias: example.com.}\n"
        "  example.com.: {sources: [c], targets: [t]}\n",
    )
    put(
        "zones/example.com.yaml",
        "_dmarc: {type: TXT, value: v=DMARC1\\; p=none\\; rua=mailto:d@example.com}\n",
    )
    run = CliRunner().invoke(zonelint, ["check", ".", "--select", "DMARC201,DMARC112"])
    assert "mail from any subdomain passes as example.com" in run.stdout
    assert "= also: _dmarc.a.example.net" in run.stdout
    why = "As a.example.net is an alias of example.com, whose records it has, other records need a"
    assert run.stdout.count(why) == 1
    assert "reports about a.example.net" in run.stdout.split(why)[0]


@pytest.mark.parametrize("octets", ["latin-1", "utf-16"])
def test_a_configuration_in_other_octets_than_utf_8_is_told(folder: Path, octets: str) -> None:
    Path(".git").mkdir()
    put("zones/example.com.yaml", FINE)
    text = (
        "providers:\n  c: {class: octodns.provider.yaml.YamlProvider, directory: zones}\n"
        "zones: {example.com.: {sources: [c], targets: [c]}}\n# für\n"
    )
    Path("octodns.yaml").write_bytes(text.encode(octets))
    Path("other.yaml").write_bytes(b"on: f\xfcr\n")
    for path in (".", "zones/example.com.yaml"):
        status, _, told = check(path)
        assert (status, told.count("octodns.yaml")) == (2, 1)
        assert "other.yaml" not in told


_OWNED = "a: {type: A, value: 192.0.2.1}\n"


@pytest.mark.parametrize(
    ("options", "text", "alias", "told"),
    [
        ("", _OWNED, "", ""),
        (
            "",
            f"_owner.a.a: {{type: TXT, value: x}}\n{_OWNED}",
            "",
            "by `record_name` or `txt_name`",
        ),
        (", txt_name: _by", f"_owner.a.a: {{type: TXT, value: x}}\n{_OWNED}", "", ""),
        (", should_replace: true", f"_owner.a.a: {{type: TXT, value: x}}\n{_OWNED}", "", ""),
        ("", _OWNED, "  example.net.: {alias: example.com.}\n", "comes to the zone twice"),
        (", should_replace: true", _OWNED, "  example.net.: {alias: example.com.}\n", ""),
    ],
)
def test_what_an_ownership_processor_adds_beside_a_record_is_told(
    folder: Path, options: str, text: str, alias: str, told: str
) -> None:
    """octodns-sync ends on a second record of one name and type, unless that may be replaced."""
    put("zones/example.com.yaml", text)
    put(
        "octodns.yaml",
        "providers:\n  c: {class: octodns.provider.yaml.YamlProvider, directory: zones}\n"
        "processors:\n"
        f"  p: {{class: octodns.processor.ownership.OwnershipProcessor{options}}}\n"
        f"zones:\n  example.com.: {{sources: [c], targets: [c], processors: [p]}}\n{alias}",
    )
    run = CliRunner().invoke(zonelint, ["check", ".", "--select", "ZONE001"])
    assert run.exit_code == bool(told)
    assert told in run.stdout
