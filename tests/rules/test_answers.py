"""What zones answer for, ask of others, and where an answer leads."""

from __future__ import annotations

from datetime import date

from tests.rules.harness import HEADER, read
from tests.rules.table import spf, world
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.rules.context import Context
from zonelint.rules.mail.lookups import MX_LIMIT
from zonelint.rules.model.answers import BELOW, Held, Status
from zonelint.rules.model.declaring import is_answered_by
from zonelint.rules.model.lock import Lock
from zonelint.rules.model.questions import Question, after, of_zone
from zonelint.rules.transport.support.hosts import may_have_address


def test_a_loop_of_aliases_ends_where_it_closes():
    names = world(
        {
            "self.example": {"CNAME": "self.example."},
            "a.example": {"CNAME": "b.example."},
            "b.example": {"CNAME": "a.example."},
            "in.example": {"CNAME": "a.example."},
        }
    )
    for name, aliases in {
        "self.example.": (),
        "a.example.": ("b.example.",),
        "in.example.": ("a.example.", "b.example."),
    }.items():
        answer = names.ask(name, "TXT")
        assert (answer.status, answer.aliases) == (Status.SERVFAIL, aliases)


def test_a_zone_answers_for_what_no_other_one_holds():
    texts = {
        "example.com.": "@ NS ns.example.net.\nsub NS ns.example.net.\nother NS ns.example.net.\n",
        "sub.example.com.": "@ NS ns.example.net.\n",
    }
    context = Context(
        [masterfile.read(f"$TTL 5\n{text}", "x.zone", origin) for origin, text in texts.items()]
    )
    above, below = context.zones
    answered = ["example.com.", "a.example.com.", "sub.example.com.", "other.example.com."]
    assert [is_answered_by(above, name) for name in answered] == [True, True, False, False]
    assert [is_answered_by(below, name) for name in answered] == [False, False, True, False]


def test_what_is_below_a_delegation_that_may_be_there_is_not_known():
    zone = read(f"{HEADER}a A 8.8.8.8\nx.sub A 8.8.8.8\n")
    zone.note_unknown("sub.example.com.", "NS", "the value of a resource")
    ask = Context([zone]).answers.ask
    answers = [ask(f"{name}.example.com.", "A") for name in ("a", "sub", "x.sub", "y.sub", "y")]
    assert [answer.is_whole for answer in answers] == [True, False, False, False, True]
    assert answers[3].missing == "the value of a resource"


def test_the_names_below_one_are_those_with_records():
    [zone] = Context([read(f"{HEADER}a.b A 8.8.8.8\nx\\.b A 8.8.8.8\nd.b DNAME a\n")]).zones
    told = zone.context.answers.ask("b.example.com.", BELOW).values
    assert sorted(told) == ["a.b.example.com.", "d.b.example.com."]


def test_what_a_zone_asks_for():
    text = (
        '@ TXT "v=spf1 ptr a:a.example.net mx:m.example.net include:i.example.net '
        'exists:e.example.net exp=x.example.net -all"\n'
        '_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@reports.example.org,mailto:d@example.com"\n'
        "k._domainkey CNAME k.example.net.\n_mta-sts CNAME s.example.net.\n"
        "www CNAME w.example.net.\n"
    )
    [mail] = Context([read(HEADER + text)]).zones
    asked = {(question.name, question.type, question.is_spf) for question in of_zone(mail)}
    assert asked == {
        ("a.example.net.", "A", False),
        ("a.example.net.", "AAAA", False),
        ("m.example.net.", "MX", False),
        ("i.example.net.", "TXT", True),
        ("e.example.net.", "A", False),
        ("x.example.net.", "TXT", False),
        ("_dmarc.example.com.", "TXT", False),
        ("_dmarc.com.", "TXT", False),
        ("_dmarc.reports.example.org.", "TXT", False),
        ("_dmarc.example.org.", "TXT", False),
        ("_dmarc.org.", "TXT", False),
        ("example.com._report._dmarc.reports.example.org.", "TXT", False),
        ("k._domainkey.example.com.", "TXT", False),
        ("_mta-sts.example.com.", "TXT", False),
    }


def test_what_an_answer_leads_on_to():
    answers = world(
        {
            "m.example": {"MX": [f"{n} h{n}.example." for n in range(MX_LIMIT + 2)]},
            "none.example": {"MX": ["0 ."]},
            "i.example": spf("v=spf1 a:a.example -all"),
            "two.example": spf("v=spf1 a:a.example -all", "v=spf1 -all"),
        }
    )

    def then(name: str, type: str, is_spf: bool = False) -> list[tuple[str, str]]:
        question = Question(name, type, is_spf)
        return [(q.name, q.type) for q in after(question, answers.ask(name, type))]

    hosts = [f"h{n}.example." for n in range(MX_LIMIT)]
    assert then("m.example.", "MX") == [(host, type) for host in hosts for type in ("A", "AAAA")]
    assert then("none.example.", "MX") == []
    assert then("i.example.", "TXT", True) == [("a.example.", "A"), ("a.example.", "AAAA")]
    assert then("i.example.", "TXT") == []
    assert then("two.example.", "TXT", True) == []


def test_what_is_flattened_is_known_where_the_zone_has_it():
    text = (
        "host A 192.0.2.1\nflat ALIAS host\naway ALIAS lb.example.net.\nbare ALIAS gone\n"
        "on ALIAS flat\nself ALIAS self\nled ALIAS name\nname CNAME host\n"
    )
    context = Context([read(text)])
    known = dict.fromkeys(("flat", "on", "led"), (Status.RECORDS, Status.NODATA))
    known["bare"] = (Status.NXDOMAIN, Status.NXDOMAIN)
    known["self"] = (Status.SERVFAIL, Status.SERVFAIL)
    for name in ("flat", "away", "bare", "on", "self", "led"):
        found = tuple(context.answers.ask(f"{name}.example.com.", t).status for t in ("A", "AAAA"))
        assert found == known.get(name, (Status.UNKNOWN, Status.UNKNOWN)), name
        assert may_have_address(context, f"{name}.example.com.") is (name != "bare")
    assert context.answers.ask("flat.example.com.", "A").values == ("192.0.2.1",)


def test_what_is_flattened_is_known_where_any_zone_of_the_run_or_the_lock_has_it():
    text = "flat ALIAS h.example.org.\n*.wild ALIAS flat\ntwo ALIAS h.example.org.\ntwo ALIAS x\n"
    other = masterfile.read("$TTL 5\nh A 192.0.2.1\n@ MX 0 .", "x.zone", "example.org.")
    outside = Lock()
    outside.put("lb.example.net.", "A", Held(Status.RECORDS, ("192.0.2.9",)), date(2026, 1, 1))
    text += "away ALIAS lb.example.net.\ngone ALIAS n.example.org.\nflat MX 0 .\n"
    context = Context([read(text), other], outside=[outside])
    known = {"flat": "192.0.2.1", "a.wild": "192.0.2.1", "away": "192.0.2.9"}
    for name in ("flat", "a.wild", "two", "away", "gone"):
        answer = context.answers.ask(f"{name}.example.com.", "A")
        assert "".join(answer.values) == known.get(name, "")
        assert answer.is_void is (name == "gone")
        assert may_have_address(context, f"{name}.example.com.") is (name != "gone")
    # Nothing but addresses is another name's.
    assert context.answers.ask("flat.example.com.", "MX").values == ("0 .",)
    assert context.answers.ask("away.example.com.", "TXT").status is Status.NODATA
