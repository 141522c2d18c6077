"""Write a Terraform plan: companies on Microsoft 365 in Route 53, as in `benchmarks.zones`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import zones
from benchmarks.values import Form, host_address

RECORDS_A_ZONE = 10


def write_plan(folder: Path, records: int, form: Form) -> int:
    """One plan of that many records; in every tenth zone the address of a host changes."""
    count = max(records // RECORDS_A_ZONE, 1)
    folder.mkdir(parents=True, exist_ok=True)
    changes = [change for number in range(count) for change in _zone(number, form)]
    plan = {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes}
    (folder / "plan.json").write_text(json.dumps(plan))
    zones.write_lock(folder, range(count))
    zones.write_config(folder)
    return count


def _zone(number: int, form: Form) -> Iterator[dict[str, Any]]:
    name, zone_id = zones.name_of(number), f"Z{number:012}EXAMPLE"
    spf, dmarc, dkim = zones.microsoft365_texts(number, form)
    yield _change("aws_route53_zone", f"zone{number}", {"name": name, "zone_id": zone_id})
    for at, (owner, kind, value) in enumerate(
        [
            ("", "A", host_address(number)),
            ("", "MX", f"0 {zones.exchange(number)[:-1]}"),
            ("", "TXT", spf),
            ("_dmarc", "TXT", dmarc),
            (f"m{number}._domainkey", "TXT", f'{dkim[:250]}""{dkim[250:]}'),
            ("selector1._domainkey", "CNAME", zones.dkim_target(number, 1)[:-1]),
            ("selector2._domainkey", "CNAME", zones.dkim_target(number, 2)[:-1]),
            ("autodiscover", "CNAME", "autodiscover.outlook.com"),
            ("www", "CNAME", name),
            ("host", "A", host_address(300_000 + number)),
        ]
    ):
        after = {"zone_id": zone_id, "name": owner, "type": kind, "ttl": 3600, "records": [value]}
        before = after
        if owner == "host" and number % 10 == 0:
            before = after | {"records": [host_address(600_000 + number)]}
        yield _change("aws_route53_record", f"record{number}_{at}", after, before)


def _change(
    kind: str, name: str, after: dict[str, Any], before: dict[str, Any] | None = None
) -> dict[str, Any]:
    before = before or after
    return {
        "address": f"{kind}.{name}",
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {
            "actions": ["no-op" if before == after else "update"],
            "before": before,
            "after": after,
            "after_unknown": {},
            "before_sensitive": {},
            "after_sensitive": {},
        },
    }
