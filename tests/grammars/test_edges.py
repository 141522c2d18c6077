"""The edges of the grammars: small faults that mutants of the code put in, and nothing noticed.

Every case stands for one that `python -m tests.mutation grammars` once left alive.
"""

from __future__ import annotations

import ipaddress

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from zonelint.grammars import nearmiss, pasted
from zonelint.grammars.dnsname import shown
from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.masterfile.generate import LARGEST_RANGE, BadGenerate, Template, counters
from zonelint.grammars.masterfile.head import known_types
from zonelint.grammars.masterfile.rdata import LARGEST_RDATA
from zonelint.grammars.masterfile.reader import MasterZone, read
from zonelint.grammars.masterfile.record import plain_strings
from zonelint.grammars.spf import record as spf
from zonelint.grammars.spf.address import read_address
from zonelint.grammars.spf.tree import SPECIAL_IP4
from zonelint.grammars.spf.version import is_torn, misspelt_version
from zonelint.grammars.tags import dkim, dmarc, publickey, reporturi, sts_policy, transport
from zonelint.grammars.tags.value import article


def zone_of(text: str) -> MasterZone:
    return read(text, "x.zone", "example.com.")


def strings_of(zone: MasterZone, owner: str) -> list[tuple[str, ...]]:
    return [record.text.strings for record in zone.get(owner, "TXT") or ()]


# ---- names -------------------------------------------------------------------------------------


def test_octets_that_are_no_text_are_shown_as_octets():
    assert shown("\udc80\udcff") == "\\x80\\xFF"
    assert shown("\udc7f\udd00") == "\\uDC7F\\uDD00"


# ---- $GENERATE ---------------------------------------------------------------------------------


def test_a_range_may_be_as_long_as_it_may_be():
    assert len(counters(f"1-{LARGEST_RANGE}")) == LARGEST_RANGE
    with pytest.raises(BadGenerate):
        counters(f"0-{LARGEST_RANGE}")
    assert len(counters(f"0-{2 * LARGEST_RANGE - 1}/2")) == LARGEST_RANGE
    with pytest.raises(BadGenerate):
        counters(f"0-{2 * LARGEST_RANGE}/2")


@pytest.mark.parametrize(
    ("template", "counter", "text"),
    [
        # BIND 9.18: the width counts digits and dots.
        ("${0,0,n}", 0, "0"),
        ("${0,0,n}", 0xAB, "b.a"),
        ("${0,0,N}", 0xAB, "B.A"),
        ("${0,3,n}", 1, "1.0"),
        ("${0,4,n}", 1, "1.0."),
        ("${0,4,n}", 0xABC, "c.b.a"),
        ("${-1,0,n}", 1, "0"),
    ],
)
def test_nibbles(template: str, counter: int, text: str):
    assert Template(template).text(counter) == text


def test_nibbles_of_a_negative_number_are_refused():
    with pytest.raises(BadGenerate, match="below zero"):
        Template("${-2,0,n}").text(1)


def test_quotes_around_generated_text_keep_it_one_string():
    zone = zone_of('$TTL 5\n$GENERATE 1-1 t$ TXT "a $ b"\n$GENERATE 1-1 a$ A "192.0.2.$"\n')
    assert not zone.faults
    assert strings_of(zone, "t1.example.com.") == [("a 1 b",)]
    assert [r.rdata for r in zone.get("a1.example.com.", "A") or ()] == ["192.0.2.1"]


# ---- zone files --------------------------------------------------------------------------------


def test_the_minimum_of_any_soa_stands_in_for_the_ttl():
    generic = "\\# 22 00 00 00000001 00000002 00000003 00000004 00000005"
    for soa in ("a. b. 1 2 3 4 5", "a. b. (1\n 2 3 4\n 5 )", generic):
        zone = zone_of(f"@ SOA {soa}\nw A 192.0.2.1\n")
        assert [r.ttl for r in zone.get("w.example.com.", "A") or ()] == [5], soa


