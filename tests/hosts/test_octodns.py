"""octoDNS's own commands, with zonelint inside, deploying to a name server."""

# Some of these tests take over 3 s: octoDNS's commands and a name server start in each of them.

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from .commands import Done, Host, environment
from .nameserver import ALGORITHM, KEY_NAME, NameServer, RecordSet, serving

SPF = "v=spf1 include:spf.protection.outlook.com -all"
OPEN = "v=spf1 mx +all"
DMARC = "v=DMARC1; p=none; rua=mailto:dmarc@example.com"
TARGET = "selector{}-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft."
CLASSES = {
    "block": {"class": "zonelint.providers.octodns.MailAuthProcessor"},
    "apply": {"class": "zonelint.providers.octodns.MailAuthProcessor", "mode": "apply"},
    "templates": {"class": "octodns.processor.templating.Templating", "trailing_dots": False},
    "no-dmarc": {
        "class": "octodns.processor.filter.NameRejectlistFilter",
        "rejectlist": ["_dmarc"],
    },
    "no-mail-host": {
        "class": "octodns.processor.filter.NameRejectlistFilter",
        "rejectlist": ["broken"],
    },
}
DECLARED = f"""
[domains."example.com"]
senders = ["microsoft365"]
spf = "final"
[domains."example.com".microsoft365.dkim]
selector1 = "{TARGET.format(1)[:-1]}"
selector2 = "{TARGET.format(2)[:-1]}"
[domains."example.com".dmarc]
rua = ["mailto:dmarc@example.com"]
"""
Zone = dict[str, Any]


def mail(spf: str = SPF, dmarc: str = DMARC, **more: Any) -> Zone:
    """A zone on Microsoft 365 as it should be, as YamlProvider reads it."""
    zone: Zone = {
        "": [
            {"type": "NS", "value": "ns.example.com."},
            {"type": "MX", "value": {"preference": 0, "exchange": "mx.mail.example.net."}},
            {"type": "TXT", "value": spf},
        ],
        "ns": {"type": "A", "value": "127.0.0.1"},
        "_dmarc": {"type": "TXT", "value": dmarc},
        **{f"selector{n}._domainkey": {"type": "CNAME", "value": TARGET.format(n)} for n in (1, 2)},
        **more,
    }
    return zone


class Octo(Host):
    """A repository of octoDNS with one target, the name server, unless it is told others."""

    def __init__(self, folder: Path, server: NameServer) -> None:
        super().__init__(folder, environment(folder, TSIG=server.secret))
        self.server = server
        self.providers: dict[str, Any] = {
            "config": {
                "class": "octodns.provider.yaml.YamlProvider",
                "directory": "./zones",
                "escaped_semicolons": False,
            },
            "named": self.provider(server),
        }
        self.zones: dict[str, Any] = {}
        (folder / "zones").mkdir(parents=True)
        (folder / "zonelint.toml").write_text(DECLARED)

    @staticmethod
    def provider(server: NameServer) -> dict[str, Any]:
        return {
            "class": "octodns_bind.Rfc2136Provider",
            "host": "127.0.0.1",
            "port": server.port,
            "key_name": KEY_NAME,
            "key_secret": "env/TSIG",
            "key_algorithm": ALGORITHM,
        }

    def write(self, zone: Zone, origin: str = "example.com", **told: Any) -> None:
        """Write a zone and the configuration. told: what the configuration says of the zone."""
        text = yaml.safe_dump(zone, sort_keys=True, allow_unicode=True)
        (self.folder / "zones" / f"{origin}.yaml").write_text(text, "utf-8")
        self.zones[f"{origin}."] = {"sources": ["config"], "targets": ["named"], **told}
        self.configure()

    def configure(self, *, validator: bool = True) -> None:
        summary = {
            "class": "zonelint.providers.octodns.MailAuthMarkdown",
            "output_filename": "zonelint.md",
        }
        config: dict[str, Any] = {
            "manager": {"plan_outputs": {"zonelint": summary}},
            "providers": self.providers,
            "processors": CLASSES,
            "zones": self.zones,
        }
        if validator:
            kind = "zonelint.providers.octodns.MailAuthValidator"
            config["validators"] = {"zonelint": {"class": kind}}
        (self.folder / "octodns.yaml").write_text(yaml.safe_dump(config, sort_keys=False))

    def octodns(self, command: str, *words: str, status: int = 0) -> Done:
        program = Path(sys.executable).with_name(f"octodns-{command}")
        return self.run(program, "--config-file=octodns.yaml", *words, status=status)

    def sync(self, *words: str, status: int = 0) -> Done:
        return self.octodns("sync", "--doit", *words, status=status)

    @property
    def summary(self) -> str:
        path = self.folder / "zonelint.md"
        return path.read_text("utf-8") if path.exists() else ""


