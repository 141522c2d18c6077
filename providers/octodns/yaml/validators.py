"""octoDNS's own validators, of its sets `legacy` and `strict`, as far as they are asked here.

They are those of octoDNS 1.22 (octodns/record/). `lenient` makes warnings of their complaints, and
a configuration may switch them off.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from zonelint.grammars.dnsname import quote_source
from zonelint.grammars.zone import TARGET_FIELD

TEXT, DYNAMIC, HEALTHCHECK = "chunked-value-rfc", "dynamic", "healthcheck"
ANY = "*"
_OF_NAME = {"ALIAS": "alias-root", "CNAME": "cname-root-rfc", "SRV": "srv-name"}
OF_VALUE = {
    **dict.fromkeys(("A", "AAAA"), "ip-value-rfc"),
    **dict.fromkeys(("ALIAS", "CNAME", "DNAME"), "target-value-rfc"),
    **dict.fromkeys(("NS", "PTR"), "targets-value-rfc"),
    **dict.fromkeys(("SPF", "TXT"), TEXT),
    "MX": "mx-value",
    "SRV": "srv-value",
    "TLSA": "tlsa-value",
}
"""The validator of a type's values."""
VALIDATED = (
    *((id, type) for told in (_OF_NAME, OF_VALUE) for type, id in told.items()),
    *((DYNAMIC, type) for type in ("A", "AAAA", "CNAME", "DNAME")),
    (HEALTHCHECK, ANY),
)
"""The validators whose complaints are told here, each with a type."""
SETS = frozenset(("legacy", "strict"))
PROTOCOLS = frozenset(("HTTP", "HTTPS", "ICMP", "TCP", "UDP"))

_LABEL = r"(?!-)[-_A-Za-z0-9]{1,63}(?<!-)"
_WHOLE = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}\.?")
_SERVICE = re.compile(r"(?:\*|_[^.]+)\.[^.]+")
_MAY_BE_NONE = ("MX", "SRV")
_LARGEST = {"TLSA": (3, 1, 2)}

Refusal = tuple[str, str, str]
"""The validator, what it complains of, and what to do."""


def refusal_of_name(type: str, name: str) -> Refusal | None:
    """Why octoDNS refuses a record of a type at a name, which is relative to the zone."""
    if type == "CNAME" and not name:
        why, advice = "A CNAME record cannot be at the zone's own name", "Make it an ALIAS record."
    elif type == "ALIAS" and name:
        why, advice = "An ALIAS record is at the zone's own name only", "Make it a CNAME record."
    elif type == "SRV" and not _SERVICE.match(name):
        why, advice = "An SRV record is at a service and a protocol", "Write `_service._tcp`."
    else:
        return None
    return _OF_NAME[type], f"{why}, so octoDNS refuses it.", advice


def refusal_of_value(type: str, words: Sequence[str]) -> tuple[int, Refusal] | None:
    """Why octoDNS refuses a value that is rdata, with the field that it is about."""
    for index, largest in enumerate(_LARGEST.get(type, ())):
        if int(words[index]) > largest:
            why = f"`{words[index]}` is more than {largest}, so octoDNS refuses the record."
            return index, (OF_VALUE[type], why, "Write a number that this field has.")
    index = TARGET_FIELD.get(type, len(words))
    if index >= len(words) or _is_target(type, words[index]):
        return None
    written = quote_source(words[index])
    why = f"`{written}` is not a whole domain name" if written else "The name is empty"
    advice = "Write all its labels, of letters, digits, `-` and `_`, and the final dot."
    return index, (OF_VALUE[type], f"{why}, so octoDNS refuses the record.", advice)


def _is_target(type: str, name: str) -> bool:
    """Whether octoDNS takes a name as one that records lead to: a template it takes as it is."""
    if name == ".":
        return type in _MAY_BE_NONE
    return bool(_WHOLE.fullmatch(name)) or not name.isascii() or ("{" in name and "}" in name)
