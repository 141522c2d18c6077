"""Write a repository of octoDNS YAML: companies on Microsoft 365, as in `benchmarks.zones`."""

from __future__ import annotations

from pathlib import Path

from benchmarks import zones
from benchmarks.values import Form, host_address

PLAIN, INSIDE = "octodns.yaml", "octodns-zonelint.yaml"
"""The configurations of octoDNS, the second with zonelint's validator."""

_ZONE = """\
---
'':
  - type: A
    value: {address}
  - type: MX
    value:
      exchange: {exchange}
      preference: 0
  - type: NS
    values:
      - ns1.example.net.
      - ns2.example.net.
  - type: TXT
    value: {spf}
_dmarc:
  ttl: 3600
  type: TXT
  value: {dmarc}
autodiscover:
  type: CNAME
  value: autodiscover.outlook.com.
m{number}._domainkey:
  type: TXT
  value: {dkim}
selector1._domainkey:
  type: CNAME
  value: {target1}
selector2._domainkey:
  type: CNAME
  value: {target2}
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


def write_octodns(folder: Path, count: int, form: Form) -> int:
    """The zones in `config`, octoDNS's two configurations beside it."""
    config = folder / "config"
    config.mkdir(parents=True)
    for number in range(count):
        (config / f"{zones.name_of(number)}.yaml").write_text(_zone(number, form))
    zones.write_lock(folder, range(count))
    zones.write_config(folder)
    validators = _VALIDATORS.format(config=folder / "zonelint.toml")
    (folder / PLAIN).write_text(_CONFIG.format(folder=config, validators=""))
    (folder / INSIDE).write_text(_CONFIG.format(folder=config, validators=validators))
    return count


def _zone(number: int, form: Form) -> str:
    texts = zones.microsoft365_texts(number, form)
    spf, dmarc, dkim = (text.replace(";", "\\;") for text in texts)
    return _ZONE.format(
        number=number,
        name=zones.name_of(number),
        address=host_address(number),
        exchange=zones.exchange(number),
        spf=spf,
        dmarc=dmarc,
        dkim=dkim,
        target1=zones.dkim_target(number, 1),
        target2=zones.dkim_target(number, 2),
    )
