"""What is told about an SPF record that receivers cannot use: kind, place, words, the way out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.strategies_spf import nearly_terms
from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.repair import repaired
from zonelint.grammars.spf import record as spf
from zonelint.grammars.spf.address import read_address
from zonelint.grammars.spf.explain import explain
from zonelint.grammars.spf.record import Qualifier, is_spf, parse, read_term
from zonelint.grammars.spf.version import is_torn, misspelt_version

SYNTAX, MACRO, CIDR = FaultKind.SYNTAX, FaultKind.MACRO, FaultKind.CIDR
NON_ASCII, DOMAIN = FaultKind.NON_ASCII, FaultKind.UNICODE_DOMAIN
MISSING, VERSION, DUPLICATE = FaultKind.MISSING, FaultKind.VERSION, FaultKind.DUPLICATE

# Term, then each of its faults: kind, the text it points at, a word of its message, what should
# stand there instead (None: that cannot be told).
BAD = [
    # Names
    ("ipv4:192.0.2.1", [(SYNTAX, "ipv4", "ip4 is probably intended", "ip4")]),
    ("ip:192.0.2.1/24", [(SYNTAX, "ip", "ip4 is probably intended", "ip4")]),
    ("ip:2001:db8::1", [(SYNTAX, "ip", "ip6 is probably intended", "ip6")]),
    ("ipv4:2001:db8::1", [(SYNTAX, "ipv4", "ip6 is probably intended", "ip6")]),
    ("inlcude:a.example", [(SYNTAX, "inlcude", "include is probably intended", "include")]),
    ("nclude:spf.example.net", [(SYNTAX, "nclude", "include is probably intended", "include")]),
    ("-Includ:a.example", [(SYNTAX, "Includ", "include is probably intended", "include")]),
    ("redirct:a.example", [(SYNTAX, "redirct:", "redirect is probably intended", "redirect=")]),
    ("alll", [(SYNTAX, "alll", "all is probably intended", "all")]),
    ("~all.", [(SYNTAX, "all.", "all is probably intended", "all")]),
    ("incl:spf.example.net", [(SYNTAX, "incl", "include is probably intended", "include")]),
    ("redir:a.example", [(SYNTAX, "redir:", "redirect is probably intended", "redirect=")]),
    ("foo", [(SYNTAX, "foo", "`foo`", None)]),
    ("domain:a.example", [(SYNTAX, "domain", "`domain`", None)]),
    ("_spf.example.com", [(SYNTAX, "_spf.example.com", "mechanism before it", None)]),
    ("192.0.2.1", [(SYNTAX, "192.0.2.1", "ip4", "ip4:192.0.2.1")]),
    ("2001:db8::/32", [(SYNTAX, "2001:db8::/32", "ip6", "ip6:2001:db8::/32")]),
    ("spf2.0/pra", [(SYNTAX, "spf2.0/pra", "Sender ID", None)]),
    (":a.example", [(SYNTAX, ":a.example", "name is missing", None)]),
    # Qualifiers
    ("--all", [(SYNTAX, "--", "one qualifier", "-")]),
    ("-~all", [(SYNTAX, "-~", "one qualifier", None)]),
    ("!all", [(SYNTAX, "!", "not a qualifier", None)]),
    ("=all", [(SYNTAX, "=", "not a qualifier", None)]),
    ("all-", [(SYNTAX, "all-", "before `all`", "-all")]),
    ("ALL~", [(SYNTAX, "ALL~", "before `all`", "~ALL")]),
    ("-", [(SYNTAX, "-", "no mechanism", None)]),
    ("-redirect=a.example", [(SYNTAX, "-", "takes no qualifier", "")]),
    # Signs
    ("redirect:a.example", [(SYNTAX, ":", "equals sign", "=")]),
    ("exp:a.example", [(SYNTAX, ":", "equals sign", "=")]),
    ("-include=a.example", [(SYNTAX, "=", "colon", ":")]),
    ("+ip4=192.0.2.1", [(SYNTAX, "=", "colon", ":")]),
    ("ip4::192.0.2.1", [(SYNTAX, ":192.0.2.1", "extra punctuation", "192.0.2.1")]),
    ("include/a.example", [(SYNTAX, "/", "colon", ":")]),
    ("include.spf.example.net", [(SYNTAX, ".", "a colon, not", ":")]),
    ("~include_spf.example.net", [(SYNTAX, "_", "a colon, not", ":")]),
    ("include;spf.example.net", [(SYNTAX, ";", "a colon, not", ":")]),
    ("ip4.192.0.2.1", [(SYNTAX, ".", "a colon, not", ":")]),
    ("redirect.spf.example.net", [(SYNTAX, ".", "an equals sign, not", "=")]),
    ("mx.example.net", [(SYNTAX, "mx.example.net", "mechanism before it", None)]),
    ("ip4:192.0.2.1.", [(SYNTAX, "192.0.2.1.", "extra punctuation", "192.0.2.1")]),
    ("all:a.example", [(SYNTAX, ":a.example", "Nothing may follow", "")]),
    ("-all/24", [(SYNTAX, "/24", "Nothing may follow", "")]),
    # Something missing
    ("include", [(MISSING, "include", "domain", None)]),
    ("include:", [(MISSING, "include:", "domain", None)]),
    ("exists", [(MISSING, "exists", "domain", None)]),
    ("redirect=", [(MISSING, "redirect=", "domain", None)]),
    ("ip4:", [(MISSING, "ip4:", "address", None)]),
    ("-ip6", [(MISSING, "ip6", "address", None)]),
    ("mx:", [(SYNTAX, ":", "no domain", "")]),
    ("a:/24", [(SYNTAX, ":", "no domain", "")]),
    ("ptr:", [(SYNTAX, ":", "no domain", "")]),
    # Commas, quotes, blanks
    ("include:a.example,", [(SYNTAX, ",", "comma", "")]),
    ("-all;", [(SYNTAX, ";", "semicolon", "")]),
    ('-all"', [(SYNTAX, '"', "quote", "")]),
    ('"include:a.example"', [(SYNTAX, '"', "quote", ""), (SYNTAX, '"', "quote", "")]),
    ("mx\\", [(SYNTAX, "\\", "backslash", "")]),
    (",", [(SYNTAX, ",", "stray comma", "")]),
    ("ip4:192.0.2.1,ip4:192.0.2.2", [(SYNTAX, ",", "not by a comma", " ")]),
    ("ip4:192.0.2.1,192.0.2.2/31", [(SYNTAX, ",", "not by a comma", " ip4:")]),
    ("-ip4:192.0.2.1;192.0.2.2", [(SYNTAX, ";", "not by a semicolon", " -ip4:")]),
    (
        "inlcude:a.example,ip4:192.0.2.256,-all",
        [
            (SYNTAX, "inlcude", "include is probably intended", "include"),
            (SYNTAX, ",", "not by a comma", " "),
            (SYNTAX, "256", "255", None),
            (SYNTAX, ",", "not by a comma", " "),
        ],
    ),
    ("ip4:192.0.2.1-all", [(SYNTAX, "-all", "space is missing", " -all")]),
    ("include:_spf.example.com~all", [(SYNTAX, "~all", "space is missing", " ~all")]),
    ("mx-all", [(SYNTAX, "-all", "space is missing", " -all")]),
    (
        "ip4:192.0.2.1ip4:192.0.2.2~all",
        [
            (SYNTAX, "ip4:192.0.2.2", "space is missing", " ip4:192.0.2.2"),
            (SYNTAX, "~all", "space is missing", " ~all"),
        ],
    ),
    # Domains
    ("a:foo", [(SYNTAX, "foo", "no dot", None)]),
    ("include:a.123", [(SYNTAX, "123", "number", None)]),
    ("mx:mail.example.com_", [(SYNTAX, "com_", "top-level", None)]),
    ("include:a.example..", [(SYNTAX, "..", "one dot", ".")]),
    ("include:a.example)", [(SYNTAX, ")", "does not belong", "")]),
    ("include:a.example/24", [(SYNTAX, "/24", "no prefix length", "")]),
    ("include:a.example/", [(SYNTAX, "/", "no prefix length", "")]),
    ("ptr:a.example/24", [(SYNTAX, "/24", "no prefix length", "")]),
    ("ptr/24", [(SYNTAX, "/24", "no prefix length", "")]),
    ("include:https://a.example/x", [(SYNTAX, "https://a.example/x", "host name", "a.example")]),
    ("a:192.0.2.1", [(SYNTAX, "a:192.0.2.1", "ip4", "ip4:192.0.2.1")]),
    ("-mx:192.0.2.0/24", [(SYNTAX, "mx:192.0.2.0/24", "ip4", "ip4:192.0.2.0/24")]),
    ("include:2001:db8::1", [(SYNTAX, "include:2001:db8::1", "ip6", "ip6:2001:db8::1")]),
    ("redirect=192.0.2.1", [(SYNTAX, "redirect=192.0.2.1", "ip4", None)]),
    # Prefix lengths and the other family
    ("a/33", [(CIDR, "/33", "32", None)]),
    ("a:a.example/33//129", [(CIDR, "/33", "32", None), (CIDR, "//129", "128", None)]),
    ("mx//129", [(CIDR, "//129", "128", None)]),
    ("mx/024", [(CIDR, "/024", "leading zero", "/24")]),
    ("a//064", [(CIDR, "//064", "leading zero", "//64")]),
    ("a/24/64", [(CIDR, "/24/64", "two slashes", "/24//64")]),
    ("a/", [(CIDR, "/", "no prefix length", "")]),
    ("a/x", [(CIDR, "/x", "`x`", None)]),
    ("ip4:192.0.2.0/33", [(CIDR, "/33", "32", None)]),
    ("ip4:192.0.2.0/024", [(CIDR, "/024", "leading zero", "/24")]),
    ("ip4:192.0.2.0/00", [(CIDR, "/00", "leading zero", "/0")]),
    ("ip4:192.0.2.0/", [(CIDR, "/", "no prefix length", "")]),
    ("ip4:192.0.2.0//24", [(CIDR, "//24", "one slash", "/24")]),
    ("ip4:192.0.2.0/24//64", [(CIDR, "/24//64", "one prefix length", None)]),
    ("ip4:192.0.2.0/255.255.255.0", [(CIDR, "/255.255.255.0", "netmask", "/24")]),
    ("ip4:192.0.2.0/255.0.255.0", [(CIDR, "/255.0.255.0", "not a prefix length", None)]),
    ("ip6:2001:db8::/129", [(CIDR, "/129", "128", None)]),
    ("ip6:2001:db8::/064", [(CIDR, "/064", "leading zero", "/64")]),
    ("ip4:2001:db8::1", [(CIDR, "ip4:2001:db8::1", "ip6", "ip6:2001:db8::1")]),
    ("-ip6:192.0.2.1/24", [(CIDR, "ip6:192.0.2.1", "ip4", "ip4:192.0.2.1")]),
    (
        "ip6:192.0.2.1/64",
        [(CIDR, "ip6:192.0.2.1", "ip4", "ip4:192.0.2.1"), (CIDR, "/64", "32", None)],
    ),
    ("ip4:192.0.2.01", [(CIDR, "01", "leading zero", None)]),
    # Addresses
    ("ip4:192.0.2", [(SYNTAX, "192.0.2", "four numbers", None)]),
    ("ip4:10.0/8", [(SYNTAX, "10.0", "four numbers", "10.0.0.0")]),
    ("ip4:192.0.2.256", [(SYNTAX, "256", "255", None)]),
    ("ip4:300.0.2.256", [(SYNTAX, "300", "255", None), (SYNTAX, "256", "255", None)]),
    ("ip4:192.0.2.*", [(SYNTAX, "192.0.2.*", "wildcard", "192.0.2.0/24")]),
    ("ip4:192.0.2.1:25", [(SYNTAX, ":25", "ports", "")]),
    ("ip4:mail.example.com", [(SYNTAX, "ip4:mail.example.com", "host", "a:mail.example.com")]),
    ("ip4:%{i}", [(SYNTAX, "%{i}", "not a macro", None)]),
    ("ip6:[2001:db8::1]", [(SYNTAX, "[2001:db8::1]", "extra punctuation", "2001:db8::1")]),
    ("ip6:2001:db8", [(SYNTAX, "2001:db8", "not an IPv6 address", None)]),
    (
        "ip4:192.0.2.0-192.0.2.255",
        [(SYNTAX, "ip4:192.0.2.0-192.0.2.255", "ranges", "ip4:192.0.2.0/24")],
    ),
    (
        "~ip4:192.0.2.8-192.0.2.12",
        [(SYNTAX, "ip4:192.0.2.8-192.0.2.12", "ranges", "ip4:192.0.2.8/30 ip4:192.0.2.12/32")],
    ),
    # Macros
    ("include:%{z}.a.example", [(MACRO, "%{z}", "macro letter", None)]),
    ("exists:%{d0}.a.example", [(MACRO, "%{d0}", "zero parts", None)]),
    ("exists:%{i}.%{d2~}.a.example", [(MACRO, "%{d2~}", "delimiter", None)]),
    (
        "exists:%{rr}.%{t}.a.example",
        [(MACRO, "%{rr}", "exp=", None), (MACRO, "%{t}", "exp=", None)],
    ),
    ("redirect=%{c}.a.example", [(MACRO, "%{c}", "exp=", None)]),
    ("exists:%{dr2}.a.example", [(MACRO, "%{dr2}", "a number, `r`", None)]),
    ("exists:%{}.a.example", [(MACRO, "%{}", "empty", None)]),
    ("exists:%{i.a.example", [(MACRO, "%{i.a.example", "closed", None)]),
    ("exists:%(i).a.example", [(MACRO, "%(i)", "braces", "%{i}")]),
    ("exists:%i.a.example", [(MACRO, "%", "percent sign", None)]),
    ("include:a.example%", [(MACRO, "%", "percent sign", None)]),
    ("exists:%{i}.100%", [(MACRO, "%", "percent sign", None)]),
    # Pasted
    ("\u2013all", [(NON_ASCII, "\u2013", "dash (U+2013)", "-")]),
    ("\u2014All", [(NON_ASCII, "\u2014", "dash (U+2014)", "-")]),
    (
        "\u201cinclude:a.example\u201d",
        [(NON_ASCII, "\u201c", "quote", ""), (NON_ASCII, "\u201d", "quote", "")],
    ),
    ("include:a.exam\u200bple", [(NON_ASCII, "\u200b", "invisible", "")]),
    ("ip4:192.0.2.1\u201324", [(NON_ASCII, "\u2013", "dash", None)]),
    ("\uff49\uff50\uff14:192.0.2.1", [(NON_ASCII, "\uff49\uff50\uff14", "pasted", "ip4")]),
    ("\u0430ll", [(NON_ASCII, "\u0430ll", "U+0430", "all")]),
    ("include:a\U0001f600.example", [(NON_ASCII, "\U0001f600", "pasted", None)]),
    ("include:a\udcfc.example", [(NON_ASCII, "\udcfc", "0xFC", None)]),
    ("include:\ufffd.example", [(NON_ASCII, "\ufffd", "lost", None)]),
    (
        "inlcude:\u201ca.example\u201d",
        [
            (SYNTAX, "inlcude", "include is probably intended", "include"),
            (NON_ASCII, "\u201c", "quote", ""),
            (NON_ASCII, "\u201d", "quote", ""),
        ],
    ),
    ("include:bücher.example", [(DOMAIN, "bücher.example", "ASCII", "xn--bcher-kva.example")]),
    (
        "a:_spf.Mail.Bücher.example/24",
        [(DOMAIN, "_spf.Mail.Bücher.example", "ASCII", "_spf.Mail.xn--bcher-kva.example")],
    ),
    (
        "redirect=例え\u3002テスト",
        [(DOMAIN, "例え\u3002テスト", "ASCII", "xn--r8jz45g.xn--zckzah")],
    ),
    ("mx\x07", [(SYNTAX, "\x07", "0x07", "")]),
]


@pytest.mark.parametrize(("text", "expected"), BAD, ids=[ascii(text) for text, _ in BAD])
def test_a_bad_term_is_explained(text, expected):
    prefix = "v=spf1 moo=x "
    record = parse(f"{prefix}{text} -all")
    term = record.terms[1]
    assert term.text == text
    assert term.start == len(prefix)
    assert record.terms[-1].text == "-all"
    for fault, (kind, pointed_at, word, suggestion) in zip(record.faults, expected, strict=True):
        assert record.text[fault.start : fault.end] == pointed_at
        assert fault.kind is kind
        assert word in fault.message
        assert fault.suggestion == suggestion
    if all(fault.suggestion is not None for fault in record.faults):
        mended = parse(repaired(record.text, record.faults))
        assert mended.sound
        assert mended.terms[0].text == "moo=x"
        assert mended.terms[-1].text == "-all"


@pytest.mark.parametrize("text", [text for text, _ in BAD])
def test_the_table_holds_no_good_term(text):
    assert read_term(text) is None


@settings(max_examples=600)
@given(nearly_terms())
def test_an_explanation_never_misleads(text):
    """Whatever the term: there is a fault, it is inside, and the whole advice mends the term."""
    if not text or read_term(text) is not None:
        return
    term = explain(text)
    assert term.text == text
    assert term.faults
    for fault in term.faults:
        assert 0 <= fault.start <= fault.end <= len(text)
        assert fault.end > fault.start
    mended = repaired(text, term.faults)
    if mended is not None:
        assert all(read_term(word) is not None for word in mended.split())


@pytest.mark.parametrize(
    ("text", "qualifier", "names"),
    [
        ("\u2013all", Qualifier.FAIL, ("all",)),
        ("~inlcude:a.example", Qualifier.SOFTFAIL, ("include",)),
        ("ipv4:192.0.2.1", Qualifier.PASS, ("ip4",)),
        ("redirect:a.example", None, ("redirect",)),
        ("foo", None, ()),
        ("mx,-all", Qualifier.PASS, ("mx", "all")),
        ("?mx-all", Qualifier.NEUTRAL, ("mx", "all")),
    ],
)
def test_a_bad_term_keeps_what_can_be_told(text, qualifier, names):
    (term,) = parse(f"v=spf1 {text}").invalid
    assert term.qualifier is qualifier
    assert term.names == names
    assert term.name == (names[0] if names else None)


TORN = [
    ("include: a.example", "include:a.example", ["after the colon"]),
    ("include :a.example", "include:a.example", ["before the colon"]),
    ("include : a.example", "include:a.example", ["before the colon", "after the colon"]),
    ("redirect = a.example", "redirect=a.example", ["before the equals", "after the equals"]),
    ("- all", "-all", ["after the qualifier"]),
    ("ip4:  192.0.2.1", "ip4:192.0.2.1", ["after the colon"]),
    ("ip4:192.0.2.0 /24", "ip4:192.0.2.0/24", ["before the slash"]),
    ("mx /24", "mx/24", ["before the slash"]),
    ("ip4:192.0.2.0/ 24", "ip4:192.0.2.0/24", ["after the slash"]),
    ("include:\u00a0a.example", "include:a.example", ["after the colon"]),
]


@pytest.mark.parametrize(("text", "whole", "words"), TORN)
def test_a_blank_inside_a_term_is_one_fault(text, whole, words):
    record = parse(f"v=spf1 a {text} ~all")
    assert [term.text for term in record.terms] == ["a", text, "~all"]
    assert len(record.faults) == len(words)
    for fault, word in zip(record.faults, words, strict=True):
        assert word in fault.message
        assert record.text[fault.start : fault.end].strip() == ""
    assert repaired(record.text, record.faults) == f"v=spf1 a {whole} ~all"


@pytest.mark.parametrize("text", ["include: mx", "mx: a:b.example", "redirect= -all", "all -all"])
def test_a_blank_between_two_terms_is_no_tear(text):
    record = parse(f"v=spf1 {text}")
    assert [term.text for term in record.terms] == text.split()


def test_every_fault_is_told_at_its_own_place():
    text = "v=spf1 ipv4:192.0.2.1 include: b.example\ta/33 exists:%{z}.c.example mx, \u2013all"
    record = parse(text)
    assert [(f.kind, text[f.start : f.end]) for f in record.faults] == [
        (SYNTAX, "ipv4"),
        (SYNTAX, " "),
        (SYNTAX, "\t"),
        (CIDR, "/33"),
        (MACRO, "%{z}"),
        (SYNTAX, ","),
        (NON_ASCII, "\u2013"),
    ]
    assert not record.sound
    assert repaired(record.text, record.faults) is None


def test_odd_blanks_are_told_and_read_over():
    record = parse("v=spf1 mx\tip4:192.0.2.1 \u00a0a\u2003-all\n")
    assert [term.text for term in record.terms] == ["mx", "ip4:192.0.2.1", "a", "-all"]
    assert [(f.kind, f.start, f.end, f.suggestion) for f in record.loose_faults] == [
        (SYNTAX, 9, 10, " "),
        (NON_ASCII, 24, 25, ""),
        (NON_ASCII, 26, 27, " "),
        (SYNTAX, 31, 32, ""),
    ]
    assert repaired(record.text, record.faults) == "v=spf1 mx ip4:192.0.2.1 a -all"


def test_a_modifier_stands_once():
    text = "v=spf1 redirect=a.example exp=b.example REDIRECT=c.example exp=d.example moo=1 moo=2"
    record = parse(text)
    assert [(f.kind, text[f.start : f.end]) for f in record.faults] == [
        (DUPLICATE, "REDIRECT=c.example"),
        (DUPLICATE, "exp=d.example"),
    ]
    assert "fault:duplicate" in record.features
    assert parse("v=spf1 redirect=a.example exp=a.example").sound


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("v=spf1, mx -all", "v=spf1 mx -all"),
        ("spf1 mx -all", "v=spf1 mx -all"),
        ("v=spf 1 mx -all", "v=spf1 mx -all"),
        ("V = SPF1 mx -all", "v=spf1 mx -all"),
        (" v=spf1 mx -all", "v=spf1 mx -all"),
        ('"v=spf1 mx -all"', "v=spf1 mx -all"),
        ("\u201cv=spf1 mx -all\u201d", "v=spf1 mx -all"),
        ("v=spf1\tmx -all", "v=spf1 mx -all"),
        ("v=spf1mx -all", "v=spf1 mx -all"),
        ("v=spf1,", "v=spf1"),
        ("v=spf1;include: a.example \u2013all", "v=spf1 include:a.example -all"),
    ],
)
def test_a_misspelt_version_is_mended(text, mended):
    record = parse(text)
    assert record.faults[0].kind is VERSION
    assert repaired(record.text, record.faults) == mended
    assert is_spf(mended)
    assert parse(mended).sound


HINTS = [
    ("include=a.example", "include=", FaultKind.SUSPECT, "include:"),
    ("inlcude=a.example", "inlcude=", FaultKind.SUSPECT, "include:"),
    ("ip4=192.0.2.1", "ip4=", FaultKind.SUSPECT, "ip4:"),
    ("ip=2001:db8::1", "ip=", FaultKind.SUSPECT, "ip6:"),
    ("all=x", "all=", FaultKind.SUSPECT, None),
    ("redirct=a.example", "redirct=", FaultKind.UNKNOWN, "redirect="),
    ("moo=x", "moo=", FaultKind.UNKNOWN, None),
    ("v=spf1", "v=spf1", FaultKind.SUSPECT, None),
    ("include:a.com,include:b.com", ",include:b.com", FaultKind.SUSPECT, " include:b.com"),
    ("include:a.cominclude:b.com", "include:b.com", FaultKind.SUSPECT, " include:b.com"),
    ("a:a.example-all", "-all", FaultKind.SUSPECT, " -all"),
    ("include:https://a.example", "://", FaultKind.SUSPECT, None),
    ("include:user@a.example", "@", FaultKind.SUSPECT, None),
    ("include:a..example", ".", FaultKind.SUSPECT, None),
    ("include:.a.example", ".", FaultKind.SUSPECT, None),
    ("a:" + "x" * 64 + ".example", "x" * 64, FaultKind.SUSPECT, None),
    (
        "a:" + "x123456789." * 24 + "example",
        "x123456789." * 24 + "example",
        FaultKind.SUSPECT,
        None,
    ),
]


@pytest.mark.parametrize(("term", "pointed_at", "kind", "suggestion"), HINTS)
def test_a_legal_slip_gets_a_hint(term, pointed_at, kind, suggestion):
    record = parse(f"v=spf1 mx {term} -all")
    assert record.sound
    (hint,) = record.hints
    assert record.text[hint.start : hint.end] == pointed_at
    assert hint.kind is kind
    assert hint.suggestion == suggestion
    assert {"hint", f"hint:{kind.value}"} <= record.features
    if suggestion is not None:
        mended = parse(repaired(record.text, record.hints))
        assert mended.sound
        assert not mended.hints


@pytest.mark.parametrize(
    "term",
    [
        "include:_spf.example.com", "exists:%{i}._spf.%{d}", "a:x-all.example",
        "include:spf-a.b-c.de",
        "ra=postmaster", "rp=10", "rr=all", "exists:%{l}/%{i}.a.example", "include:a.example.",
        "include:include.example", "a:mx.example", "include:all.spf.example.com",
    ],
)  # fmt: skip
def test_a_usual_term_gets_no_hint(term):
    record = parse(f"v=spf1 {term} -all")
    assert record.sound
    assert not record.hints
    assert "hint" not in record.features


def test_a_stray_sign_before_all_belongs_to_no_other_term() -> None:
    record = parse("v=spf1 mx =all")
    assert [term.text for term in record.terms] == ["mx", "=all"]
    assert "all" in record.invalid[0].names


def spf_faults(text: str) -> tuple[Fault, ...]:
    record = spf.parse(f"v=spf1 {text} -all")
    return (*record.faults, *record.hints)


@pytest.mark.parametrize(
    ("term", "kind", "word"),
    [
        ("ip4:192.0.2.1/33", FaultKind.CIDR, "An IPv4 prefix"),
        ("ip6:2001:db8::/129", FaultKind.CIDR, "An IPv6 prefix"),
        ("a:x.example/33", FaultKind.CIDR, "An IPv4 prefix"),
        ("a:x.example//129", FaultKind.CIDR, "An IPv6 prefix"),
        ("include:bücher", FaultKind.UNICODE_DOMAIN, "xn--bcher-kva"),
        ("redirect=bücher", FaultKind.UNICODE_DOMAIN, "xn--bcher-kva"),
        ("ours=192.0.2.1", FaultKind.UNKNOWN, "No RFC defines"),
        ("ip=192.0.2.1", FaultKind.SUSPECT, "ip4 is a mechanism"),
        ("ip=2001:db8::1", FaultKind.SUSPECT, "ip6 is a mechanism"),
    ],
)
def test_what_is_said_of_a_term(term: str, kind: FaultKind, word: str):
    [fault] = spf_faults(term)
    assert fault.kind is kind
    assert word in fault.message


@pytest.mark.parametrize(
    ("term", "plain"),
    [
        ("redìrect=x.example", "redirect"),
        ("inclùde:x.example", "include"),
        ("éxists:x.example", "exists"),
    ],
)
def test_a_name_with_one_foreign_letter_is_what_it_looks_like(term: str, plain: str):
    [fault] = spf_faults(term)
    assert fault.kind is FaultKind.NON_ASCII
    assert fault.suggestion == plain


@pytest.mark.parametrize("domain", ["b!r.example", "x.b(r.example", "a-long-name.with.(x.example"])
@pytest.mark.parametrize("term", ["a", "mx", "include", "exists"])
def test_what_no_host_name_holds_is_marked_where_it_stands(term: str, domain: str):
    text = f"v=spf1 {term}:{domain} -all"
    [hint] = spf.parse(text).hints
    assert text[hint.start : hint.end] == ("!" if "!" in domain else "(")


def test_an_address_with_a_zone_is_none():
    assert spf_faults("ip6:fe80::1%eth0")
    assert not spf_faults("ip6:fe80::1")
    assert read_address("fe80::1%eth0") is None
    assert read_address("fe80::1") is not None


def test_a_sender_id_record_is_no_misspelt_spf_record():
    assert misspelt_version("spf2.0/pra mx -all") is None
    assert misspelt_version("SPF2.0/mfrom mx -all") is None
    assert misspelt_version("spf1 mx -all") is not None


def test_a_term_that_is_none_can_be_replaced_and_removed():
    record = spf.parse("v=spf1 foo:bar mx -all")
    wrong = record.terms[0]
    assert record.replacing(wrong, "a") == "v=spf1 a mx -all"
    assert record.without(wrong) == "v=spf1 mx -all"


@pytest.mark.parametrize(
    ("strings", "torn"),
    [
        (("v=spf1", "mx -all"), True),
        (("'v=SPF1", "mx -all"), True),
        (("v=spf1", " mx -all"), False),
        (("v=spf1",), False),
        (("v=spf1 mx", "-all"), False),
    ],
)
def test_a_version_is_torn_off_where_the_next_string_begins_without_a_blank(
    strings: tuple[str, ...], torn: bool
) -> None:
    assert is_torn(strings) is torn
