"""Stand-ins for the vendors' side of DNS: what their APIs take, refuse and serve.

Of each vendor only what decides about mail records is here, each with its source. What they publish
goes to a real name server. A zone's id is its name in disguise, so that nothing has to be kept.

Sources:

- Route 53: `internal/service/route53/record.go` of hashicorp/terraform-provider-aws (texts get
  their outer quotes from the provider, the name is put below the zone's where it is not, names are
  told without their final dot and in lower case, a record that exists is not created); 256
  characters between quotes are refused (aws-cloudformation/cfn-lint#450) with
  CharacterStringTooLong, at the change, not at the plan (hashicorp/terraform-provider-aws#46922).
- Cloudflare: its API takes a text with quotes or without, and splits longer ones itself
  (cloudflare/cloudflare-typescript#1777); in place of a proxied record it answers with two A and
  two AAAA of its own (developers.cloudflare.com, zone transfers, transfer criteria), TTL 300.
- azure-native: the SDK of pulumi-azure-native 3.29.0 has `recordType`, `relativeRecordSetName`,
  `resourceGroupName` and `zoneName` as inputs, and none of them as outputs.
"""

# ruff: noqa: RUF012 (the tables of a kind are the same for all of its instances)
from __future__ import annotations

import base64
import re
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from .nameserver import Exists, NameServer, RecordSet

Props = Mapping[str, Any]
PROXY = {"A": ("104.16.0.1", "104.16.0.2"), "AAAA": ("2606:4700::1", "2606:4700::2")}
"""What Cloudflare answers in place of proxied records: addresses of its published ranges."""


class Refused(Exception):
    """A vendor does not take what it is given."""


class Resource(ABC):
    """A kind of resource. required, optional: its inputs. computed: what the vendor adds.

    replaced_by: inputs that cannot be changed. Types are those of a Pulumi schema.
    """

    token: ClassVar[str]
    required: ClassVar[Mapping[str, Any]]
    optional: ClassVar[Mapping[str, Any]] = {}
    computed: ClassVar[Mapping[str, Any]] = {}
    hidden: ClassVar[frozenset[str]] = frozenset()
    replaced_by: ClassVar[frozenset[str]] = frozenset()

    def outputs(self, inputs: Props) -> dict[str, Any]:
        """The properties after a change: the inputs that the vendor gives back, and its own."""
        kept = {key: value for key, value in inputs.items() if key not in self.hidden}
        return {**kept, **self.made(inputs)}

    @abstractmethod
    def id(self, inputs: Props) -> str: ...

    @abstractmethod
    def made(self, inputs: Props) -> dict[str, Any]: ...

    @abstractmethod
    def create(self, server: NameServer, inputs: Props) -> None: ...

    @abstractmethod
    def update(self, server: NameServer, old: Props, new: Props) -> None: ...

    @abstractmethod
    def delete(self, server: NameServer, inputs: Props) -> None: ...


# -- Route 53 -------------------------------------------------------------------------------------


def route53_id(zone: str) -> str:
    return "Z" + base64.b32encode(zone.rstrip(".").lower().encode()).decode().rstrip("=")


def _route53_zone(id: str) -> str:
    text = id.removeprefix("Z")
    try:
        return base64.b32decode(text + "=" * (-len(text) % 8)).decode()
    except ValueError:
        raise Refused(f"NoSuchHostedZone: No hosted zone found with ID: {id}") from None


class Route53Zone(Resource):
    token = "aws:route53/zone:Zone"
    required = {"name": "string"}
    optional = {"comment": "string", "forceDestroy": "boolean"}
    computed = {"zoneId": "string", "arn": "string", "nameServers": ["string"]}
    replaced_by = frozenset({"name"})

    def id(self, inputs: Props) -> str:
        return route53_id(inputs["name"])

    def made(self, inputs: Props) -> dict[str, Any]:
        id = self.id(inputs)
        return {"zoneId": id, "arn": f"arn:aws:route53:::hostedzone/{id}",
                "nameServers": ["ns-1.awsdns-01.org", "ns-2.awsdns-02.com"]}  # fmt: skip

    def create(self, server: NameServer, inputs: Props) -> None:
        if not server.ask(inputs["name"].rstrip(".") + ".", "SOA"):
            raise Refused(f"{inputs['name']}: the test's name server has no such zone")

    def update(self, server: NameServer, old: Props, new: Props) -> None:
        pass

    def delete(self, server: NameServer, inputs: Props) -> None:
        pass


