"""Every input that broke something once, as it was found and shrunk, against the same invariants.

The names are the targets of `python -m tests.fuzz`, which has the invariants.
"""

import base64

import pytest

from tests.fuzz.targets import TARGETS

DOCUMENTATION = " ".join(f"ip4:203.0.113.{number}" for number in range(2, 31))

NAMELESS = base64.b64decode(
    "UEsDBFBLAQIUAxQAAAAIAHojeF07pCnKGgIAADoJAOMFAAAAAAAAAAAAAACAAQBhAAAALnhtbFBLAQIU"
    "AxQBAAABAHojeF2Nlw8EMQIAACwCAAAIAAAAAAAAAAAAAACAAT0CAABiLnhtbAdnelBLBQYAAAAAAgAC"
    "AGkAAACUBAAAAAA="
)
"""An archive with a member that has no name: Python's own writer refuses to make one."""

CRASHERS: list[tuple[str, str, str | bytes]] = [
    (
        "a parked domain's DMARC record without p was proposed as it stood, for ever",
        "dmarc-rules",
        "v=DMARC1",
    ),
    (
        "fixing stopped after 25 rounds, with some terms left",
        "spf-rules",
        f"v=spf1 {DOCUMENTATION} -all",
    ),
    (
        "a message about a key was cut at the full stop that it was about",
        "dkim-rules",
        "p=MIjAuRD/z+.",
    ),
    ("of two fo tags one was left", "zone", 'c TXT "v=DMARC1;fo=0:d;fo=0:d"\n'),
    ("of two psd tags one was left", "dmarc-rules", "v=DMARC1;psd=  Y;psd=  Y"),
    ("of two sp tags one was left", "dmarc-rules", "v=DMARC1;p=reject sp=quarantine;sp=quarantine"),
    ("of two pct tags one was left", "dmarc-rules", "v=DMARC1;pct\t= 5\tpct\t= 5"),
    ("of two flags of a key one was left", "dkim-rules", "t=y t=y"),
    ("an SPF term with many blanks is mended step by step", "spf-rules", "v=spf1 include: : : : {"),
    (
        "a value with a line feed was shown in two lines",
        "config",
        '[domains."m".microsoft365.dkim]\n1=".\\n"\n',
    ),
    ("a number of 5000 digits escaped from the TOML reader", "config", f"a = {'9' * 5000}\n"),
    ("the same in a lock", "lock", f"version = 1\na = {'9' * 5000}\n"),
    ("the same in a baseline", "baseline", f'{{"version": {"9" * 5000}}}'),
    (
        "void for both families, and no term void altogether",
        "zone",
        ' TXT"spf1mx a mx a mx a"\n MX 0 mail\n AAAA ::\nmail A 3.0.3.7\n',
    ),
    ("a string that runs over the end of its line", "zone", ' TXT "\\\n"\n'),
    ("a string with a lone CR", "zone", ' TXT "a\rb\\\\\r"\n'),
    (
        "what could not be fixed at first could be fixed afterwards",
        "zone",
        ' 6 TXT"v=spf1 "\na.omainkey CNAME m._domainkey\n',
    ),
    ("a comment that silences nothing is taken out", "zone", ' TXT "";noqa:PF2101\n'),
    (
        "a resource's type that is no type came out as a lone surrogate",
        "resources",
        '[{"type": "ovh:Domain/zoneRecord:ZoneRecord", "zone": true, "properties": '
        '{"subdomain": "", "fieldtype": "\\udcff", "ttl": 60, "target": "x"}}]',
    ),
    (
        "a plan's type that is no type",
        "plan",
        '{"format_version": "1.2", "resource_changes": [{"address": "a", "type": "ns1_record", '
        '"change": {"actions": ["create"], "before": null, "after": {"domain": "a.example.com", '
        '"zone": "example.com", "type": "\\ud800", "answers": [{"answer": "x"}]}}}]}',
    ),
    ("a member of an archive without a name", "reports", NAMELESS),
    (
        "of two equal aliases at a wrong owner one moved only when the other was gone",
        "octodns",
        '"omainkey":\n'
        '  - {"type":"CNAME","value":"selector1-example-com._domainkey.a.onmicrosoft.com"}\n'
        '  - {"type":"CNAME","value":"selector1-example-com._domainkey.a.onmicrosoft.com"}\n',
    ),
    (
        "a source of an octoDNS zone that is no name",
        "octodns-config",
        "providers:\n s:\nzones:\n  .: []\n  '*':\n   sources: [s: ]\ns:",
    ),
    (
        "processors, names and sources that are no lists",
        "octodns-config",
        "providers:\n s:\nprocessors: [a]\nmanager:\n  processors: 3\n"
        "zones:\n  'a.':\n    sources: 7\n    processors: {b: }\n",
    ),
    (
        "a value of several lines in a record of a type that has no fields",
        "octodns",
        '"":\n  type: E\n  value: |\n   ]\n',
    ),
    ("of two t tags one was left", "zone", 'c TXT "v=DMARC1;p=reject t=y t=y;"\n'),
    (
        "of two redirects beside all one was left",
        "spf-rules",
        "v=spf1 redirect=a.example.net redirect=b.example.net -all",
    ),
    (
        "of two noqa in one comment the second one counted only when the first was gone",
        "zone",
        "a A 192.0.2.1 ;; noqa: SPF001 ; noqa: SPF001 \n",
    ),
    (
        "a name that is no name was written into the lock and could not be read again",
        "lock",
        b'\n["s1.dkim\xc8example.net."]\nseen = 2026-11-24\nTXT = "nxdomain"\n',
    ),
    (
        "the same in the target of an alias",
        "lock",
        b'\n["s1.example.net."]\nseen = 2026-11-24\nCNAME = "\xc8."\n',
    ),
]


@pytest.mark.parametrize(
    ("target", "data"), [case[1:] for case in CRASHERS], ids=[case[0] for case in CRASHERS]
)
def test_what_broke_once_holds(target: str, data: str | bytes) -> None:
    octets = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
    TARGETS[target](octets)
