"""Other people's readers, and where they and ours disagree, with the reason where one is known."""

from __future__ import annotations

import base64
import binascii
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.masterfile.rdata import READ_TYPES
from zonelint.grammars.masterfile.reader import MasterZone, read
from zonelint.grammars.spf import record as spf
from zonelint.grammars.tags import dkim, dmarc
from zonelint.grammars.tags.publickey import PublicKey
from zonelint.grammars.zone import ZoneFaultKind

UNEXPLAINED = "not explained"


@dataclass(frozen=True)
class Disagreement:
    """One input that two readers take differently."""

    oracle: str
    text: str
    ours: str
    theirs: str
    reason: str = UNEXPLAINED


class Missing(Exception):
    """An oracle is not installed; the message says what to install."""


Reasons = Sequence[tuple[str, Callable[[str, str, str], object]]]
"""Reasons with what tells that they apply: called with the text, our answer and theirs."""


def explained(
    oracle: str, text: str, ours: str, theirs: str, reasons: Reasons, name: str | None = None
) -> Disagreement:
    """The disagreement with the first reason that applies. `name` is shown instead of a text."""
    shown = text if name is None else name
    for reason, applies in reasons:
        if applies(text, ours, theirs):
            return Disagreement(oracle, shown, ours, theirs, reason)
    return Disagreement(oracle, shown, ours, theirs)


# -- SPF -------------------------------------------------------------------------------------------


def _spf_answer(text: str) -> str:
    record = spf.parse(text)
    if not spf.is_spf(text):
        return "no SPF record"
    faults = record.faults
    return "sound" if not faults else f"fault: {faults[0].message}"


def _matches(
    pattern: str, flags: re.RegexFlag = re.IGNORECASE
) -> Callable[[str, str, str], object]:
    found = re.compile(pattern, flags | re.MULTILINE)
    return lambda text, ours, theirs: found.search(text)


def _they_say(words: str) -> Callable[[str, str, str], object]:
    return lambda text, ours, theirs: re.search(words, theirs, re.IGNORECASE)


def _we_say(words: str) -> Callable[[str, str, str], object]:
    return lambda text, ours, theirs: re.search(words, ours, re.IGNORECASE)


def _faults_behind_all(text: str, ours: str, theirs: str) -> bool:
    """Whether all that is wrong stands behind the first `all`."""
    record = spf.parse(text)
    end = next(
        (term.end for term in record.terms if term.text.lstrip("+-~?").lower() == "all"), None
    )
    return end is not None and all(fault.start >= end for fault in record.faults)


def _has_unknown_modifier(text: str, ours: str, theirs: str) -> bool:
    names = re.findall(r"(?:^| )([a-z][a-z0-9._-]*)=", text, re.IGNORECASE)
    return any(name.lower() not in ("v", "redirect", "exp") for name in names) or bool(
        re.search(r" v=", text)
    )


PYSPF: Reasons = (
    ("pyspf does not take an unknown modifier twice; RFC 7208 section 6 forbids it for redirect "
     "and exp alone", _they_say("MUST appear at most once")),
    ("pyspf takes an escaped %% at the end of a term for a broken macro", _they_say("macro.*%%$")),
    ("pyspf does not know every macro with digits, or with = for a delimiter",
     _they_say(r"invalid-macro-char")),
    ("pyspf refuses to look at a record that includes its own domain", _they_say("recursion")),
    ("pyspf asks for a target whose name no DNS can hold",
     _they_say("redirect domain has no SPF record|no valid SPF record for included")),
    ("pyspf takes any text for the value of a modifier that no RFC defines",
     _matches(r"\s[a-z][a-z0-9._-]*=[^\s]*[^\x21-\x7e\s]")),
    ("pyspf does not look behind the first all", _matches(r"[ +~?-]all\s+\S")),
    ("pyspf takes any white space between terms, RFC 7208 only spaces", _matches(r"[\t\r\n\f\v]")),
)  # fmt: skip


