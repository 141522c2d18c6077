"""Where a zone was before a change: every world, moved and split, whichever path is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.lint.test_against import HEAD, Repository, check, repository

__all__ = ["repository"]

TREE = dict[str, str]
SPF, POLICY = '@ TXT "v=spf1 mx ?all"\n', '_dmarc TXT "v=DMARC1; p={}; rua=mailto:d@example.com"\n'
RECORD = """resource "aws_route53_record" "{}" {{
  zone_id = {}
  name    = "{}example.com"
  type    = "{}"
  ttl     = 3600
  records = ["{}"]
}}
"""
MADE = 'resource "aws_route53_zone" "z" {\n  name = "example.com"\n}\n'
DMARC = "v=DMARC1; p={}; rua=mailto:d@example.com"


def terraform(zone: str) -> tuple[str, str]:
    """What a zone holds, and its policy."""
    records = [("m", "", "MX", "10 mail"), ("a", "mail.", "A", "40.92.0.1")]
    records += [("s", "", "TXT", "v=spf1 mx ?all")]
    texts = (RECORD.format(key, zone, owner, *rest) for key, owner, *rest in records)
    return "".join(texts), RECORD.format("d", zone, "_dmarc.", "TXT", DMARC)


def template(*records: tuple[str, str, str, str]) -> str:
    made = ["  Z:\n    Type: AWS::Route53::HostedZone\n    Properties: {Name: example.com}\n"]
    for key, owner, type, value in records:
        made.append(
            f"  {key}:\n    Type: AWS::Route53::RecordSet\n    Properties:\n"
            f"      HostedZoneId: !Ref Z\n      Name: {owner}example.com.\n"
            f"      Type: {type}\n      TTL: '3600'\n      ResourceRecords:\n        - '{value}'\n"
        )
    return "Resources:\n" + "".join(made)


FIRST = [("M", "", "MX", "10 mail.example.com."), ("A", "mail.", "A", "40.92.0.1")]
FIRST += [("S", "", "TXT", '"v=spf1 mx ?all"')]
LAST = ("D", "_dmarc.", "TXT", f'"{DMARC}"')
HELD, HELD_POLICY = terraform("aws_route53_zone.z.zone_id")
IN_MODULE, MODULE_POLICY = terraform("var.zone")
MODULE = 'variable "zone" {}\n' + IN_MODULE + MODULE_POLICY
CALL = MADE + 'module "mail" {\n  source = "./mod"\n  zone = aws_route53_zone.z.zone_id\n}\n'
OCTODNS = """
providers:
  config: {{class: octodns.provider.yaml.YamlProvider, directory: ./{}}}
  out: {{class: octodns.provider.yaml.YamlProvider, directory: ./out}}
zones:
  example.com.: {{sources: [config], targets: [out]}}
"""
YAML_ZONE = """---
'':
  - ttl: 3600
    type: MX
    value: {exchange: mail.example.com., preference: 10}
  - ttl: 3600
    type: TXT
    value: v=spf1 mx ?all
_dmarc:
  ttl: 3600
  type: TXT
  value: v=DMARC1\\; p={}\\; rua=mailto:d@example.com