@pytest.fixture
def octo(tmp_path: Path, server: NameServer) -> Octo:
    return Octo(tmp_path / "octo", server)


def check(octo: Octo, *paths: str | Path) -> set[tuple[str, str, str]]:
    """What zonelint says of paths: codes with owner and type."""
    done = octo.zonelint("check", *paths, "--format", "json", status=None)
    return {(e["code"], e["owner"], e["type"]) for e in json.loads(done.output)["findings"]}


def served(octo: Octo, server: NameServer | None = None) -> set[tuple[str, str, str]]:
    """The same of example.com as it is served."""
    return check(
        octo, (server or octo.server).write_zone("example.com", octo.folder / "served.zone")
    )


# -- the commands ---------------------------------------------------------------------------------


def test_what_is_validated_planned_and_synced_is_served(octo: Octo) -> None:
    octo.write(mail(), processors=["block"])
    octo.octodns("validate")
    plan = octo.octodns("sync")
    assert "Create" in plan.said
    assert octo.server.ask("example.com", "TXT") == []
    octo.sync()
    assert octo.server.ask("example.com", "TXT") == [SPF]
    assert octo.server.ask("_dmarc.example.com", "TXT") == [DMARC]
    assert served(octo) == check(octo, "octodns.yaml")
    assert "Create" not in octo.sync().said
    assert "## zonelint" in octo.summary


@pytest.mark.parametrize("by", ["validator", "processor"])
def test_a_blocked_sync_deploys_nothing_and_leaves_its_findings(by: str, octo: Octo) -> None:
    octo.write(mail(OPEN), processors=["block"] if by == "processor" else [])
    octo.configure(validator=by == "validator")
    done = octo.sync(status=1)
    assert "SPF201" in done.said
    assert octo.server.ask("example.com", "TXT") == []
    assert re.search(
        r"^\| error \| SPF201 \| zones/example.com.yaml:\d+:\d+ \|", octo.summary, re.M
    )


def test_a_blocked_sync_has_its_summary_on_standard_output_too(octo: Octo) -> None:
    octo.write(mail(OPEN), processors=["block"])
    config = octo.folder / "octodns.yaml"
    config.write_text(config.read_text().replace("output_filename: zonelint.md", ""))
    done = octo.sync(status=1)
    assert done.output.startswith("## zonelint\n")
    assert "SPF201" in done.output
    assert octo.octodns("validate", status=1).output == ""


def test_a_zone_that_is_not_come_to_stands_in_the_summary(octo: Octo) -> None:
    octo.write(mail(OPEN), processors=["block"])
    octo.write({"": {"type": "TXT", "value": OPEN}}, "example.net", processors=["block"])
    octo.sync(status=1)
    assert "### example.com" in octo.summary
    assert "### example.net" in octo.summary


def test_dump_writes_what_is_served(octo: Octo, tmp_path: Path) -> None:
    octo.write(mail("v=spf1 include:spf.protection.outlook.com ?all"), processors=["block"])
    octo.sync()
    octo.octodns("dump", f"--output-dir={tmp_path}/dump", "example.com.", "named")
    judged = {each for each in check(octo, tmp_path / "dump") if each[1] != "ns.example.com."}
    assert ("SPF202", "example.com.", "TXT") in judged
    assert judged == {each for each in served(octo) if each[1] != "ns.example.com."}


# -- validate --all -------------------------------------------------------------------------------


def test_validate_all_tells_each_fault_once_and_nothing_of_zones_without_it(octo: Octo) -> None:
    """One zone's errors, then the others': octoDNS goes on to each with --all."""
    for name in ("example.com", "example.net", "example.org"):
        octo.write({"": {"type": "TXT", "value": OPEN}}, name)
    disabled = {"validators": {"zone": {"disable_validators": ["zonelint"]}}}
    octo.write({"": {"type": "TXT", "value": OPEN}}, "example.edu", **disabled)
    for words in (("--all",), ()):
        said = octo.octodns("validate", *words, status=1).said
        told = re.findall(r"zones/example\.(\w+)\.yaml:\d+:\d+: SPF201", said)
        assert sorted(told) == ["com", "net", "org"]
    octo.zones["example.edu."]["lenient"] = True
    octo.configure()
    assert "example.edu" not in octo.octodns("validate", "--all", status=1).said


# -- what zonelint adds ---------------------------------------------------------------------------


def test_what_is_declared_is_added_and_served(octo: Octo) -> None:
    zone = mail()
    for n in (1, 2):
        del zone[f"selector{n}._domainkey"]
    octo.write(zone, processors=["apply"])
    octo.octodns("validate")
    octo.sync()
    for n in (1, 2):
        owner = f"selector{n}._domainkey.example.com"
        assert octo.server.ask(owner, "CNAME") == [TARGET.format(n)]
    assert "Added by zonelint:" in octo.summary
    assert "Update" not in octo.sync().said