def pyspf(records: Sequence[str]) -> Iterator[Disagreement]:
    """pyspf on the syntax; every name it asks for has a record, so that nothing else decides."""
    try:
        import spf as oracle
    except ImportError:
        raise Missing("pyspf: pip install pyspf") from None

    def answers(name: str, qtype: str, *_: Any, **__: Any) -> list[Any]:
        return [((name, "TXT"), (b"v=spf1 -all",))] if qtype == "TXT" else []

    oracle.DNSLookup = answers
    oracle.MAX_LOOKUP = oracle.MAX_VOID_LOOKUPS = 1000
    for text in records:
        query = oracle.query("192.0.2.1", "user@example.com", "mail.example.com", strict=True)
        try:
            result, _, reason = query.check(spf=text)
        except Exception as error:  # an oracle's own bug is an answer as well
            result, reason = "crash", f"{type(error).__name__}: {error}"
        theirs = "sound" if result not in ("permerror", "ambiguous", "crash") else reason
        theirs = "no SPF record" if result == "none" else theirs
        ours = _spf_answer(text)
        if (ours == "sound") != (theirs == "sound"):
            yield explained("pyspf", text, ours, theirs, PYSPF)


CHECKDMARC_SPF: Reasons = (
    ("checkdmarc wants the version in small letters; ABNF strings have no case (RFC 5234)",
     _they_say("Expected version_tag")),
    ("checkdmarc does not look behind the first all", _faults_behind_all),
    ("checkdmarc wants no blank behind the version; here and for receivers it is no SPF record",
     _we_say("not an SPF record")),
    ("checkdmarc collapses white space before it parses", _matches(r"[\t\r\n]|  ")),
    ("checkdmarc takes the quotes of presentation format away", _matches(r'"')),
    ("checkdmarc does not look at what stands at the end of a domain: a top-level domain with a "
     "letter and a dot before it (RFC 7208 section 7.1)",
     _we_say("top-level domain|not a full domain name|an address belongs in ip4")),
    ("checkdmarc overlooks a prefix length where the mechanism takes none",
     _we_say("takes no prefix length")),
    ("checkdmarc takes a slash inside a domain for a prefix length; a macro string may hold it",
     _they_say("not a valid CIDR prefix length")),
    ("checkdmarc's grammar does not know modifiers that no RFC defines (RFC 7208 section 6)",
     _has_unknown_modifier),
    ("checkdmarc counts lookups while it parses", _they_say("lookups|loop")),
)  # fmt: skip


def checkdmarc_spf(records: Sequence[str]) -> Iterator[Disagreement]:
    """checkdmarc on the syntax of SPF, with a resolver that knows no name."""
    module, resolver = _checkdmarc()
    for text in records:
        try:
            module.spf.parse_spf_record(text, "example.com", resolver=resolver)
            theirs = "sound"
        except module.spf.SPFSyntaxError as error:
            theirs = f"SPFSyntaxError: {error}"
        except module.spf.SPFError as error:
            theirs = "sound" if "SyntaxError" not in type(error).__name__ else str(error)
        except Exception as error:
            theirs = f"crash {type(error).__name__}: {error}"
        ours = _spf_answer(text)
        if (ours == "sound") != (theirs == "sound"):
            yield explained("checkdmarc (SPF)", text, ours, theirs, CHECKDMARC_SPF)


def _checkdmarc() -> tuple[Any, Any]:
    try:
        import checkdmarc.dmarc
        import checkdmarc.spf
    except ImportError:
        raise Missing("checkdmarc: pip install checkdmarc") from None
    import dns.resolver

    class Nothing(dns.resolver.Resolver):
        """No name exists."""

        def __init__(self) -> None:
            super().__init__(configure=False)
            self.nameservers = ["192.0.2.1"]

        def resolve(self, *_: Any, **__: Any) -> Any:
            raise dns.resolver.NXDOMAIN

    return checkdmarc, Nothing()


# -- DMARC -----------------------------------------------------------------------------------------

_IGNORED = (FaultKind.UNKNOWN_TAG, FaultKind.SUSPECT)


def _dmarc_answer(text: str) -> str:
    if not dmarc.is_dmarc(text):
        return "no DMARC record"
    faults = [fault for fault in dmarc.parse(text).faults if fault.kind not in _IGNORED]
    return "sound" if not faults else f"fault: {faults[0].message}"


CHECKDMARC_DMARC: Reasons = (
    ("the names of tags have a case (RFC 6376 section 3.2), so V is no version",
     _matches(r"^V\s*=", re.NOFLAG)),
    ("a tag's value may be empty (RFC 6376 section 3.2), and receivers ignore an unknown tag",
     _matches(r"=\s*(;|$)")),
    ("checkdmarc asks DNS whether report addresses take mail", _they_say("resolve|MX|exist")),
    ("checkdmarc takes a record without p only with rua", _they_say("tag is missing|missing.*p")),
    ("checkdmarc's tags of RFC 7489 (pct, ri, rf) are errors where their value is odd",
     _matches(r"\b(pct|ri|rf)\s*=")),
    ("checkdmarc accepts and warns where receivers ignore a value", _we_say("fault")),
)  # fmt: skip


