"""No repair of a DMARC record loses a tag that was written, in whatever way it was written."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.harness import ask, every_rule, read
from zonelint.grammars.rdata import txt_rdata
from zonelint.rules.context import Context
from zonelint.rules.core.change import Role

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


_MENDING = [rule for rule in every_rule() if rule.family == "DMARC" and rule.role is Role.MENDS]
_GLUE = (
    "=",
    " = ",
    "-",
    ":",
    " ",
    "",
    "＝",
    "&equals;",
    "=\u200b",
    "==",
    "\u2013",
    "_",
    ".",
    "=\\",
)
_BETWEEN = (";", "; ", ",", " ", "", ";;", "|", "/", "\\;", "；", "&semi;", ":", "\u00a0", "\t")
_WRITTEN = st.one_of(
    st.tuples(
        st.sampled_from(("p", "sp", "np", "P", "")),
        st.sampled_from(_GLUE),
        st.sampled_from(("none", "quarantine", "reject")),
    ),
    st.tuples(
        st.sampled_from(("rua", "ruf", "RUA")),
        st.sampled_from(_GLUE),
        st.sampled_from(("mailto:a@example.com", "b@example.com", "<c@example.com>")),
    ),
    st.tuples(
        st.sampled_from(("adkim", "aspf", "fo", "pct", "t", "psd")),
        st.sampled_from(_GLUE),
        st.sampled_from(("r", "s", "1", "0:1", "strict", "100", "maybe", "none")),
    ),
)
_POLICY = re.compile("none|quarantine|reject")
_ADDRESS = re.compile(r"[abc]@example\.com")


@settings(max_examples=400)
@given(
    version=st.sampled_from(_VERSIONS),
    written=st.lists(st.tuples(_WRITTEN, st.sampled_from(_BETWEEN)), min_size=1, max_size=5),
)
def test_no_repair_loses_a_policy_or_an_address(
    version: str, written: list[tuple[tuple[str, str, str], str]]
) -> None:
    text = f"{version}; " + "".join(f"{''.join(tag)}{end}" for tag, end in written)
    policies = {tag[2] for tag, _ in written if tag[0].lower() in ("p", "sp", "np")}
    zone = read(f"@ MX 10 mail\nmail A 9.9.9.9\n_dmarc TXT {txt_rdata(text)}\n")
    for finding in ask(_MENDING, Context([zone])).findings:
        if finding.change is None:
            continue
        after = " ".join(edit.after or "" for edit in finding.change.edits).lower()
        assert policies <= set(_POLICY.findall(after)), (finding.code, text, after)
        assert set(_ADDRESS.findall(text)) <= set(_ADDRESS.findall(after)), (finding.code, text)
