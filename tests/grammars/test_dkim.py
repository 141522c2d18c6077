"""DKIM key records, and the keys inside them held against `cryptography`."""

from __future__ import annotations

import base64
from functools import cache

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies_taglist import any_text, dkim_records, layouts
from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.tags import dkim, publickey
from zonelint.grammars.tags.dkim import KeyForm, PublicKey

K = FaultKind
DER = serialization.Encoding.DER
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


@cache
def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@cache
def rsa_der(bits: int) -> bytes:
    return rsa_key(bits).public_key().public_bytes(DER, SPKI)


def rsa_b64(bits: int = 1024) -> str:
    return b64(rsa_der(bits))


@cache
def ed_key() -> ed25519.Ed25519PublicKey:
    return ed25519.Ed25519PrivateKey.generate().public_key()


def ed_raw() -> bytes:
    return ed_key().public_bytes_raw()


def found(text: str) -> list[tuple[FaultKind, str, str | None]]:
    return [
        (fault.kind, text[fault.start : fault.end], fault.suggestion)
        for fault in dkim.parse(text).faults
    ]


@pytest.mark.parametrize("bits", [1024, 2048])
def test_an_rsa_key_has_its_size_and_a_fingerprint(bits):
    key = dkim.parse(f"v=DKIM1; k=rsa; p={rsa_b64(bits)}").key
    assert isinstance(key, PublicKey)
    assert (key.type, key.bits, key.der) == ("rsa", bits, rsa_der(bits))
    assert key.form is KeyForm.SUBJECT_PUBLIC_KEY_INFO
    assert len(key.sha256) == 64


def test_a_bare_rsa_key_is_the_same_key():
    bare = rsa_key(1024).public_key().public_bytes(DER, serialization.PublicFormat.PKCS1)
    key = dkim.parse(f"p={b64(bare)}").key
    wrapped = dkim.parse(f"p={rsa_b64()}").key
    assert isinstance(key, PublicKey)
    assert isinstance(wrapped, PublicKey)
    assert key.form is KeyForm.RSA_PUBLIC_KEY
    assert (key.bits, key.sha256) == (1024, wrapped.sha256)


def test_an_ed25519_key():
    key = dkim.parse(f"v=DKIM1; k=ed25519; p={b64(ed_raw())}").key
    assert isinstance(key, PublicKey)
    assert (key.type, key.bits, key.form) == ("ed25519", 256, KeyForm.RAW)


def unusable(text: str) -> Fault:
    key = dkim.parse(text).key
    assert isinstance(key, Fault)
    assert key.kind is K.KEY
    return key


def test_a_key_of_another_type_is_named():
    curve = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(DER, SPKI)
    assert "elliptic-curve" in unusable(f"v=DKIM1; p={b64(curve)}").message
    assert "RSA key" in unusable(f"v=DKIM1; k=ed25519; p={rsa_b64()}").message
    assert "lacks `k=ed25519`" in unusable(f"v=DKIM1; p={b64(ed_raw())}").message
    wrapped = ed_key().public_bytes(DER, SPKI)
    for record in (f"v=DKIM1; k=ed25519; p={b64(wrapped)}", f"v=DKIM1; p={b64(wrapped)}"):
        assert unusable(record).suggestion == b64(ed_raw())


@pytest.mark.parametrize(
    "form",
    [serialization.PrivateFormat.TraditionalOpenSSL, serialization.PrivateFormat.PKCS8],
)
def test_a_published_private_key_is_called_one(form):
    private = rsa_key(1024).private_bytes(DER, form, serialization.NoEncryption())
    assert "private key" in unusable(f"v=DKIM1; p={b64(private)}").message


@given(st.integers(1, len(rsa_b64()) - 1))
def test_every_key_cut_short_is_called_so(length):
    text = f"v=DKIM1; p={rsa_b64()[:length]}"
    fault = unusable(text)
    assert text[fault.start : fault.end] == rsa_b64()[:length]
    if length > 4 and length != 43:
        assert "truncated" in fault.message


def test_a_key_with_something_behind_it_can_be_mended():
    extra = b64(rsa_der(1024) + b"\0\0\0")
    assert unusable(f"v=DKIM1; p={extra}").suggestion == rsa_b64()


@pytest.mark.parametrize("size", [31, 33])
def test_an_ed25519_key_of_another_length_is_none(size):
    assert f"contains {size}" in unusable(f"v=DKIM1; k=ed25519; p={b64(bytes(size))}").message


