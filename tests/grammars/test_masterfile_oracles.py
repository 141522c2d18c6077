"""The reader against dnspython's own reader and against named-checkzone, over many zones."""

import itertools
import re
import shutil
import subprocess
from collections.abc import Container, Sequence
from pathlib import Path

import dns.exception
import dns.name
import dns.rdata
import dns.rdatatype
import dns.zone
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from zonelint.grammars.masterfile import reader as masterfile
from zonelint.grammars.masterfile.reader import MasterZone, read
from zonelint.grammars.zone import ZoneFaultKind

ORIGIN = "example.com."
CHECKZONE = shutil.which("named-checkzone")

Contents = dict[tuple[dns.name.Name, str], tuple[int, frozenset[bytes]]]


def contents_by_dnspython(text: str, origin: str = ORIGIN) -> Contents | None:
    """Owner and type to TTL and rdata on the wire; None where dnspython refuses the zone."""
    try:
        zone = dns.zone.from_text(text, origin, relativize=False, check_origin=False)
    except (dns.exception.DNSException, ValueError, AssertionError, KeyError):
        return None
    found: Contents = {}
    for name, rdataset in zone.iterate_rdatasets():
        rdatas = frozenset(rdata.to_digestable() for rdata in rdataset)
        found[name, dns.rdatatype.to_text(rdataset.rdtype)] = (rdataset.ttl, rdatas)
    return found


def contents_of(zone: MasterZone, types: Container[str] | None = None) -> Contents:
    """The same of a zone that was read here, or of its records of some types."""
    found: Contents = {}
    for rrset in zone.rrsets():
        if types is not None and rrset.type not in types:
            continue
        records = rrset.records
        if dns.rdatatype.is_singleton(dns.rdatatype.from_text(rrset.type)):
            records = records[-1:]  # dnspython keeps the last one
        rdatas = frozenset(
            dns.rdata.from_text(
                "IN",
                record.type,
                _escaped(record.rdata),
                dns.name.from_text(record.origin),
                relativize=False,
            ).to_digestable()
            for record in records
        )
        # dnspython gives an RRset the smallest TTL of its records (RFC 2181 section 5.2).
        ttl = min(record.ttl for record in rrset)
        found[dns.name.from_text(rrset.owner), rrset.type] = (ttl, rdatas)
    return found


def _escaped(rdata: str) -> str:
    """The rdata with octets that are no UTF-8 as dnspython takes them."""
    return re.sub("[\udc80-\udcff]", lambda match: f"\\{ord(match[0]) - 0xDC00:03d}", rdata)


def syntax_faults(zone: MasterZone) -> list[str]:
    return [f"{f.span}: {f.message}" for f in zone.faults if f.kind is ZoneFaultKind.SYNTAX]


SOA = "@ IN SOA ns1 hostmaster 1 7200 3600 1209600 600\n"

