"""SPF201: the record lets every host in the world send as the domain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from zonelint.grammars.spf.record import Mechanism, Modifier, Qualifier
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.mail.any_message import is_anybodys, spec_of, varies_by_choice
from zonelint.rules.mail.macros import target_name
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.left_over import deciding, declared_end, rewritten, without_terms
from zonelint.rules.spf.support.reach import leading, opening, reach
from zonelint.rules.spf.support.spaces import counts, whole_spaces


@rule(
    "SPF201",
    "spf-pass-all",
    Severity.ERROR,
    on=Spf,
    needs=Needs.TEXT | Needs.DNS,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §5.1, §5.2, §5.7",
    when={"all:pass", "short-prefix", "include", "redirect", "exists", "macro"},
    step=Step.SPF,
    explains=["spf-entries"],
)
def pass_all(spf: Spf) -> Iterator[Found | Unknown]:
    """The record lets every host on the internet send as this domain.

    What it finds
        `+all` or a bare `all`, and networks that add up to the whole address space, such as
        `ip4:0.0.0.0/0` or its two halves. Also `a/0` and `mx/0`, around whatever host, unless it is
        known to have no address of that family, and what the record leads to: an include or a
        redirect of a record that lets everybody send, an `exists` that is always answered, networks
        that add up to most addresses over several records; and terms whose name the sender can
        choose, such as `a:%{h}`. A term with other macros is taken for the name that a message from
        192.0.2.77 would lead to: what answers for that address answers for every one.
    Why it matters
        SPF then passes for anybody who forges the domain, and DMARC passes with it: the domain can
        be spoofed, and some receivers penalise such a record.
    Example
        `v=spf1 mx +all`
    Use instead
        `v=spf1 mx -all`, with every host that does send listed before `-all`; `~all` where
        zonelint.toml says `spf = "transition"`.
    References
        RFC 7208 §5.1
    """
    own = list(_in_the_text(spf))
    if own and _refuses_first(spf):
        return
    yield from own
    if not own and spf.is_alone and spf.ast.sound:
        yield from _by_what_it_leads_to(spf)


def _refuses_first(spf: Spf) -> bool:
    """Whether terms with another result stand in front of those that would let everybody send."""
    is_mixed = any(
        term.qualifier is not Qualifier.PASS and term.name != "all" for term in spf.ast.mechanisms
    )
    if not is_mixed or not spf.ast.sound:
        return False
    from zonelint.rules.spf.support.everybody import passes_few

    return passes_few(spf)


def _by_what_it_leads_to(spf: Spf) -> Iterator[Found | Unknown]:
    """The same through the records of others, and one's own."""
    if not leading(spf.ast) and "short-prefix" not in spf.features:
        return
    found = reach(spf)
    if not found.may_be_everybody:
        if found.missing:
            yield spf.unknown(*dict.fromkeys(found.missing))
        return
    # Few runs meet such a record, and need not load the interval maps.
    from zonelint.rules.spf.support.everybody import passes_everybody

    is_open = passes_everybody(spf)
    if is_open is None:
        yield spf.unknown("fewer networks than this record leads to")
    if not is_open:
        return
    term = opening(spf)
    if term is None:
        yield spf.whole(
            "The networks of this record and of those that it leads to add up to most of all "
            f"addresses, so about every host in the world may send as {spf.dotless}",
            "Find the networks that are too wide: `zonelint spf` shows them all.",
        )
        return
    change = None
    advice = "Remove it, or correct the record that it leads to, and list only the hosts that send."
    if isinstance(term, Mechanism):
        change = without_terms(spf, [term], "the term that lets everybody send is removed")
        advice = deciding(advice, change)
    yield spf.at(
        term,
        f"`{term.text}` lets every host on the internet send as {spf.dotless}, because "
        f"{_why(term)}",
        advice,
        change=change,
    )


def _why(term: Mechanism | Modifier) -> str:
    spec = spec_of(term)
    if spec is not None and (is_anybodys(spec) or varies_by_choice(spec)):
        return "whoever sends can choose a name that it asks for"
    return "what it queries always passes"