@pytest.mark.parametrize(
    ("text", "strings"),
    [
        ('"a"', ("a",)),
        ('"a" "b"', ("a", "b")),
        ('"a"\t\n"b"', ("a", "b")),
        ('""', ("",)),
        ('"a" b', None),
        ('a "b"', None),
        ('"a" b "c"', None),
        ('"a', None),
        ('"a" "b', None),
        ("a", None),
        ("", None),
    ],
)
def test_plain_strings_are_quoted_ones_only(text: str, strings: tuple[str, ...] | None):
    assert plain_strings(text) == strings


def test_a_point_in_a_text_has_its_place():
    [record] = zone_of('w 5 TXT "ab" "cd"\n').get("w.example.com.", "TXT") or ()
    text = record.text
    assert [text.span(at, at).column for at in range(5)] == [10, 11, 15, 16, 17]
    assert text.span(9, 9).column == 17


def test_only_an_mx_has_a_preference():
    [record] = zone_of("w 5 TXT 7\n").get("w.example.com.", "TXT") or ()
    with pytest.raises(ValueError, match="no preference"):
        _ = record.preference


def test_the_layout_of_a_record_says_where_its_data_stand():
    source = "$TTL 5\nw IN A 192.0.2.1 ; x\n"
    [record] = zone_of(source).get("w.example.com.", "A") or ()
    assert source[slice(*record.layout.rdata)] == "192.0.2.1"


def test_types_that_no_zone_can_hold_are_not_proposed():
    known = set(known_types())
    assert {"A", "TXT", "MX"} <= known
    assert not known & {"TYPE0", "NONE", "ANY", "AXFR", "OPT"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("w A mail.example.com.", "is a name where an A record"),
        ("w A 192.0.2", "`192.0.2` is no IPv4 address"),
        ("\u200b", "An invisible character"),
        ("w", "ends before its type"),
        ("TXT mail", "The line begins with `TXT`"),
        ("w IN XX a b", "`XX` is no record type"),
        ("# the web server", "Comments begin with a semicolon"),
        ("// the web server", "Comments begin with a semicolon"),
        ('w TXT "v=DKIM1; "\n   "p=MIIBIjAN"', "This string stands on a line of its own"),
    ],
)
def test_what_is_said_of_a_bad_line(line: str, message: str):
    [fault] = zone_of(f"$TTL 5\n{line}\n").faults
    assert message in fault.message


def test_a_word_that_might_be_a_class_is_one_only_in_front_of_a_type():
    [fault] = zone_of("$TTL 5\nw INN A 192.0.2.1\n").faults
    assert fault.advice == "Write `IN`."
    [fault] = zone_of("$TTL 5\nw INN x y\n").faults
    assert fault.advice.startswith("Write a type")


def test_an_odd_fingerprint_is_marked_at_its_last_part():
    source = "$TTL 5\nw TLSA 3 1 1 abcd efa\n"
    [fault] = zone_of(source).faults
    assert "odd number" in fault.message
    assert source.split("\n")[1][fault.span.column - 1 : fault.span.end_column - 1] == "efa"


