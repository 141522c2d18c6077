"""Aliases of a provider's own: answered in their zone with what is there, and unknown elsewhere."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.providers.test_resources import ORIGIN, resource
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.providers.cloudformation.zones import read_templates
from zonelint.providers.resources.named_zone import NamedZone
from zonelint.providers.resources.plans import pair
from zonelint.providers.resources.reading import Resource
from zonelint.providers.resources.values import UNKNOWN
from zonelint.providers.resources.zones import ResourceZone, assemble, known_zones
from zonelint.providers.terraform.source.zones import read_source
from zonelint.providers.writing import EditError, changed
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.change import Edit
from zonelint.rules.core.engine import Engine
from zonelint.rules.model.answers import CIRCLE, Status

_R53 = "aws_route53_record"


def _record(token: str, number: int = 0, /, **values: object) -> Resource:
    return replace(resource(token, **values), address=f"{token}.r{number}")


def _r53(
    name: str, type: str, *values: str, to: object = "", number: int = 0, **more: object
) -> Resource:
    held: dict[str, object] = {"alias": [{"name": to}]} if to else {"records": list(values)}
    return _record(_R53, number, name=name, type=type, **held, **more)


def _zone(*resources: Resource, whole: bool = True) -> ResourceZone:
    made, looked_up = ([NamedZone(ORIGIN)], []) if whole else ([], [NamedZone(ORIGIN)])
    numbered = [replace(each, address=f"{each.address}.{n}") for n, each in enumerate(resources)]
    return next(z for z in assemble(numbered, known_zones(made, looked_up), "p") if not z.stand_in)


def _held(zone: ResourceZone) -> list[tuple[str, str, str]]:
    return sorted((each.owner, each.type, each.rdata) for each in zone.each_record())


_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnszones/example.com/A/web"
_FORMS = {
    "aws_route53_record": (
        {"name": "web", "type": "A", "records": ["192.0.2.1"]},
        {"name": "mail", "type": "A", "alias": [{"name": "web.example.com", "zone_id": "Z1"}]},
    ),
    "aws-native:route53:RecordSet": (
        {"name": "web.example.com", "type": "A", "resourceRecords": ["192.0.2.1"]},
        {"name": "mail.example.com", "type": "A", "aliasTarget": {"dnsName": "Web.example.com."}},
    ),
    "azurerm_dns_a_record": (
        {"name": "web", "records": ["192.0.2.1"]},
        {"name": "mail", "target_resource_id": _ID},
    ),
    "azure-native:dns:RecordSet": (
        {"relativeRecordSetName": "web", "recordType": "A",
         "aRecords": [{"ipv4Address": "192.0.2.1"}]},
        {"relativeRecordSetName": "mail", "recordType": "A", "targetResource": {"id": _ID}},
    ),
    "ns1_record": (
        {"domain": "web.example.com", "type": "A", "answers": [{"answer": "192.0.2.1"}]},
        {"domain": "mail.example.com", "type": "A", "link": "web.example.com"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("token", _FORMS)
def test_it_is_answered_with_the_records_of_a_name_of_its_zone(token: str) -> None:
    target, alias = _FORMS[token]
    for order in ((target, alias), (alias, target)):
        zone = _zone(*(_record(token, **values) for values in order))
        assert _held(zone) == [(f"{n}.example.com.", "A", "192.0.2.1") for n in ("mail", "web")]
        assert not zone.unknown
        assert not zone.undecided


@pytest.mark.parametrize(
    ("token", "values"),
    [
        (_R53, {"name": "mail", "type": "A", "alias": [{"name": "lb.example.net"}]}),
        (_R53, {"name": "mail", "type": "A", "alias": [{"name": "web.sub.example.com"}]}),
        (_R53, {"name": "mail", "type": "A", "zone_id": "/hostedzone/Z1",
                "alias": [{"name": "web.example.com", "zone_id": "Z2"}]}),
        ("azurerm_dns_a_record", {"name": "mail", "target_resource_id": _ID.replace("com", "net")}),
        ("azurerm_dns_a_record", {"name": "mail", "target_resource_id": "/…/publicIPAddresses/i"}),
    ],
)  # fmt: skip
def test_what_it_leads_to_elsewhere_stays_unknown(token: str, values: dict[str, object]) -> None:
    cut = _r53("sub", "NS", "ns.example.net") if token == _R53 else _record(token, name="sub")
    web = _record(token, name="web", type="A", records=["192.0.2.1"])
    zone = _zone(web, cut, _record(token, **values))
    mail = zone.get("mail.example.com.", "A")
    assert mail is not None
    assert zone.unknown["mail.example.com.", "A"]


@pytest.mark.parametrize(
    "alias",
    [
        _r53("mail", "A", to="h.example.org", zone_id="Z1"),
        _record("ns1_record", domain="mail.example.com", type="A", link="h.example.org"),
    ],
)
@pytest.mark.parametrize(("host", "codes"), [("h", []), ("g", ["MX002"])])
def test_what_another_zone_of_the_run_has_is_what_it_is_answered_with(
    alias: Resource, host: str, codes: list[str]
) -> None:
    mx = {"type": "MX", "name": "", "records": ["10 mail.example.com"]}
    token = alias.address.partition(".")[0]
    if token != _R53:
        mx = {"domain": "example.com", "type": "MX", "answers": [{"answer": "10 mail.example.com"}]}
    zone = _zone(alias, _record(token, **mx))
    other = masterfile.read(f"$TTL 5\n{host} A 192.0.2.1\n", "x.zone", "example.org.")
    context = Context([zone, other])
    answer = context.answers.ask("mail.example.com.", "A")
    assert answer.values == (() if codes else ("192.0.2.1",))
    rules = [each for each in registry.rules() if each.code == "MX002"]
    assert [each.code for each in Engine(rules).run(context).findings] == codes
    # Without that zone its addresses are unknown, and it has some.
    answer = Context([zone]).answers.ask("mail.example.com.", "A")
    assert (answer.status, answer.last) == (Status.RECORDS, "h.example.org.")
    assert "leads to" in answer.missing


@pytest.mark.parametrize("one", ["lb1.example.net", "lb2.example.net"])
@pytest.mark.parametrize("other", ["lb1.example.net", "lb2.example.net", UNKNOWN])
def test_a_host_whose_alias_leads_elsewhere_may_lose_what_spf_let_it_send(
    one: str, other: object
) -> None:
    spf = _r53("", "TXT", "v=spf1 a:mail.example.com -all")
    old, new = (_zone(spf, _r53("mail", "A", to=to)) for to in (one, other))
    rules = [each for each in registry.rules() if each.code == "PHASE007"]
    result = Engine(rules).run(Context([new], previous=Context([old])))
    assert not result.findings
    assert [each.code for each in result.undecided] == ["PHASE007"] * (one != other)


@pytest.mark.parametrize("to", ["web.example.com", "lb.example.net"])
def test_a_host_that_is_there_is_not_doubted_for_addresses_that_are_not_seen(to: str) -> None:
    """A provider makes no alias of what is not there; addresses elsewhere are mostly not known."""
    mx = _r53("", "MX", "10 mail.example.com")
    spf = _r53("", "TXT", "v=spf1 a:mail.example.com -all")
    for hosts, is_told in (((_r53("mail", "A", to=to),), False), ((), True)):
        zone = _zone(mx, spf, *hosts, whole=False)
        rules = [r for r in registry.rules() if r.code in ("MX002", "MX005", "SPF103")]
        result = Engine(rules).run(Context([zone]))
        assert [each.code for each in result.undecided] == ["MX002"] * is_told
        assert not result.findings


def test_a_target_that_is_not_there_leaves_nothing_where_the_whole_zone_is_seen() -> None:
    alias = _r53("mail", "A", to="web.example.com")
    assert _held(_zone(alias)) == []
    part = _zone(alias, whole=False)
    assert part.get("mail.example.com.", "A") is None
    assert part.unknown_answer("mail.example.com.", "A")


def test_a_wildcard_may_be_what_an_alias_leads_to() -> None:
    alias = _r53("*.mail", "A", to=r"\052.web.example.com")
    zone = _zone(_r53("*.web", "A", "192.0.2.1"), alias)
    assert [owner for owner, _, _ in _held(zone)] == ["*.mail.example.com.", "*.web.example.com."]


def test_a_wildcard_may_be_written_as_it_is_given_back() -> None:
    zone = _zone(_r53(r"\052.web", "A", "192.0.2.1"))
    assert [owner for owner, _, _ in _held(zone)] == ["*.web.example.com."]


def test_aliases_lead_on_and_never_in_a_circle() -> None:
    chain = [_r53("a", "TXT", to="b.example.com"), _r53("b", "TXT", to="c.example.com")]
    zone = _zone(*chain, _r53("c", "TXT", "v=spf1 -all"))
    assert [owner for owner, _, _ in _held(zone)] == [f"{n}.example.com." for n in "abc"]
    zone = _zone(*chain, _r53("c", "TXT", to="a.example.com"), _r53("s", "A", to="s.example.com"))
    assert _held(zone) == []
    assert zone.unknown["a.example.com.", "TXT"] == zone.unknown["s.example.com.", "A"] == (CIRCLE,)


def test_the_answers_of_a_set_are_those_of_its_alias() -> None:
    weighted = [
        _r53("t", "TXT", f"v=DMARC1; p={p}", set_identifier=p,
             weighted_routing_policy=[{"weight": 1}])
        for p in ("reject", "none")
    ]  # fmt: skip
    zone = _zone(_r53("_dmarc", "TXT", to="t.example.com"), *weighted)
    (one, other) = zone.variants["_dmarc.example.com.", "TXT"]
    texts = [record.text.value for each in (one, other) for record in each.records or ()]
    assert sorted(texts) == ["v=DMARC1; p=none", "v=DMARC1; p=reject"]
    assert {r.owner for e in (one, other) for r in e.records or ()} == {"_dmarc.example.com."}


_SETS = {
    ("", "MX"): ("10 mail.example.com", "0 .", "10 gone.example.com"),
    ("", "TXT"): ("v=spf1 mx -all", "v=spf1 a:mail.example.com include:gone.example.com -all"),
    ("_dmarc", "TXT"): ("v=DMARC1; p=none", "v=DMARC1; p=reject; pct=50; rua=mailto:d@example.com"),
    ("t", "TXT"): ("v=spf1 a mx ptr -all", "v=spf1 +all"),
    ("mail", "A"): ("8.8.8.8", "10.0.0.1"),
}


def _told(resources: Sequence[Resource]) -> Sequence[tuple[str, ...]]:
    made = assemble(resources, known_zones([NamedZone(ORIGIN)]), "p")
    result = Engine(registry.rules()).run(Context(made))
    told = [(e.code, e.message, e.span.path, str(e.change is not None)) for e in result.findings]
    return sorted(told) + [(e.code, e.owner, *e.missing) for e in result.undecided]


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_the_order_of_answers_changes_nothing(data: st.DataObject) -> None:
    """What stands in a zone of a set's answers is one of them: no other counts less."""
    sets = data.draw(st.sets(st.sampled_from(sorted(_SETS)), min_size=1))
    is_led = data.draw(st.booleans())
    weighted = {"weighted_routing_policy": [{"weight": 1}]}
    answers = [
        replace(made, address=f"{owner}.{type}.{number}")
        for owner, type in sorted(sets)
        for number, value in enumerate(_SETS[owner, type])
        for made in (_r53(owner, type, value, set_identifier=f"{type}{number}", **weighted),)
    ]
    beside = [_r53("mail", "AAAA", "2001:4860::1")]
    if is_led:
        beside += [_r53("", "TXT", to="t.example.com")] * (("", "TXT") not in sets)
    shuffled = data.draw(st.permutations(answers))
    assert _told([*beside, *shuffled]) == _told([*answers, *beside])


