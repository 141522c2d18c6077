"""A repository is the same wherever a run starts from, and however its folder is called."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from zonelint.main import zonelint
from zonelint.providers.project.configuration import OWN

_ZONE = """$ORIGIN {name}.
@ 3600 IN MX 10 mail
@ 3600 IN TXT "v=spf1 mx mx ?all"
_dmarc 3600 IN TXT "v=DMARC1; p=none"
"""
_YAML = """? ''
: - {type: MX, value: {exchange: mail.example.net., preference: 10}}
  - {type: TXT, value: v=spf1 mx mx +all}
_dmarc: {type: TXT, value: v=DMARC1\\; p=none}
"""
_CONFIG = """providers:
  config: {class: octodns.provider.yaml.YamlProvider, directory: ./zones}
  out: {class: octodns.provider.yaml.YamlProvider, directory: ./out}
processors:
  types: {class: octodns.processor.filter.TypeAllowlistFilter, allowlist: [A, CNAME]}
zones:
  example.com.: {sources: [config], processors: [types], targets: [out]}
  example.net.: {sources: [config], targets: [out]}
"""
_TERRAFORM = """resource "aws_route53_zone" "z" {
  name = "example.com"
}
resource "aws_route53_record" "spf" {
  zone_id = aws_route53_zone.z.zone_id
  name = "example.com"
  type = "TXT"
  ttl = 300
  records = ["v=spf1 mx mx +all"]
}
"""
_TEMPLATE = """Resources:
  Zone:
    Type: AWS::Route53::HostedZone
    Properties: {Name: example.com.}
  Spf:
    Type: AWS::Route53::RecordSet
    Properties:
      HostedZoneId: !Ref Zone
      Name: example.com.
      Type: TXT
      TTL: '300'
      ResourceRecords: ['"v=spf1 mx mx +all"']
"""
_WORLDS = {
    "zone-files": {
        "zones/example.com.zone": _ZONE.format(name="example.com"),
        "zones/example.net.zone": _ZONE.format(name="example.net") + "$INCLUDE ../more.inc\n",
        "more.inc": "www 3600 IN A 192.0.2.1\n",
    },
    "octodns": {
        "octodns.yaml": _CONFIG,
        "zones/example.com.yaml": _YAML,
        "zones/example.net.yaml": _YAML,
        "out/example.net.yaml": _YAML,
    },
    "terraform": {
        "zones/main.tf": 'module "z" {\n  source = "../z"\n}\n',
        "z/main.tf": _TERRAFORM,
    },
    "cloudformation": {"zones/template.yaml": _TEMPLATE},
}
_STARTS = {
    "root": ("/", "{top}/repo"),
    "root-relative": ("/", "{below_root}/repo"),
    "above": ("{top}", "repo"),
    "beside": ("{top}/other", "../repo"),
    "absolute": ("{top}/repo", "{top}/repo"),
    "below": ("{top}/repo/zones", ".."),
    "link": ("{top}", "link"),
    "link-from-inside": ("{top}/repo", "../link"),
    "link-and-itself": ("{top}/repo", "../link", "."),
    "link-and-part": ("{top}/repo", "{top}/link", "zones"),
    "inside-link": ("{top}/link", "."),
}


@pytest.mark.parametrize("start", _STARTS)
@pytest.mark.parametrize("world", _WORLDS)
def test_a_run_finds_the_same_from_anywhere(
    world: str, start: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _lay_out(tmp_path, {"zonelint.toml": 'ignore = ["DMARC201"]\n', **_WORLDS[world]})
    expected = _found(tmp_path / "repo", ["."], monkeypatch)
    assert expected["findings"], "a world in which nothing is found shows nothing"
    top = {"top": str(tmp_path), "below_root": str(tmp_path).lstrip(os.sep)}
    folder, *paths = (each.format(**top) for each in _STARTS[start])
    assert _found(Path(folder), paths, monkeypatch) == expected


def test_the_order_of_the_paths_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, zone = 'ignore = ["DMARC201"]\n', _ZONE.format(name="example.com")
    _lay_out(
        tmp_path, {f"{f}/{n}": t for f in "ab" for n, t in {OWN: config, "z.zone": zone}.items()}
    )
    monkeypatch.chdir(tmp_path / "repo")
    runs = [["check", *paths, "--format", "json"] for paths in (("a", "b"), ("b", "a"))]
    one, other = (CliRunner().invoke(zonelint, run).stdout for run in runs)
    assert one == other
    assert len(json.loads(one)["summary"]["configurations"]) == 2


def test_a_shared_file_as_it_would_be_found_leads_to_its_zones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = _CONFIG.replace("./zones", "./zones, shared_filename: shared.yaml")
    _lay_out(
        tmp_path,
        {
            "octodns.yaml": config.replace(", processors: [types]", ""),
            "zones/example.com.yaml": "www: {type: A, value: 192.0.2.1}\n",
            "zones/example.net.yaml": "www: {type: A, value: 192.0.2.1}\n",
            "zones/shared.yaml": _YAML,
        },
    )
    monkeypatch.chdir(tmp_path / "repo")
    check = ["check", "zones/shared.yaml", "--format", "json"]
    named = CliRunner().invoke(zonelint, check)
    assert json.loads(named.stdout)["summary"]["zones"] == 2
    assert CliRunner().invoke(zonelint, [*check, "--as-found"]).stdout == named.stdout


@pytest.mark.parametrize("start", [".", "part", "zones"])
def test_a_directory_that_is_there_twice_is_the_nearest_to_its_configuration(
    start: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = _CONFIG.replace(", processors: [types]", "")
    files = {
        f"{at}zones/example.{tld}.yaml": _YAML for at in ("", "part/") for tld in ("com", "net")
    }
    _lay_out(tmp_path, {"part/octodns.yaml": config, "zonelint.toml": "", **files})
    repository = tmp_path / "repo"
    found = _found(repository / start, [str(repository / "part/octodns.yaml")], monkeypatch)
    paths = {finding["path"] for finding in found["findings"]}
    assert paths == {str(repository / f"part/zones/example.{tld}.yaml") for tld in ("com", "net")}


def test_a_directory_with_a_nul_is_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = _CONFIG.replace("./zones", '"zo\\0nes"').replace("./out", '"zo\\0nes"')
    _lay_out(tmp_path, {**_WORLDS["octodns"], "octodns.yaml": config})
    monkeypatch.chdir(tmp_path / "repo")
    run = CliRunner().invoke(zonelint, ["check", "."])
    assert run.exit_code == 2, run.output
    assert "this is a bug in zonelint" not in run.output


def _lay_out(top: Path, files: Mapping[str, str]) -> None:
    (top / "repo/.git").mkdir(parents=True)
    (top / "other/zones").mkdir(parents=True)
    (top / "link").symlink_to("repo")
    for name, text in files.items():
        path = top / "repo" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _found(folder: Path, paths: list[str], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The report, its paths as they are on disk, in an order that their spelling does not give."""
    monkeypatch.chdir(folder)
    run = CliRunner().invoke(zonelint, ["check", *paths, "--format", "json"])
    assert run.exit_code in (0, 1), run.output
    report: dict[str, Any] = json.loads(run.stdout, object_hook=_at_their_place)
    for part in ("findings", "undecided"):
        report[part].sort(key=json.dumps)
    summary = report["summary"]
    summary["configurations"] = list(map(os.path.realpath, summary["configurations"]))
    return report