@given(st.integers(0, len(rsa_der(1024)) - 1), st.integers(0, 255))
def test_a_damaged_key_is_one_exactly_when_cryptography_says_so(place, octet):
    data = bytearray(rsa_der(1024))
    data[place] = octet
    ours = publickey.decode("rsa", b64(bytes(data)))
    try:
        theirs = serialization.load_der_public_key(bytes(data))
    except (ValueError, UnsupportedAlgorithm):
        theirs = None
    if isinstance(theirs, rsa.RSAPublicKey):
        assert isinstance(ours, PublicKey)
        assert ours.bits == theirs.key_size
    elif isinstance(ours, PublicKey):
        # A modulus of a crooked size is for the rule about sizes to judge.
        assert ours.bits % 8


@given(st.integers(0, len(rsa_der(2048)) - 1), st.integers(0, 255))
def test_the_usual_key_is_read_as_any_other(place, octet):
    data = bytearray(rsa_der(2048))
    assert publickey._is_usual(data)
    data[place] = octet
    quick = publickey._rsa(bytes(data))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publickey, "_is_usual", lambda _: False)
        assert quick == publickey._rsa(bytes(data))


@given(st.sampled_from(["rsa", "ed25519"]), st.binary(max_size=200))
def test_any_octets_are_a_key_or_a_reason(kind, data):
    answer = publickey.decode(kind, b64(data))
    assert isinstance(answer, PublicKey) or answer.message.endswith(".")


def test_blanks_inside_a_key_are_legal_and_quotes_are_not():
    whole = rsa_b64()
    folded = f"v=DKIM1; p={whole[:70]} {whole[70:90]}\r\n\t{whole[90:]}"
    record = dkim.parse(folded)
    assert record.faults == ()
    assert "folded-key" in record.features
    assert record.p == whole
    assert isinstance(record.key, PublicKey)
    quoted = f'v=DKIM1; p={whole[:70]}" "{whole[70:]}'
    assert found(quoted) == [(K.PASTED, '" "', "")]
    assert isinstance(dkim.parse(quoted).key, PublicKey)
    assert dkim.parse(quoted).correcting() == f"v=DKIM1; p={whole}"
    armoured = f"v=DKIM1; p=-----BEGIN PUBLIC KEY-----{whole}-----END PUBLIC KEY-----"
    assert [kind for kind, _, _ in found(armoured)] == [K.PASTED, K.PASTED]
    assert dkim.parse(armoured).correcting() == f"v=DKIM1; p={whole}"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("v=DKIM1; p=", []),
        ("v=DKIM1; p=;", []),
        (" v = DKIM1 ; p = ", []),
        ("p=; g=*; x=y", []),
        ("v=DKIM1; n=a note p=x; p=", []),
        ("v=DKIM1; h=sha256:x-new; p=", []),
        ("v=DKIM1; s=whatever; t=x; p=", []),
        ("v=dkim1; p=", [(K.VERSION, "dkim1", "DKIM1")]),
        ("p=; v=DKIM1", [(K.VERSION, "v=DKIM1", None)]),
        ("v=DKIM1 p=", [(K.VERSION, " ", "; ")]),
        ("v=DKIM1", [(K.MISSING, "", None)]),
        ("v=DKIM1; p=; p=", [(K.DUPLICATE, "p=", None)]),
        ("v=DKIM1; k=dsa; p=", [(K.TAG_VALUE, "dsa", "rsa")]),
        ("v=DKIM1; k=rsa256; p=", [(K.TAG_VALUE, "rsa256", "rsa")]),
        ("v=DKIM1; k=ed2551; p=", [(K.TAG_VALUE, "ed2551", "ed25519")]),
        ("v=DKIM1; h=sha-256; p=", [(K.TAG_VALUE, "sha-256", "sha256")]),
        ("v=DKIM1; h=sha1,sha256; p=", [(K.TAG_VALUE, "sha1,sha256", "sha1:sha256")]),
        ("v=DKIM1; t=y,s; p=", [(K.TAG_VALUE, "y,s", "y:s")]),
        ("v=DKIM1; p=ab-_", [(K.KEY, "-_", "+/")]),
        ("v=DKIM1; p=ab$", [(K.KEY, "$", None)]),
        ("v=DKIM1; k:rsa; p=", [(K.SYNTAX, "k:rsa", "k=rsa")]),
        ("v=DKIM1; k=rsa p=", [(K.SYNTAX, " ", "; ")]),
        ("v=DKIM1; p=\u200bAQAB", [(K.NON_ASCII, "\u200b", "")]),
    ],
)
def test_a_fault_has_its_kind_its_place_and_what_should_stand_there(text, faults):
    assert found(text) == faults


