"""zonelint.toml: what it may hold, what is inherited, and that every fault has its line."""

import dataclasses
import pickle
import textwrap
import tomllib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from zonelint.rules.config import intent
from zonelint.rules.config.declaration import Thresholds
from zonelint.rules.config.intent import (
    ConfigError,
    DeclaredAlignment,
    DmarcTarget,
    Intent,
    Profile,
    SpfStage,
    in_pyproject,
    load,
    load_table,
    schema,
)
from zonelint.rules.config.loosening import loosened_as, looser_keys
from zonelint.rules.config.schema import _quoted
from zonelint.rules.config.senders import OURS
from zonelint.rules.config.toml_place import locate
from zonelint.rules.core.finding import FailOn
from zonelint.rules.evidence.evidence import Tally

WHOLE = """\
zones = ["zones/**/*.zone"]
reports = ["dmarc-reports"]
select = ["ALL"]
ignore = ["SPF306"]
lock = "dns/zonelint.lock"
[severity]
SPF203 = "error"
SPF2 = "info"
[per-owner-ignore]
"legacy.*" = ["DMARC110"]
[thresholds]
near-lookup-limit = 9
lock-max-age = 7
[fix]
serial = false
[origins]
"zones/site.txt" = "Example.org"

[domains."example.com"]
profile = "sending"
senders = ["microsoft365", "mailgun", "our-relay"]
spf = "transition"
mta-sts = { policy = "mta-sts/example.com.txt" }
tls-rpt = { rua = ["mailto:tls@example.com"] }
mx.receiver = "microsoft365"
[domains."example.com".microsoft365]
dkim = { selector1 = "Selector1-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft", \
selector2 = "selector2-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft." }
[domains."example.com".mailgun]
envelope = "mg.example.com"
selectors = ["pic"]
[domains."example.com".dmarc]
target = "reject"
alignment = "strict"
rua = ["mailto:dmarc@example.com"]
min-days = 21
min-aligned = 0.99
lists = true

[senders.our-relay]
name = "Our own relay"
spf = { place = "domain", includes = ["_spf.relay.example"] }
[[senders.our-relay.dkim]]
type = "TXT"
selectors = { relay = [] }

[resources."acme:dns:Record"]
name = "host"
"""


def problems_of(text, path="zonelint.toml", codes=()):
    with pytest.raises(ConfigError) as caught:
        load(textwrap.dedent(text), path, codes)
    return [str(problem) for problem in caught.value.problems]


def test_the_whole_schema_is_read():
    intent = load(WHOLE)
    assert intent.zones == ("zones/**/*.zone",)
    assert intent.reports == ("dmarc-reports",)
    assert intent.lock == "dns/zonelint.lock"
    assert intent.select == ("ALL",)
    assert intent.ignore == ("SPF306",)
    assert intent.thresholds.near_lookup_limit == 9
    assert intent.thresholds.lock_max_age == 7
    assert intent.thresholds.wide_ip4 == 16
    assert not intent.fix_serial
    assert intent.origins == {"zones/site.txt": "example.org."}
    assert intent.resources == {"acme:dns:Record": {"name": "host"}}
    domain = intent.for_domain("EXAMPLE.com.")
    assert domain is not None
    assert domain.name == "example.com."
    assert domain.profile is Profile.SENDING
    assert domain.senders == ("microsoft365", "mailgun", "our-relay")
    assert domain.spf is SpfStage.TRANSITION
    assert domain.mta_sts_policy == "mta-sts/example.com.txt"
    assert domain.tls_rpt_rua == ("mailto:tls@example.com",)
    assert domain.receiver == "microsoft365"
    assert domain.dmarc.target is DmarcTarget.REJECT
    assert domain.dmarc.alignment is DeclaredAlignment.STRICT
    assert domain.dmarc.rua == ("mailto:dmarc@example.com",)
    assert domain.dmarc.min_days == 21
    assert domain.dmarc.min_aligned == pytest.approx(0.99)
    assert domain.dmarc.lists
    assert domain.options_for("microsoft365").dkim == {
        "selector1": "selector1-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft.",
        "selector2": "selector2-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft.",
    }
    assert domain.options_for("microsoft365").selectors == ("selector1", "selector2")
    assert domain.options_for("mailgun").envelope == "mg.example.com."
    assert domain.options_for("mailgun").selectors == ("pic",)
    assert domain.options_for("our-relay").dkim == {}