HAND_MADE = {
    "plain": "$TTL 3600\n" + SOA + "  NS ns1\nns1 A 192.0.2.1\n",
    "no TTL, minimum of the SOA": SOA + "www A 192.0.2.1\n",
    "TTL of the record before": SOA + "a 77 A 192.0.2.1\nb A 192.0.2.2\n",
    "SOA with a TTL, then none": "@ 50 IN SOA a b 1 2 3 4 600\nw A 192.0.2.1\nx 9 A 192.0.2.1\n"
    "y A 192.0.2.1\n",
    "$TTL wins over the record before": "$TTL 5\na 77 A 192.0.2.1\nb A 192.0.2.2\n",
    "$TTL in the middle": "$TTL 5\na A 192.0.2.1\n$TTL 1h\nb A 192.0.2.2\n",
    "TTL and class in either order": "$TTL 5\na 60 IN A 192.0.2.1\nb IN 60 A 192.0.2.1\n"
    "c in 1h30m a 192.0.2.1\nd 1D IN A 192.0.2.1\ne IN A 192.0.2.1\n",
    "owner omitted": "$TTL 5\na A 192.0.2.1\n A 192.0.2.2\n\tAAAA 2001:db8::1\n 60 IN TXT x\n",
    "blank lines and comments": "; c\n\n$TTL 5 ; five\n  \n ; x\na A 192.0.2.1;y\n;\n",
    "parentheses": '$TTL 5\n@ IN SOA (\n a b ; "c (\n1 2 3\n\n4 5 ) ; end\n'
    'x TXT ( "a"\n"b" ) "c"\n',
    "parentheses everywhere": '$TTL 5\na ( TXT ) ( ( "a" )\n)\n( b A\n192.0.2.1 )\n ( \n ) \n',
    "parentheses without blanks": '$TTL 5\na TXT("a"b)c("d")\nb A(192.0.2.1)\n',
    "strings that touch": '$TTL 5\na TXT "a""b"c"d"e\n',
    "unquoted semicolon": "$TTL 5\na TXT v=spf1;x\n",
    "escapes": '$TTL 5\na TXT "\\"\\\\\\010\\;\\x\\200" \\"a\\ b\\;\\065\\(\n',
    "escapes in names": "$TTL 5\na\\.b A 192.0.2.1\n\\097b CNAME x\\.y\\;\\(z\n\\@ A 192.0.2.1\n"
    "a\\032b MX 10 \\068\n",
    "a name with an at sign": "$TTL 5\n@ SOA a me@x.example. 1 2 3 4 5\n",
    "names without final dot": "$TTL 5\nexample.com MX 10 mail.example.com\n",
    "upper case": "$TTL 5\nWWW.EXAMPLE.COM. in a 192.0.2.1\nMail IN MX 10 MAIL\n",
    "null MX": "$TTL 5\n@ MX 0 .\n",
    "star and underscore": "$TTL 5\n* A 192.0.2.1\n*._tcp.a TXT x\n_dmarc TXT y\na.*.b TXT z\n",
    "$ORIGIN": "$TTL 5\n$ORIGIN sub\na A 192.0.2.1\n@ MX 10 a\n$ORIGIN x.\nb A 192.0.2.1\n"
    "$ORIGIN sub.example.com.\nc A 192.0.2.1\n$ORIGIN .\nexample.com A 192.0.2.1\nd A 192.0.2.2\n",
    "outside the zone": "$TTL 5\na A 192.0.2.1\nb.org. A 192.0.2.1\n A 192.0.2.2\nc A 192.0.2.1\n",
    "CR LF": "$TTL 5\r\na A 192.0.2.1\r\nb TXT (\r\n a ; b\r\n )\r\n",
    "lone CR": '$TTL 5\ra A 192.0.2.1\rb TXT ( a ; b\r )\rc TXT "x\ry"\n',
    "no last newline": "$TTL 5\na A 192.0.2.1",
    "no last newline in a comment": "$TTL 5\na A 192.0.2.1 ; x",
    "form feed": "$TTL 5\n\x0ca A 192.0.2.1\nb TXT x\x0cy\x0b\n",
    "tabs": '$TTL\t5\na\tIN\tTXT\t\t"x\ty"\t\n',
    "Unicode": '$TTL 5\nbücher A 192.0.2.1\nx TXT "grün" grün \\é\ny CNAME straße.example.\n',
    "types by number": "$TTL 5\na TYPE1 192.0.2.1\nb TYPE16 x\nc TYPE65280 \\# 2 abcd\n",
    "generic rdata": "$TTL 5\na A \\# 4 c0000201\nb TXT \\# 3 02 6869\nd MX \\# 5 000a 01 6d 00\n",
    "other types": '$TTL 5\na HINFO PC "Linux 5"\nb SRV 0 5 443 c\n'
    'b CAA 0 issue "letsencrypt.org"\n'
    '_443._tcp TLSA 3 1 0 ( abcd\n ef01 )\nd NAPTR 100 10 "u" "E2U" "!^.*$!x!" .\n'
    "e LOC 51 0 0 N 0 0 0 E 10m\nf DNAME g\nh SSHFP 1 0 abcdef\ni SVCB 1 . alpn=h2\n"
    'j URI 1 1 "https://x/"\nk APL\nl PTR m\nn SPF "v=spf1 -all"\n',
    "owners that look like something else": "$TTL 5\nIN A 192.0.2.1\nTXT TXT TXT\n"
    "3600 A 192.0.2.1\n1h IN A 192.0.2.1\nA A 192.0.2.1\nSOA MX 10 MX\n",
    "AAAA": "$TTL 5\na AAAA ::\nb AAAA 2001:DB8::ffff:192.0.2.1\nc AAAA 1:2:3:4:5:6:7:8\n",
    "largest numbers": "$TTL 4294967295\na MX 65535 b\nb SRV 65535 65535 65535 c\n@ SOA a b "
    '4294967295 1 2 3 1w\nc CAA 255 iodef ""\nd 00060 A 192.0.2.1\n',
    "long strings": f'$TTL 5\na TXT "{"x" * 255}" {"y" * 255}\nb TXT ""\nc TXT "" ""\n',
    "long names": f"$TTL 5\n{'a' * 63} A 192.0.2.1\n"
    f"{'.'.join(['b' * 59] * 4)}.example.com. TXT x\n",
    "$GENERATE": "$TTL 5\n$GENERATE 1-10/3 h$ A 192.0.2.$\n"
    "$GENERATE 0-2 ${10,4,x}.n 60 IN CNAME ${0,3,d}-$$\n$GENERATE 5-6 p PTR h${-5}\n"
    "$GENERATE 250-251 ${0,7,n}.i CNAME ${0,3,N}\\$\n",
    "duplicates": "$TTL 5\na A 192.0.2.1\na A 192.0.2.1\nA A 192.0.2.2\n",
    "only comments": "; nothing\n",
    "empty": "",
}


