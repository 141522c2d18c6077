"""Sender profiles: every file is whole, and names are known by their form."""

import datetime
import tomllib
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonelint.rules.config import sender, senders
from zonelint.rules.config.schema import UnfitValue
from zonelint.rules.config.sender import DkimType, Envelope, Need, SenderPlace
from zonelint.rules.config.senders import OURS
from zonelint.rules.config.template import PLACEHOLDERS, Fit, fit, template

NAMED = {
    "amazon-ses",
    "brevo",
    "cloudflare-email-routing",
    "fastmail",
    "godaddy",
    "google-workspace",
    "hubspot",
    "ionos",
    "mailchimp",
    "mailgun",
    "mailjet",
    "mandrill",
    "microsoft365",
    "mimecast",
    "ovh",
    "pardot",
    "postmark",
    "proofpoint",
    "proton",
    "salesforce",
    "salesforce-marketing-cloud",
    "sendgrid",
    "yandex360",
    "zendesk",
    "zeptomail",
    "zoho",
}


WITHOUT_KNOWN_KEYS = {"godaddy"}


def test_the_named_services_are_known():
    assert set(OURS.known()) == NAMED


@pytest.mark.parametrize("sender_id", sorted(NAMED))
def test_a_profile_is_whole(sender_id):
    sender = OURS.load(sender_id)
    assert sender.id == sender_id
    assert sender.name
    assert sender.where
    assert sender.references
    assert all(url.startswith("https://") for url in sender.references)
    assert sender.checked is not None
    assert sender.checked >= datetime.date(2026, 11, 24)
    assert sender.dkim or sender_id in WITHOUT_KNOWN_KEYS
    for form in sender.dkim:
        names = {selector.name.text for selector in form.selectors}
        assert set(form.required) <= names
        assert set(form.proposed) <= names
        for selector in form.selectors:
            assert bool(selector.targets) == (form.type is DkimType.CNAME)
            for target in selector.targets:
                assert set(form.shared) <= {*target.names, "partition"}
    # an include that is asked for is told, and one that is not is not useless and needed at once
    assert bool(sender.spf.includes) == (sender.spf.place is not SenderPlace.NONE)
    assert not (sender.spf.useless_at_domain and sender.spf.need is not Need.NONE)


@pytest.mark.parametrize("sender_id", sorted(NAMED))
def test_the_file_says_its_own_name(sender_id):
    text = (
        resources.files("zonelint.rules.config.senders").joinpath(f"{sender_id}.toml").read_text()
    )
    assert tomllib.loads(text)["id"] == sender_id


@pytest.mark.parametrize("sender_id", sorted(NAMED))
def test_the_last_label_but_one_of_every_name_stands_in_the_file(sender_id):
    """By it a catalogue tells which files it has to read."""
    text = (
        resources.files("zonelint.rules.config.senders").joinpath(f"{sender_id}.toml").read_text()
    )
    sender = OURS.load(sender_id)
    custom = sender.envelope.custom
    forms = [*sender.spf.includes, *sender.spf.also, *sender.mx]
    forms += [] if custom is None or custom.mx is None else [custom.mx]
    forms += (to for form in sender.dkim for each in form.selectors for to in each.targets)
    for form in forms:
        *_, mark, last = form.text.split(".")
        assert "{" not in mark, form
        assert last not in ("{domain}", "{selector}"), "these may be several labels"
        assert mark in text, form


def test_no_name_belongs_to_two_services():
    fixed = [
        (form.text, sender_id)
        for sender_id in NAMED
        for form in (*OURS.load(sender_id).spf.includes, *OURS.load(sender_id).spf.also)
        if form.fixed
    ]
    for include, sender_id in fixed:
        found = OURS.by_include(include)
        assert found is not None
        assert found.id == sender_id, include