def test_own_senders_stand_beside_the_known_ones():
    intent = load(WHOLE)
    assert intent.sender("our-relay").name == "Our own relay"
    assert intent.sender("microsoft365").name == "Microsoft 365"
    found = intent.catalogue.by_include("_spf.relay.example")
    assert found is not None
    assert found.id == "our-relay"


def test_an_own_sender_wins_over_ours_of_the_same_name():
    intent = load('[senders.zoho]\nspf = { includes = ["one.zoho.example"] }\n')
    assert intent.sender("zoho").spf.proposal == "one.zoho.example"
    assert intent.catalogue.by_include("zoho.eu") is None


def test_no_file_means_the_defaults():
    assert load("").zones == ()
    assert load("").select == ("ALL",)
    intent = Intent()
    assert intent.select == ("ALL",)
    assert intent.fail_on is FailOn.WARNING
    assert intent.for_domain("example.com.") is None
    assert intent.thresholds.lock_max_age == 30


def test_an_intent_can_be_handed_to_another_process():
    copy = pickle.loads(pickle.dumps(load(WHOLE)))
    assert copy.for_domain("example.com.") == load(WHOLE).for_domain("example.com.")
    assert copy.sender("our-relay").name == "Our own relay"


# --- inheritance

INHERITED = """
[domains."*"]
dmarc = { min-days = 30, rua = ["mailto:all@example.com"] }
[domains."*.example.com"]
profile = "parked"
dmarc = { target = "reject", min-days = 20 }
[domains."*.shop.example.com"]
profile = "bulk-sender"
senders = ["mailgun"]
mailgun = { dkim = { pic = "k=rsa; p=AAAA" }, envelope = "b.example.com" }
[domains."eu.shop.example.com"]
dmarc = { target = "quarantine" }
mailgun = { dkim = { mx = "k=rsa; p=BBBB" } }
"""


def test_the_exact_domain_beats_patterns_and_longer_ones_beat_shorter_ones():
    domain = load(INHERITED).for_domain("eu.shop.example.com.")
    assert domain is not None
    assert domain.profile is Profile.BULK_SENDER
    assert domain.dmarc.target is DmarcTarget.QUARANTINE
    assert domain.dmarc.min_days == 20
    assert domain.dmarc.rua == ("mailto:all@example.com",)
    assert domain.options_for("mailgun").dkim == {"mx": "k=rsa; p=BBBB", "pic": "k=rsa; p=AAAA"}
    assert domain.options_for("mailgun").envelope == "b.example.com."
    assert domain.declared >= {"profile", "dmarc.target", "mailgun.dkim.pic"}
    assert "spf" not in domain.declared


def test_a_pattern_means_the_names_below():
    intent = load(INHERITED)
    below = intent.for_domain("a.b.example.com.")
    assert below is not None
    assert below.profile is Profile.PARKED
    itself = intent.for_domain("example.com.")
    assert itself is not None
    assert itself.profile is None
    assert itself.dmarc.min_days == 30
    lookalike = intent.for_domain("notexample.com.")
    assert lookalike is not None
    assert lookalike.profile is None
    assert intent.declared_domains() == ("eu.shop.example.com.",)


def test_an_empty_table_declares_a_domain():
    intent = load('[domains."example.org"]\n')
    assert intent.for_domain("example.org.") is not None
    assert intent.for_domain("www.example.org.") is None


def test_a_unicode_domain_is_its_a_label():
    domain = load('[domains."Bücher.example"]\nprofile = "parked"\n').for_domain(
        "xn--bcher-kva.example."
    )
    assert domain is not None
    assert domain.profile is Profile.PARKED