def test_what_one_answer_alone_has_names_it_whichever_comes_first() -> None:
    spf, host = (
        _r53("", "TXT", "v=spf1 a:mail.example.com mx ~all"),
        _r53("mail", "A", "8.8.8.8", number=1),
    )
    for values in (("0 .", "10 mail.example.com"), ("10 mail.example.com", "0 .")):
        answers = [
            _r53("", "MX", value, number=2 + number, set_identifier=value[0],
                 weighted_routing_policy=[{"weight": 1}])
            for number, value in enumerate(values)
        ]  # fmt: skip
        told = {each[0]: each[1] for each in _told([spf, host, *answers])}
        assert told["MX003"].startswith("for those who get the answer `0`: ")
        assert "SPF104" not in told


def test_a_host_of_any_answer_is_a_mail_host() -> None:
    """An exchange of the set's other answer is no host that sends nothing."""
    answers = [
        _r53("", "MX", f"10 {name}.example.com", set_identifier=name,
             failover_routing_policy=[{"type": role}])
        for name, role in (("mx1", "PRIMARY"), ("mx2", "SECONDARY"))
    ]  # fmt: skip
    hosts = [_r53(name, "A", "8.8.8.8") for name in ("mx1", "mx2")]
    result = Engine(registry.rules()).run(Context([_zone(*answers, *hosts)]))
    offered = [e.change.edits[0].after for e in result.findings if e.code == "SPF307" and e.change]
    assert offered == ['"v=spf1 a -all"'] * 2


