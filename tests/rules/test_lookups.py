"""The evaluation tree: what it counts, where it stops, what it says of the unknown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.table import Table, spf, tree_from, world
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.rules.context import Context
from zonelint.rules.mail import lookups
from zonelint.rules.mail.lookups import Fate, Tree
from zonelint.rules.model.answers import World


def tree(data, domain: str = "example.com.", *, closed: bool = False) -> Tree:
    return tree_from(domain, world(data, closed=closed))


def count(text: str, **more) -> int:
    return tree({"example.com": spf(text), **more}, closed=True).lookups


@pytest.mark.parametrize(
    ("text", "lookups"),
    [
        ("v=spf1 -all", 0),
        ("v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 exp=why.example.com -all", 0),
        ("v=spf1 a mx ptr exists:x.example.com -all", 4),
        ("v=spf1 ?a ~mx -ptr +exists:x.example.com -all", 4),
        ("v=spf1 a:b.example.com/24//64 a a -all", 3),
        ("v=spf1 -all a mx include:x.example", 0),
        ("v=spf1 a all mx", 1),
        ("v=spf1 a redirect=none.example.com", 2),
        ("v=spf1 a redirect=none.example.com -all", 1),
        ("v=spf1 -all redirect=none.example.com", 0),
        ("v=spf1 exists:%{i}.x.example.com a:%{p}.example.com -all", 2),
        ("v=spf1 include:%{i}.x.example.com -all", 1),
        ("V=SPF1 MX A -ALL", 2),
    ],
)
def test_terms_are_counted_as_rfc_7208_counts_them(text: str, lookups: int) -> None:
    assert count(text) == lookups


def test_mx_hosts_are_not_counted() -> None:
    hosts = {f"m{n}.example.com": {"A": ["192.0.2.1"]} for n in range(9)}
    own = spf("v=spf1 mx -all") | {"MX": [f"{n} m{n}.example.com." for n in range(9)]}
    found = tree({"example.com": own, **hosts})
    assert found.lookups == 1
    assert len(found.branches[0].exchanges) == 9


def test_nested_includes_are_added_up_and_every_inclusion_counts() -> None:
    data = {
        "example.com": spf("v=spf1 include:a.example include:b.example include:a.example -all"),
        "a.example": spf("v=spf1 include:c.example mx -all"),
        "b.example": spf("v=spf1 include:c.example redirect=c.example"),
        "c.example": spf("v=spf1 a exists:c.example -all"),
    }
    found = tree(data, closed=True)
    c = 2
    a = 1 + c + 1
    b = 1 + c + 1 + c
    assert found.lookups == (1 + a) + (1 + b) + (1 + a)
    assert [branch.lookups for branch in found.branches] == [1 + a, 1 + b, 1 + a]
    assert found.is_exact


def test_a_redirect_counts_and_is_descended() -> None:
    found = tree({"example.com": spf("v=spf1 redirect=b.example"), "b.example": spf("v=spf1 a")},
                 closed=True)  # fmt: skip
    assert found.lookups == 2


def test_the_domain_macro_is_known_without_a_message() -> None:
    data = {
        "example.com": spf("v=spf1 include:_spf.%{d} include:%{d2}.x.example -all"),
        "_spf.example.com": spf("v=spf1 a:out.%{d2} -all"),
        "example.com.x.example": spf("v=spf1 -all"),
    }
    found = tree(data, closed=True)
    assert (found.lookups, found.missing) == (3, ())


@pytest.mark.parametrize(
    ("target", "fate"),
    [
        ("unknown.example", Fate.UNKNOWN),
        ("failed.example", Fate.FAILED),
        ("silent.example", Fate.FAILED),
        ("alias.example", Fate.UNKNOWN),
    ],
)
def test_what_is_not_known_counts_one_and_makes_a_lower_bound(target: str, fate: Fate) -> None:
    data = {
        "example.com": spf(f"v=spf1 a include:{target} mx -all") | {"A": ["192.0.2.1"]},
        "failed.example": {"TXT": "servfail"},
        "silent.example": {"TXT": "timeout"},
        "alias.example": {"CNAME": "beyond.example."},
    }
    found = tree(data)
    assert found.lookups == 3
    assert not found.is_exact
    missing = "beyond.example." if target == "alias.example" else f"{target}."
    assert found.missing == (missing,)
    assert [visit.branch.fate for visit in found.find(fate)] == [fate]


def test_a_macro_in_an_include_leaves_the_count_open_and_one_in_exists_does_not() -> None:
    found = tree({"example.com": spf("v=spf1 include:%{l}.example exists:%{i}.example -all")})
    assert found.lookups == 2
    assert found.missing == ("include:%{l}.example",)
    assert "exists:%{i}.example" in found.unanswered


@pytest.mark.parametrize(
    ("record", "fate"),
    [
        ({"TXT": ["hello"]}, Fate.NO_RECORD),
        ({"TXT": "nxdomain"}, Fate.NO_RECORD),
        ({"A": ["192.0.2.1"]}, Fate.NO_RECORD),
        (spf("v=spf1 -all", "v=spf1 a -all"), Fate.SEVERAL),
        (spf("v=spf1 ipv4:192.0.2.1 mx -all"), Fate.BROKEN),
    ],
)
def test_a_target_without_one_good_record(record, fate: Fate) -> None:
    found = tree({"example.com": spf("v=spf1 include:t.example -all"), "t.example": record})
    (visit,) = found.find(fate)
    assert visit.branch.target == "t.example."
    assert found.is_exact


def test_a_target_that_can_be_no_name() -> None:
    found = tree({"example.com": spf(f"v=spf1 include:{'x' * 64}.example a:b..example -all")})
    assert [branch.fate for branch in found.branches] == [Fate.NO_NAME, Fate.NO_NAME]
    assert found.lookups == 2


# -- loops ------------------------------------------------------------------------------------


def test_loops_end_and_are_named() -> None:
    data = {
        "example.com": spf("v=spf1 include:a.example -all"),
        "a.example": spf("v=spf1 include:b.example -all"),
        "b.example": spf("v=spf1 redirect=a.example"),
        "self.example": spf("v=spf1 include:self.example -all"),
    }
    found = tree(data)
    assert found.loops == (("a.example.", "b.example.", "a.example."),)
    assert found.lookups == 3
    alone = tree(data, "self.example.")
    assert alone.loops == (("self.example.", "self.example."),)
    assert [branch.fate for branch in alone.branches] == [Fate.LOOP]


def test_a_loop_is_seen_whichever_name_is_asked_for_first() -> None:
    data = {
        "a.example": spf("v=spf1 include:b.example -all"),
        "b.example": spf("v=spf1 include:a.example -all"),
    }
    for first, second in (("a.example.", "b.example."), ("b.example.", "a.example.")):
        context = Context([], outside=[Table(data)])
        assert lookups.tree(first, context).loops
        assert lookups.tree(second, context).loops


def test_an_include_twice_is_no_loop() -> None:
    data = {
        "example.com": spf("v=spf1 include:a.example include:b.example -all"),
        "a.example": spf("v=spf1 include:b.example -all"),
        "b.example": spf("v=spf1 -all"),
    }
    assert tree(data).loops == ()


# -- void lookups -----------------------------------------------------------------------------


def test_void_lookups_are_counted_for_each_family_once_a_term() -> None:
    data = {
        "example.com": spf("v=spf1 a mx a:four.example exists:none.example include:v.example -all"),
        "four.example": {"A": ["192.0.2.1"]},
        "none.example": {"A": "nxdomain"},
        "v.example": {"TXT": "nxdomain"},
    }
    found = tree(data)
    # a, mx, exists, include; over IPv6 the host without AAAA as well
    assert found.voids == (4, 5)
    assert found.unanswered == ()


def test_the_domains_own_missing_record_is_no_void_lookup_of_a_term() -> None:
    assert tree({}, closed=True).voids == (0, 0)


def test_hosts_of_mx_can_be_void() -> None:
    data = {
        "example.com": spf("v=spf1 mx -all") | {"MX": ["1 a.example.", "2 b.example."]},
        "a.example": {"A": "nxdomain", "AAAA": "nxdomain"},
        "b.example": {"A": "nxdomain", "AAAA": "nxdomain"},
    }
    assert tree(data).voids == (1, 1)


def test_a_null_mx_is_not_void() -> None:
    found = tree({"example.com": spf("v=spf1 mx -all") | {"MX": ["0 ."]}})
    assert (found.voids, found.branches[0].exchanges) == ((0, 0), ())


# -- size -------------------------------------------------------------------------------------


def test_work_is_linear_in_names_for_a_tree_that_doubles_without_end() -> None:
    depth, width = 20, 10
    data = {
        f"n{level}.example": spf("v=spf1 " + f"include:n{level + 1}.example " * width + "-all")
        for level in range(depth)
    }
    data[f"n{depth}.example"] = spf("v=spf1 a -all") | {"A": ["192.0.2.1"]}
    table = Table(data)
    found = tree_from("n0.example.", World([table]))
    total = 1
    for _ in range(depth):
        total = width * (1 + total)
    assert found.lookups == total > 10**20
    assert len(table.looked) == depth + 1 + 2
    assert sum(1 for _ in found.walk()) == lookups.MOST_WALKED + 1  # and the last of the first ones
    assert len(found.lines(most=25)) == 25
    assert "over 10^9" in found.lines()[0]


def test_a_long_chain_needs_no_stack() -> None:
    length = 5_000
    data = {f"n{n}.example": spf(f"v=spf1 include:n{n + 1}.example -all") for n in range(length)}
    found = tree(data, "n0.example.")
    assert found.lookups == length
    assert found.missing == (f"n{length}.example.",)
    assert len(found.lines()) == 40
    assert sum(1 for _ in found.walk()) == lookups.DEEPEST_WALKED + 1


def test_what_receivers_come_to_first_is_seen_in_a_tree_of_any_width() -> None:
    many = " ".join(f"include:w{n}.example" for n in range(3 * lookups.MOST_WALKED))
    data = {
        "a.example": spf(f"v=spf1 include:b.example {many} -all"),
        "b.example": spf(f"v=spf1 include:c.example {many} -all"),
        "c.example": spf("v=spf1 include:d.example -all"),
    }
    targets = [visit.branch.target for visit in tree(data, "a.example.").walk()]
    assert "d.example." in targets
    assert len(targets) == len({id(v.branch) for v in tree(data, "a.example.").walk()})


def test_every_name_of_a_ring_with_many_chords_is_visited_once() -> None:
    names = 300
    data = {
        f"n{n}.example": spf(
            f"v=spf1 include:n{(n + 1) % names}.example include:n0.example "
            f"include:n{n // 2}.example -all"
        )
        for n in range(names)
    }
    table = Table(data)
    found = tree_from("n0.example.", World([table]))
    assert found.loops
    assert len(table.looked) == names


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from(["a", "mx", "ip4:192.0.2.1", "ptr", "I1", "I2", "I3", "R1"]),
                 max_size=5),
        min_size=4, max_size=8,
    )
)  # fmt: skip
def test_counts_agree_with_a_plain_recursion(terms) -> None:
    """Includes point to later records only: no loops, so that recursion ends."""
    texts = {}
    for number, row in enumerate(terms):
        written = []
        for term in row:
            target = f"n{number + int(term[1])}.example" if term[0] in "IR" else ""
            if term[0] == "I":
                written.append(f"include:{target}")
            elif term[0] == "R":
                if not any(each.startswith("redirect") for each in written):
                    written.append(f"redirect={target}")
            else:
                written.append(term)
        texts[f"n{number}.example"] = " ".join(["v=spf1", *written])

    def plain(name: str) -> int:
        total = 0
        for term in texts.get(name, "v=spf1").split()[1:]:
            if term.startswith(("include:", "redirect=")):
                total += 1 + plain(term.replace("=", ":").split(":")[1])
            elif not term.startswith("ip4"):
                total += 1
        return total

    found = tree({name: spf(text) for name, text in texts.items()}, "n0.example.", closed=True)
    assert found.lookups == plain("n0.example")
    assert found.lookups == sum(branch.lookups for branch in found.branches)


# -- what people see --------------------------------------------------------------------------


def test_the_tree_is_shown_with_the_cost_of_every_branch() -> None:
    data = {
        "example.com": spf(
            "v=spf1 mx include:a.example include:gone.example include:a.example "
            "exists:%{i}.x.example -all"
        )
        | {"MX": ["1 m.example."]},
        "m.example": {"A": ["192.0.2.1"], "AAAA": ["2001:db8::1"]},
        "a.example": spf("v=spf1 include:b.example -all"),
        "b.example": spf("v=spf1 a -all"),
    }
    assert tree(data).lines() == (
        "  1  mx",
        "  3  include:a.example",
        "    2  include:b.example",
        "      1  a  (no answer in DNS)",
        "  at least 1  include:gone.example  (not in the zones or the lock)",
        "  3  include:a.example  (as above)",
        "  1  exists:%{i}.x.example  (depends on the message)",
    )


def test_a_visit_knows_the_way_from_the_own_term() -> None:
    data = {
        "example.com": spf("v=spf1 include:a.example -all"),
        "a.example": spf("v=spf1 mx include:b.example -all"),
        "b.example": spf("hello"),
    }
    (visit,) = tree(data, closed=True).find(Fate.NO_RECORD)
    assert [branch.term.text for branch in visit.path] == ["include:a.example", "include:b.example"]
    assert visit.top.term.text == "include:a.example"
    assert visit.tree.domain == "a.example."


# -- zones and lock together ------------------------------------------------------------------

ZONE = """
$ORIGIN example.com.
$TTL 3600
@ SOA ns hostmaster 1 7200 900 1209600 300
@ NS ns
@ TXT "v=spf1 include:_spf.example.com include:alias.example.com a:flat.example.com -all"
_spf TXT "v=spf1 include:vendor.example -all"
alias CNAME spf.vendor.example.
away NS ns.elsewhere.example.
flat ALIAS lb.vendor.example.
*.wild TXT "v=spf1 a -all"
"""


def test_zones_come_before_the_lock_and_aliases_cross_over() -> None:
    zone = masterfile.read(ZONE, "example.com.zone", "example.com.")
    data = {
        "_spf.example.com": spf("v=spf1 +all"),
        "vendor.example": spf("v=spf1 a mx -all"),
        "spf.vendor.example": spf("v=spf1 a -all"),
        "x.away.example.com": spf("v=spf1 a a a -all"),
    }
    context = Context([zone], outside=[Table(data)])
    found = lookups.tree("example.com.", context)
    assert found.lookups == (1 + 1 + 2) + (1 + 1) + 1
    assert lookups.tree("example.com.", context) is found
    assert lookups.tree("x.away.example.com.", context).lookups == 3
    assert lookups.tree("any.wild.example.com.", context).lookups == 1
    assert lookups.tree("nobody.example.com.", context).fate is Fate.NO_RECORD
    # An ALIAS has addresses that only its DNS service knows: unknown, not absent.
    assert found.branches[2].fate is Fate.UNKNOWN
    assert found.branches[2].voids == (0, 0)


def test_a_dname_leads_elsewhere() -> None:
    zone = masterfile.read(
        '@ 60 TXT "v=spf1 include:a.old.example.com -all"\nold 60 DNAME new.example.org.\n',
        "example.com.zone",
        "example.com.",
    )
    unknown = lookups.tree("example.com.", Context([zone]))
    assert unknown.missing == ("a.new.example.org.",)
    known = Table({"a.new.example.org": spf("v=spf1 a:x.example.org -all")})
    tree = lookups.tree("example.com.", Context([zone], outside=[known]))
    assert (tree.lookups, tree.is_exact) == (2, True)


def test_a_text_in_the_place_of_the_record() -> None:
    zone = masterfile.read(ZONE, "example.com.zone", "example.com.")
    context = Context([zone], outside=[Table({"vendor.example": spf("v=spf1 a mx -all")})])
    assert lookups.tree_with("v=spf1 a mx -all", "example.com.", context).lookups == 2
    own = lookups.tree_with(
        "v=spf1 include:_spf.example.com include:alias.example.com a:flat.example.com -all",
        "example.com.",
        context,
    )
    assert own is lookups.tree("example.com.", context)
    loop = lookups.tree_with("v=spf1 include:example.com -all", "example.com.", context)
    assert loop.loops


def test_a_subject_has_the_tree_of_its_own_record() -> None:
    text = '@ 60 SOA a b 1 2 3 4 5\n@ 60 TXT "v=spf1 a -all"\n@ 60 TXT "v=spf1 a mx -all"\n'
    context = Context([masterfile.read(text, "example.com.zone", "example.com.")])
    (view,) = context.zones
    assert [lookups.of(subject).lookups for subject in view.spf["example.com."]] == [1, 2]
    assert lookups.tree("example.com.", context).fate is Fate.SEVERAL


def test_the_very_same_record_twice_is_one_record_of_the_answer() -> None:
    twice = '@ TXT "v=spf1 -all"\n@ TXT "v=spf1 -all"\n@ MX 0 a\n@ MX 0 A.example.com.\n'
    zone = masterfile.read(f"$ORIGIN example.com.\n$TTL 1h\n{twice}", "zone", "example.com.")
    context = Context([zone])
    assert lookups.tree("example.com.", context).fate is Fate.FOUND
    assert context.answers.ask("example.com.", "MX").values == ("0 a.example.com.",)


@pytest.mark.parametrize(
    ("status", "fate"),
    [("unknown", Fate.UNKNOWN), ("servfail", Fate.FAILED), ("timeout", Fate.FAILED)],
)
@pytest.mark.parametrize("term", ["mx", "a"])
def test_no_answer_is_told_from_a_failing_one(status: str, fate: Fate, term: str):
    types = {"mx": "MX", "a": "A"}
    data = {"example.com": spf(f"v=spf1 {term} -all") | {types[term]: status, "AAAA": status}}
    [branch] = tree_from("example.com.", world(data, closed=True)).branches
    assert branch.fate is fate
    assert branch.missing == ("example.com.",)


def test_a_tree_without_a_loop_has_none():
    data = {
        "example.com": spf("v=spf1 include:a.example include:b.example -all"),
        "a.example": spf("v=spf1 include:b.example -all"),
        "b.example": spf("v=spf1 -all"),
    }
    found = tree_from("example.com.", world(data, closed=True))
    assert not found.loops
    assert all(branch.tree is not None and not branch.tree.loops for branch in found.branches)