class Route53Record(Resource):
    token = "aws:route53/record:Record"
    required = {"zoneId": "string", "name": "string", "type": "string"}
    optional = {"ttl": "integer", "records": ["string"], "allowOverwrite": "boolean"}
    computed = {"fqdn": "string"}
    replaced_by = frozenset({"zoneId", "name"})

    def id(self, inputs: Props) -> str:
        return f"{inputs['zoneId']}_{self._name(inputs)}_{inputs['type']}"

    def made(self, inputs: Props) -> dict[str, Any]:
        return {"name": self._name(inputs), "fqdn": self._set(inputs).owner.rstrip(".")}

    def create(self, server: NameServer, inputs: Props) -> None:
        try:
            server.put(self._set(inputs), create=not inputs.get("allowOverwrite"))
        except Exists:
            raise Refused(
                "InvalidChangeBatch: [Tried to create resource record set "
                f"[name='{self._set(inputs).owner}', type='{inputs['type']}'] "
                "but it already exists]"
            ) from None

    def update(self, server: NameServer, old: Props, new: Props) -> None:
        server.put(self._set(new), self._set(old))

    def delete(self, server: NameServer, inputs: Props) -> None:
        server.remove(self._set(inputs))

    @staticmethod
    def _name(inputs: Props) -> str:
        return str(inputs["name"]).removesuffix(".").lower()

    def _set(self, inputs: Props) -> RecordSet:
        zone, name, type = _route53_zone(inputs["zoneId"]), self._name(inputs), inputs["type"]
        if name != zone and not name.endswith(f".{zone}"):
            name = f"{name}.{zone}" if name else zone
        values = [self._value(type, text) for text in inputs.get("records") or ()]
        return RecordSet(zone, f"{name}.", type, int(inputs.get("ttl") or 0), tuple(values))

    @staticmethod
    def _value(type: str, text: str) -> str:
        if type not in ("TXT", "SPF"):
            return _with_dot(type, text)
        for string in re.findall(r'"((?:[^"\\]|\\.)*)"', f'"{text}"'):
            if len(re.sub(r"\\([0-7]{3}|.)", "x", string).encode()) > 255:
                raise Refused(
                    "InvalidChangeBatch: [Invalid Resource Record: 'FATAL problem: "
                    f"CharacterStringTooLong (Value is too long) encountered with '\"{text}\"'']"
                )
        return f'"{text}"'.replace('""', '" "')


# -- Cloudflare -----------------------------------------------------------------------------------


def cloudflare_id(zone: str) -> str:
    return zone.rstrip(".").lower().encode().hex().ljust(32, "0")


def _cloudflare_zone(id: str) -> str:
    try:
        return bytes.fromhex(id).rstrip(b"\0").decode("ascii")
    except ValueError:
        raise Refused(f"Could not route to /zones/{id}/dns_records") from None


class CloudflareRecord(Resource):
    token = "cloudflare:index/dnsRecord:DnsRecord"
    required = {"zoneId": "string", "name": "string", "type": "string", "ttl": "number"}
    optional = {"content": "string", "priority": "number", "proxied": "boolean",
                "comment": "string"}  # fmt: skip
    computed = {"proxiable": "boolean", "createdOn": "string", "modifiedOn": "string"}
    replaced_by = frozenset({"zoneId"})

    def id(self, inputs: Props) -> str:
        return uuid.uuid5(uuid.NAMESPACE_DNS, str(sorted(inputs.items()))).hex

    def made(self, inputs: Props) -> dict[str, Any]:
        when = "2026-01-01T00:00:00Z"
        return {"proxiable": inputs["type"] in ("A", "AAAA", "CNAME"), "createdOn": when,
                "modifiedOn": when, "proxied": bool(inputs.get("proxied"))}  # fmt: skip

    def create(self, server: NameServer, inputs: Props) -> None:
        for each in self._sets(inputs):
            server.add(each)

    def update(self, server: NameServer, old: Props, new: Props) -> None:
        self.delete(server, old)
        self.create(server, new)

    def delete(self, server: NameServer, inputs: Props) -> None:
        for each in self._sets(inputs):
            server.remove(each, whole=False)

    def _sets(self, inputs: Props) -> list[RecordSet]:
        zone, name, type = _cloudflare_zone(inputs["zoneId"]), inputs["name"], inputs["type"]
        name = name.removesuffix(".").lower()
        if name == "@":
            name = zone
        elif name != zone and not name.endswith(f".{zone}"):
            name = f"{name}.{zone}"
        ttl = 300 if inputs["ttl"] == 1 else int(inputs["ttl"])
        if inputs.get("proxied"):
            if type not in ("A", "AAAA", "CNAME"):
                raise Refused(f"This record type cannot be proxied. ({type})")
            return [RecordSet(zone, f"{name}.", key, 300, told) for key, told in PROXY.items()]
        value = _with_dot(type, inputs.get("content") or "")
        if type == "MX":
            value = f"{int(inputs['priority'])} {value}"
        if type == "TXT":
            value = self._strings(value)
        return [RecordSet(zone, f"{name}.", type, ttl, (value,))]

    @staticmethod
    def _strings(text: str) -> str:
        if text.startswith('"') and text.endswith('"') and len(text) > 1:
            strings = re.findall(r'"((?:[^"\\]|\\.)*)"', text)
        else:
            strings = [text.replace("\\", "\\\\").replace('"', '\\"')]
        cut = [string[at : at + 255] for string in strings for at in range(0, len(string), 255)]
        return " ".join(f'"{each}"' for each in cut)


