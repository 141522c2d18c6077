"""checkdmarc's parsers on a zone of the benchmarks: ``python -m benchmarks.with_checkdmarc PATH``.

Every SPF and DMARC record of the zone goes through ``parse_spf_record`` and ``parse_dmarc_record``.
What they ask of DNS is answered from the zone itself, without packets; no name beyond it exists.
checkdmarc prints nothing here, and applies no rule of its own beside its parsers.
"""

import contextlib
import sys
from pathlib import Path
from typing import Any

import checkdmarc
import checkdmarc.dmarc
import checkdmarc.spf
import dns.message
import dns.name
import dns.rdatatype
import dns.resolver
import dns.zone


class Zone(dns.resolver.Resolver):
    """A resolver that knows one zone."""

    def __init__(self, zone: dns.zone.Zone) -> None:
        super().__init__(configure=False)
        self.nameservers = ["192.0.2.1"]  # checkdmarc wants one named; it is never asked
        self.zone = zone

    def resolve(self, qname: Any, rdtype: Any = "A", *_: Any, **__: Any) -> dns.resolver.Answer:
        name = dns.name.from_text(str(qname))
        kind = dns.rdatatype.RdataType.make(rdtype)
        node = self.zone.get_node(name) if name.is_subdomain(self.zone.origin) else None
        if node is None:
            raise dns.resolver.NXDOMAIN
        rrset = self.zone.get_rrset(name, kind)
        if rrset is None:
            raise dns.resolver.NoAnswer(response=dns.message.make_query(name, kind))
        response = dns.message.make_response(dns.message.make_query(name, kind))
        response.find_rrset(response.answer, name, self.zone.rdclass, kind, create=True).update(
            rrset
        )
        return dns.resolver.Answer(name, kind, self.zone.rdclass, response)


def main() -> None:
    path = Path(sys.argv[1])
    origin = path.stem
    zone = dns.zone.from_text(path.read_text(), origin, relativize=False, check_origin=False)
    resolver = Zone(zone)
    parsed = {"SPF": 0, "DMARC": 0}
    for name, node in zone.items():
        owner = name.to_text(omit_final_dot=True)
        for rdata in node.get_rdataset(zone.rdclass, dns.rdatatype.TXT) or ():
            text = b"".join(rdata.strings).decode()
            # A refusal is an answer too: what is measured is the parsing.
            with contextlib.suppress(checkdmarc.spf.SPFError, checkdmarc.dmarc.DMARCError):
                if text.startswith("v=spf1"):
                    checkdmarc.spf.parse_spf_record(text, owner, resolver=resolver)
                    parsed["SPF"] += 1
                elif text.startswith("v=DMARC1"):
                    domain = owner.removeprefix("_dmarc.")
                    checkdmarc.dmarc.parse_dmarc_record(text, domain, resolver=resolver)
                    parsed["DMARC"] += 1
    print(f"{parsed['SPF']} SPF and {parsed['DMARC']} DMARC records without an error")


if __name__ == "__main__":
    main()