def test_a_record_may_be_as_large_as_a_message_carries():
    strings = ['"' + "x" * 255 + '"'] * (LARGEST_RDATA // 256)
    rest = LARGEST_RDATA - 256 * len(strings) - 1
    for more, good in ((rest, True), (rest + 1, False)):
        # An escape that is one octet leaves the quick reader out of it.
        zone = zone_of("w 5 TXT " + " ".join([*strings, f'"{"y" * (more - 1)}\\z"']) + "\n")
        assert (not zone.faults) is good, more


# ---- words -------------------------------------------------------------------------------------


def test_of_two_words_as_near_the_one_with_the_same_letter_is_meant():
    assert nearmiss.near_miss("cat", ["bat", "cut"]) == "cut"
    assert nearmiss.near_miss("cat", ["bat", "hat"]) is None
    assert nearmiss.near_miss("cat", ["cut", "cot"]) is None


def test_octets_and_characters_are_named_apart():
    assert pasted.describe("\udc80").startswith("byte that is no text (0x80)")
    assert pasted.describe("\udcff").startswith("byte that is no text (0xFF)")
    assert pasted.describe("\udd00").startswith("non-ASCII character")
    assert pasted.describe("\udc7f").startswith("non-ASCII character")


# ---- report addresses --------------------------------------------------------------------------


def test_a_long_list_of_addresses_is_not_kept():
    before = reporturi._remembered.cache_info().currsize
    reporturi.read(",".join(["mailto:a@example.com"] * 5000))
    assert reporturi._remembered.cache_info().currsize == before


@pytest.mark.parametrize(
    ("raw", "faulty"),
    [
        ("dmarc.example.com:443", True),
        ("reports:a@example.com", True),
        ("tel:123", False),
    ],
)
def test_a_scheme_by_accident_is_none(raw: str, faulty: bool):
    assert bool(reporturi.faults(raw)) is faulty


# ---- keys --------------------------------------------------------------------------------------


def test_the_type_that_was_meant_is_named_only_where_one_is_near():
    for value, meant in (("rsaa", True), ("rsa-sha256", True), ("dsa512", False)):
        [fault] = dkim._type_faults(value)
        assert ("may be meant" in fault.message) is meant, value


KEY = rsa.generate_private_key(65537, 1024).public_key()
WRAPPED = KEY.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
BARE = KEY.public_bytes(Encoding.DER, PublicFormat.PKCS1)


def element(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def test_octets_behind_a_key_inside_of_its_wrapping_are_no_key():
    algorithm = bytes.fromhex("300d06092a864886f70d0101010500")
    good = element(0x30, algorithm + element(3, b"\0" + BARE))
    assert good == WRAPPED
    assert isinstance(publickey._rsa(good), publickey.PublicKey)
    for behind in (b"\0", b"\x05\0"):
        bad = element(0x30, algorithm + element(3, b"\0" + BARE + behind))
        assert isinstance(publickey._rsa(bad), publickey.Unusable)


@pytest.mark.parametrize("size", [0x7F, 0x80, 0x81, 0xFF, 0x100])
def test_lengths_of_der(size: int):
    data = element(0x30, bytes(size))
    assert publickey._element(data, 0, 0x30) == (len(data) - size, len(data))
    assert publickey._whole(data)
    assert not publickey._whole(data[:-1])
    assert not publickey._whole(data + b"\0")


def test_a_length_of_no_octets_is_none():
    # 0x80 is BER's "until the end", which DER does not have (X.690 §10.1).
    assert not publickey._whole(b"\x30\x80\0\0")
    found = publickey._rsa(b"\x30\x80\0\0")
    assert isinstance(found, publickey.Unusable)
    assert "no public key" in found.message


def test_a_key_that_is_cut_says_how_much_is_there():
    for octets in (WRAPPED, BARE):
        found = publickey._rsa(octets[:-10])
        assert isinstance(found, publickey.Unusable)
        assert f"{len(octets) - 10} of {len(octets)} octets" in found.message


# ---- SPF ---------------------------------------------------------------------------------------


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


# ---- tag lists ---------------------------------------------------------------------------------


def test_articles_go_by_sound():
    assert article("MTA-STS record") == "an MTA-STS record"
    assert article("DMARC record") == "a DMARC record"
    assert article("TLS-RPT record") == "a TLS-RPT record"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('v=DMARC1; p="none"', ["what stands around none breaks it"]),
        ("v=DMARC1; p=quarentine", ['not quarentine ("quarantine" may be meant)']),
        ("v=DMARC1; p=whatever", ["not whatever."]),
        ("v=DMARC1; p=", ["The tag p is empty"]),
    ],
)
def test_what_is_said_of_a_value(text: str, words: list[str]):
    messages = [fault.message for fault in dmarc.parse(text).faults]
    assert len(messages) == len(words)
    for message, word in zip(messages, words, strict=True):
        assert word in message, message


