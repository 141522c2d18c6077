"""Every input that broke something once, as it was found and shrunk, against the same invariants.

The names are the targets of ``python -m tests.fuzz``, which has the invariants.
"""

import pytest

from tests.fuzz.targets import TARGETS

DOCUMENTATION = " ".join(f"ip4:203.0.113.{number}" for number in range(2, 31))

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
    ("of two t tags one was left", "zone", 'c TXT "v=DMARC1;p=reject t=y t=y;"\n'),
]


@pytest.mark.parametrize(
    ("target", "data"), [case[1:] for case in CRASHERS], ids=[case[0] for case in CRASHERS]
)
def test_what_broke_once_holds(target: str, data: str | bytes) -> None:
    octets = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
    TARGETS[target](octets)