# -- Azure ----------------------------------------------------------------------------------------

_AZURE = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups"


class AzureZone(Resource):
    token = "azure-native:dns:Zone"
    required = {"resourceGroupName": "string"}
    optional = {"zoneName": "string", "location": "string", "zoneType": "string"}
    computed = {"name": "string", "type": "string", "nameServers": ["string"]}
    hidden = replaced_by = frozenset({"resourceGroupName", "zoneName"})

    def id(self, inputs: Props) -> str:
        group, zone = inputs["resourceGroupName"], inputs["zoneName"]
        return f"{_AZURE}/{group}/providers/Microsoft.Network/dnszones/{zone}"

    def made(self, inputs: Props) -> dict[str, Any]:
        return {"name": inputs["zoneName"], "type": "Microsoft.Network/dnszones",
                "nameServers": ["ns1-01.azure-dns.com."]}  # fmt: skip

    def create(self, server: NameServer, inputs: Props) -> None:
        if not server.ask(f"{inputs['zoneName']}.", "SOA"):
            raise Refused(f"{inputs['zoneName']}: the test's name server has no such zone")

    def update(self, server: NameServer, old: Props, new: Props) -> None:
        pass

    def delete(self, server: NameServer, inputs: Props) -> None:
        pass


class AzureRecordSet(Resource):
    token = "azure-native:dns:RecordSet"
    required = {"resourceGroupName": "string", "zoneName": "string", "recordType": "string"}
    optional = {
        "relativeRecordSetName": "string",
        "ttl": "number",
        "txtRecords": [{"value": ["string"]}],
        "mxRecords": [{"preference": "integer", "exchange": "string"}],
        "cnameRecord": {"cname": "string"},
        "aRecords": [{"ipv4Address": "string"}],
    }
    computed = {"fqdn": "string", "name": "string", "type": "string", "etag": "string",
                "provisioningState": "string"}  # fmt: skip
    hidden = replaced_by = frozenset(
        {"resourceGroupName", "zoneName", "recordType", "relativeRecordSetName"}
    )

    def id(self, inputs: Props) -> str:
        label = inputs["relativeRecordSetName"]
        return f"{AzureZone().id(inputs)}/{inputs['recordType']}/{label}"

    def made(self, inputs: Props) -> dict[str, Any]:
        return {
            "fqdn": self._set(inputs).owner,
            "name": inputs["relativeRecordSetName"],
            "type": f"Microsoft.Network/dnszones/{inputs['recordType']}",
            "etag": str(uuid.uuid4()),
            "provisioningState": "Succeeded",
        }

    def create(self, server: NameServer, inputs: Props) -> None:
        server.put(self._set(inputs))

    def update(self, server: NameServer, old: Props, new: Props) -> None:
        server.put(self._set(new), self._set(old))

    def delete(self, server: NameServer, inputs: Props) -> None:
        server.remove(self._set(inputs))

    @staticmethod
    def _set(inputs: Props) -> RecordSet:
        zone, label, type = (
            inputs["zoneName"],
            inputs["relativeRecordSetName"],
            inputs["recordType"],
        )
        owner = f"{zone}." if label == "@" else f"{label}.{zone}."
        values: list[str] = []
        for text in inputs.get("txtRecords") or ():
            if any(len(string.encode()) > 255 for string in text["value"]):
                raise Refused("BadRequest: a value of a TXT record has more than 255 characters")
            quoted = (string.replace("\\", "\\\\").replace('"', '\\"') for string in text["value"])
            values.append(" ".join(f'"{string}"' for string in quoted))
        for mx in inputs.get("mxRecords") or ():
            values.append(f"{int(mx['preference'])} {_with_dot('CNAME', mx['exchange'])}")
        if inputs.get("cnameRecord"):
            values.append(_with_dot("CNAME", inputs["cnameRecord"]["cname"]))
        values += [each["ipv4Address"] for each in inputs.get("aRecords") or ()]
        return RecordSet(zone, owner, type, int(inputs.get("ttl") or 0), tuple(values))


def _with_dot(type: str, value: str) -> str:
    """A value with the names in it as whole names: these vendors know no others."""
    if type in ("CNAME", "MX", "NS", "SRV", "PTR") and not value.endswith("."):
        return f"{value}."
    return value


PACKAGES: dict[str, tuple[str, tuple[Resource, ...]]] = {
    "aws": ("7.51.1", (Route53Zone(), Route53Record())),
    "cloudflare": ("6.23.1", (CloudflareRecord(),)),
    "azure-native": ("3.29.0", (AzureZone(), AzureRecordSet())),
}
"""The packages with the versions of the SDKs that they were compared with."""