mail: {ttl: 3600, type: A, value: 40.92.0.1}
"""
MIDDLE = YAML_ZONE.index("_dmarc")
PARTS = {"a": YAML_ZONE[:MIDDLE], "b": "---\n" + YAML_ZONE[MIDDLE:]}

WORLDS: dict[str, list[tuple[TREE, list[str]]]] = {
    "zone file": [
        ({"zones/example.com.zone": HEAD + SPF + POLICY}, ["zones", "zones/example.com.zone"]),
        ({"dns/db.zone": HEAD + SPF + POLICY}, ["dns", "dns/db.zone"]),
        (
            {"dns/db.zone": HEAD + SPF + "$INCLUDE p.inc\n", "dns/p.inc": POLICY},
            ["dns", "dns/db.zone"],
        ),
    ],
    "octodns": [
        ({"config/example.com.yaml": YAML_ZONE}, ["config", "config/example.com.yaml"]),
        ({"dns/example.com.yaml": YAML_ZONE}, ["dns", "dns/example.com.yaml"]),
        (
            {f"dns/example.com./{name}.yaml": text for name, text in PARTS.items()},
            ["dns", "dns/example.com./a.yaml", "dns/example.com./b.yaml"],
        ),
        (
            {"o.yaml": OCTODNS.format("config"), "config/example.com.yaml": YAML_ZONE},
            [".", "o.yaml", "config/example.com.yaml"],
        ),
        (
            {"new/o.yaml": OCTODNS.format("in"), "new/in/example.com.yaml": YAML_ZONE},
            ["new", "new/o.yaml", "new/in", "new/in/example.com.yaml"],
        ),
    ],
    "terraform": [
        ({"tf/main.tf": MADE + HELD + HELD_POLICY}, ["tf", "tf/main.tf"]),
        ({"infra/zone.tf": MADE + HELD + HELD_POLICY}, ["infra", "infra/zone.tf"]),
        (
            {"infra/zone.tf": MADE + HELD, "infra/policy.tf": HELD_POLICY},
            ["infra", "infra/zone.tf", "infra/policy.tf"],
        ),
        (
            {"infra/zone.tf": CALL, "infra/mod/main.tf": MODULE},
            ["infra", "infra/zone.tf", "infra/mod", "infra/mod/main.tf"],
        ),
    ],
    "cloudformation": [
        ({"cfn/mail.yaml": template(*FIRST, LAST)}, ["cfn", "cfn/mail.yaml"]),
        ({"stacks/dns.yaml": template(*FIRST, LAST)}, ["stacks", "stacks/dns.yaml"]),
    ],
}  # fmt: skip


def write(tree: TREE, policy: str) -> None:
    for path, text in tree.items():
        file = Path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("p={}", f"p={policy}"))


@pytest.mark.parametrize("world", WORLDS)
def test_the_state_before_is_found(repository: Repository, world: str) -> None:
    """A zone that only moves brings nothing; one that is weakened on the way is told of."""
    own = [(before, *form) for before, _ in WORLDS[world] for form in WORLDS[world]]
    others = [(WORLDS[each][0][0], *WORLDS[world][-1]) for each in WORLDS if each != world]
    wrong = []
    for before, after, paths in (*own, *others):
        write(before, "reject")
        repository.commit()
        for path in before:
            Path(path).unlink()
        for policy in ("reject", "none"):
            write(after, policy)
            for path in paths:
                told = check("--against", "HEAD", "--format", "json", path)
                report = json.loads(told.stdout) if told.stdout else {"findings": []}
                new = {each["code"] for each in report["findings"]} or {told.stderr}
                stood = new == {""} if policy == "reject" else "SPF202" not in new
                if not stood or (policy == "none" and "PHASE002" not in new):
                    wrong.append((list(before), list(after), path, policy, new))
        for path in after:
            Path(path).unlink()
        repository.commit()
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("path", [".", "world", "internal"])
def test_folders_may_call_their_zones_alike(repository: Repository, path: str) -> None:
    """What stands for a zone in source is the folder's own: only one of the two has moved."""
    write({"external/main.tf": MADE + HELD + HELD_POLICY}, "reject")
    write({"internal/main.tf": MADE + HELD + HELD_POLICY}, "none")
    repository.commit()
    repository.git("mv", "external", "world")
    for policy, expected in (("reject", set()), ("none", {"world/main.tf"})):
        write({"world/main.tf": MADE + HELD + HELD_POLICY}, policy)
        report = json.loads(check("--against", "HEAD", "--format", "json", path).stdout)
        told = {each["path"] for each in report["findings"]}
        assert told == (set() if path == "internal" else expected)


_SECOND = "  other: {class: octodns.provider.yaml.YamlProvider, directory: ./new}\n  out:"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("directory: ./old", "directory: ./new"),
        ("sources: [config]", "sources: [other]"),
    ],
)
@pytest.mark.parametrize("goes", [False, True])
def test_what_is_published_in_the_place_of_a_zone_is_its_change(
    repository: Repository, old: str, new: str, goes: bool
) -> None:
    """Both folders were there before; a configuration turns from one to the other."""
    config = OCTODNS.format("old").replace("  out:", _SECOND)
    write({"o.yaml": config, "old/example.com.yaml": YAML_ZONE}, "reject")
    write({"new/example.com.yaml": YAML_ZONE.replace("?all", "-all")}, "none")
    repository.commit()
    write({"o.yaml": config.replace(old, new)}, "")
    if goes:
        Path("old/example.com.yaml").unlink()
    for path in (".", "o.yaml", "new", "new/example.com.yaml"):
        report = json.loads(check("--against", "HEAD", "--format", "json", path).stdout)
        told = {(each["code"], each["path"]) for each in report["findings"]}
        of_change = {each for each in told if each[0].startswith("PHASE")}
        assert of_change == {("PHASE002", "new/example.com.yaml")}
        assert report["undecided"] == []


