"""octoDNS YAML, 1,000 zones of 10 records: ``zonelint check``, ``octodns-validate``, and
``octodns-validate`` with zonelint's validator inside, over the same repository."""

from __future__ import annotations

from pathlib import Path

from benchmarks.contender import Contender, Workload, program, zonelint
from benchmarks.generate import address

_ZONE = """\
---
'':
  - type: A
    value: {address}
  - type: MX
    value:
      exchange: {dashed}.mail.protection.outlook.com.
      preference: 0
  - type: NS
    values:
      - ns1.example.net.
      - ns2.example.net.
  - type: TXT
    value: v=spf1 include:spf.protection.outlook.com ip4:{address} -all
_dmarc:
  ttl: 3600
  type: TXT
  value: v=DMARC1; p=quarantine; rua=mailto:dmarc@{name}
autodiscover:
  type: CNAME
  value: autodiscover.outlook.com.
selector1._domainkey:
  type: CNAME
  value: selector1-{dashed}._domainkey.contoso.n-v1.dkim.mail.microsoft.
selector2._domainkey:
  type: CNAME
  value: selector2-{dashed}._domainkey.contoso.n-v1.dkim.mail.microsoft.
www:
  type: CNAME
  value: {name}.
"""

_CONFIG = """\
---
providers:
  config:
    class: octodns.provider.yaml.YamlProvider
    directory: {folder}
    escaped_semicolons: false
{validators}zones:
  '*':
    sources: [config]
    targets: [config]
"""

_VALIDATORS = """\
validators:
  zonelint:
    class: zonelint.providers.octodns.MailAuthValidator
    config: {config}
"""


def write(folder: Path, zones: int) -> tuple[Path, Path, Path]:
    """Write the repository: the folder of its zones, its configuration, and one with zonelint."""
    config = folder / "config"
    config.mkdir(parents=True)
    for number in range(zones):
        name = f"company{number:05}.example"
        text = _ZONE.format(name=name, dashed=name.replace(".", "-"), address=address(number))
        (config / f"{name}.yaml").write_text(text)
    intent = folder / "zonelint.toml"
    intent.write_text('[domains."*.example"]\nprofile = "sending"\n')
    plain, inside = folder / "octodns.yaml", folder / "octodns-zonelint.yaml"
    plain.write_text(_CONFIG.format(folder=config, validators=""))
    validators = _VALIDATORS.format(config=intent)
    inside.write_text(_CONFIG.format(folder=config, validators=validators))
    return config, plain, inside


def repository(folder: Path, zones: int, rounds: int) -> Workload:
    """The whole repository, checked."""
    config, plain, inside = write(folder / "octodns", zones)
    validate: list[str | Path] = [program("octodns-validate"), "--config-file"]
    contenders = [
        zonelint(config),
        zonelint(config, "--jobs", "2", name="zonelint check --jobs 2"),
        Contender("`octodns-validate`", [*validate, plain]),
        Contender("`octodns-validate` with MailAuthValidator", [*validate, inside]),
    ]
    return Workload(f"{zones:,} octoDNS zones of 10 records", contenders, rounds)