def _in_the_text(spf: Spf) -> Iterator[Found]:
    term = spf.ast.all
    if term is not None and term.qualifier is Qualifier.PASS:
        ending = declared_end(spf)
        effect = "unlisted hosts fail" if ending == "-all" else "unlisted hosts get softfail"
        change = rewritten(spf, spf.ast.replacing(term, ending), effect)
        yield spf.at(
            term,
            f"`{term.text}` lets every host on the internet send as {spf.dotless}",
            deciding(f"List the hosts that send, and end the record with `{ending}`.", change),
            change=change,
        )
    if "short-prefix" not in spf.features:
        return
    for host in spf.ast.mechanisms:
        if host.network is None and counts(host, spf) and _may_cover_all(host, spf):
            yield spf.at(
                host,
                f"`{host.text}` covers every address as soon as its name has one, so every host "
                f"on the internet may send as {spf.dotless}",
                "Remove the prefix length, which means the network around the hosts.",
                change=spf.rewrite(
                    spf.ast.replacing(host, _hosts_alone(host)), "only the hosts may send"
                ),
            )
    spaces = list(whole_spaces(spf))
    gone = [network for networks in spaces for network in networks]
    change = without_terms(spf, gone, "the networks that cover everything are removed")
    for networks in spaces:
        start, end = networks[0].start, networks[-1].end
        words = " ".join(network.text for network in networks)
        yield spf.at(
            (start, end) if len(networks) == 1 else networks[0],
            f"{words} covers every address, so every host on the internet may send as "
            f"{spf.dotless}",
            deciding("List only the networks that send.", change),
            change=change,
        )


def _may_cover_all(term: Mechanism, spf: Spf) -> bool:
    """Whether a network of every address is around a host, which may have one of that family."""
    versions = [version for version, length in term.lengths if length == 0]
    _, name = target_name(term.domain, spf.owner)
    if not versions or name is None:
        return bool(versions)
    answers = spf.context.answers
    hosts: Sequence[str] = [name]
    if term.name == "mx":
        found = answers.ask(name, "MX")
        if not found.is_fact:
            return True
        hosts = found.exchanges
    types = [_ADDRESSES[version] for version in versions]
    return not all(answers.ask(host, type).is_void for host in hosts for type in types)


_ADDRESSES = {4: "A", 6: "AAAA"}


def _hosts_alone(term: Mechanism) -> str:
    """The term without the prefix lengths that cover everything."""
    return str(replace(term, cidr4=term.cidr4 or None, cidr6=term.cidr6 or None))