def checkdmarc_dmarc(records: Sequence[str]) -> Iterator[Disagreement]:
    """checkdmarc on DMARC: whether the record is one, and the policies that both read."""
    module, resolver = _checkdmarc()
    for text in records:
        policies = ""
        try:
            parsed = module.dmarc.parse_dmarc_record(text, "example.com", resolver=resolver)
            theirs = "sound"
            tags = parsed["tags"]
            policies = ";".join(
                f"{name}={tags[name]['value']}"
                for name in ("p", "sp", "adkim", "aspf")
                if name in tags and tags[name].get("explicit")
            )
        except module.dmarc.DMARCError as error:
            theirs = f"{type(error).__name__}: {error}"
        except Exception as error:
            theirs = f"crash {type(error).__name__}: {error}"
        ours = _dmarc_answer(text)
        if (ours == "sound") != (theirs == "sound"):
            yield explained("checkdmarc (DMARC)", text, ours, theirs, CHECKDMARC_DMARC)
            continue
        if ours != "sound":
            continue
        record = dmarc.parse(text)
        own = ";".join(
            f"{name}={value}"
            for name in ("p", "sp", "adkim", "aspf")
            if (value := record.value(name)) is not None
        )
        if own.lower() != policies.lower():
            yield explained("checkdmarc (DMARC)", text, own, policies, ())


# -- keys ------------------------------------------------------------------------------------------

KEYS: Reasons = (
    ("Python's base64 overlooks padding that is too much; other verifiers refuse it",
     _we_say("an extra =")),
    ("a key of an odd size is refused by cryptography, and reported by size here",
     _they_say("size|1024|modulus|bits")),
    ("base64 with blanks or in pieces is joined here (RFC 6376 section 3.2)", _matches(r"p=.*\s")),
)  # fmt: skip