@pytest.mark.parametrize("text", HAND_MADE.values(), ids=HAND_MADE.keys())
def test_hand_made_zones_are_read_as_dnspython_reads_them(text: str):
    expected = contents_by_dnspython(text)
    assert expected is not None
    zone = read(text, "x", ORIGIN)
    assert syntax_faults(zone) == [f for f in syntax_faults(zone) if "no owner to inherit" in f]
    assert contents_of(zone) == expected


# ---- generated zones ---------------------------------------------------------------------------

blank = st.sampled_from([" ", "\t", "  ", " \t "])
label = st.text("abcXYZ019-_", min_size=1, max_size=6)
odd_label = st.sampled_from(
    ["a\\.b", "\\032", "\\@", "*", "a\\;b", "\\065", "$x", "ü", "a/b", "\\\\"]
)
relative_name = st.lists(label | odd_label, min_size=1, max_size=3).map(".".join)
name = st.one_of(
    relative_name,
    relative_name.map(lambda n: n + ".example.com."),
    relative_name.map(lambda n: n + ".example.org."),
    st.just("@"),
    st.just("."),
)
ipv4 = st.tuples(*[st.integers(0, 255)] * 4).map(lambda n: ".".join(map(str, n)))
ipv6 = st.ip_addresses(v=6).map(str)
quoted = st.text(
    st.sampled_from("ab =;:()$@\t'é") | st.characters(min_codepoint=32, max_codepoint=126),
    max_size=12,
).map(lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"')
escaped = st.sampled_from(
    ['"\\010\\200"', '"\\195\\169"', "a\\ b", '\\"', '"\\;"', f'"{"z" * 255}"']
)
bare = st.text("abc=:.-@$'é", min_size=1, max_size=8)
string = st.one_of(quoted, bare, escaped)
number = st.integers(0, 99999).map(str)
ttl = st.sampled_from(["0", "60", "3600", "1h", "1h30m", "2D", "4294967295", "007"])

rdata: st.SearchStrategy[tuple[str, Sequence[str]]] = st.one_of(
    st.tuples(st.sampled_from(["A", "a", "TYPE1"]), st.tuples(ipv4)),
    st.tuples(st.just("AAAA"), st.tuples(ipv6)),
    st.tuples(
        st.sampled_from(["TXT", "txt", "Txt", "SPF"]), st.lists(string, min_size=1, max_size=4)
    ),
    st.tuples(st.just("MX"), st.tuples(number, name)),
    st.tuples(st.sampled_from(["NS", "PTR", "DNAME", "Cname"]), st.tuples(name)),
    st.tuples(st.just("SRV"), st.tuples(number, number, number, name)),
    st.tuples(
        st.just("CAA"),
        st.tuples(st.sampled_from(["0", "128"]), st.sampled_from(["issue", "iodef"]), string),
    ),
    st.tuples(
        st.just("TLSA"),
        st.lists(st.sampled_from(["ab", "CDEF"]), min_size=1).map(lambda d: ["3", "1", "0", *d]),
    ),
    st.tuples(st.just("HINFO"), st.tuples(string, string)),
    st.tuples(st.just("SOA"), st.tuples(name, name, number, ttl, ttl, ttl, ttl)),
)
comment = st.sampled_from(["", "", "", ";", " ; note", ' ; "(', "\t;noqa"])
newline = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])


