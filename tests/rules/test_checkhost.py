"""check_host: the examples of RFC 7208, and what the openspf suite does not ask."""

from __future__ import annotations

import ipaddress

import pytest

from tests.rules.table import spf, world
from zonelint.rules.mail.check_host import Outcome, Verdict, check_host
from zonelint.rules.model.answers import World

APPENDIX = {
    "example.com": {
        "MX": ["10 mail-a.example.com.", "20 mail-b.example.com."],
        "A": ["192.0.2.10", "192.0.2.11"],
    },
    "amy.example.com": {"A": ["192.0.2.65"]},
    "bob.example.com": {"A": ["192.0.2.66"]},
    "mail-a.example.com": {"A": ["192.0.2.129"]},
    "mail-b.example.com": {"A": ["192.0.2.130"]},
    "example.org": {"MX": ["10 mail-c.example.org."]},
    "mail-c.example.org": {"A": ["192.0.2.140"]},
    "65.2.0.192.in-addr.arpa": {"PTR": ["amy.example.com."]},
    "140.2.0.192.in-addr.arpa": {"PTR": ["mail-c.example.org."]},
    "4.0.0.10.in-addr.arpa": {"PTR": ["bob.example.com."]},
}


def ask(
    address: str, text: str | None = None, data=None, domain: str = "example.com", **more
) -> Verdict:
    known = dict(APPENDIX if data is None else data)
    if text is not None:
        known[domain] = {**known.get(domain, {}), **spf(text)}
    answers = more.pop("answers", None) or world(known, closed=True)
    return check_host(ipaddress.ip_address(address), domain, answers, **more)


@pytest.mark.parametrize(
    ("text", "passes", "fails"),
    [
        ("v=spf1 +all", ["203.0.113.1", "2001:db8::1"], []),
        ("v=spf1 a -all", ["192.0.2.10", "192.0.2.11"], ["192.0.2.12"]),
        ("v=spf1 a:example.org -all", [], ["192.0.2.140"]),
        ("v=spf1 mx -all", ["192.0.2.129", "192.0.2.130"], ["192.0.2.10"]),
        ("v=spf1 mx:example.org -all", ["192.0.2.140"], ["192.0.2.129"]),
        ("v=spf1 mx mx:example.org -all", ["192.0.2.129", "192.0.2.140"], ["192.0.2.10"]),
        (
            "v=spf1 mx/30 mx:example.org/30 -all",
            ["192.0.2.128", "192.0.2.131", "192.0.2.143"],
            ["192.0.2.132"],
        ),
        ("v=spf1 ptr -all", ["192.0.2.65"], ["192.0.2.140", "10.0.0.4"]),
        ("v=spf1 ip4:192.0.2.128/28 -all", ["192.0.2.129"], ["192.0.2.65"]),
    ],
)
def test_examples_of_appendix_a(text: str, passes: list[str], fails: list[str]) -> None:
    assert all(ask(address, text).result is Outcome.PASS for address in passes)
    assert all(ask(address, text).result is Outcome.FAIL for address in fails)


