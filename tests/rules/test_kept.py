"""No repair of a DMARC record loses a tag that was written, in whatever way it was written."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.harness import ask, every_rule, read
from zonelint.rules.context import Context

_REPAIRS = [
    rule for rule in every_rule()
    if rule.code in ("DMARC001", "DMARC003", "DMARC005", "DMARC008", "DMARC010", "DMARC011")
]  # fmt: skip
_VERSIONS = (
    "v=DMARC1", "v=dmarc1", "DMARC1", "v=DMARC", "v=DMARC 1", "v:DMARC1", "x v=DMARC1", "v=DMARC1,",
    "v=DMARC1;v=DMARC1", "v=DMARC2", "",
)  # fmt: skip
_TAGS = (
    "p=reject", "p = quarantine", "P=reject", "p-reject", "p:reject", "p=rejct", "sp=none",
    "sp:reject", "np=reject", "rua=mailto:d@example.com", "ruf=d@example.com", "adkim=s", "aspf=s",
    "t=y", "psd=n",
)  # fmt: skip
_NAME = re.compile(r"[a-z]+", re.IGNORECASE)


@settings(max_examples=300)
@given(
    version=st.sampled_from(_VERSIONS),
    tags=st.lists(st.sampled_from(_TAGS), min_size=1, max_size=5, unique_by=lambda tag: tag[:2]),
    separator=st.sampled_from(("; ", ";", ", ", " ", ":")),
)
def test_no_repair_loses_a_tag(version: str, tags: list[str], separator: str) -> None:
    text = separator.join([version, *tags])
    zone = read(f'@ MX 10 mail\nmail A 9.9.9.9\n_dmarc TXT "{text}"\n')
    for finding in ask(_REPAIRS, Context([zone])).findings:
        for edit in finding.change.edits if finding.change is not None else ():
            after = (edit.after or "").lower()
            for tag in tags:
                name = _NAME.match(tag)
                assert name is not None
                assert re.search(rf"\b{name[0].lower()}\s*[=:-]", after), (text, edit.after)