# --- faults


def test_an_unknown_key_is_refused_with_near_miss_and_line():
    assert problems_of(WHOLE.replace("alignment =", "allignment =")) == [
        'zonelint.toml:33: unknown key "allignment"; did you mean "alignment"?'
    ]


def test_every_fault_is_told_in_one_go_in_the_order_of_the_file():
    assert problems_of(
        """\
        zone = ["a"]
        reports = "r"
        ignore = ["spf306"]
        [domains."example.com"]
        profile = "sendin"
        senders = [
            "microsoft365", # fine
            "mailgum",
        ]
        "spf" = true
        dmarc.min-days = 0
        dmarc.min-aligned = 98
        dmarc.rua = ["dmarc@example.com"]
        mx = { reciever = "zoho" }
        [domains."example.com".microsof365]
        [severity]
        SPF203 = "fatal"
        """
    ) == [
        'zonelint.toml:1: unknown key "zone"; did you mean "zones"?',
        "zonelint.toml:2: reports: expected a list, [path, …], this is a text",
        'zonelint.toml:3: ignore[0]: "spf306" is not a rule code: '
        "it is written like SPF203, a group like SPF2",
        'zonelint.toml:5: unknown profile "sendin"; did you mean "sending"?',
        'zonelint.toml:8: unknown sender "mailgum"; did you mean "mailgun"?',
        'zonelint.toml:10: domains."example.com".spf: expected one of "transition", "final", '
        "this is true",
        'zonelint.toml:11: domains."example.com".dmarc.min-days: '
        "expected a whole number from 1 to 365, this is 0",
        'zonelint.toml:12: domains."example.com".dmarc.min-aligned: '
        "expected a number from 0 to 1, this is 98 (for 98 % write 0.98)",
        'zonelint.toml:13: domains."example.com".dmarc.rua[0]: '
        '"dmarc@example.com" is not a URI: write "mailto:dmarc@example.com"',
        'zonelint.toml:14: unknown key "reciever"; did you mean "receiver"?',
        'zonelint.toml:15: unknown key "microsof365"; did you mean "microsoft365"?',
        'zonelint.toml:17: unknown severity "fatal"; known here: "info", "warning", "error"',
    ]


@pytest.mark.parametrize(
    ("sender", "told"),
    [("office365", 'did you mean "microsoft365"?'), ("google", 'did you mean "google-workspace"?')],
)
def test_the_only_service_of_a_like_name_is_told(sender, told):
    with pytest.raises(ConfigError) as caught:
        load(f'[domains."example.com"]\nsenders = ["{sender}"]\n')
    assert told in str(caught.value)


def test_a_sender_like_no_other_is_told_with_all_that_are_known():
    with pytest.raises(ConfigError) as caught:
        load('[domains."example.com"]\nsenders = ["qqq"]\n')
    assert all(f'"{known}"' in str(caught.value) for known in OURS.known())


def test_the_error_gives_path_line_and_message_of_the_first_fault():
    with pytest.raises(ConfigError) as caught:
        load("\nzone = []\n\nx.y = 1\n", "conf/zonelint.toml")
    error = caught.value
    first = error.problems[0]
    assert (first.path, first.line) == ("conf/zonelint.toml", 2)
    assert first.message == 'unknown key "zone"; did you mean "zones"?'
    assert [problem.line for problem in error.problems] == [2, 4]
    assert str(error).splitlines()[0] == (
        'conf/zonelint.toml:2: unknown key "zone"; did you mean "zones"?'
    )
    assert pickle.loads(pickle.dumps(error)).problems == error.problems


M365 = '[domains."x.example"]\nsenders = ["microsoft365"]\n[domains."x.example".microsoft365]\n'


