"""A user's own Pulumi program, run by the Automation API: zones of the vendors' SDKs, MailAuth.

    python -m tests.hosts.mail_auth {aws,cloudflare} {none,quarantine,reject} [POLICY-PACK]

The environment says where the state is and which providers the engine is attached to.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pulumi
from pulumi import automation

from zonelint.providers.pulumi import MailAuth, cloudflare, route53

from .vendors import cloudflare_id

TARGET = "selector{}-{}._domainkey.contoso.onmicrosoft.com"


def declare(vendor: str, phase: str) -> None:
    if vendor == "aws":
        import pulumi_aws as aws

        domain = "example.com"
        records = route53(aws.route53.Zone("zone", name=domain).zone_id)
        aws_record = aws.route53.Record  # a record of the SDK's own stands beside
        id = aws.route53.get_zone(name=domain).zone_id
        aws_record(
            "www", zone_id=id, name=f"www.{domain}", type="A", ttl=300, records=["192.0.2.1"]
        )
    else:
        import pulumi_cloudflare as sdk

        domain = "example.net"
        id = cloudflare_id(domain)
        records = cloudflare(id)
        sdk.DnsRecord("www", zone_id=id, name="www", type="A", ttl=1, content="192.0.2.1",
                      proxied=True)  # fmt: skip
    made = MailAuth(
        "mail",
        domain=domain,
        senders=["microsoft365"],
        dkim={
            "microsoft365": {
                f"selector{n}": TARGET.format(n, domain.replace(".", "-")) for n in (1, 2)
            }
        },
        phase=phase,
        rua=[f"dmarc@{domain}"],
        mx=[(0, f"{domain.replace('.', '-')}.mail.protection.outlook.com")],
        spf_terms=[f"ip4:11.22.33.{n}" for n in range(100, 116)],
        records=records,
    )
    pulumi.export("spf", made.spf)
    pulumi.export("dmarc", made.dmarc)


def main(vendor: str, phase: str, *packs: str) -> int:
    stack = automation.create_or_select_stack(
        "test",
        project_name="mail",
        program=lambda: declare(vendor, phase),
        opts=automation.LocalWorkspaceOptions(
            work_dir=str(Path.cwd()),
            env_vars={key: value for key, value in os.environ.items() if "PULUMI" in key},
        ),
    )
    try:
        done = stack.up(on_output=print, policy_packs=list(packs), show_secrets=False)
    except automation.CommandError as error:
        print(error)
        return 1
    for name, output in done.outputs.items():
        print(f"{name}={output.value}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