@pytest.mark.parametrize(
    ("include", "sender_id"),
    [
        ("spf.protection.outlook.com", "microsoft365"),
        ("SPF.Protection.Outlook.COM.", "microsoft365"),
        ("spf.protection.office365.us", "microsoft365"),
        ("spf.protection.partner.outlook.cn", "microsoft365"),
        ("_spf.google.com", "google-workspace"),
        ("_netblocks2.google.com", "google-workspace"),
        ("amazonses.com", "amazon-ses"),
        ("sendgrid.net", "sendgrid"),
        ("u12345.wl080.sendgrid.net", "sendgrid"),
        ("mailgun.org", "mailgun"),
        ("servers.mcsv.net", "mailchimp"),
        ("zoho.eu", "zoho"),
        ("one.zoho.com", "zoho"),
        ("zohomail.com.au", "zoho"),
        ("zohocloud.ca", "zoho"),
        ("spf.messagingengine.com", "fastmail"),
        ("_spf.protonmail.ch", "proton"),
        ("spf.mtasv.net", "postmark"),
        ("1234567.spf07.hubspotemail.net", "hubspot"),
        ("_spf.salesforce.com", "salesforce"),
        ("mail.zendesk.com", "zendesk"),
        ("spf.sendinblue.com", "brevo"),
        ("spf.brevo.com", "brevo"),
        ("_spf.hubspot.com", "hubspot"),
    ],
)
def test_an_include_is_explained(include, sender_id):
    found = OURS.by_include(include)
    assert found is not None
    assert found.id == sender_id


@pytest.mark.parametrize(
    "include",
    ["outlook.com", "xspf.protection.outlook.com", "evil.example", "_spf.google.com.evil.example"],
)
def test_a_strange_include_is_not_explained(include):
    assert OURS.by_include(include) is None


OLD = "selector{n}-example-com._domainkey.{tenant}.onmicrosoft.com"
NEW = "selector{n}-example-com._domainkey.{tenant}.{p}-v1.dkim.mail.microsoft"


def microsoft(target):
    found = OURS.by_dkim_target(target)
    assert found is not None
    sender, match = found
    assert sender.id == "microsoft365"
    return match


def test_microsoft_old_form():
    match = microsoft(OLD.format(n=1, tenant="contoso"))
    assert match.expected_selector == "selector1"
    assert match.values == {"dashed-domain": "example-com", "tenant": "contoso"}
    assert match.shared_values == {"tenant": "contoso"}


def test_microsoft_new_form_without_regard_to_case_and_final_dot():
    match = microsoft("Selector2-Example-com._domainkey.ConToso.P-v1.dkim.mail.Microsoft.")
    assert match.expected_selector == "selector2"
    assert match.shared_values == {"tenant": "contoso", "partition": "p"}
    assert match.values["n"] == "1"


def test_microsoft_two_tenants_and_partitions_are_told_apart():
    one = microsoft(NEW.format(n=1, tenant="contoso", p="n"))
    other = microsoft(NEW.format(n=2, tenant="contoso", p="r"))
    assert one.shared_values != other.shared_values
    same = microsoft(NEW.format(n=2, tenant="CONTOSO", p="N"))
    assert one.shared_values == same.shared_values


def test_microsoft_target_is_never_made_from_the_domain():
    [form] = OURS.load("microsoft365").dkim
    assert form.proposal("selector1", "example.com.") is None
    assert form.required == ("selector1", "selector2")


@pytest.mark.parametrize(
    "target",
    [
        "selector1-example-com.domainkey.contoso.onmicrosoft.com",
        "selector3-example-com._domainkey.contoso.onmicrosoft.com",
        "selector1._domainkey.contoso.onmicrosoft.com",
        "selector1-example-com._domainkey.contoso.dkim.mail.microsoft",
        "selector1-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft.com",
        "selector1-example-com._domainkey.con.toso.onmicrosoft.com",
    ],
)
def test_what_only_looks_like_microsoft_is_no_target(target):
    assert OURS.by_dkim_target(target) is None
    [form] = OURS.load("microsoft365").dkim
    assert not form.undecided(target)