@pytest.mark.parametrize(
    ("macro", "name"),
    [
        ("%{s}", "strong-bad@email.example.com"),
        ("%{o}", "email.example.com"),
        ("%{d}", "email.example.com"),
        ("%{d4}", "email.example.com"),
        ("%{d3}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{d1}", "com"),
        ("%{dr}", "com.example.email"),
        ("%{d2r}", "example.email"),
        ("%{l}", "strong-bad"),
        ("%{l-}", "strong.bad"),
        ("%{lr}", "strong-bad"),
        ("%{lr-}", "bad.strong"),
        ("%{l1r-}", "strong"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
        ("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
        ("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"),
        ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
        ("%{h}", "client.example.org"),
        ("%{p}", "unknown"),
    ],
)
def test_macros_as_in_section_7_4(macro: str, name: str) -> None:
    data = {f"{name}.found.example": {"A": ["127.0.0.2"]}}
    verdict = ask(
        "192.0.2.3",
        f"v=spf1 exists:{macro}.found.example -all",
        data,
        "email.example.com",
        sender="strong-bad@email.example.com",
        helo="client.example.org",
    )
    assert verdict.result is Outcome.PASS


def test_macros_for_ipv6_as_in_section_7_4() -> None:
    name = ("1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
            "ip6._spf.example.com")  # fmt: skip
    text = "v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all"
    verdict = ask("2001:db8::cb01", text, {name: {"A": ["127.0.0.2"]}}, "email.example.com")
    assert verdict.result is Outcome.PASS


def test_the_sender_defaults_to_the_postmaster_of_the_domain() -> None:
    text = "v=spf1 exists:%{l}.%{o}.found.example -all"
    data = {"postmaster.example.com.found.example": {"A": ["127.0.0.2"]}}
    assert ask("192.0.2.3", text, data).result is Outcome.PASS
    assert ask("192.0.2.3", text, data, sender="@example.com").result is Outcome.PASS
    assert ask("192.0.2.3", text, data, sender="amy@example.com").result is Outcome.FAIL


def test_names_in_macros_have_no_final_dot() -> None:
    data = {
        "example.com": spf("v=spf1 -all exp=why.example.com"),
        "why.example.com": {"TXT": ["%{s} %{o} %{h} %{d}."]},
    }
    answers = world(data)
    address = ipaddress.ip_address("192.0.2.3")
    for more in (
        {},
        {"sender": "postmaster@example.com.", "helo": "example.com."},
        {"sender": "example.com."},
    ):
        verdict = check_host(address, "example.com.", answers, **more)
        assert verdict.explanation == "postmaster@example.com example.com example.com example.com."


def test_a_mapped_address_is_an_ipv4_address() -> None:
    assert ask("::ffff:192.0.2.10", "v=spf1 a -all").result is Outcome.PASS
    assert ask("::ffff:192.0.2.10", "v=spf1 ip6:::ffff:0:0/96 -all").result is Outcome.FAIL


def test_the_path_and_the_lookups_are_told() -> None:
    data = {
        "a.example": spf("v=spf1 mx redirect=b.example"),
        "b.example": spf("v=spf1 ?ip4:192.0.2.0/24 +ip4:198.51.100.0/24 -all"),
    }
    found = ask("198.51.100.7", "v=spf1 exists:none.example ~include:a.example -all", data)
    assert found == Verdict(
        Outcome.SOFTFAIL,
        ("~include:a.example", "redirect=b.example", "+ip4:198.51.100.0/24"),
        4,
    )
    assert ask("192.0.2.7", "v=spf1 include:b.example -all", data).path == ("-all",)


@pytest.mark.parametrize(
    "domain", ["example", "localhost", "[192.0.2.1]", "a..b", "x" * 64 + ".com"]
)
def test_what_is_no_domain_has_no_result(domain: str) -> None:
    assert ask("192.0.2.1", data={}, domain=domain) == Verdict(Outcome.NONE)


# -- limits -----------------------------------------------------------------------------------


def test_the_eleventh_lookup_is_an_error_and_the_tenth_is_not() -> None:
    for count, result in ((9, Outcome.PASS), (10, Outcome.PERMERROR)):
        text = "v=spf1 " + "mx " * count + "a -all"
        found = ask("192.0.2.10", text)
        assert found.result is result
    assert found.path == ("a: more than 10 lookups",)
    assert found.lookups == 11


def test_lookups_of_included_records_count_in_the_same_budget() -> None:
    data = {"a.example": spf("v=spf1 a a a a -all") | {"A": ["203.0.113.1"]}}
    assert ask("192.0.2.1", "v=spf1 include:a.example include:a.example -all", data).lookups == 10
    over = ask("192.0.2.1", "v=spf1 mx:a.example include:a.example include:a.example -all",
               data | {"a.example": data["a.example"] | {"MX": ["0 ."]}})  # fmt: skip
    assert over.result is Outcome.PERMERROR


def test_three_void_terms_are_an_error_and_explanations_are_free() -> None:
    two = "v=spf1 a:n1.example a:n2.example -all exp=n3.example"
    assert ask("192.0.2.1", two, {}).result is Outcome.FAIL
    three = "v=spf1 a:n1.example a:n2.example exists:n3.example -all"
    assert ask("192.0.2.1", three, {}).result is Outcome.PERMERROR


def test_a_term_is_void_once_however_many_of_its_hosts_are() -> None:
    data = {"m.example": {"MX": [f"{n} n{n}.example." for n in range(5)]}}
    assert ask("192.0.2.1", "v=spf1 mx:m.example mx:m.example -all", data).result is Outcome.FAIL


def test_a_loop_ends() -> None:
    data = {"a.example": spf("v=spf1 include:example.com -all")}
    assert ask("192.0.2.1", "v=spf1 include:a.example -all", data).result is Outcome.PERMERROR


def test_only_the_first_ten_names_of_an_address_are_looked_at() -> None:
    hosts = [f"n{n:02}.example.com." for n in range(11)]
    data = {
        "1.2.0.192.in-addr.arpa": {"PTR": hosts},
        **{host: {"A": ["192.0.2.1"]} for host in hosts[10:]},
    }
    assert ask("192.0.2.1", "v=spf1 ptr -all", data).result is Outcome.FAIL
    data[hosts[9]] = {"A": ["192.0.2.1"]}
    assert ask("192.0.2.1", "v=spf1 ptr -all", data).result is Outcome.PASS


def test_an_explanation_too_long_to_look_up_is_none() -> None:
    text = f"v=spf1 -all exp={'x' * 60}.%{{l}}"
    verdict = ask("192.0.2.1", text, {}, sender=f"{'y' * 250}@example.com")
    assert (verdict.result, verdict.explanation) == (Outcome.FAIL, None)


# -- what nobody knows ------------------------------------------------------------------------


def lacking(text: str, **more) -> World:
    return world({"example.com": spf(text), **more})


def test_without_the_answers_there_is_no_result() -> None:
    answers = lacking("v=spf1 a:x.example include:y.example redirect=z.example")
    found = ask("192.0.2.1", answers=answers)
    assert found == Verdict(
        Outcome.UNDECIDED, (), 3, None, ("x.example.", "y.example.", "z.example.")
    )


def test_a_match_before_the_gap_is_a_result() -> None:
    answers = lacking("v=spf1 ip4:192.0.2.1 include:y.example -all")
    assert ask("192.0.2.1", answers=answers).result is Outcome.PASS
    assert ask("192.0.2.2", answers=answers).missing == ("y.example.",)


def test_the_domain_itself_may_be_unknown() -> None:
    found = ask("192.0.2.1", answers=world({}))
    assert (found.result, found.missing) == (Outcome.UNDECIDED, ("example.com.",))


def test_what_only_the_explanation_lacks_leaves_the_result() -> None:
    found = ask("192.0.2.1", answers=lacking("v=spf1 -all exp=why.example"))
    assert found == Verdict(Outcome.FAIL, ("-all",), 0)


def test_a_recorded_failure_is_a_temperror() -> None:
    answers = lacking("v=spf1 a:x.example -all", **{"x.example": {"A": "servfail"}})
    found = ask("192.0.2.1", answers=answers)
    assert (found.result, found.path) == (Outcome.TEMPERROR, ("x.example does not answer",))
