"""Strategies for tag lists: what a record holds, and every legal way to write it down."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from hypothesis import strategies as st

from zonelint.grammars.tags import dkim, dmarc, transport
from zonelint.grammars.tags.language import Language
from zonelint.grammars.tags.taglist import TagList


class Generic(TagList):
    """A tag list of no particular language: any names, any values (RFC 6376 section 3.2)."""

    __slots__ = ()
    language = Language("tag list", "any", "", {})


Content = tuple[tuple[str, str], ...]
"""Names and values of a record's tags, values in their normal form."""

LANGUAGES: dict[str, Language] = {
    "dmarc": dmarc.DMARC,
    "dkim": dkim.DKIM,
    "sts": transport.STS,
    "tlsrpt": transport.TLSRPT,
    "bimi": transport.BIMI,
    "generic": Generic.language,
}

_LOWER = "abcdefghijklmnopqrstuvwxyz"
_LETTERS_AND_DIGITS = _LOWER + _LOWER.upper() + "0123456789"

labels = st.text(_LOWER + "0123456789", min_size=1, max_size=12)
domains = st.lists(labels, min_size=2, max_size=4).map(".".join)
_locals = st.text(_LETTERS_AND_DIGITS + "-._+", min_size=1, max_size=16)
sizes = st.from_regex(r"\A[0-9]{1,4}[kmgt]?\Z")
mailtos = st.builds("mailto:{}@{}".format, _locals, domains)
escaped_mailtos = st.builds("mailto:{}%21{}@{}".format, _locals, _locals, domains)
https = st.builds("https://{}/{}".format, domains, st.text(_LOWER + "/?=&", max_size=12))
report_lists = st.lists(
    st.one_of(mailtos, escaped_mailtos, https, st.builds("{}!{}".format, mailtos, sizes)),
    min_size=1,
    max_size=3,
).map(",".join)
_cased = st.sampled_from([str.lower, str.upper, str.title, str.swapcase])


def any_case(*words: str) -> st.SearchStrategy[str]:
    """One of the words, in any of some cases."""
    return st.builds(lambda word, case: case(word), st.sampled_from(words), _cased)


policies = any_case("none", "quarantine", "reject")
options = st.sampled_from(["0", "1", "d", "s", "0:d", "0:d:s", "1:s", "d:s", "s:1:d", "D:0"])
notes = st.from_regex(r"\A[!-:<-~]{1,8}( [!-:<-~]{1,8}){0,2}\Z")


def _some_of(
    version: Content, tags: dict[str, st.SearchStrategy[str]], required: Sequence[str] = ()
) -> st.SearchStrategy[Content]:
    optional = {name: value for name, value in tags.items() if name not in required}
    drawn = st.fixed_dictionaries({name: tags[name] for name in required}, optional=optional)
    shuffled = drawn.flatmap(lambda found: st.permutations(list(found.items())))
    return shuffled.map(lambda found: version + tuple(found))


dmarc_contents = _some_of(
    (("v", "DMARC1"),),
    {
        "p": policies,
        "sp": policies,
        "np": policies,
        "adkim": any_case("r", "s"),
        "aspf": any_case("r", "s"),
        "fo": options,
        "rua": report_lists,
        "ruf": report_lists,
        "t": any_case("y", "n"),
        "psd": any_case("y", "n", "u"),
        "pct": st.integers(0, 100).map(str),
        "ri": st.integers(0, 100000).map(str),
        "rf": st.just("afrf"),
    },
)
key_data = st.binary(max_size=80).map(lambda data: base64.b64encode(data).decode("ascii"))
dkim_contents = st.builds(
    tuple.__add__,
    st.sampled_from([(), (("v", "DKIM1"),)]),
    _some_of(
        (),
        {
            "k": st.sampled_from(["rsa", "ed25519"]),
            "h": st.sampled_from(["sha256", "sha1", "sha1:sha256", "sha256:x-new"]),
            "s": st.sampled_from(["email", "*", "*:email", "other"]),
            "t": st.sampled_from(["y", "s", "y:s", "x-flag"]),
            "n": notes,
            "p": key_data,
            "g": st.sampled_from(["", "*"]),
        },
        ["p"],
    ),
)
_extension_values = st.from_regex(r"\A[!-:<>-~]{1,12}\Z")
_sts_ids = st.text(_LETTERS_AND_DIGITS, min_size=1, max_size=32)
sts_contents = _some_of((("v", "STSv1"),), {"id": _sts_ids, "x-1.y_z": _extension_values}, ["id"])
tlsrpt_contents = _some_of(
    (("v", "TLSRPTv1"),),
    {
        "rua": st.lists(st.one_of(mailtos, https), min_size=1, max_size=3).map(",".join),
        "x-1.y_z": _extension_values,
    },
    ["rua"],
)
_places = st.one_of(st.just(""), https)
bimi_contents = _some_of(
    (("v", "BIMI1"),), {"l": _places, "a": _places, "avp": st.just("brand")}, ["l"]
)