def cryptography(records: Sequence[str]) -> Iterator[Disagreement]:
    """The library that verifiers use, on the key data of DKIM records."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    for text in records:
        record = dkim.parse(text)
        data = record.p
        if not data or (record.has("k") and record.value("k") != "rsa"):
            continue
        key = record.key
        if isinstance(key, PublicKey):
            ours = f"RSA {key.bits}"
        else:
            ours = f"no key: {key.message}" if isinstance(key, Fault) else "no key"
        try:
            octets = base64.b64decode("".join(data.split()), validate=True)
            loaded = load_der_public_key(octets)
            theirs = f"RSA {loaded.key_size}" if isinstance(loaded, rsa.RSAPublicKey) else "other"
        except (ValueError, binascii.Error, TypeError) as error:
            theirs = f"no key: {error}"
        except Exception as error:
            theirs = f"no key: {type(error).__name__}"
        same = ours == theirs or (ours.startswith("no key") and not theirs.startswith("RSA"))
        if not same:
            yield explained("cryptography", text, ours, theirs, KEYS)


# -- zones -----------------------------------------------------------------------------------------


def _at_opaque_record(text: str, ours: str, theirs: str) -> bool:
    """Whether the line that they name holds a record whose rdata nothing here reads."""
    if ours != "read":
        return False
    zone = read(text, "zone", _origin("zone", text))
    named = _named(zone, theirs)
    return any(
        record.type not in READ_TYPES
        and not named.isdisjoint(range(record.span.line, record.span.end_line + 1))
        for rrset in zone.rrsets()
        for record in rrset
    )


def _outside(text: str, ours: str, theirs: str) -> bool:
    """Whether the line that they name holds what is told here as outside the zone."""
    zone = read(text, "zone", _origin("zone", text))
    return any(
        fault.kind is ZoneFaultKind.OUT_OF_ZONE
        and not _named(zone, theirs).isdisjoint(range(fault.span.line, fault.span.end_line + 2))
        for fault in zone.faults
    )


def _named(zone: MasterZone, theirs: str) -> set[int]:
    """The lines of the zone that they name; a zone without an SOA had two put in front."""
    shift = 0 if "SOA" in zone.types() or "dns_" not in theirs else 2
    return {int(number) - shift for number in re.findall(r":(\d+): ", theirs)}


DNSPYTHON: Reasons = (
    ("the zone includes files, which dnspython is not allowed here", _matches(r"^\$INCLUDE")),
    ("no TTL stands in the zone: dnspython refuses it, and the records are judged here",
     _they_say("Missing default TTL")),
    ("dnspython judges the zone as it reads: a CNAME beside others is a finding of a rule here",
     _they_say("CNAMEAndOtherData")),
    ("dnspython judges the zone as it reads: an SOA below the apex is of no meaning for mail",
     _they_say("non-origin SOA")),
    ("records outside the zone are dropped by dnspython without a word", _we_say("outside")),
    ("dnspython gives a first record without an owner to the origin; BIND refuses it",
     _we_say("no owner to inherit")),
    ("opaque rdata is kept with a blank between every two words, SVCB's key=\"value\" as well",
     _we_say("whitespace after =")),
    ("a string of over 255 octets is a finding of rules here", _they_say("string too long")),
    ("name servers read octets and dnspython characters: it ends on what is not UTF-8, and on "
     "names that IDNA refuses", _they_say("surrogates not allowed|IDNA processing|IDNAException")),
    ("dnspython checks digests, keys and identifiers of records that no rule reads",
     _they_say("certificate association|digest length|base64|exadecimal|padding|Odd-length|"
               "expecting an|must be an int between")),
    ("$GENERATE is read as BIND reads it; told as ZONE011", _matches(r"^\s*\$GENERATE")),
    ("dnspython divides RRSIG by what it covers", _we_say("'RRSIG'")),
    ("of more than a thousand faults no more is read, and that is told", _we_say("1000 faults")),
    ("dnspython does not take a lone CR for the end of a line in a comment", _matches(r"\r(?!\n)")),
    ("a record of a type that no rule reads is opaque here; dnspython checks its rdata",
     _at_opaque_record),
)  # fmt: skip


def _origin(path: str, text: str) -> str:
    from zonelint.providers.zonefile.origin import origin_in

    return origin_in(text) or "example."


def dnspython(zones: dict[str, str]) -> Iterator[Disagreement]:
    """dnspython's reader: the same records, or a fault in both."""
    import dns.exception
    import dns.zone

    from tests.grammars.test_masterfile_oracles import contents_by_dnspython, contents_of

    for path, text in zones.items():
        origin = _origin(path, text)
        expected = contents_by_dnspython(text, origin)
        zone = read(text, path, origin)
        faults = [fault for fault in zone.faults if fault.kind is ZoneFaultKind.SYNTAX]
        ours = "read" if not faults else f"{faults[0].span.line}: {faults[0].message}"
        if expected is None:
            if not faults:
                try:
                    dns.zone.from_text(text, origin, relativize=False, check_origin=False)
                    theirs = "refused"
                except Exception as error:
                    theirs = f"refused: {type(error).__name__} {error}"
                yield explained("dnspython", text, ours, theirs, DNSPYTHON, path)
            continue
        if faults:
            yield explained("dnspython", text, ours, "read", DNSPYTHON, path)
            continue
        try:
            found = contents_of(zone)
        except Exception as error:
            ours = f"{type(error).__name__}: {error}"
            yield explained("dnspython", text, ours, "read", DNSPYTHON, path)
            continue
        if found != expected:
            differing = {
                str(key) for key in {*found, *expected} if found.get(key) != expected.get(key)
            }
            ours = f"{sorted(differing)[:5]}"
            yield explained("dnspython", text, ours, "other content", DNSPYTHON, path)


CHECKZONE: Reasons = (
    ("the SOA that is put in front here gives a first record without an owner one",
     _we_say("no owner to inherit")),
    ("the zone includes files, which are not there", _matches(r"^\$INCLUDE")),
    ("BIND judges the zone, not only its syntax (CNAME beside others, no NS, glue, SOA, DNAME)",
     _they_say("CNAME and other|has no address records|not at top|multiple RRs of singleton|"
               "below a DNAME|invalid NS owner|has no NS|has no SOA|no TTL specified$|"
               "no TTL specified /|no TTL specified; zone rejected|too many records")),
    ("what stands outside the zone is told here as that and read no further; BIND reads it",
     _outside),
    ("BIND does not take a lone CR for the end of a line in a comment", _matches(r"\r(?!\n)")),
    ("a record of a type that no rule reads is opaque here; BIND checks its rdata",
     _at_opaque_record),
)  # fmt: skip