def test_the_first_tag_is_marked_where_the_version_is_missing():
    for text in ("p=none; rua=mailto:a@example.com", " ; p=none"):
        [version] = [f for f in dmarc.parse(text).faults if f.kind is FaultKind.VERSION]
        assert text[version.start : version.end] == "p=none"


def test_a_pasted_tag_in_front_of_a_missing_version_is_rewritten_clean():
    text = "p=none\u200b; rua=mailto:a@example.com"
    [version] = [f for f in dmarc.parse(text).faults if f.kind is FaultKind.VERSION]
    assert version.suggestion == "v=DMARC1; p=none"


def test_a_stray_word_is_no_tag():
    record = dmarc.parse("v=DMARC1; hello; p=none; sp-none")
    entries = {entry.value: entry for piece in record.pieces for entry in piece.fields}
    assert not entries["hello"].sound
    assert not entries["none"].sound or entries["none"].name == "p"


def test_the_value_of_a_tag_without_a_sign_has_its_place():
    record = dmarc.parse("v=DMARC1; p=none; pct100")
    [entry] = [e for piece in record.pieces for e in piece.fields if e.name == "pct"]
    piece = next(piece for piece in record.pieces if entry in piece.fields)
    assert piece.text[entry.value_start : entry.value_end] == "100"


# ---- transport ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-01", "202401"),
        ("-", None),
        ("a-", "a"),
        ("a" * 32 + "-", "a" * 32),
        ("a" * 33, None),
    ],
)
def test_an_id_of_sts_has_1_to_32_letters_and_digits(written: str, meant: str | None):
    assert transport._id_meant(written) == meant


@pytest.mark.parametrize(
    ("age", "seconds"),
    [("0", 0), ("86400", 86400), ("31557600", 31557600), ("31557601", None), ("-1", None)],
)
def test_the_age_of_a_policy(age: str, seconds: int | None):
    assert sts_policy.parse(f"version: STSv1\nmax_age: {age}\n").max_age == seconds


def test_a_line_of_a_policy_has_a_key_and_a_colon():
    policy = sts_policy.parse("version: STSv1\nmode\n: enforce\nmx:\n")
    assert policy.broken == (2, 3)
    assert [entry.key for entry in policy.entries] == ["version", "mx"]


@pytest.mark.parametrize(
    ("place", "better"),
    [
        ("x.example/a.svg", "https://x.example/a.svg"),
        ("ftp://x.example/a.svg", None),
        ("x y", None),
        ("http://x.example/a.svg", "https://x.example/a.svg"),
        ("https://x.example/a.svg,https://y.example/b.svg", None),
    ],
)
def test_the_address_of_a_logo(place: str, better: str | None):
    [fault] = transport._place_faults(place)
    assert fault.suggestion == better


@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_a_version_is_put_inside_of_the_quotes(quote: str):
    record = dmarc.parse(f"{quote}p=none; rua=mailto:a@example.com{quote}")
    assert record.with_version_first() == "v=DMARC1; p=none; rua=mailto:a@example.com"


@pytest.mark.parametrize(
    ("rdata", "largest"),
    [
        ("MX {} a", 65535),
        ("SRV {} 2 3 a", 65535),
        ("SRV 1 {} 3 a", 65535),
        ("SRV 1 2 {} a", 65535),
        ("TLSA {} 1 1 abcd", 255),
        ("TLSA 3 {} 1 abcd", 255),
        ("TLSA 3 1 {} abcd", 255),
        ("CAA {} issue x", 255),
        ("SOA a b {} 2 3 4 5", 2**32 - 1),
    ],
)
def test_the_largest_number_of_a_field(rdata: str, largest: int):
    assert not zone_of(f"@ 5 {rdata.format(largest)}\n").faults
    [fault] = zone_of(f"@ 5 {rdata.format(largest + 1)}\n").faults
    assert str(largest + 1) in fault.message