contents: dict[str, st.SearchStrategy[Content]] = {
    "dmarc": dmarc_contents,
    "dkim": dkim_contents,
    "sts": sts_contents,
    "tlsrpt": tlsrpt_contents,
    "bimi": bimi_contents,
}
"""What records of each language can hold."""

RECORDS = {
    "dmarc": dmarc.DmarcRecord,
    "dkim": dkim.DkimKey,
    "sts": transport.StsRecord,
    "tlsrpt": transport.TlsRptRecord,
    "bimi": transport.BimiRecord,
    "generic": Generic,
}

dmarc_records = dmarc_contents.map(lambda content: dmarc.parse(plain(content)))
dkim_records = dkim_contents.map(lambda content: dkim.parse(plain(content)))
sts_records = sts_contents.map(lambda content: transport.StsRecord.read(plain(content)))
tlsrpt_records = tlsrpt_contents.map(lambda content: transport.TlsRptRecord.read(plain(content)))
bimi_records = bimi_contents.map(lambda content: transport.BimiRecord.read(plain(content)))


def plain(content: Content) -> str:
    """The normal form of a record."""
    return "; ".join(f"{name}={value}" for name, value in content)


_FOLDED_LISTS = {"fo": ":", "h": ":", "s": ":", "t": ":", "rua": ",", "ruf": ","}
_blanks = st.sampled_from(["", " ", "  ", "\t", " \t "])


@st.composite
def layouts(draw: st.DrawFn, language: str, content: Content) -> str:
    """One of the ways in which the language's ABNF allows a content to be written."""
    tight = language in ("sts", "tlsrpt")
    pieces = []
    for number, (name, value) in enumerate(content):
        mark = _FOLDED_LISTS.get(name)
        written = value
        if mark is not None and draw(st.booleans()):
            written = f"{draw(_blanks)}{mark}{draw(_blanks)}".join(value.split(mark))
        elif language == "dkim" and name == "p" and len(value) > 8 and draw(st.booleans()):
            written = f"{value[:4]} {value[4:7]}\t{value[7:]}"
        equals = "=" if tight else f"{draw(_blanks)}={draw(_blanks)}"
        before = draw(_blanks) if number else ""
        after = "" if tight and not number else draw(_blanks)
        pieces.append(f"{before}{name}{equals}{written}{after}")
    return ";".join(pieces) + draw(st.sampled_from(["", ";", "; "]))


_BITS = [
    "v", "p", "sp", "rua", "fo", "k", "h", "id", "l", "n", "pct", "=", ":", ";", ",", "!", " ",
    "\t", "\r\n ", '"', "'", "\\", "-", "none", "reject", "quarentine", "DMARC1", "dmarc1",
    "DKIM1", "STSv1", "TLSRPTv1", "BIMI1", "mailto:", "https://", "a@b.example", "0", "1", "y",
    "sha256", "rsa", "AQAB", "%", "%2C", "x", "\u201c", "\u2013", "\u00a0", "\u200b", "\uff1b",
    "\x00", "é",
]  # fmt: skip
scraps = st.lists(st.sampled_from(_BITS), max_size=24).map("".join)
"""Texts out of the pieces that records are made of: nearly right more often than noise is."""
any_text = st.one_of(scraps, st.text(max_size=60))