@pytest.mark.parametrize(
    "keys",
    [
        'dkim.SELECTOR1 = "Selector1-X-example._domainkey.T.onmicrosoft.com."\n'
        'dkim.selector2 = "selector2-x-example._domainkey.t.n-v1.dkim.mail.microsoft"',
        'dkim.selector1 = "key.dkim.x.example"',
        'dkim.selector1 = "v=DKIM1; p=QUJD"',
    ],
)
def test_what_may_stand_for_a_selector(keys):
    load(M365 + keys)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[domains."a b"]', '"a b" is not a domain name'),
        ('[domains."a.*.example"]', "a star can only replace the first labels"),
        ('[domains."x.example"]\n[domains."X.example."]', '"X.example." appears twice here'),
        ('[domains."x.example"]\nmx.receiver = "sendgrid"', "no mail exchangers are known"),
        (
            '[domains."x.example".mailgun]\nenvelope = "m.x.example"',
            '"mailgun" has options here but is not among the senders',
        ),
        ("[domains.mail.x.example]\nspf = 'final'", '[domains."mail.x.example"]'),
        ("[domains.x.example.dmarc]\ntarget = 'none'", '[domains."x.example"]'),
        (M365 + 'dkim.selector3 = "a.example"', 'Microsoft 365 has no selector "selector3"'),
        (M365 + 'dkim.selctor1 = "a.example"', 'did you mean "selector1"?'),
        (M365 + 'selectors = ["selector1", "s2"]', "its selectors: selector1, selector2"),
        (
            M365 + 'dkim.selector1 = "selector2-x-example._domainkey.t.onmicrosoft.com"',
            "is the target of selector2, not of selector1",
        ),
        (
            M365 + 'dkim.selector1 = "selector1-x-example._domainkey.t.onmicrosoft.com"\n'
            'dkim.selector2 = "selector2-x-example._domainkey.u.n-v1.dkim.mail.microsoft"',
            "selector2 has the tenant u and selector1 the tenant t",
        ),
        ("thresholds = { ttl-least = 9000, ttl-most = 60 }", "ttl-least (9000) is more than"),
        ("[senders.spf]\nspf = {}", 'a sender cannot be called "spf"'),
        ("[senders.Mine]\nspf = {}", "lower-case letters, digits and hyphens"),
        ("[senders.mine]\nname = 'Mine'", 'senders.mine: the key "spf" is missing'),
        ("[senders.mine]\nspf.includes = ['{foo}.example']", "unknown placeholder {foo}"),
        ("[senders.mine]\nspf = {}\nchecked = '2026-01-01'", "a date such as 2026-01-31"),
        ("fix.serial = 1", "expected true or false, this is the number 1"),
        ("zones = ['']", "expected glob, this is empty"),
        ("domains = 3", "expected a table, this is the number 3"),
        ("ignore = [['SPF']]", "expected code, this is a list"),
        ("[domains.'x.example'.dmarc]\nrua = ['ftp://x']", "is not a report address"),
    ],
)
def test_what_is_refused(text, said):
    problems = problems_of(text)
    assert len(problems) == 1
    assert said in problems[0]


def test_inherited_senders_may_have_options():
    load(
        '[domains."*.x.example"]\nsenders = ["mailgun"]\n[domains."a.x.example".mailgun]\n'
        'envelope = "b.x.example"\n'
    )


def test_known_codes_are_asked_for_where_they_are_given():
    codes = ("SPF001", "SPF203", "DMARC101")
    load('ignore = ["SPF", "SPF2", "DMARC101", "ALL"]\n', codes=codes)
    assert problems_of('ignore = ["DMARC110"]\n', codes=codes) == [
        'zonelint.toml:1: ignore[0]: no rule code begins with "DMARC110"; did you mean "DMARC101"?'
    ]