def checkzone(zones: dict[str, str]) -> Iterator[Disagreement]:
    """named-checkzone: what BIND takes has no fault here."""
    command = shutil.which("named-checkzone")
    if command is None:
        raise Missing("named-checkzone: apt-get install bind9-utils")
    for path, text in zones.items():
        origin = _origin(path, text)
        zone = read(text, path, origin)
        faults = [fault for fault in zone.faults if fault.kind is ZoneFaultKind.SYNTAX]
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "zone")
            whole = text
            if "SOA" not in zone.types():
                whole = f"$TTL 5\n{origin} IN SOA ns1 hostmaster 1 2 3 4 5\n{text}"
            whole += f"\n{origin} 5 IN NS ns-x.{origin}\nns-x.{origin} 5 A 192.0.2.9\n"
            file.write_bytes(whole.encode("utf-8", "surrogateescape"))
            done = subprocess.run(
                [command, "-i", "none", "-k", "ignore", origin, str(file)],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=120,
                check=False,
            )
        ours = "read" if not faults else f"{faults[0].span.line}: {faults[0].message}"
        idle = re.compile("warning|ignoring out-of-zone")
        lines = [line for line in done.stdout.splitlines() if not idle.search(line)]
        theirs = "read" if done.returncode == 0 else " / ".join(lines)[:300]
        if (ours == "read") != (theirs == "read"):
            yield explained("named-checkzone", text, ours, theirs, CHECKZONE, path)


def compilezone(zones: dict[str, str]) -> Iterator[Disagreement]:
    """named-compilezone: of what both take for a zone, the same records."""
    from tests.grammars.test_masterfile_oracles import contents_by_dnspython, contents_of

    command = shutil.which("named-compilezone")
    if command is None:
        raise Missing("named-compilezone: apt-get install bind9-utils")
    for path, text in zones.items():
        origin = _origin(path, text)
        zone = read(text, path, origin)
        faults = [fault for fault in zone.faults if fault.kind is ZoneFaultKind.SYNTAX]
        added = [f"{origin} 5 IN NS ns-x.{origin}", f"ns-x.{origin} 5 IN A 192.0.2.9"]
        head = (
            "" if "SOA" in zone.types() else f"$TTL 5\n{origin} IN SOA ns-x hostmaster 1 2 3 4 5\n"
        )
        whole = f"{head}{text}\n" + "\n".join(added) + "\n"
        done = subprocess.run(
            [command, "-i", "none", "-k", "ignore", "-q", "-o", "-", origin, "/dev/stdin"],
            input=whole.encode("utf-8", "surrogateescape"),
            capture_output=True,
            timeout=120,
            check=False,
        )
        if done.returncode or faults:
            continue  # checkzone compares what is refused
        theirs = contents_by_dnspython(done.stdout.decode("ascii", "replace"), origin)
        if theirs is None:
            continue
        try:
            ours = contents_of(read(whole, path, origin), READ_TYPES)
        except Exception as error:
            yield explained("named-compilezone", text, repr(error), "read", COMPILED, path)
            continue
        mine, other = (
            {(key, rdata) for key, (_, rdatas) in held.items() for rdata in rdatas
             if key[1] in READ_TYPES} for held in (ours, theirs)
        )  # fmt: skip
        if mine != other:
            left, right = (str(sorted(map(str, each))[:4]) for each in (mine - other, other - mine))
            yield explained("named-compilezone", text, left, right, COMPILED, path)


COMPILED: Reasons = (
    ("BIND does not take a lone CR for the end of a line in a comment; told as ZONE011",
     _matches(r"\r(?!\n)")),
    ("a name beyond ASCII is its A-label here and bare octets to BIND; told as ZONE011",
     lambda text, ours, theirs: not text.isascii() and ("xn--" in ours or "\\\\" in theirs)),
)  # fmt: skip


# -- YAML ------------------------------------------------------------------------------------------

TOLD = "zonelint tells a fault where octoDNS, made lenient, takes something all the same"