def test_a_source_of_declared_records_is_served(octo: Octo) -> None:
    octo.providers["mail"] = {"class": "zonelint.providers.octodns.MailAuthSource"}
    zone = {name: held for name, held in mail().items() if name in ("", "ns")}
    octo.write(zone, sources=["config", "mail"], processors=["block"])
    octo.sync()
    assert octo.server.ask("selector1._domainkey.example.com", "CNAME") == [TARGET.format(1)]
    (dmarc,) = octo.server.ask("_dmarc.example.com", "TXT")
    assert dmarc.startswith("v=DMARC1; p=none")


# -- the change -----------------------------------------------------------------------------------


def test_the_change_is_judged_from_what_is_served(octo: Octo) -> None:
    octo.write(mail(), processors=["block"])
    octo.sync()
    octo.write(mail(dmarc=DMARC.replace("none", "reject")), processors=["block"])
    octo.octodns("validate")  # as a zone it is fine
    assert "PHASE001" in octo.sync("--force", status=1).said
    assert "PHASE001" in octo.summary
    assert octo.server.ask("_dmarc.example.com", "TXT") == [DMARC]
    hand = DMARC.replace("none", "quarantine")  # somebody publishes the phase between
    octo.server.put(RecordSet("example.com", "_dmarc.example.com.", "TXT", 3600, (f'"{hand}"',)))
    octo.sync()
    assert octo.server.ask("_dmarc.example.com", "TXT") == [DMARC.replace("none", "reject")]


# -- other processors -----------------------------------------------------------------------------


def test_templates_are_judged_as_they_are_filled_in(octo: Octo) -> None:
    """octoDNS fills them in for each target, after the zone was judged and before it plans."""
    template = "v=spf1 include:spf.protection.outlook.com a:mail.{zone_name} -all"
    octo.write(mail(template, mail={"type": "A", "value": "192.0.2.1"}),
               processors=["templates", "block"])  # fmt: skip
    octo.configure(validator=False)
    octo.sync()
    (spf,) = octo.server.ask("example.com", "TXT")
    assert "a:mail.example.com" in spf
    octo.write(mail("v=spf1 mx {zone_name} -all"), processors=["templates", "block"])
    octo.configure(validator=False)
    assert "SPF001" in octo.sync(status=1).said
    assert octo.server.ask("example.com", "TXT") == [spf]


def test_what_a_filter_in_front_drops_is_not_judged(octo: Octo) -> None:
    broken = {"broken": {"type": "TXT", "value": OPEN}}
    octo.write(mail(**broken), processors=["no-mail-host", "block"])
    octo.configure(validator=False)
    octo.sync()
    assert octo.server.ask("broken.example.com", "TXT") == []
    octo.write(mail(**broken), processors=["block"])
    octo.configure(validator=False)
    assert "SPF201" in octo.sync(status=1).said


def test_what_a_filter_behind_leaves_alone_is_served_as_it_was(octo: Octo) -> None:
    """A filter takes a name out of octoDNS's hands, on both sides: it is served as it was."""
    octo.write(mail(), processors=["block"])
    octo.sync()
    octo.write(mail(dmarc=DMARC.replace("none", "reject")), processors=["block", "no-dmarc"])
    octo.sync()
    assert octo.server.ask("_dmarc.example.com", "TXT") == [DMARC]


def test_what_a_filter_leaves_alone_is_not_missing(octo: Octo) -> None:
    octo.write(mail(), processors=["no-dmarc", "block"])
    said = octo.sync().said
    assert "DMARC101 could not be decided" in said
    assert said.count("DMARC101") == 1


# -- two targets ----------------------------------------------------------------------------------


@pytest.fixture
def second(tmp_path: Path) -> Any:
    folder = tmp_path / "second"
    folder.mkdir()
    with serving(folder, ["example.com"]) as running:
        yield running


def test_two_targets_are_each_judged_by_what_they_serve(
    octo: Octo, second: NameServer, tmp_path: Path
) -> None:
    octo.environment["TSIG2"] = second.secret
    octo.providers["other"] = {**octo.provider(second), "key_secret": "env/TSIG2"}
    octo.write(mail(), processors=["block"])
    octo.sync()
    both = {"targets": ["named", "other"], "processors": ["block"]}
    octo.write(mail(dmarc=DMARC.replace("none", "reject")), **both)
    assert "PHASE001" in octo.sync(status=1).said  # the first serves p=none, the second nothing
    assert second.ask("example.com", "TXT") == []
    octo.write(mail(), **both)
    octo.sync()
    assert second.ask("example.com", "TXT") == octo.server.ask("example.com", "TXT") == [SPF]
    assert served(octo) == served(octo, second)
