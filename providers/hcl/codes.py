"""The functions that encode, decode and hash, and those for networks."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import ipaddress
import json
import posixpath
import urllib.parse
import uuid
from collections.abc import Callable
from itertools import islice

from .arguments import Misused, TooHard, string_of, value_of, whole_of
from .texts import json_of
from .values import Bool, List, Number, Value, text

_MOST_ROWS = 100_000
_MOST_DIGITS = 300


def _octets(value: Value) -> bytes:
    return string_of(value).encode("utf-8", "surrogateescape")


def _hash(name: str, *, is_base64: bool = False) -> Callable[[Value], Value]:
    def function(value: Value) -> Value:
        digest = hashlib.new(name, _octets(value), usedforsecurity=False)
        return text(base64.b64encode(digest.digest()).decode() if is_base64 else digest.hexdigest())

    return function


def _base64decode(value: Value) -> Value:
    octets = base64.b64decode(string_of(value).replace("\n", "").replace("\r", ""), validate=True)
    return text(octets.decode("utf-8"))


def _jsondecode(value: Value) -> Value:
    try:
        return value_of(json.loads(string_of(value)))
    except RecursionError:
        raise TooHard from None


def _csvdecode(value: Value) -> Value:
    reader = csv.DictReader(io.StringIO(string_of(value), newline=""), strict=True)
    try:
        rows = list(islice(reader, _MOST_ROWS + 1))
    except csv.Error:
        raise Misused from None
    if any(None in row or None in row.values() for row in rows):
        raise Misused  # each row has the fields that the first one names
    if len(rows) > _MOST_ROWS:
        raise TooHard
    return value_of(rows)


def _parseint(value: Value, base: Value) -> Value:
    digits = string_of(value)
    if len(digits) > _MOST_DIGITS:
        raise TooHard
    if not digits.lstrip("-+").isalnum() or not 2 <= whole_of(base) <= 36:
        raise Misused
    return Number(int(digits, whole_of(base)))


def _uuidv5(namespace: Value, name: Value) -> Value:
    known = string_of(namespace)
    names = {
        "dns": uuid.NAMESPACE_DNS, "url": uuid.NAMESPACE_URL,
        "oid": uuid.NAMESPACE_OID, "x500": uuid.NAMESPACE_X500,
    }  # fmt: skip
    return text(str(uuid.uuid5(names.get(known) or uuid.UUID(known), string_of(name))))


# -- networks --------------------------------------------------------------------------------------

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(value: Value) -> _Network:
    return ipaddress.ip_network(string_of(value), strict=False)


def _cidrhost(prefix: Value, number: Value) -> Value:
    network, which = _network(prefix), whole_of(number)
    if not -network.num_addresses <= which < network.num_addresses:
        raise Misused
    return text(str(network[which]))


def _cidrnetmask(prefix: Value) -> Value:
    network = _network(prefix)
    if network.version != 4:
        raise Misused
    return text(str(network.netmask))


def _subnet(network: _Network, more: int, number: int) -> Value:
    length = network.prefixlen + more
    if more < 0 or length > network.max_prefixlen or not 0 <= number < 1 << more:
        raise Misused
    first = int(network.network_address) + (number << (network.max_prefixlen - length))
    return text(f"{type(network.network_address)(first)}/{length}")


def _cidrsubnets(prefix: Value, *widths: Value) -> Value:
    network = _network(prefix)
    found: list[Value] = []
    at = 0  # addresses that are taken
    for width in widths:
        more = whole_of(width)
        size = 1 << max(network.max_prefixlen - network.prefixlen - more, 0)
        number = -(-at // size)
        found.append(_subnet(network, more, number))
        at = (number + 1) * size
    return List(tuple(found))


def _cidrcontains(prefix: Value, what: Value) -> Value:
    network, inner = _network(prefix), _network(what)
    if network.version != inner.version:
        raise Misused
    return Bool(int(network[0]) <= int(inner[0]) and int(inner[-1]) <= int(network[-1]))


CODE_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "base64decode": _base64decode,
    "base64encode": lambda v: text(base64.b64encode(_octets(v)).decode()),
    "base64sha256": _hash("sha256", is_base64=True),
    "base64sha512": _hash("sha512", is_base64=True),
    "basename": lambda v: text(posixpath.basename(string_of(v).rstrip("/")) or "."),
    "cidrcontains": _cidrcontains, "cidrhost": _cidrhost, "cidrnetmask": _cidrnetmask,
    "cidrsubnet": lambda v, more, n: _subnet(_network(v), whole_of(more), whole_of(n)),
    "cidrsubnets": _cidrsubnets, "csvdecode": _csvdecode,
    "dirname": lambda v: text(posixpath.normpath(posixpath.dirname(string_of(v)) or ".")),
    "jsondecode": _jsondecode,
    "jsonencode": lambda v: text(json_of(v)), "md5": _hash("md5"), "parseint": _parseint,
    "sha1": _hash("sha1"), "sha256": _hash("sha256"), "sha512": _hash("sha512"),
    "urldecode": lambda v: text(urllib.parse.unquote_plus(string_of(v), errors="strict")),
    "urlencode": lambda v: text(urllib.parse.quote_plus(_octets(v))), "uuidv5": _uuidv5,
}  # fmt: skip