YAML: Reasons = (
    ("the values of dynamic and geo records are records here as well: mail may meet any of them",
     _matches(r"^\s*(?:dynamic|geo):")),
    ("what octoDNS marks as ignored, or leaves to other providers, is no record of the zone here",
     _matches(r"\b(?:ignored|excluded|included):")),
    ("a file without a record is an empty zone for octoDNS, and told here where it was named",
     lambda text, ours, theirs: theirs == "[]" and "does not contain an octoDNS zone" in ours),
    ("octoDNS fails on a value that is null", _they_say("NoneType.*replace")),
    ("octoDNS refuses what it cannot validate, and the whole file with it",
     _they_say("Validation")),
    ("octoDNS does not know a type of record", _they_say("Unknown record type")),
    ("a configuration of octoDNS is known by what it holds, whatever its file is called",
     _matches(r"^manager:|^providers:")),
    ("libyaml, which reads here, and PyYAML's own reader differ on odd flow mappings: octoDNS ends",
     _they_say("while parsing a flow|while scanning")),
    ("libyaml passes over a byte-order mark within the text, and octoDNS ends on it",
     _they_say(r"Codepoint U\+FEFF")),
    ("libyaml refuses what PyYAML's own reader takes: told here", _we_say("not valid YAML")),
    ("a file of which most is no record is told as no zone",
     _we_say("not contain an octoDNS zone")),
)  # fmt: skip


def octodns(files: dict[str, str]) -> Iterator[Disagreement]:
    """octoDNS's own YamlProvider on files that are named after a zone."""
    try:
        from octodns.provider.yaml import YamlProvider
        from octodns.zone import Zone
    except ImportError:
        raise Missing("octoDNS: pip install octodns") from None
    from zonelint.providers.octodns.yaml import find as yamlfind
    from zonelint.providers.octodns.yaml.search import search
    from zonelint.providers.zonefile.reader import Origins

    for path, text in files.items():
        file = Path(path)
        if not re.fullmatch(r"[\w.-]+\.[\w-]+\.yaml", file.name) or file.name.startswith("."):
            continue
        name = file.name.removesuffix("yaml")
        try:
            provider = YamlProvider(
                "x", str(file.parent), enforce_order=False, supports_root_ns=True
            )
            zone = Zone(name, [])
            provider.populate(zone, lenient=True)
            theirs = _of_octodns(zone)
        except Exception as error:
            theirs = f"{type(error).__name__}: {str(error)[:200]}"
        reading = yamlfind.YamlReading(Origins())
        reading.prepare(search([path]).files)
        found = reading.whole()
        told = [error.message for error in found.errors]
        ours: object = "; ".join(told) or "nothing"
        if found.zones:
            made = found.zones[0]
            told = [fault.message for fault in made.faults if fault not in made.silent]
            ours = sorted(
                (_plain(record.owner), record.type, record.ttl, _comparable(record.type, record))
                for rrset in made.rrsets()
                for record in rrset
                if record.type in _COMPARED and not record.is_alternative
            )
        if isinstance(theirs, str) and (told or isinstance(ours, str)):
            continue  # what octoDNS refuses as a whole is told here at its place
        if ours != theirs:
            if told and isinstance(ours, list):
                yield Disagreement("octoDNS", path, told[0], "read", TOLD)
                continue
            own, other = _difference(ours, theirs), _difference(theirs, ours)
            yield explained("octoDNS", text, own, other, YAML, path)


_COMPARED = ("A", "AAAA", "CNAME", "MX", "NS", "TXT", "SPF", "PTR")


def _comparable(type: str, record: Any) -> str:
    if type in ("TXT", "SPF"):
        return str(record.text.value)
    if type == "MX":
        return f"{record.preference} {_plain(record.target)}"
    return (_plain(record.target) if type in ("CNAME", "NS", "PTR") else record.rdata).lower()


def _plain(name: str) -> str:
    """A name without the escapes that it has in a zone file: octoDNS has none."""
    name = re.sub(r"\\(\d{3}|.)", lambda m: chr(int(m[1])) if m[1].isdigit() else m[1], name)
    return name if name.endswith(".") else f"{name}."


def _of_octodns(zone: Any) -> list[tuple[str, str, int, str]]:
    found = []
    for record in zone.records:
        kind = record._type
        if kind not in _COMPARED:
            continue
        values = getattr(record, "values", None) or [record.value]
        for value in values:
            if kind in ("TXT", "SPF"):
                shown = str(value).replace("\\;", ";")
            elif kind == "MX":
                shown = f"{value.preference} {_plain(value.exchange)}"
            elif kind in ("CNAME", "NS", "PTR"):
                shown = _plain(str(value)).lower()
            else:
                shown = str(value).lower()
            found.append((_plain(record.fqdn), kind, record.ttl, shown))
    return sorted(found)


def _difference(one: object, other: object) -> str:
    if isinstance(one, str) or not isinstance(one, list):
        return str(one)
    rest = other if isinstance(other, list) else []
    return str([each for each in one if each not in rest][:4])