def test_microsoft_targets_of_other_clouds_are_undecided():
    [form] = OURS.load("microsoft365").dkim
    assert form.undecided("selector1-example-cn._domainkey.contoso.partner.onmschina.cn.")
    assert form.undecided("selector1-example-com._domainkey.contoso.onmicrosoft.us.")
    assert not form.undecided("notonmicrosoft.us")


@pytest.mark.parametrize(
    ("exchange", "sender_id"),
    [
        ("example-com.mail.protection.outlook.com.", "microsoft365"),
        ("example-com.o-v1.mx.microsoft", "microsoft365"),
        ("example-us.mail.protection.office365.us", "microsoft365"),
        ("example-cn.mail.protection.partner.outlook.cn", "microsoft365"),
        ("ASPMX.L.GOOGLE.COM.", "google-workspace"),
        ("alt1.aspmx.l.google.com", "google-workspace"),
        ("aspmx2.googlemail.com", "google-workspace"),
        ("smtp.google.com", "google-workspace"),
        ("mxa.eu.mailgun.org", "mailgun"),
        ("inbound-smtp.eu-west-1.amazonaws.com", "amazon-ses"),
        ("mx2.zoho.eu", "zoho"),
        ("mx3.zoho.com.au", "zoho"),
        ("mx.zohocloud.ca", "zoho"),
        ("in1-smtp.messagingengine.com", "fastmail"),
        ("mailsec.protonmail.ch", "proton"),
        ("mail.protection.outlook.com", None),
        ("mx.example.com", None),
    ],
)
def test_an_exchange_is_known(exchange, sender_id):
    found = OURS.by_mx(exchange)
    assert (found.id if found else None) == sender_id


@pytest.mark.parametrize(
    ("target", "sender_id", "selector"),
    [
        ("abc234.dkim.amazonses.com", "amazon-ses", "abc234"),
        ("abc234.dkim.eu-south-1.amazonses.com", "amazon-ses", "abc234"),
        ("s2.domainkey.u1234567.wl123.sendgrid.net", "sendgrid", "s2"),
        ("xyz.domainkey.u1234567.wl.sendgrid.net", "sendgrid", "xyz"),
        ("pdk1._domainkey.0f1e2d.dkim2.eu.mgsend.org", "mailgun", "pdk1"),
        ("dkim3.mcsv.net", "mailchimp", "k3"),
        ("fm2.example.com.dkim.fmhosted.com", "fastmail", "fm2"),
        ("protonmail3.domainkey.dabcdefgh234.domains.proton.ch", "proton", "protonmail3"),
        ("example--x-com.hs06b.dkim.hubspotemail.net", "hubspot", None),
        ("mine.1ab2cd.custdkim.salesforce.com", "salesforce", "mine"),
        ("example.com.1ab2cd.custdkim.salesforce.com", "salesforce", "example.com"),
        ("zendesk1._domainkey.zendesk.com", "zendesk", "zendesk1"),
        ("b2.example-com.dkim.brevo.com", "brevo", "brevo2"),
    ],
)
def test_a_dkim_target_is_known(target, sender_id, selector):
    found = OURS.by_dkim_target(target)
    assert found is not None
    assert found[0].id == sender_id
    assert found[1].expected_selector == selector


@pytest.mark.parametrize(
    ("sender_id", "selector", "target"),
    [
        ("fastmail", "fm1", "fm1.example.com.dkim.fmhosted.com"),
        ("mailchimp", "k2", "dkim2.mcsv.net"),
        ("zendesk", "zendesk2", "zendesk2._domainkey.zendesk.com"),
        ("brevo", "brevo1", "b1.example-com.dkim.brevo.com"),
        ("sendgrid", "s1", None),
        ("proton", "protonmail", None),
        ("fastmail", "fm4", None),
    ],
)
def test_a_target_is_proposed_where_the_domain_alone_tells_it(sender_id, selector, target):
    assert OURS.load(sender_id).dkim[0].proposal(selector, "Example.com.") == target