def _at_their_place(read: dict[str, Any]) -> dict[str, Any]:
    return {key: os.path.realpath(v) if key == "path" else v for key, v in read.items()}


@pytest.mark.parametrize("path", [".", "z", "z/a"])
def test_a_file_whose_origin_is_told_is_a_zone_whatever_it_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("z").mkdir()
    Path("z/a").write_text(
        '$TTL 1h\n@ SOA a.example.net. b.example.net. 1 4h 1h 2w 1h\n@ TXT "v=spf1 +all"\n'
    )
    Path("zonelint.toml").write_text('[origins]\n"z/a" = "example.com"\n"../o" = "example.org"\n')
    said = CliRunner().invoke(zonelint, ["check", path, "--format", "concise"]).output
    assert "z/a:3:" in said
    assert "as example.com" in said


@pytest.mark.parametrize("paths", [["."], ["a", "b"], ["a/zone", "b/zone"]])
def test_a_configuration_further_down_tells_origins_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paths: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("a", "b", "broken"):
        Path(folder).mkdir()
        Path(folder, "zone").write_text(
            '$TTL 1h\n@ SOA a.example.net. b.example.net. 1 4h 1h 2w 1h\n@ TXT "v=spf1 +all"\n'
        )
        Path(folder, "zonelint.toml").write_text(f'[origins]\nzone = "{folder}.example"\n')
    Path("broken/zonelint.toml").write_text("[origins\n")
    said = CliRunner().invoke(zonelint, ["check", *paths, "--format", "concise"]).output
    assert "send as a.example" in said
    assert "send as b.example" in said
    assert [each for each in _shown_domains(paths) if each != "a.example"] == ["b.example"]


def _shown_domains(paths: list[str]) -> list[str]:
    words = [word for path in paths for word in ("--zones", path)]
    shown = CliRunner().invoke(zonelint, ["status", *words, "--format", "json"]).stdout
    return [each["domain"] for each in json.loads(shown)["domains"]]