def test_faults_of_a_table_that_is_parsed_already_have_no_line():
    with pytest.raises(ConfigError) as caught:
        load_table({"zone": []})
    assert str(caught.value) == 'zonelint.toml: unknown key "zone"; did you mean "zones"?'
    assert load_table({"zones": ["z"]}).zones == ("z",)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a = ", "zonelint.toml:1: the text ends too early: a quote, bracket or value is missing"),
        ("\n\n= 3\n", "zonelint.toml:3: this is not TOML from column 1 on"),
        ("lock='x'\nlock='y'\n",
         "zonelint.toml:2: a key or table is set twice"),
        ("[fix]\n[fix]\n", "zonelint.toml:2: a key or table is set twice"),
        ("fix = {serial=true,serial=true}",
         "zonelint.toml:1: a key or table is set twice"),
        ("a=" + "[" * 20_000, "zonelint.toml: lists or tables are nested too deeply"),
        ("\n" + '"a".' * 20_000 + "b=1",
         "zonelint.toml:2: more than 2,000 dots in one line: not read"),
        ("#" * 300_001, "zonelint.toml: this is longer than 300,000 characters: not read"),
    ],
)  # fmt: skip
def test_what_is_not_toml_is_told_in_our_words(text, problem):
    assert problems_of(text) == [problem]


# --- pyproject.toml


def test_pyproject_is_read_at_its_table_only():
    text = '[project]\nname = "x"\n[tool.other]\nzone = 1\n[tool.zonelint]\nzones = ["z"]\n'
    assert load(text, "some/pyproject.toml").zones == ("z",)
    assert in_pyproject(text)
    assert problems_of(text.replace("zones", "zoness"), "pyproject.toml") == [
        'pyproject.toml:6: unknown key "zoness"; did you mean "zones"?'
    ]


def test_pyproject_without_the_table_means_the_defaults():
    text = '[project]\nname = "x"\n'
    assert load(text, "pyproject.toml").zones == ()
    assert not in_pyproject(text)
    assert not in_pyproject("= nonsense")


# --- the reference


def test_every_key_is_described():
    keys = schema()
    paths = [key.path for key in keys]
    assert len(paths) == len(set(paths))
    assert all(key.type and key.about.endswith((".", "`")) for key in keys)
    for path in (
        "zones",
        "severity.<code>",
        "per-owner-ignore.<owner>",
        "thresholds.lock-max-age",
        "domains.<domain>.dmarc.min-days",
        "domains.<domain>.<sender>.dkim.<selector>",
        "senders.<name>.spf.includes",
        "senders.<name>.dkim[].selectors.<selector>",
        "resources",
    ):
        assert path in paths
    [days] = [key for key in keys if key.path == "domains.<domain>.dmarc.min-days"]
    assert (days.type, days.default) == ("whole number, 1 to 365", "14")


# --- lines of keys


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1\nb = 2\n", ("b",), 2),
        ("# c\n\n[x]\n y = 1 # z\n", ("x", "y"), 4),
        ("[x.'y.z']\n\"a\\tb\" = 1\n", ("x", "y.z", "a\tb"), 2),
        ("x . \"y\" .z = 1\n", ("x", "y", "z"), 1),
        ("a = { b = 1, c = { d = [2] } }\n", ("a", "c", "d", 0), 1),
        ("a = [\n  'x',\n # no\n\n  'y', ]\nb=1", ("a", 1), 5),
        ("a = [\n  'x',\n # no\n\n  'y', ]\nb=1", ("b",), 6),
        ('a = """\n]\n"b" = \\"""" \nb = 1', ("b",), 4),
        ("a = '''\n'' \n''''\nb = 1", ("b",), 4),
        ('a = "#\\"]"\nb = 1', ("b",), 2),
        ("[[a]]\nx=1\n[[a]]\nx=2\n[a.b]\ny=3\n", ("a", 1, "b", "y"), 6),
        ("[[a]]\nx=1\n[[a]]\n[[a.c]]\nz=1\n", ("a", 1, "c", 0, "z"), 5),
        ("[[a]]\n[[a]]\n", ("a", 1), 2),
        ("a = 2026-01-02 03:04:05\nb = [1.5,\n -inf]\n", ("b", 1), 3),
        ("\r\na = 1\r\nb = [\r\n2]\r\n", ("b", 0), 4),
        ("a = [[1],\n[2,\n3]]", ("a", 1, 1), 3),
        ("a = [{x=1},\n{x=2, y.z=3}]", ("a", 1, "y", "z"), 2),
    ],
)  # fmt: skip
def test_where_a_key_stands(text, path, line):
    tomllib.loads(text)
    assert locate(text)[path] == line