@pytest.mark.parametrize(("is_evaluated", "levels"), [(True, [0, 1]), (False, [0, 0])])
def test_an_alias_may_be_down_where_the_health_of_what_it_leads_to_counts(
    is_evaluated: bool, levels: list[int]
) -> None:
    def answer(name: str, weight: int) -> Resource:
        to = {"name": f"{name}.example.com", "evaluate_target_health": is_evaluated}
        routing = [{"weight": weight}]
        return _r53(
            "m", "MX", alias=[to], set_identifier=name, weighted_routing_policy=routing
        )  # fmt: skip

    hosts = [_r53(name, "MX", f"10 {name}.example.net") for name in "ab"]
    zone = _zone(*hosts, answer("a", 1), answer("b", 0))
    assert [each.level for each in zone.variants["m.example.com.", "MX"]] == levels


def test_an_alias_of_a_set_gives_the_answer_that_the_set_gives() -> None:
    """Who gets the revoked key has none: neither at the alias nor at what it leads to."""
    keys = ["v=DKIM1; p=", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="]
    policy = _r53("_dmarc", "TXT", "v=DMARC1; p=reject; rua=mailto:d@example.com")
    alias = _r53("s1._domainkey", "TXT", to="t.example.com", number=1)
    spf = _r53("", "TXT", "v=spf1 mx -all", number=2)
    for name, beside in (("s1._domainkey", [policy, spf]), ("t", [policy, spf, alias])):
        answers = [
            _r53(name, "TXT", key, number=3 + number, set_identifier=f"v{number}",
                 weighted_routing_policy=[{"weight": 1}])
            for number, key in enumerate(keys)
        ]  # fmt: skip
        told = [each[1][:37] for each in _told([*beside, *answers]) if each[0] == "DMARC203"]
        assert told == ["for those who get the answer `v0`: `p"]


def test_an_exchange_whose_alias_leads_to_nothing_is_told_of_as_one() -> None:
    mx = _r53("", "MX", "10 mail.example.com", number=1)
    told = _told([mx, _r53("mail", "A", to="host.example.com")])
    (message,) = (each[1] for each in told if each[0] == "MX002")
    assert "mail.example.com is an alias of host.example.com, which has no address" in message


def test_a_key_may_be_where_an_alias_leads_of_which_that_is_not_known() -> None:
    key = _r53("t", "TXT", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
    alias = _r53("s1._domainkey", "TXT", to=UNKNOWN, number=1)
    mx = _r53("", "MX", "10 mail.example.net", number=2)
    assert [each[1] for each in _told([key, mx]) if each[0] == "DKIM008"]
    (why,) = (each[2:] for each in _told([key, mx, alias]) if each[0] == "DKIM008")
    assert why == ("what alias of aws_route53_record.r1 leads to",)


def test_a_wildcard_is_one_as_route_53_gives_it_back() -> None:
    assert _held(_zone(_r53(r"\052.example.com", "A", "192.0.2.1"))) == [
        ("*.example.com.", "A", "192.0.2.1")
    ]


def test_what_an_alias_leads_to_is_in_its_place() -> None:
    """A key and a policy may stand at any name that an alias leads to."""
    zone = _zone(
        _r53("", "MX", "10 mail.example.com"),
        _r53("mail", "A", "192.0.2.1"),
        _r53("_dmarc", "TXT", to="mail.example.com"),
        _r53("mail", "TXT", "v=DMARC1; p=reject; rua=mailto:d@example.com"),
        _r53("s1._domainkey", "TXT", to="k.example.com"),
        _r53("k", "TXT", "v=DKIM1; p="),
    )
    result = Engine(registry.rules(), is_shown=False).run(Context([zone]))
    found = {each.code for each in result.findings}
    assert found.isdisjoint({"DKIM008", "DMARC004", "DMARC101"})


_SOURCE = """
resource "aws_route53_zone" "z" { name = "example.com" }
resource "aws_route53_record" "alias" {
  zone_id = aws_route53_zone.z.zone_id
  name    = "example.com"
  type    = "TXT"
  alias {
    name                   = aws_route53_record.spf.fqdn
    zone_id                = aws_route53_zone.z.zone_id
    evaluate_target_health = false
  }
}
resource "aws_route53_record" "spf" {
  zone_id = aws_route53_zone.z.zone_id
  name    = "_spf"
  type    = "TXT"
  ttl     = 300
  records = ["v=spf1 mx -all"]
}
"""


def test_a_change_of_it_is_written_at_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(_SOURCE)
    (zone,) = read_source([str(tmp_path)]).zones
    (record,) = zone.get("example.com.", "TXT") or ()
    edit = Edit(record.owner, "TXT", record, '"v=spf1 -all"')
    new = changed(zone, [edit])
    assert {rdata for _, _, rdata in _held(new.zone)} == {'"v=spf1 -all"'}  # type: ignore[arg-type]
    ((_, text),) = new.texts.values()
    assert text == _SOURCE.replace("mx -all", "-all")
    with pytest.raises(EditError, match="what an alias leads to"):
        changed(zone, [Edit(record.owner, "TXT", record, None)])


def test_references_in_sources_are_followed(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        textwrap.dedent("""
        resource "azurerm_dns_zone" "z" { name = "example.com" }
        resource "azurerm_dns_a_record" "mail" {
          name = "mail"
          zone_name = azurerm_dns_zone.z.name
          target_resource_id = azurerm_dns_a_record.web.id
        }
        resource "azurerm_dns_a_record" "lost" {
          name = "lost"
          zone_name = azurerm_dns_zone.z.name
          target_resource_id = azurerm_dns_a_record.nobody.id
        }
        resource "azurerm_dns_a_record" "out" {
          name = "out"
          zone_name = azurerm_dns_zone.z.name
          target_resource_id = azurerm_public_ip.web.id
        }
        resource "azurerm_dns_a_record" "web" {
          name = "web"
          zone_name = azurerm_dns_zone.z.name
          records = ["192.0.2.1"]
        }
        """)
    )
    (zone,) = read_source([str(tmp_path)]).zones
    known = {owner for owner, _, rdata in _held(zone) if rdata == "192.0.2.1"}
    assert known == {"mail.example.com.", "web.example.com."}
    assert zone.get("lost.example.com.", "A") is None
    assert zone.unknown.keys() == {("out.example.com.", "A")}


def test_references_in_templates_are_followed(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(
        textwrap.dedent("""
        Resources:
          Mail:
            Type: AWS::Route53::RecordSet
            Properties:
              HostedZoneName: example.com.
              Name: mail.example.com
              Type: A
              AliasTarget: { DNSName: !Ref Web, HostedZoneId: !Ref Zone }
          Web:
            Type: AWS::Route53::RecordSet
            Properties:
              HostedZoneName: example.com.
              Name: web.example.com
              Type: A
              ResourceRecords: [192.0.2.1]
        """)
    )
    (zone,) = read_templates([str(path)]).zones
    assert [rdata for _, _, rdata in _held(zone)] == ["192.0.2.1", "192.0.2.1"]


_TEXTS = st.sampled_from(
    ["v=spf1 mx -all", "v=spf1 +all", "v=DMARC1; p=none", "v=DMARC1; p=reject", "v=DKIM1; p="]
)
_OWNERS = ("", "_dmarc", "s1._domainkey", "sub")


def _said(zone: ResourceZone) -> set[tuple[str, str, str]]:
    result = Engine(registry.rules(), is_shown=False).run(Context([zone]))
    said = {(e.code, e.owner, e.message) for e in result.findings}
    return said | {(e.code, e.owner, "undecided") for e in result.undecided}


@given(st.lists(st.tuples(st.sampled_from(_OWNERS), _TEXTS), unique_by=lambda each: each[0]))
def test_rules_say_of_an_alias_what_they_say_of_its_records(
    pairs: Sequence[tuple[str, str]],
) -> None:
    """At the names that are asked for; those of the targets are beside the question."""
    mail = [_r53("", "MX", "10 mail.example.com"), _r53("mail", "A", "192.0.2.1")]
    plain = _zone(*mail, *(_r53(owner, "TXT", text) for owner, text in pairs))
    aliases = [_r53(owner, "TXT", to=f"t{n}.example.com") for n, (owner, _) in enumerate(pairs)]
    targets = [_r53(f"t{n}", "TXT", text) for n, (_, text) in enumerate(pairs)]
    names = {f"t{n}.example.com." for n in range(len(pairs))}
    led = {each for each in _said(_zone(*mail, *aliases, *targets)) if each[1] not in names}
    assert led == _said(plain)


def test_what_another_part_of_the_zone_holds_answers_it() -> None:
    """A zone of which two plans have a part each; the alias of an alias with it."""
    chain = [_r53("a", "TXT", to="b.example.com"), _r53("b", "TXT", to="c.example.com")]
    zone = _zone(*chain, _r53("mail", "A", to="web.example.com"), whole=False)
    assert {each.owner for each in zone.undecided} == {"b.example.com."}
    held = [_r53("c", "TXT", "v=spf1 -all"), _r53("web", "A", "192.0.2.1")]
    zone.absorb(_zone(*held, whole=False))
    assert [owner for owner, type, _ in _held(zone) if type == "TXT"] == [
        f"{n}.example.com." for n in "abc"
    ]
    assert ("mail.example.com.", "A", "192.0.2.1") in _held(zone)
    assert not zone.unknown
    assert not zone.undecided


def test_what_a_change_takes_from_a_part_of_a_zone_it_takes_from_aliases() -> None:
    chain = [_r53("a", "A", to="b.example.com"), _r53("b", "A", to="c.example.com")]
    before = _zone(*chain, _r53("c", "A", "192.0.2.1"), whole=False)
    after = _zone(*chain, whole=False)
    assert after.unknown_answer("a.example.com.", "A")
    pair([after], [before], (), known_zones([]), "p")
    assert after.gone == {(f"{name}.example.com.", "A") for name in "abc"}
    assert not after.unknown


def test_a_host_that_becomes_an_alias_elsewhere_may_lose_what_spf_let_it_send() -> None:
    rest = [_r53("", "TXT", "v=spf1 a:mail.example.com -all"), _r53("web", "A", "192.0.2.1")]
    before = _zone(*rest, _r53("mail", "A", "192.0.2.1"))
    rules = [each for each in registry.rules() if each.code == "PHASE007"]

    def said(alias: Resource) -> set[tuple[str, tuple[str, ...]]]:
        context = Context([_zone(*rest, alias)], previous=Context([before]))
        result = Engine(rules, is_shown=False).run(context)
        return {(each.owner, each.missing) for each in result.undecided}

    assert said(_r53("mail", "A", to="lb.example.net")) == {(ORIGIN, ("DMARC reports",))}
    assert said(_r53("mail", "A", to="web.example.com")) == set()
