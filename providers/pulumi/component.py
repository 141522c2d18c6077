"""`MailAuth`: a domain's mail records, declared in one piece.

MailAuth(
    "example",
    domain="example.com",
    senders=["microsoft365"],
    dkim={"microsoft365": {"selector1": "…", "selector2": "…"}},
    phase="quarantine",
    rua=["dmarc@example.com"],
    mx=[(0, "example-com.mail.protection.outlook.com")],
    records=route53(zone.zone_id),
)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, TypeVar

import pulumi

from zonelint.rules.config.declaration import DeclaredAlignment, SpfStage

from .declaration import (
    Declaration,
    DeclarationError,
    MailRecord,
    MtaSts,
    Phase,
    records_for,
)
from .factories import RecordFactory

TYPE = "zonelint:index:MailAuth"
"""The component's type, as it stands in URNs."""

_E = TypeVar("_E", bound=Enum)


class MailAuth(pulumi.ComponentResource):
    """SPF, DMARC, DKIM, MX, TLS-RPT and MTA-STS of one domain, as children of one component.

    The outputs are the values that are published: `spf`, `dmarc`, `dkim` by selector, `mx`
    as "10 mail.example.com.", `tls_rpt` and `mta_sts`; the last two are None where they are
    not declared.
    """

    spf: pulumi.Output[str]
    dmarc: pulumi.Output[str]
    dkim: pulumi.Output[Mapping[str, str]]
    mx: pulumi.Output[Sequence[str]]
    tls_rpt: pulumi.Output[str | None]
    mta_sts: pulumi.Output[str | None]

    def __init__(
        self,
        name: str,
        *,
        domain: pulumi.Input[str],
        records: RecordFactory,
        senders: Sequence[str] = (),
        phase: Phase | str = Phase.NONE,
        alignment: DeclaredAlignment | str = DeclaredAlignment.RELAXED,
        rua: Sequence[pulumi.Input[str]] = (),
        ruf: Sequence[pulumi.Input[str]] = (),
        spf: SpfStage | str = SpfStage.TRANSITION,
        spf_terms: Sequence[pulumi.Input[str]] = (),
        includes: Mapping[str, str] | None = None,
        dkim: Mapping[str, Mapping[str, pulumi.Input[str]]] | None = None,
        mx: str | Sequence[tuple[int, pulumi.Input[str]]] | None = None,
        tls_rpt: Sequence[pulumi.Input[str]] = (),
        mta_sts: MtaSts | None = None,
        apex_txt: Sequence[pulumi.Input[str]] = (),
        zone: pulumi.Input[str] | None = None,
        ttl: int = 3600,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the records. Raises DeclarationError, a ValueError, before any is made: for what
        is missing, and for records that zonelint itself would call broken. Where the domain is an
        output it is raised once that is known.

        :param name: the component's name; its children are called `name-spf`, `name-dmarc`,
            `name-dkim-selector1`, `name-mx`, `name-tls-rpt`, `name-mta-sts`; where a
            provider has a resource for each value, the further ones `name-mx-2` …
        :param domain: the domain of the From addresses.
        :param records: makes the resources: `route53`, `cloudflare`, `google`, `azure` of
            `zonelint.providers.pulumi.factories`, or any function of the same form.
        :param senders: the services that send as the domain, by zonelint's names for them.
        :param phase: the DMARC policy: none, quarantine, reject.
        :param alignment: relaxed or strict, for SPF and DKIM.
        :param rua: where aggregate reports go, mail addresses or URIs.
        :param ruf: where failure reports go.
        :param spf: transition (`~all`) or final (`-all`).
        :param spf_terms: more terms of the SPF record, such as `ip4:192.0.2.1`.
        :param includes: the SPF include of a sender whose include is particular to the account.
        :param dkim: for each sender its selectors with their CNAME targets or key texts, as the
            sender's console shows them; an empty table leaves them out.
        :param mx: a sender that receives the mail, or preferences with hosts.
        :param tls_rpt: where reports about TLS go.
        :param mta_sts: the id of the MTA-STS policy and the host that serves it.
        :param apex_txt: other TXT records of the domain itself: most providers keep all texts of
            a name in one resource, so they cannot be declared elsewhere.
        :param zone: the zone that the domain lies in; the domain itself unless given.
        :param ttl: of all records, in seconds.
        :param opts: the options of the component; its providers are those of the children.
        """
        declared = Declaration(
            domain=domain,
            zone=zone,
            senders=senders,
            phase=_word(Phase, phase, "phase"),
            alignment=_word(DeclaredAlignment, alignment, "alignment"),
            rua=rua,
            ruf=ruf,
            spf=_word(SpfStage, spf, "spf"),
            spf_terms=spf_terms,
            includes=includes,
            dkim=dkim,
            mx=mx,
            tls_rpt=tls_rpt,
            mta_sts=mta_sts,
            apex_txt=apex_txt,
            ttl=ttl,
        )
        made = records_for(declared)
        super().__init__(TYPE, name, {}, opts)
        for record in made:
            records(f"{name}-{record.key}", record, pulumi.ResourceOptions(parent=self))
        outputs = _outputs(made)
        for key, value in outputs.items():
            setattr(self, key, pulumi.Output.from_input(value))
        self.register_outputs(
            {
                "spf": self.spf,
                "dmarc": self.dmarc,
                "dkim": self.dkim,
                "mx": self.mx,
                "tlsRpt": self.tls_rpt,
                "mtaSts": self.mta_sts,
            }
        )


def _word(kind: type[_E], given: _E | str, what: str) -> _E:
    if isinstance(given, kind):
        return given
    try:
        return kind(given)
    except ValueError:
        words = ", ".join(str(member.value) for member in kind)
        raise DeclarationError(f'{what} is one of {words}, not "{given}"') from None


def _outputs(made: Sequence[MailRecord]) -> dict[str, Any]:
    """The values by output; of the TXT records at the domain itself only the SPF."""
    found = {record.key: record.values for record in made}
    prefix = "dkim-"
    return {
        "spf": found["spf"][0],
        "dmarc": found["dmarc"][0],
        "dkim": {k.removeprefix(prefix): v[0] for k, v in found.items() if k.startswith(prefix)},
        "mx": list(found.get("mx", ())),
        "tls_rpt": found["tls-rpt"][0] if "tls-rpt" in found else None,
        "mta_sts": found["mta-sts"][0] if "mta-sts" in found else None,
    }


__all__ = [
    "DeclarationError",
    "DeclaredAlignment",
    "MailAuth",
    "MailRecord",
    "MtaSts",
    "Phase",
    "SpfStage",
]