def paths_of(value, at=()):
    """Every path of a parsed document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*at, key)
            yield from paths_of(inner, (*at, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield (*at, index)
            yield from paths_of(inner, (*at, index))


KEYS = st.text(alphabet="ab.-'\" #=]é", min_size=1, max_size=4)
LEAVES = st.one_of(st.integers(-9, 9), st.booleans(), st.text(alphabet="a'\"\n#]},\\=", max_size=8))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


def quoted(text):
    escapes = {"\n": "\\n", '"': '\\"', "\\": "\\\\"}
    return '"' + "".join(escapes.get(char, char) for char in text) + '"'


def written(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        if "'" not in value and "\\" not in value and value:
            return f"'''\n{value}'''"
        return quoted(value)
    if isinstance(value, list):
        return "[ # c ]\n" + "".join(f"{written(item)} ,\n" for item in value) + "]"
    return "{" + ", ".join(f"{quoted(key)}= {written(inner)}" for key, inner in value.items()) + "}"


@settings(max_examples=150)
@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_every_key_of_any_document_has_its_line(document):
    text, begins = "", {}
    for key, value in document.items():
        begins[key] = text.count("\n") + 1
        text += f"{quoted(key)} = {written(value)}\n"
    assert tomllib.loads(text) == document
    lines = locate(text)
    assert set(lines) == set(paths_of(document))
    assert {key: lines[(key,)] for key in document} == begins


@example("'''")
@given(st.text(alphabet="a.=[]{}'\"\\#\n, ", max_size=40))
def test_any_text_is_read_or_refused(text):
    assert all(line <= text.count("\n") + 1 for line in locate(text).values())
    try:
        assert load(text).select
    except ConfigError as error:
        assert str(error).startswith("zonelint.toml")  # noqa: PT017


def test_the_longest_name_of_a_domain():
    name = ".".join(["a" * 63] * 3 + ["b" * 61])
    assert len(name) == 253
    assert intent.load(f'[domains."{name}"]\n', "zonelint.toml").domains
    with pytest.raises(intent.ConfigError, match="is not a domain name"):
        intent.load(f'[domains."{name}b"]\n', "zonelint.toml")


def test_a_long_list_of_words_is_cut():
    assert _quoted(["a", "b"], 2) == '"a", "b"'
    assert _quoted(["a", "b", "c"], 2) == '"a", "b", …'


def test_defaults():
    thresholds = Thresholds()
    assert thresholds == (8, 16, 32, 300, 86400, 30)
    assert dataclasses.astuple(Tally()) == (0,) * len(dataclasses.fields(Tally))


def test_lines_are_found_as_deep_as_any_configuration_goes():
    deep = "[" * 5000 + "]" * 5000
    assert locate(f"a = 1\nb = {deep}\nc = 2\n")[("a",)] == 1
    assert locate("a = 1\n\nb = [[[[1]]]]\nc = 2\n")[("c",)] == 4


def test_another_state_before_of_pulumi_is_the_one_that_was_named() -> None:
    before = load('[pulumi]\nbefore = "stack.json"\n')
    for text in ("", '[pulumi]\nbefore = "other.json"\n'):
        after = load(text)
        assert [key.path for key in looser_keys(after, before)] == [("pulumi", "before")]
        assert loosened_as(after, before).pulumi_before == "stack.json"
    assert not list(looser_keys(before, load("")))  # where none was named, this one is


def test_a_key_of_a_table_beside_it_is_named():
    text = '[domains."example.com"]\nrua = ["mailto:d@example.com"]\n'
    assert problems_of(text) == [
        'zonelint.toml:2: unknown key "rua"; did you mean "dmarc.rua" or "tls-rpt.rua"?'
    ]
