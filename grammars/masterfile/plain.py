"""Plain lines of a master file: one regular expression reads a whole record of a common type.

What it matches is sound as far as characters go. The lengths of names, and IPv6 addresses, are left
to whoever reads; everything else that this expression refuses is left to the tokenizer.
"""

from __future__ import annotations

import re

from zonelint.grammars.dnsname import PLAIN_NAME
from zonelint.grammars.masterfile.rdata import IPV4

_B = r"[ \t]++"
_QUOTED = r'"[\t !#-\[\]-~]{0,255}+"'
_MORE = "{0,254}+"  # strings; so many of 255 octets fit into a record's 65535
_QUOTED_LIST = rf"{_QUOTED}(?:[ \t]*+{_QUOTED}){_MORE}"
_U16 = "[0-9]{1,4}+"
_OWNER = r"[-A-Za-z0-9_*]{1,63}+(?:\.[-A-Za-z0-9_]{1,63}+)*+\.?+|@"

_FORMS: tuple[tuple[str, str, bool], ...] = (
    # type, rdata (one group), whether it stands in parentheses
    ("TXT", _QUOTED_LIST, False),
    ("TXT", rf"{_QUOTED}(?:[ \t\r\n]*+{_QUOTED}){_MORE}", True),
    ("A", IPV4, False),
    ("AAAA", "[0-9A-Fa-f:]++", False),
    ("MX", rf"{_U16}{_B}{PLAIN_NAME}", False),
    ("CNAME", PLAIN_NAME, False),
    ("NS", PLAIN_NAME, False),
    ("PTR", PLAIN_NAME, False),
    ("SRV", rf"{_U16}{_B}{_U16}{_B}{_U16}{_B}{PLAIN_NAME}", False),
    ("SPF", _QUOTED_LIST, False),
    ("CAA", rf"(?:0|128){_B}[A-Za-z0-9]++{_B}{_QUOTED}", False),
    ("TLSA", rf"[0-9]{{1,2}}+{_B}[0-9]{_B}[0-9]{_B}(?:[0-9A-Fa-f]{{2}}){{1,30000}}+", False),
)
_HEAD_GROUPS = 3
TYPES = ("",) * (_HEAD_GROUPS + 1) + tuple(type for type, _, _ in _FORMS)
AAAA_INDEX = TYPES.index("AAAA")
FIRST_NAME_INDEX = TYPES.index("MX")
"""From this index on, the rdata holds a name, and its length must be looked at."""


def _plain_line() -> re.Pattern[str]:
    """Groups: owner; TTL in front of the class; TTL behind it; then one rdata group a form."""
    forms = []
    for type, rdata, parentheses in _FORMS:
        group = rf"\([ \t\r\n]*+({rdata})[ \t\r\n]*+\)" if parentheses else f"({rdata})"
        forms.append(rf"(?:{type}|{type.lower()}){_B}{group}")
    class_ = f"(?:IN|in){_B}"
    ttl = f"([0-9]{{1,9}}+){_B}"
    return re.compile(
        rf"({_OWNER})?+{_B}(?:{ttl}(?:{class_})?+|{class_}(?:{ttl})?+)?+"
        rf"(?:{'|'.join(forms)})[ \t]*+(?:;[^\r\n]*+)?+(?:\r?\n|\Z)"
    )


PLAIN_LINE = _plain_line()
NOTHING = re.compile(r"(?:[ \t]*+(?:;[^\r\n]*+)?+(?:\r\n?+|\n))++")