BOUND = """
providers:
  config: {class: octodns_bind.ZoneFileSource, directory: ./old, file_extension: .zone}
  out: {class: octodns_route53.Route53Provider}
processors:
  keep: {class: octodns.processor.filter.NameRejectlistFilter, rejectlist: [_dmarc]}
zones:
  example.com.: {sources: [config], targets: [out]}
"""
MASTER_ZONE = f"""$ORIGIN example.com.
$TTL 3600
@ SOA ns1.example.net. hostmaster.example.com. 1 2 3 4 5
@ NS ns1.example.net.
@ MX 10 mail
mail A 40.92.0.1
{SPF}{POLICY}"""


def test_a_zone_file_is_published_by_the_configuration_that_reads_it(
    repository: Repository,
) -> None:
    write({"o.yaml": BOUND, "old/example.com.zone": MASTER_ZONE.replace("p={}", "p=reject")}, "")
    write({"new/example.com.zone": MASTER_ZONE.replace("?all", "-all")}, "none")
    repository.commit()
    write({"o.yaml": BOUND.replace("./old", "./new")}, "")
    for path in (".", "new", "new/example.com.zone"):
        report = json.loads(check("--against", "HEAD", "--format", "json", path).stdout)
        told = {(each["code"], each["path"]) for each in report["findings"]}
        of_change = {each for each in told if each[0].startswith("PHASE")}
        assert of_change == {("PHASE002", "new/example.com.zone")}


@pytest.mark.parametrize(
    ("extra", "why"),
    [
        ("sources: [config], ", set()),
        (
            "sources: [config], processors: [keep], ",
            {"what the processor `keep` leaves of the records"},
        ),
        ("sources: [config, other], ", {"the records of `other`"}),
    ],
)
def test_a_zone_file_by_itself_is_held_to_the_configuration_that_reads_it(
    repository: Repository, extra: str, why: set[str]
) -> None:
    config = BOUND.replace("sources: [config], ", extra)
    write({"o.yaml": config, "old/example.com.zone": MASTER_ZONE}, "reject")
    for path in ("old", "old/example.com.zone"):
        report = json.loads(check("--format", "json", path).stdout)
        unread = [each["missing"] for each in report["undecided"] if each["code"] == "ZONE001"]
        assert {name for missing in unread for name in missing} == why


REWRITER = """
providers:
  config: {class: octodns.provider.yaml.YamlProvider, directory: ./config}
  out: {class: octodns.provider.yaml.YamlProvider, directory: ./out}
processors:
  own: {class: acme.Rewriter, level: 1}
zones:
  example.com.: {sources: [config], processors: [own], targets: [out]}
"""


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("p=reject", "p=none", "PHASE002"),
        ("mx -all", "mx +all", "PHASE002"),
        ("mail.example.com.", "mail2.example.com.", "PHASE008"),
        ("level: 1", "level: 2", "PHASE002"),
        ("value: 40.92.0.1", "value: 40.92.0.2", None),
    ],
)
def test_what_is_written_differently_for_an_unknown_processor_is_undecided(
    repository: Repository, old: str, new: str, code: str | None
) -> None:
    """It may make of the records what it likes, but hardly the same of others."""
    zone = YAML_ZONE.replace("p={}", "p=reject").replace("?all", "-all")
    write({"o.yaml": REWRITER, "config/example.com.yaml": zone}, "")
    repository.commit()
    write({"o.yaml": REWRITER, "config/example.com.yaml": zone}, "")
    for path in ("o.yaml", "config/example.com.yaml"):
        Path(path).write_text(Path(path).read_text().replace(old, new))
    report = json.loads(check("--against", "HEAD", "--format", "json").stdout)
    told = {each["code"] for each in report["undecided"] if each["code"].startswith("PHASE")}
    assert (code in told) if code else not told
    why = {missing for each in report["undecided"] for missing in each["missing"]}
    assert why <= {"what the processor `own` leaves of the records"}
