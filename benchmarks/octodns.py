"""zonelint beside octoDNS's own validation: ``python -m benchmarks.octodns [--zones N]``.

The same repository of octoDNS YAML, 1,000 zones of 10 records, is checked by ``zonelint check`` and
by ``octodns-validate``, and by ``octodns-validate`` with zonelint's validator inside. Every tool
runs as a process of its own, start-up included, and they take turns; the best round counts.
"""

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path

from benchmarks.check import Contender, measure, table, zonelint
from benchmarks.generate import address

ZONES = 1_000
OCTODNS_VALIDATE = Path(sys.executable).with_name("octodns-validate")

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
    config.mkdir()
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


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.octodns",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--zones", type=int, default=ZONES)
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many (3)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        config, plain, inside = write(Path(temporary), given.zones)
        validate: list[str | Path] = [OCTODNS_VALIDATE, "--config-file"]
        contenders = [
            zonelint(config),
            Contender("octodns-validate", [*validate, plain]),
            Contender("octodns-validate with MailAuthValidator", [*validate, inside]),
        ]
        print(f"Python {platform.python_version()}, {os.cpu_count()} cores, best of {given.rounds}")
        measure(contenders, given.rounds)
        print(f"\n{table(f'{given.zones:,} zones of 10 records', contenders)}")


if __name__ == "__main__":
    main()