def test_who_needs_an_include_where():
    assert OURS.load("microsoft365").spf.proposal == "spf.protection.outlook.com"
    assert OURS.load("microsoft365").spf.fulfilled_by("spf.protection.office365.us.")
    assert not OURS.load("google-workspace").spf.fulfilled_by("_netblocks.google.com")
    assert OURS.load("hubspot").spf.proposal is None
    ses = OURS.load("amazon-ses")
    assert ses.spf.place is SenderPlace.SUBDOMAIN
    assert ses.spf.useless_at_domain
    assert ses.envelope.default is Envelope.VENDOR
    assert ses.envelope.custom is not None
    assert ses.envelope.custom.mx is not None
    assert ses.envelope.custom.mx.match("feedback-smtp.eu-west-1.amazonses.com")
    assert OURS.load("mailgun").spf.place is SenderPlace.SENDING_DOMAIN


def test_an_unknown_sender_is_told_with_the_near_miss():
    with pytest.raises(senders.UnknownSenderError) as caught:
        OURS.load("mailgum")
    assert str(caught.value) == 'unknown sender "mailgum"; did you mean "mailgun"?'


# --- templates


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{tennant}.example.com", "unknown placeholder"),
        ("{token}{n}.example.com", "some text between"),
        ("a b.example.com", "not a domain name"),
        ("..", "not a domain name"),
        ("{n}" + ".{n}" * 5, "at most"),
        ("{", "not a domain name"),
    ],
)
def test_a_bad_template_is_refused(text, said):
    with pytest.raises(UnfitValue, match=said):
        template(text)


def test_a_gap_named_twice_must_be_the_same_twice():
    form = template("{token}.x.{token}.example")
    assert form.match("a.x.a.example") == {"token": "a"}
    assert form.match("a.x.b.example") is None


def test_a_name_longer_than_dns_allows_matches_nothing():
    assert template("{domain}").match(".".join("a" * 120)) is not None
    assert template("{domain}").match(".".join("a" * 140)) is None


@given(
    st.fixed_dictionaries(
        {
            "tenant": st.from_regex("[a-z0-9]{1,12}", fullmatch=True),
            "partition": st.from_regex("[a-z]", fullmatch=True),
            "n": st.integers(1, 99).map(str),
            "dashed-domain": st.from_regex("[a-z]{1,8}(-[a-z]{2,5}){1,3}", fullmatch=True),
        }
    )
)
def test_what_a_template_is_filled_with_it_finds_again(values):
    form = OURS.load("microsoft365").dkim[0].selectors[0].targets[1]
    filled = form.fill(values)
    assert filled is not None
    assert form.match(filled.upper()) == values


@given(st.text(alphabet="ab-._{}0Z", max_size=300))
def test_any_text_is_a_template_or_refused_and_any_name_can_be_compared(text):
    try:
        form = template(text)
    except UnfitValue:
        return
    assert set(form.names) <= set(PLACEHOLDERS)
    form.match(text)


@pytest.mark.parametrize(
    ("dashed", "domain", "verdict"),
    [
        ("example-com", "example.com.", Fit.EXACT),
        ("Mail-Example-com", "mail.example.com", Fit.EXACT),
        ("my-site-com", "my-site.com", Fit.EXACT),
        ("example-com0ie", "example.com.", Fit.LOOSE),
        ("mysite-com01b", "my-site.com", Fit.LOOSE),
        ("my--site-com", "my-site.com", Fit.LOOSE),
        ("example-net", "example.com", Fit.OTHER),
        ("example-com-au", "example.com", Fit.OTHER),
        ("example-company", "example.com", Fit.OTHER),
        ("example-com-01", "example.com", Fit.OTHER),
        ("sample-com", "example.com", Fit.OTHER),
        (
            "shortened-com",
            "a-very-long-label-of-a-domain.another-long-label.example.com",
            Fit.TOO_LONG,
        ),
    ],
)
def test_how_a_dashed_domain_fits(dashed, domain, verdict):
    assert fit(dashed, domain) is verdict


def test_what_a_sender_does_not_say():
    assert sender.build("x", {"spf": {}}).spf.useless_at_domain is False
    assert sender._dkim({"type": "TXT", "selectors": {}}).minimum == 1