@st.composite
def record_line(draw: st.DrawFn) -> str:
    parts = [draw(st.sampled_from(["", ""]) | name)]
    head = []
    if draw(st.booleans()):
        head.append(draw(ttl))
    if draw(st.booleans()):
        head.insert(draw(st.integers(0, len(head))), draw(st.sampled_from(["IN", "in", "In"])))
    type_, fields = draw(rdata)
    words = [*head, type_, *fields]
    opened = draw(st.integers(0, len(words))) if draw(st.integers(0, 2)) == 0 else None
    end = draw(newline)
    for index, word in enumerate(words):
        parts.append(draw(blank))
        if index == opened:
            parts.append(draw(st.sampled_from(["(", "( ", "(\n\t", "( ; c\n "])))
        elif opened is not None and index > opened and draw(st.booleans()):
            parts.append(draw(st.sampled_from(["\n", " ; d\n", "\r\n\t", "\n\n"])))
        parts.append(word)
    if opened is not None:
        if opened == len(words):
            parts.append(" (")
        parts.append(draw(st.sampled_from([")", " )", "\n)", " ; e\n )"])))
    return "".join([*parts, draw(comment), end])


directive = st.one_of(
    st.tuples(st.just("$ORIGIN"), name),
    st.tuples(st.sampled_from(["$TTL", "$ttl"]), ttl),
    st.tuples(
        st.just("$GENERATE"),
        st.sampled_from(["1-3 g$ A 192.0.2.$", "0-9/5 $ 60 CNAME ${1,2,x}"]),
    ),
).map(lambda words: " ".join(words) + "\n")
filler = st.sampled_from(["\n", "; c\n", "  \n", "\t; d\r\n"])
zone_text = st.tuples(
    st.sampled_from(["$TTL 300\n", "$TTL 300\n", SOA, ""]),
    st.lists(st.one_of(record_line(), record_line(), record_line(), directive, filler), max_size=8),
).map(lambda parts: parts[0] + "".join(parts[1]))
almost_zone_text = st.tuples(
    zone_text, st.integers(0, 400), st.sampled_from(['"', "(", ")", "\\", ";", "\n", "x", "", "\f"])
).map(lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] + 1 :])

generated = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


