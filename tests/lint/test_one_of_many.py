"""What a run over one file finds and offers is what a run over all finds in it, or undecided."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from zonelint.main import zonelint
from zonelint.providers.project import index
from zonelint.providers.project.index import known_beside
from zonelint.providers.project.project import Project
from zonelint.rules.core import registry
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.dkim.support.example_keys import RSA_2048, RSA_2048_NEXT
from zonelint.rules.offers.bulk import ZonesInHand
from zonelint.run.judging import Judge

_ZONES = ("example.com", "example.org", "sub.example.com", "xn--bcher-kva.example")
_KEYS = (RSA_2048, RSA_2048_NEXT)
_OWNERS = {
    "MX": ("@", "shop"),
    "A": ("mail", "@", "mta-sts", "old"),
    "CNAME": ("k1._domainkey", "_dmarc", "_mta-sts", "mta-sts", "old", "k1.domainkey", "*",
              "_smtp._tls", "example.org._report._dmarc"),
    "TXT": ("@", "@", "_spf", "_spf", "_dmarc", "policy", "k1._domainkey", "k1.domainkey", "old",
            "_mta-sts", "_smtp._tls", "example.com._report._dmarc", "*._report._dmarc"),
    "TLSA": ("_25._tcp.mail",),
    "NS": ("sub", "@"),
}  # fmt: skip
Record = tuple[str, str, str]
_owners = st.sampled_from([(type, owner) for type, owners in _OWNERS.items() for owner in owners])
_targets = st.sampled_from(
    ["mail", "_spf", "policy", "old", "k1._domainkey", "k1.domainkey", "_dmarc", "mta-sts",
     "_mta-sts", ""]
)  # fmt: skip
_split = st.sampled_from([30, 60, 200])


@st.composite
def _records(draw: st.DrawFn) -> list[Record]:
    found: dict[tuple[str, str], list[str]] = {}
    for _ in range(draw(st.integers(1, 9))):
        type, owner = draw(_owners)
        above = draw(st.sampled_from(_ZONES))
        name = f"{draw(_targets)}.{above}.".removeprefix(".")
        value = {
            "MX": f"10 {name}",
            "A": "192.0.2.1",
            "CNAME": name,
            "NS": name,
            "TLSA": f"3 1 1 {'ab' * 32}",
        }.get(type) or draw(_texts(name.removesuffix("."), above))
        if type in ("MX", "TXT") or not any(at == owner for at, _ in found):
            found.setdefault((owner, type), []).append(value)
    aliases = {owner for owner, type in found if type == "CNAME"}
    return [
        (owner, type, value)
        for (owner, type), values in found.items()
        for value in dict.fromkeys(values)
        if type == "CNAME" or owner not in aliases
    ]


def _texts(name: str, above: str) -> st.SearchStrategy[str]:
    keys = st.sampled_from(_KEYS).map(lambda key: f"v=DKIM1; k=rsa; p={key}")
    return keys | st.sampled_from(
        [
            f"v=spf1 include:{name} -all",
            f"v=spf1 mx a:mail.{above} include:_spf.{above} ~all",
            f"v=spf1 redirect={name}",
            "v=spf1 ip4:192.0.2.1 ip4:192.0.2.1 -all",
            "v=spf1 ip4:192.0.2.1; -all",
            f"v=spf1 include:%{{d}}._spf.{above} -all",
            f"v=DMARC1; p=reject; rua=mailto:d@{above}",
            "v=DMARC1; p=none",
            "v=DMARC1;",
            "v=STSv1; id=20260301",
            f"v=TLSRPTv1; rua=mailto:t@{above}",
        ]
    )


@st.composite
def _files(draw: st.DrawFn) -> dict[str, str]:
    """Files of a repository by their paths."""
    texts: dict[str, str] = {}
    for zone in draw(st.lists(st.sampled_from(_ZONES), min_size=2, max_size=4)):
        write = draw(st.sampled_from([_as_zone_file, _as_zone_file, _as_yaml, _as_terraform]))
        folder = draw(st.sampled_from(["zones", "zones", "twins/zones"]))
        path, text = write(folder, zone, draw(_records()), draw(_split))
        texts[path] = text
    for part in [path for path in texts if path.endswith(".zone") and draw(st.booleans())]:
        whole = texts[part]
        head, rest = whole[: whole.index("\n@ SOA") + 1], whole[whole.index("\n@ SOA") + 1 :]
        soa, _, records = rest.partition("\n")
        inc = f"parts/{len(texts)}.inc"
        texts[part] = f"{head}{soa}\n$INCLUDE {os.path.relpath(inc, Path(part).parent)}\n"
        texts[inc] = records
    return texts


def _as_zone_file(folder: str, zone: str, records: Sequence[Record], split: int) -> tuple[str, str]:
    lines = [f"{owner} {type} {_spelt(type, value, split)}" for owner, type, value in records]
    head = ["$TTL 3600", "@ SOA ns.example.net. hm.example.net. 1 7200 900 1209600 3600"]
    return f"{folder}/{zone}.zone", "\n".join([*head, *lines, ""])


def _spelt(type: str, value: str, split: int) -> str:
    if type != "TXT":
        return value
    return " ".join(f'"{value[at : at + split]}"' for at in range(0, len(value), split))


def _as_yaml(folder: str, zone: str, records: Sequence[Record], split: int) -> tuple[str, str]:
    names: dict[str, dict[str, list[object]]] = {}
    for owner, type, value in records:
        if type in ("NS", "TLSA"):
            continue
        name = "" if owner == "@" else owner
        read: object = value.replace(";", "\\;")
        if type == "MX":
            read = {"preference": 10, "exchange": value.split()[1]}
        names.setdefault(name, {}).setdefault(type, []).append(read)
    held = {
        name: [{"type": type, "values" if type != "CNAME" else "value":
                values if type != "CNAME" else values[0]} for type, values in types.items()]
        for name, types in names.items()
    }  # fmt: skip
    return f"{folder}/{zone}.yaml", json.dumps(held or {"": {"type": "A", "value": "192.0.2.1"}})


def _as_terraform(folder: str, zone: str, records: Sequence[Record], split: int) -> tuple[str, str]:
    label = f"z{_ZONES.index(zone)}"
    blocks = [f'resource "aws_route53_zone" "{label}" {{\n  name = "{zone}"\n}}\n']
    sets: dict[tuple[str, str], list[str]] = {}
    for owner, type, value in records:
        sets.setdefault((owner, type), []).append(value)
    for number, ((owner, type), values) in enumerate(sets.items()):
        name = zone if owner == "@" else f"{owner}.{zone}"
        cut = [json.dumps(v.replace("%{", "%%{")).replace("\n", "") for v in values]
        if type == "TXT":
            cut = [
                '"' + '\\"\\"'.join(v.replace("%{", "%%{")[at : at + 200]
                                    for at in range(0, len(v.replace("%{", "%%{")), 200)) + '"'
                for v in values
            ]  # fmt: skip
        blocks.append(
            f'resource "aws_route53_record" "{label}r{number}" {{\n'
            f"  zone_id = aws_route53_zone.{label}.zone_id\n"
            f'  name = "{name}"\n  type = "{type}"\n  ttl = 300\n'
            f"  records = [{', '.join(cut)}]\n}}\n"
        )
    return f"tf/{label}/main.tf", "\n".join(blocks)


class _Run:
    """A run over some paths."""

    def __init__(self, *paths: str) -> None:
        rules = registry.rules()
        project = Project(codes=[rule.code for rule in rules])
        found = project.listed(project.paths_of(paths))
        self.judge = Judge(rules, project, known=known_beside(project, found.documents, paths))
        self.repository = self.judge.repository(project.read(found).zones)
        self.result = self.judge.judged(self.repository)
        assert not self.result.crashes
        self.zones = {seat.identity for seat in self.repository.judged}

    def findings(self, zones: Collection[ZoneId]) -> set[tuple[str, ...]]:
        """What is found in zones, with the changes that are offered where only these change."""
        found = [each for each in self.result.findings if each.zone in zones]
        offers = self.judge.offers(ZonesInHand(self.repository), self.result)
        return {
            (each.code, each.owner, str(each.zone), each.message, each.found.advice,
             "" if each.change is None else str(each.change.edits))
            for each in offers.without_harm(found)
        }  # fmt: skip

    def undecided(self, zones: Collection[ZoneId]) -> set[tuple[str, ...]]:
        return {(u.code, u.owner, str(u.zone)) for u in self.result.undecided if u.zone in zones}


@contextmanager
def _repository(texts: dict[str, str]) -> Iterator[None]:
    here = Path.cwd()
    with TemporaryDirectory() as folder:
        for path, text in texts.items():
            Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, path).write_text(text, encoding="utf-8")
        Path(folder, ".git").mkdir()
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(here)


@settings(max_examples=int(os.environ.get("EXAMPLES", "25")), deadline=None)
@given(_files())
def test_one_file_is_judged_as_among_all(texts: dict[str, str]) -> None:
    with _repository(texts):
        among_all = _Run(".")
        for path in texts:
            alone = _Run(path)
            zones = alone.zones
            assert zones <= among_all.zones
            undecided = alone.undecided(zones)
            differing = alone.findings(zones) ^ among_all.findings(zones)
            assert not {each for each in differing if each[:3] not in undecided}, path
            assert not among_all.undecided(zones) - undecided, path


_SOA = "$TTL 3600\n@ SOA ns.example.net. hm.example.net. 1 7200 900 1209600 3600\n"
_KEY = f'"v=DKIM1; k=rsa; p={RSA_2048[:180]}" "{RSA_2048[180:]}"'
_A_KEY = {"a.example/zones/example.com.zone": f"{_SOA}k1._domainkey TXT {_KEY}\n"}
_LAST = "zones/example.org.zone"

_FACTS = {
    "a key that is cut elsewhere, with comments between": (
        f'k1._domainkey TXT ( "v=DKIM1; p={RSA_2048[:70]}" ; one\n "{RSA_2048[70:]}" )\n',
        _A_KEY,
        "DKIM011",
    ),
    "a key in a part of another zone": (
        f"k1._domainkey TXT {_KEY}\n",
        {
            "zones/example.com.zone": f"{_SOA}$INCLUDE keys.inc\n",
            "zones/keys.inc": f"k1._domainkey TXT {_KEY}\n",
        },
        "DKIM011",
    ),
    "a key in YAML": (
        f"k1._domainkey TXT {_KEY}\n",
        {
            "octodns/example.com.yaml": "k1._domainkey:\n  type: TXT\n"
            f"  value: v=DKIM1\\; k=rsa\\; p={RSA_2048}\n"
        },
        "DKIM011",
    ),
    "TLSA records of the exchange": (
        "@ MX 10 mx.example.com.\n",
        {"zones/example.com.zone": f"{_SOA}mx A 192.0.2.1\n_25._tcp.mx TLSA 3 1 1 {'ab' * 32}\n"},
        "TLSRPT002",
    ),
    "no alias to a key": (f"k1.domainkey TXT {_KEY}\n", {}, "DKIM008"),
}


@pytest.mark.parametrize(("records", "others", "code"), _FACTS.values(), ids=_FACTS)
def test_what_others_tell_is_found(records: str, others: dict[str, str], code: str) -> None:
    with _repository({_LAST: f"{_SOA}{records}", **others}):
        alone, among_all = _Run(_LAST), _Run(".")
        assert code in {each.code for each in alone.result.findings}
        assert alone.findings(alone.zones) == among_all.findings(alone.zones)


_ABSENT = {
    "an alias leads to the key": (
        f"k1.domain TXT {_KEY}\n",
        "k1._domainkey CNAME k1.domain.example.org.\n",
        "DKIM008",
    ),
    "by another alias, relative to an origin of its own": (
        'policy TXT "v=DMARC1; p=none"\npolicy A 192.0.2.1\n',
        "_dmarc CNAME one\n$ORIGIN example.org.\none.example.com. CNAME policy\n",
        "DMARC004",
    ),
    "the zone above signs": (
        '@ MX 10 mx.example.net.\n_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@example.org"\n',
        f"k1._domainkey TXT {_KEY}\n",
        "DMARC203",
    ),
}


@pytest.mark.parametrize(("records", "others", "code"), _ABSENT.values(), ids=_ABSENT)
def test_what_others_tell_is_no_fault(records: str, others: str, code: str) -> None:
    name = "sub.example.com" if code == "DMARC203" else "example.org"
    path = f"zones/{name}.zone"
    with _repository({path: f"{_SOA}{records}", "zones/example.com.zone": f"{_SOA}{others}"}):
        alone, among_all = _Run(path), _Run(".")
        assert code not in {each.code for each in alone.result.findings}
        assert alone.findings(alone.zones) == among_all.findings(alone.zones)
        Path("zones/example.com.zone").unlink()
        without = _Run(path).result
        assert code in {each.code for each in (*without.findings, *without.undecided)}


_LED_TO = {
    "DKIM008": (f"k1.domain TXT {_KEY}\n", "k1._domainkey CNAME k1.domain"),
    "DMARC004": ('policy TXT "v=DMARC1; p=none"\npolicy A 192.0.2.1\n', "_dmarc CNAME policy"),
    "STS001": ('_mta_sts TXT "v=STSv1; id=1"\n', "_mta-sts CNAME _mta_sts"),
}


@pytest.mark.parametrize("code", _LED_TO)
def test_an_alias_of_a_zone_that_no_configuration_names_leads_to_what_is_here(code: str) -> None:
    records, alias = _LED_TO[code]
    files = {"b/zonelint.toml": 'zones = ["*.zone"]\n', "b/example.org.zone": f"{_SOA}{records}"}
    with _repository({**files, "a/example.com.zone": f"{_SOA}{alias}.example.org.\n"}):
        for path in ("b", "b/example.org.zone"):
            result = _Run(path).result
            assert code not in {each.code for each in (*result.findings, *result.undecided)}
        Path("a/example.com.zone").write_text(_SOA)
        assert code in {each.code for each in _Run("b").result.findings}


_HOSTS = " ".join(f"a:a{number}.example.org" for number in range(1, 9)) + " mx"
_HARM = {
    "SPF002": (
        "".join(f"a{number} A 192.0.2.{number}\n" for number in range(1, 9))
        + f'_spf TXT "v=spf1 {_HOSTS[:79]} -all"\n_spf TXT "v=spf1 {_HOSTS[80:]} -all"\n',
        "mx A 192.0.2.1\n"
        '@ TXT "v=spf1 a:mx.example.com a:mx.example.com include:_spf.exa" "mple.org -all"\n',
    ),
    "ZONE006": ("relay.example.org A 192.0.2.9\n", "@ MX 10 relay.example.org.example.org.\n"),
}


@pytest.fixture(params=_HARM)
def harm(request: pytest.FixtureRequest) -> Iterator[str]:
    records, others = _HARM[request.param]
    with _repository(
        {
            _LAST: f"{_SOA}{records}",
            "zones/example.com.zone": f"{_SOA}{others}",
        }
    ):
        yield request.param


def _check(*words: str) -> Result:
    return CliRunner().invoke(zonelint, ["check", "--select", "SPF,DKIM,ZONE,MX", *words])


def test_a_change_that_breaks_a_zone_that_is_only_known_is_not_offered(harm: str) -> None:
    among_all, alone = _Run("."), _Run(_LAST)
    assert alone.findings(alone.zones) == among_all.findings(alone.zones)
    shown = _check("--format", "concise", "--fix-proposed", harm, "--diff", _LAST)
    assert "is not applied: it would bring" in shown.stderr
    assert not shown.stdout
    Path("zones/example.com.zone").unlink()
    assert f"--- a/{_LAST}" in _check("--fix-proposed", harm, "--diff", _LAST).stdout


def test_a_change_that_more_zones_ask_for_than_are_read_is_not_offered(
    harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "MOST_READ", 0)
    alone = _Run(_LAST)
    advice = [each[4] for each in alone.findings(alone.zones) if each[0] == harm]
    assert advice
    assert all("does not judge the other zones that mention" in each for each in advice)
    shown = _check("--fix-proposed", harm, "--diff", _LAST)
    assert "does not judge the other zones that mention" in shown.stderr
    assert not shown.stdout


def test_what_more_zones_may_tell_than_are_read_is_undecided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records, others, code = _ABSENT["an alias leads to the key"]
    monkeypatch.setattr(index, "MOST_READ", 0)
    texts = {_LAST: f"{_SOA}{records}", "zones/example.com.zone": f"{_SOA}{others}"}
    with _repository(texts):
        alone = _Run(_LAST)
        assert code in {each.code for each in alone.result.undecided}
        assert code not in {each.code for each in alone.result.findings}


def test_a_zone_that_another_includes_is_judged_in_both() -> None:
    whole = f"{_SOA}sub NS ns.example.net.\n$INCLUDE sub.zone sub.example.com.\n"
    part = f"$ORIGIN sub.example.com.\n{_SOA}s1._domainkey CNAME s1.example.net.\n"
    with _repository({"zones/example.com.zone": whole, "zones/sub.zone": part}):
        alone = _check("--format", "concise", "zones/sub.zone").stdout
        assert "warning ZONE009" in alone
        assert "in 2 zones" in alone
        assert alone == _check("--format", "concise", ".").stdout


@pytest.mark.parametrize("given", ["example.com.zone", "-"])
def test_an_origin_that_is_given_is_of_the_files_that_are_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    """What is known beside them has its own."""
    monkeypatch.chdir(tmp_path)
    head = "$TTL 1h\n@ SOA ns1.example.net. h.example.net. 1 4h 1h 2w 1h\n@ NS ns1.example.net.\n"
    own = f'{head}@ MX 10 m\nm A 198.41.1.1\n@ TXT "v=spf1 mx include:_s.sub.example.com -all"\n'
    Path("example.com.zone").write_text(own)
    Path("sub.example.com.zone").write_text(f'{head}_s TXT "v=spf1 ip4:198.41.1.1 -all"\n')
    Path("zonelint.toml").write_text("")
    words = ["check", given, "--origin", "example.com", "--format", "concise"]
    said = CliRunner().invoke(zonelint, words, input=own if given == "-" else None).output
    assert "SPF106" not in said
    assert "ZONE010" not in said


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ('_dmarc.sub TXT "v=DMARC1; p=reject"', "undecided ZONE009"),
        ("s1._domainkey.sub CNAME s1.example.net.", "undecided ZONE009"),
        ("sub MX 10 mail", "undecided ZONE009"),
        ("www.sub A 192.0.2.1", None),
        ('_dmarc.subs TXT "v=DMARC1; p=reject"', None),
        ('sub NS ns.example.net.\n_dmarc.sub TXT "v=DMARC1; p=reject"', "error ZONE009"),
    ],
)
def test_records_for_a_zone_that_is_not_delegated_are_in_doubt(
    record: str, code: str | None
) -> None:
    above = f"{_SOA}{record}\n"
    below = f"$ORIGIN sub.example.com.\n{_SOA}www A 192.0.2.1\n"
    with _repository({"example.com.zone": above, "sub.example.com.zone": below}):
        for paths in (".", "example.com.zone"):
            told = _check("--format", "concise", paths).stdout
            assert ("ZONE009" in told) == (code is not None), told
            assert code is None or code in told
            assert "undecided ZONE009" not in told or code == "undecided ZONE009"
        assert "ZONE009" not in _check("--format", "concise", "sub.example.com.zone").stdout


@pytest.mark.parametrize(
    ("record", "is_in_doubt"),
    [
        ('sub TXT "v=spf1 +all"', True),
        ("mx.sub MX 10 mail", True),
        ("s1._domainkey.sub CNAME s1.example.net.", True),
        ('sub TXT "hello"', False),
        ('sub NS ns.example.net.\nsub TXT "v=spf1 +all"', False),
    ],
)
def test_a_zone_that_is_not_delegated_is_in_doubt_itself(record: str, is_in_doubt: bool) -> None:
    records = '@ MX 10 mail\nmail A 192.0.2.1\n@ TXT "v=spf1 mx -all"\n'
    below = f"$ORIGIN sub.example.com.\n{_SOA}{records}"
    files = {"example.com.zone": f"{_SOA}{record}\n", "sub.example.com.zone": below}
    with _repository(files):
        for paths in ((), ("sub.example.com.zone",)):
            told = _check("--format", "concise", *paths).stdout
            assert ("undecided ZONE009" in told) is is_in_doubt, told
            zones = [word for path in paths for word in ("--zones", path)]
            words = ["status", "sub.example.com", *zones, "--format", "json"]
            (shown,) = json.loads(CliRunner().invoke(zonelint, words).stdout)["domains"]
            (step,) = [each for each in shown["steps"] if each["step"].startswith("one SPF")]
            assert step["done"] is (None if is_in_doubt else True), step