def test_typed_values_and_defaults():
    record = dkim.parse("v=DKIM1; k=RSA; h=SHA1:sha256; s=email:*; t=Y:s; n=a note; p=")
    assert (record.k, record.h, record.s) == ("rsa", ("sha1", "sha256"), ("email", "*"))
    assert (record.t, record.value("n"), record.p, record.revoked) == (
        ("y", "s"),
        "a note",
        "",
        True,
    )
    assert record.key is None
    assert record.features >= {"t=y", "t=s", "h=sha1", "revoked"}
    bare = dkim.parse("p=AQAB")
    assert (bare.k, bare.h, bare.s, bare.t) == ("rsa", (), ("*",), ())
    assert not bare.revoked
    assert dkim.parse("v=DKIM1").p is None
    assert not dkim.parse("v=DKIM1").revoked


def test_a_key_of_an_unknown_type_is_of_no_use():
    assert "not known" in unusable(f"v=DKIM1; k=x-new; p={rsa_b64()}").message


KEY = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ"


@pytest.mark.parametrize(
    ("text", "sees"),
    [
        (f"v=DKIM1; k=rsa; p={KEY}", True),
        ("v=DKIM1; p=", True),
        (f"k=rsa; p={KEY}", True),
        (f"p={KEY}", True),
        (f"v=dkim1; p={KEY}", False),
        (f'"v=DKIM1; p={KEY}"', False),
        (f"v=DKIM1, p={KEY}", False),
        (f"v:DKIM1; p={KEY}", False),
        ("v=DKIM1; k=rsa", False),
        (f"p={KEY}; v=DKIM1", False),
        ("k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", True),
    ],
)
def test_what_was_meant_as_a_key(text, sees):
    assert dkim.looks_like_dkim(text)
    assert dkim.is_dkim(text) is sees


@pytest.mark.parametrize(
    "text",
    [
        "", "v=spf1 -all", "v=DMARC1; p=none", "dkim=all", "dkim=discardable", "o=~; r=a@b.example",
        "t=y; o=-", "v=DKIM1; o=~", "google-site-verification=MIGfMA0GCSqGSIb3", "p=none",
        "k=rsa", "dkim-verification=abc", "v=STSv1; id=1", "see v=DKIM1 in the manual",
        "v=DKIM1.example.com",
    ],
)  # fmt: skip
def test_what_is_no_key(text):
    assert not dkim.looks_like_dkim(text)


@given(dkim_records, st.data())
def test_every_legal_record_is_a_key_record(record, data):
    text = data.draw(layouts("dkim", record._content()))
    again = dkim.parse(text)
    assert dkim.is_dkim(text)
    assert again == record
    assert again.p == record.value("p")
    assert (again.key is None) == again.revoked


@given(any_text)
def test_accessors_answer_for_any_text(text):
    record = dkim.parse(text)
    key = record.key
    if isinstance(key, Fault):
        assert 0 <= key.start <= key.end <= len(text)
    assert dkim.is_dkim(text) <= record.has("p")
    dkim.looks_like_dkim(text)
    assert record.k
    assert record.s


def test_the_type_that_was_meant_is_named_only_where_one_is_near():
    for value, meant in (("rsaa", True), ("rsa-sha256", True), ("dsa512", False)):
        [fault] = dkim._type_faults(value)
        assert ("did you mean" in fault.message) is meant, value


RSA_1024 = rsa.generate_private_key(65537, 1024).public_key()


WRAPPED = RSA_1024.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


BARE = RSA_1024.public_bytes(Encoding.DER, PublicFormat.PKCS1)


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
        assert isinstance(publickey._rsa(bad), publickey.UnusableKey)


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
    assert isinstance(found, publickey.UnusableKey)
    assert "not contain a public key" in found.message


def test_a_key_that_is_cut_says_how_much_is_there():
    for octets in (WRAPPED, BARE):
        found = publickey._rsa(octets[:-10])
        assert isinstance(found, publickey.UnusableKey)
        assert f"{len(octets) - 10} of {len(octets)} octets" in found.message


@pytest.mark.parametrize("declared", ["", "k=ed25519; "])
def test_the_beginning_of_an_rsa_key_is_never_an_ed25519_key(declared: str) -> None:
    # 32 octets of SubjectPublicKeyInfo: as many as an Ed25519 key has.
    head = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCyzBg="
    key = dkim.parse(f"v=DKIM1; {declared}p={head}").key
    assert not isinstance(key, PublicKey)
    assert "that is an Ed25519 key" not in str(key)