@generated
@given(zone_text | almost_zone_text)
@example("$TTL 300\n (IN \n0 A 0.0.0.0)\n")
def test_what_dnspython_accepts_is_read_the_same(text: str):
    expected = contents_by_dnspython(text)
    assume(expected is not None)
    zone = read(text, "x", ORIGIN)
    # Where servers differ, the zone is read as BIND reads it, and that is reported.
    assume(all(fault.kind is not ZoneFaultKind.SERVER_DEPENDENT for fault in zone.faults))
    # dnspython lets a second SOA take the place of the first, name servers refuse the zone.
    assume(not any("second SOA" in fault for fault in syntax_faults(zone)))
    assert [f for f in syntax_faults(zone) if "no owner to inherit" not in f] == []
    assert contents_of(zone) == expected


@generated
@given(zone_text | almost_zone_text)
@example('a.b 60 IN TXT ( "x" "y" ) ; noqa\r\n\tMX 10 .')
def test_the_fast_and_the_careful_reader_agree(text: str):
    fast = read(text, "x", ORIGIN)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(masterfile._Reader, "read_plain", lambda self, at: at)
        careful = read(text, "x", ORIGIN)
    assert everything(fast) == everything(careful)


def everything(zone: MasterZone) -> list[object]:
    records = sorted(itertools.chain.from_iterable(zone.rrsets()), key=lambda record: record.at)
    return [
        [
            (r.owner, r.type, r.ttl, r.at, r.begin, r.end, r.origin, r.rdata, r.span, r.owner_span)
            for r in records
        ],
        zone.faults,
        zone.suppressions,
        zone.records,
        {(r.owner, r.type) for r in zone.several},
        zone.end_origin,
        zone.end_ttl,
    ]


@pytest.mark.skipif(CHECKZONE is None, reason="named-checkzone is not installed")
@pytest.mark.parametrize("text", HAND_MADE.values(), ids=HAND_MADE.keys())
def test_hand_made_zones_that_bind_accepts_have_no_fault(text: str, tmp_path: Path):
    bind_accepts_only_what_is_read(text, tmp_path)


@pytest.mark.skipif(CHECKZONE is None, reason="named-checkzone is not installed")
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=zone_text | almost_zone_text)
def test_generated_zones_that_bind_accepts_have_no_fault(text: str, tmp_path: Path):
    # A comment of BIND's goes on behind a lone CR, and one of dnspython's ends there, as here.
    assume("\r" not in text.replace("\r\n", ""))
    bind_accepts_only_what_is_read(text, tmp_path)


def bind_accepts_only_what_is_read(text: str, folder: Path) -> None:
    """BIND wants an SOA and a name server, so a zone that lacks them gets them at the end."""
    zone = read(text, "x", ORIGIN)
    if "SOA" not in zone.types():
        text = f"$TTL 5\n@ IN SOA ns1 hostmaster 1 2 3 4 5\n{text}"
    text += "\n$ORIGIN example.com.\nexample.com. 5 IN NS ns-x.example.com.\nns-x 5 A 192.0.2.9\n"
    path = folder / "zone"
    path.write_bytes(text.encode())
    command = [str(CHECKZONE), "-i", "none", "-k", "ignore", "-q", ORIGIN, str(path)]
    if subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0:
        assert syntax_faults(read(text, "x", ORIGIN)) == []


@pytest.mark.skipif(CHECKZONE is None, reason="named-checkzone is not installed")
@pytest.mark.parametrize("first", ["$ORIGIN example.com.", "; comment", "@"])
def test_bind_takes_a_byte_order_mark_for_a_part_of_the_first_word(first: str, tmp_path: Path):
    rest = "" if first == "@" else "\n@"
    text = f"{first}{rest} 5 IN SOA ns1.example.net. h 1 2 3 4 5\n@ 5 IN NS ns1.example.net.\n"
    for mark in ("", "\ufeff"):
        path = tmp_path / "zone"
        path.write_bytes((mark + text).encode())
        command = [str(CHECKZONE), "-q", ORIGIN, str(path)]
        is_refused = subprocess.run(command, timeout=60, check=False).returncode != 0
        faults = read(mark + text, "x", ORIGIN).faults
        kinds = [(fault.kind, fault.span.line) for fault in faults]
        assert is_refused is bool(mark)
        assert kinds == [(ZoneFaultKind.SERVER_DEPENDENT, 1)] * is_refused