@pytest.mark.parametrize("form", ["v=spf1 ip4:{} -all", "v=SPF1 IP4:{}/32 -ALL"])
def test_no_special_network_is_overlooked(form: str):
    for octet in range(256):
        address = ipaddress.ip_address(f"{octet}.1.2.3")
        special = "special-network" in spf.parse(form.format(address)).features
        assert special is (octet in SPECIAL_IP4), octet
        assert special or (address.is_global and not address.is_multicast), octet


def test_a_term_that_is_none_can_be_replaced_and_removed():
    record = spf.parse("v=spf1 foo:bar mx -all")
    wrong = record.terms[0]
    assert record.replacing(wrong, "a") == "v=spf1 a mx -all"
    assert record.without(wrong) == "v=spf1 mx -all"


def test_a_tag_is_the_same_wherever_and_however_it_stands():
    plain = dmarc.parse("v=DMARC1; p=none").tags[1]
    elsewhere = dmarc.parse("v=DMARC1;sp=none ; p = none").tags[2]
    broken = dmarc.parse("v=DMARC1; p-none").tags[1]
    assert plain == elsewhere == broken
    assert hash(plain) == hash(elsewhere)
    assert plain.sound
    assert plain != dmarc.parse("v=DMARC1; p=reject").tags[1]


@pytest.mark.parametrize(
    ("text", "places", "owners"),
    [
        # A parenthesis that swallows a record was not meant to: one fault for it, one for its end.
        ("bad A ( 192.0.2.999\nok A 192.0.2.1\n)\nw A 192.0.2.2\n", [1, 3], {"ok", "w"}),
        ("bad FOO ( x\nok A 192.0.2.1\n) ; x\nw A 192.0.2.2\n", [1, 3], {"ok", "w"}),
        ("a..b A ( 192.0.2.9\nok A 192.0.2.1\n)\nw A 192.0.2.2\n", [1, 3], {"ok", "w"}),
        # A bad name in front of a text without an end is not told as well.
        ('a..b TXT "x\nw A 192.0.2.1\n', [1], {"w"}),
    ],
)
def test_one_slip_is_one_fault(text: str, places: list[int], owners: set[str]):
    zone = zone_of(f"$TTL 5\n{text}")
    assert [fault.span.line - 1 for fault in zone.faults] == places
    assert {rrset.owner.split(".")[0] for rrset in zone.rrsets()} == owners


@pytest.mark.parametrize("address", ["1:2", "::1::", ":1", "1::2:", "12345::", "1:2:3:4:5:6:7:8:9"])
def test_a_plain_line_with_a_bad_address_is_a_fault(address: str):
    zone = zone_of(f"$TTL 5\nv A 192.0.2.1\nw AAAA {address}\nx AAAA 2001:db8::1\n")
    assert [fault.span.line for fault in zone.faults] == [3]
    assert zone.get("w.example.com.", "AAAA") is None
    assert zone.get("x.example.com.", "AAAA") is not None


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("'p=none; v=DMARC1'", "v=DMARC1; p=none"),
        ('"p=none; v=DMARC1"', "v=DMARC1; p=none"),
        ("sp=none; rua=mailto:a@b.cs", "v=DMARC1; sp=none; rua=mailto:a@b.cs"),
    ],
)
def test_only_quotes_are_taken_from_around_a_record(text: str, fixed: str) -> None:
    assert dmarc.parse(text).with_version_first() == fixed


def test_a_record_tells_what_its_grammar_read() -> None:
    assert dmarc.parse("v=DMARC1; p=none\u200b; x=é").cleaned() == "v=DMARC1; p=none; x="
    assert dmarc.parse("v=DMARC1;p = none ;").cleaned() == "v=DMARC1;p = none ;"


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