pass_all.bad("v=spf1 mx +all", "v=spf1 mx all", fixed="v=spf1 mx -all")
pass_all.bad("v=spf1 +all", "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all", "v=spf1 ip6:::/0 ~all")
pass_all.bad(
    "v=spf1 ip4:0.0.0.0/1 include:_spf.example.net ip4:128.0.0.0/1 -all",
    fixed="v=spf1 include:_spf.example.net -all",
)
pass_all.bad("v=spf1 +all", config='[domains."example.com"]\nsenders = []\n', fixed="v=spf1 -all")
pass_all.bad(
    "v=spf1 mx +all",
    config='[domains."example.com"]\nspf = "transition"\n',
    fixed="v=spf1 mx ~all",
)
pass_all.bad("v=spf1 mx ip4:0.0.0.0/0 -all", fixed="v=spf1 mx -all")
_HOSTS = "@ A 8.8.8.8\n@ MX 10 mail.example.net.\n"
pass_all.bad(
    zone=f"""{_HOSTS}@ TXT "v=spf1 a/0 mx//0 -all"\n""",
    fixed=f"""{_HOSTS}@ TXT "v=spf1 a mx -all"\n""",
)
pass_all.good(
    zone="""
    @ TXT "v=spf1 a:www.example.com//0 -exists:%{i}._all.example.com +all"
    www A 8.8.8.8
    *._all A 127.0.0.2
    """
)
pass_all.bad(
    zone="""
    @ TXT "v=spf1 -exists:%{l}._all.example.com +all"
    *._all A 127.0.0.2
    """
)
pass_all.good(
    "v=spf1 a/24//64 -all",
    "v=spf1 -a/0 ~all",
    "v=spf1 -all a/0",
    "v=spf1 -ip4:0.0.0.0/0 -ip6:::/0 +all",
    "v=spf1 -ip4:0.0.0.0/0 ip4:0.0.0.0/0 mx -all",
)
pass_all.bad(
    "v=spf1 -ip4:192.0.2.1 -include:far.example.net +all",
    "v=spf1 ip6:2000::/3 mx -all",
    "v=spf1 ip6:2000::/4 mx -all",
)
pass_all.bad(
    zone="""
    @ MX 10 mail
    @ TXT "v=spf1 mx/1 ip4:128.0.0.0/1 -all"
    mail A 8.8.8.8
    """
)
pass_all.good("v=spf1 ip6:8000::/2 mx -all", "v=spf1 ip6:2000::/5 mx/2 -all")
pass_all.bad("v=spf1 ip4:0.0.0.0/2 ip4:64.0.0.0/2 ip4:128.0.0.0/2 -all")
pass_all.good("v=spf1 mx -all", "v=spf1 ip4:0.0.0.0/1 -all", "v=spf1 -ip4:0.0.0.0/0 mx ~all")
pass_all.bad(
    zone="""
    @ TXT "v=spf1 include:_spf.example.com -all"
    _spf TXT "v=spf1 ip4:192.0.2.1 +all"
    """,
)
pass_all.bad(
    zone="""
    www TXT "v=spf1 redirect=_spf.example.com"
    _spf TXT "v=spf1 +all"
    """,
)
pass_all.bad(
    zone="""
    @ TXT "v=spf1 mx exists:%{ir}.all.example.com -all"
    *.all A 127.0.0.2
    """,
    fixed="""
    @ TXT "v=spf1 mx -all"
    *.all A 127.0.0.2
    """,
)
pass_all.bad(
    zone="""
    @ TXT "v=spf1 include:_a.example.com include:_b.example.com -all"
    _a TXT "v=spf1 ip4:0.0.0.0/1 -all"
    _b TXT "v=spf1 ip4:128.0.0.0/1 -all"
    """
)
pass_all.bad(
    "v=spf1 include:open.example.net -all",
    lock='["open.example.net."]\nseen = 2026-11-30\nTXT = ["v=spf1 +all"]\n',
)
pass_all.bad(
    "v=spf1 include:far.example.net -all",
    "v=spf1 exists:%{i}.far.example.net -all",
    "v=spf1 exists:%{ir}.%{v}.far.example.net -all",
    "v=spf1 exists:%{l}.far.example.net -all",
    "v=spf1 a:%{i}.far.example.net -all",
    "v=spf1 redirect=%{ir}.far.example.net",
    undecided=True,
)
pass_all.bad("v=spf1 a:%{h} -all", "v=spf1 mx redirect=%{h}", "v=spf1 exists:%{l} -all")
pass_all.bad(
    "v=spf1 exists:%{ir}.far.example.net -all",
    lock='["77.2.0.192.far.example.net."]\nseen = 2026-11-30\nA = ["127.0.0.2"]\n',
)
pass_all.bad(
    "v=spf1 exists:%{l}.far.example.net -all",
    lock='["zonelintasks.far.example.net."]\nseen = 2026-11-30\nA = "nxdomain"\n',
    undecided=True,
)
pass_all.bad(
    zone="""
    @ TXT "v=spf1 exists:%{h}.hosts.example.com -all"
    mail.hosts A 127.0.0.2
    """
)
pass_all.bad(
    zone="""
    @ TXT "v=spf1 include:%{i}.example.com -all"
    * TXT "v=spf1 +all"
    """
)
pass_all.good(
    "v=spf1 exists:%{ir}.far.example.net -all",
    lock='["77.2.0.192.far.example.net."]\nseen = 2026-11-30\nA = "nxdomain"\n',
)
pass_all.good(
    "v=spf1 -exists:%{i}.far.example.net -a:%{h} ?exists:%{l}.far.example.net -all",
    "v=spf1 ptr:%{d} a:%{l}.far.example.net exists:%{h}.hosts.%{d} -all",
)
pass_all.good(
    "v=spf1 include:_spf.salesforce.com -all",
    lock="""
    ["_spf.salesforce.com."]
    seen = 2026-11-30
    TXT = ["v=spf1 exists:%{i}._spf.mta.salesforce.com -all"]
    """,
)
pass_all.good(
    zone="""
    @ TXT "v=spf1 include:_spf.example.com -all"
    @ A 192.0.2.1
    _spf TXT "v=spf1 -ip4:192.0.2.1 ip4:198.51.100.0/24 exists:%{i}.some.example.com -all"
    a.some A 127.0.0.2
    """
)
pass_all.bad(  # all but one
    zone="""
    @ TXT "v=spf1 -ip4:192.0.2.1 include:_a.example.com include:_b.example.com -all"
    _a TXT "v=spf1 ip4:0.0.0.0/1 -all"
    _b TXT "v=spf1 ip4:128.0.0.0/2 -all"
    """
)
pass_all.good(
    zone="""
    @ TXT "v=spf1 -include:_spf.example.com -all"
    _spf TXT "v=spf1 -ip4:192.0.2.0/24 ?all"
    """
)