_SHA1, _SHA256, _SHA384 = "ab" * 20, "ab" * 32, "ab" * 48
LOADED = f"""
SSHFP 4 2 {_SHA256[:20]} {_SHA256[20:]}
SSHFP 9 9 ab
NAPTR 100 10 "" "" "" a.b.
LOC 51 N 0 E 10
LOC 51 30 12.345 N 0 7 39.611 W 0.00m 1m 10000m 10m
DS 12345 RSASHA256 SHA-256 {_SHA256}
DS 12345 8 9 abcd
CDS 0 0 0 00
CDNSKEY 0 3 0 AA==
DNSKEY 257 3 RSASHA256 AwEA Aag=
HINFO PC "Linux 5"
RP a b
HTTPS 0 a. alpn=h2
HTTPS 1 . alpn=h3,h2 ech=AEX+DQBB
HTTPS 1 . alpn="h2,h3" ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1 key65333=abc
SVCB 1 . port=53 ( alpn=dot )
URI 1 1 ""
CERT PKIX 1 RSASHA256 AQID
OPENPGPKEY AQ ID
SMIMEA 3 1 1 {_SHA256}
AFSDB 1 a
APL
APL 1:192.0.2.0/24 !1:192.0.2.64/28 2:2001:db8::/32
NSEC3PARAM 1 0 10 -
ZONEMD 1 240 1 {_SHA384}
SSHFP \\# 3 0909ab
NINFO "a"
RKEY 0 3 8 AwEAAQ==
TYPE57 \\# 8 0000030803010001
SINK 8 0 2 AQID
TALINK a b
EID 3112
UID \\# 4 00000001
DOA 1 2 3 "text/plain" AA==
""".strip().splitlines()
REFUSED = f"""
SSHFP 1 1 zz
SSHFP 1 1
SSHFP 1 1 abcd
NAPTR 1 2 "u" "x" "!"
NAPTR 70000 10 "" "" "" a.b.
LOC 51 30 N
LOC 91 N 0 E 10m
DS 1 8 2
DS 12345 8 1 {_SHA256}
CDS 0 0 0 0
CDNSKEY 0 3 0
DNSKEY 257 3 8 AwEAAag
HINFO a
HINFO a b c
RP a.
HTTPS x . alpn=h2
HTTPS 1 . no-default-alpn
HTTPS 1 . mandatory=port alpn=h2
SVCB 1 . port=x
URI 1 2
CERT 1 2 3
OPENPGPKEY zz*
SMIMEA 3 1 1 abc
AFSDB x a
APL 1:192.0.2.0/33
NSEC3PARAM 1 0 10
ZONEMD 1 1
A 1.2.3
AAAA zz
SRV 0 0 25
CAA 0 issue
TLSA 3 1 1
""".strip().splitlines()


@pytest.mark.parametrize("records", [LOADED, *([record] for record in REFUSED)], ids=lambda r: r[0])
def test_rdata_that_bind_refuses_is_a_fault_whatever_its_type(records: list[str], tmp_path: Path):
    text = "@ 5 SOA a b 1 2 3 4 5\n@ 5 NS ns.example.net.\n"
    text += "".join(f"x{number} 5 {record}\n" for number, record in enumerate(records))
    lines = [fault.span.line for fault in read(text, "x", ORIGIN).faults]
    assert lines == [3] * (records is not LOADED)
    if CHECKZONE is not None:
        path = tmp_path / "zone"
        path.write_text(text)
        command = [CHECKZONE, "-i", "none", "-k", "ignore", "-q", ORIGIN, str(path)]
        is_refused = subprocess.run(command, timeout=60, check=False).returncode != 0
        assert is_refused is bool(lines)
