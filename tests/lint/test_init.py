"""`zonelint init`: a first zonelint.toml, guessed and saying so."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from zonelint.main import zonelint
from zonelint.rules.config import intent
from zonelint.rules.config.declaration import DeclaredAlignment as Alignment
from zonelint.rules.config.intent import Profile
from zonelint.rules.config.senders import OURS
from zonelint.rules.dkim.support.example_keys import RSA_2048

EXAMPLE = Path(__file__).parents[2] / "examples/microsoft365/after/example.com.zone"
PARKED = """\
$ORIGIN parked.example.
$TTL 3600
@ SOA ns1.example.net. hostmaster 1 2 3 4 5
@ NS ns1.example.net.
@ MX 0 .
@ TXT "v=spf1 -all"
"""


@pytest.fixture
def zones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "zones"
    folder.mkdir()
    shutil.copy(EXAMPLE, folder)
    (folder / "parked.example.zone").write_text(PARKED)
    return folder


def run(*words: str) -> Result:
    return CliRunner().invoke(zonelint, ["init", *words])


def test_the_end_of_several_records_guesses_no_stage(zones: Path) -> None:
    both = '@ TXT "v=spf1 mx ?all"\n@ TXT "v=spf1 a -all"\n'
    Path(zones, "two.example.zone").write_text(
        f"$ORIGIN two.example.\n$TTL 3600\n@ MX 10 mx.example.net.\n{both}"
    )
    assert run().exit_code == 0
    declared = intent.load(Path("zonelint.toml").read_text(), "zonelint.toml")
    assert (found := declared.for_domain("two.example.")) is not None
    assert found.spf is None


def test_a_name_that_only_helps_others_is_no_domain(zones: Path) -> None:
    text = EXAMPLE.read_text() + (
        'ns7 IN A 198.51.100.7\nns7 IN TXT "v=spf1 a -all"\n'
        'relay IN TXT "v=spf1 ip4:198.51.100.8 -all"\n'
        'shop IN TXT "v=spf1 include:relay.example.com -all"\n'
    )
    Path(zones, EXAMPLE.name).write_text(text)
    assert run().exit_code == 0
    declared = intent.load(Path("zonelint.toml").read_text(), "zonelint.toml").declared_domains()
    assert "shop.example.com." in declared
    assert not {"ns7.example.com.", "relay.example.com."} & set(declared)


def test_a_folder_is_named_beside_a_file_that_is_no_zone(zones: Path) -> None:
    for name in ("a.example", "b.example"):
        Path(zones, f"{name}.yaml").write_text(
            "'': {type: MX, value: {exchange: m.c.d., preference: 1}}\n"
        )
    text = "providers: {p: {class: octodns.provider.yaml.YamlProvider, directory: ./none}}\n"
    Path(zones, "octodns.yaml").write_text(f"{text}zones: {{'*': {{sources: [p], targets: []}}}}\n")
    assert 'zones = ["zones"]' in run("--stdout").stdout


def test_what_is_guessed_says_so(zones: Path) -> None:
    assert run().exit_code == 0
    text = Path("zonelint.toml").read_text()
    assert "GUESSED" in text
    assert '"microsoft365",  # guessed from include:spf.protection.outlook.com' in text
    read = intent.load(text, "zonelint.toml")
    assert read.zones == ("zones/*.zone",)
    declared = read.for_domain("example.com.")
    assert declared is not None
    assert declared.senders == ("microsoft365",)
    assert set(declared.options_for("microsoft365").dkim) == {"selector1", "selector2"}
    parked = read.for_domain("parked.example.")
    assert parked is not None
    assert parked.profile is Profile.PARKED


def test_the_zones_it_was_made_from_have_nothing_to_mend(zones: Path) -> None:
    run()
    # PARK001 wants a DMARC record of the parked domain; nothing else may be found.
    judged = CliRunner().invoke(zonelint, ["check", "--ignore", "PARK001"])
    assert judged.exit_code == 0, judged.output


def declared_of(records: str) -> tuple[intent.Intent, list[str]]:
    """What init declares of example.com with these records, and the codes that a check then has."""
    zone = f'$TTL 1h\n@ SOA ns host 1 2 3 4 5\n_dmarc TXT "v=DMARC1; p=none"\n{records}'
    Path("example.com.zone").write_text(zone)
    assert run("--force").exit_code == 0
    read = intent.load(Path("zonelint.toml").read_text("utf-8"), "zonelint.toml")
    judged = CliRunner().invoke(zonelint, ["check", "--format", "json"])
    return read, [finding["code"] for finding in json.loads(judged.stdout)["findings"]]


def test_a_name_for_bounces_is_a_part_of_the_domain_that_sends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = (
        "send MX 10 feedback-smtp.eu-west-1.amazonses.com.\n"
        'send TXT "v=spf1 include:amazonses.com ~all"\n'
        f'resend._domainkey TXT "v=DKIM1; p=" "{RSA_2048[:200]}" "{RSA_2048[200:]}"\n'
    )
    read, codes = declared_of(f'@ MX 10 mx.example.net.\n@ TXT "v=spf1 mx -all"\n{path}')
    assert read.for_domain("send.example.com.") is None
    domain = read.for_domain("example.com.")
    assert domain is not None
    assert domain.senders == ("amazon-ses",)
    assert domain.options_for("amazon-ses").envelope == "send.example.com."
    assert "DKIM101" not in codes
    # A domain without MX sends all the same, and a name further down has a domain of its own.
    read, _ = declared_of(path.replace("send ", "send.team "))
    assert [spelt for spelt in read.domains if not spelt.startswith("*")] == ["example.com."]
    read, _ = declared_of(f"team MX 10 mx.example.net.\n{path.replace('send ', 'send.team ')}")
    team = read.for_domain("team.example.com.")
    assert team is not None
    assert team.senders == ("amazon-ses",)


@pytest.mark.parametrize(
    ("records", "sender"),
    [
        (
            "".join(
                f"{k}._domainkey.mail CNAME {k}.dkim.amazonses.com.\n" for k in ("a1", "a2", "a3")
            ),
            "amazon-ses",
        ),
        ("k2._domainkey.mail CNAME dkim2.mcsv.net.\n", "mailchimp"),
        (
            f'resend._domainkey.mail TXT "p=" "{RSA_2048[:200]}" "{RSA_2048[200:]}"\n'
            "send.mail MX 10 feedback-smtp.eu-west-1.amazonses.com.\n"
            'send.mail TXT "v=spf1 include:amazonses.com ~all"\n',
            "amazon-ses",
        ),
    ],
    ids=["amazon-ses", "mailchimp", "resend"],
)
def test_a_service_with_keys_below_a_name_signs_as_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: str, sender: str
) -> None:
    monkeypatch.chdir(tmp_path)
    read, codes = declared_of(f'@ MX 10 mx.example.net.\n@ TXT "v=spf1 mx -all"\n{records}')
    assert (above := read.for_domain("example.com.")) is not None
    assert sender not in above.senders
    assert (below := read.for_domain("mail.example.com.")) is not None
    assert sender in below.senders
    # Its envelope is another name, so it needs no SPF record of its own.
    assert not {"SPF210", "DKIM101"} & set(codes)


@pytest.mark.parametrize(
    ("present", "said"),
    [
        ("s1._domainkey CNAME s1.domainkey.u1.wl5.sendgrid.net.", "s2._domainkey.example.com is"),
        ("a1._domainkey CNAME a1.dkim.amazonses.com.", "Only 1 of the 3 DKIM keys of Amazon SES"),
        ("fm1._domainkey CNAME fm1.example.com.dkim.fmhosted.com.", "fm2._domainkey.example.com"),
    ],
)
def test_a_selector_that_is_not_there_is_missing_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, present: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    _, codes = declared_of(f'@ MX 10 mx.example.net.\n@ TXT "v=spf1 mx -all"\n{present}\n')
    assert "DKIM101" in codes
    judged = CliRunner().invoke(zonelint, ["check", "--format", "json"]).stdout
    assert said in judged


def test_bounces_that_come_back_below_a_domain_show_that_it_has_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    read, _ = declared_of('@ MX 0 .\n@ TXT "v=spf1 -all"\nem7 CNAME u1.wl2.sendgrid.net.\n')
    assert (declared := read.for_domain("example.com.")) is not None
    assert declared.profile is not Profile.PARKED
    assert declared.options_for("sendgrid").envelope == "em7.example.com."


def test_who_receives_is_declared_where_all_exchanges_are_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    own = "@ MX 1 smtp.google.com.\n"
    read, codes = declared_of(own)
    assert (declared := read.for_domain("example.com.")) is not None
    assert declared.receiver == "google-workspace"
    assert "MX004" not in codes
    # Mail moves by the MX alone: what is declared and what stands there differ.
    moved = Path("example.com.zone").read_text().replace("smtp.google.com", "mx.example.net")
    Path("example.com.zone").write_text(moved)
    shown = CliRunner().invoke(zonelint, ["check", "--select", "MX004"])
    assert shown.exit_code == 1, shown.output
    read, codes = declared_of(f"{own}@ MX 20 mx.example.net.\n")
    assert (declared := read.for_domain("example.com.")) is not None
    assert declared.receiver is None
    assert "MX004" not in codes


def test_a_service_that_is_not_known_gets_a_table_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    includes = (
        "include:_spf.mailer.example include:spf.sendgrid.example include:two.mailer.example "
        "include:_own.example.com include:%{d}.z.example include:%{i}.y.example"
    )
    read, codes = declared_of(f'@ MX 10 mail\nmail A 192.0.2.1\n@ TXT "v=spf1 {includes} -all"\n')
    domain = read.for_domain("example.com.")
    assert domain is not None
    assert domain.senders == ("mailer", "sendgrid-example", "z")
    assert read.sender("mailer").spf.fulfilled_by("two.mailer.example")
    assert "SPF211" not in codes


def test_who_only_receives_is_not_held_to_send(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    read, codes = declared_of(
        "@ MX 10 inbound-smtp.eu-west-1.amazonaws.com.\n"
        '@ TXT "v=spf1 ip4:192.0.2.1 -all"\n'
        "lists MX 10 mx.example.net.\n"
        "staff MX 1 smtp.google.com.\n"
    )
    assert {name: read.for_domain(name).senders for name in read.domains} == {  # type: ignore[union-attr]
        "example.com.": (),
        "staff.example.com.": ("google-workspace",),
    }
    assert codes.count("SPF210") == 1


def test_the_views_of_a_zone_are_one_domain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for view, records in (
        ("a", '@ MX 0 .\n@ TXT "v=spf1 -all"\n'),
        ("b", '@ MX 10 mx.example.net.\n@ TXT "v=spf1 include:_spf.google.com ~all"\n'),
        ("c", '@ MX 1 smtp.google.com.\n@ TXT "v=spf1 include:a.example.net -all"\n'),
    ):
        Path(view).mkdir()
        Path(view, "example.com.zone").write_text(f"$TTL 1h\n@ SOA ns host 1 2 3 4 5\n{records}")
    assert run().exit_code == 0
    read = intent.load(Path("zonelint.toml").read_text("utf-8"), "zonelint.toml")
    domain = read.for_domain("example.com.")
    assert domain is not None
    assert domain.profile is Profile.SENDING
    assert "senders" not in domain.declared  # nor are the senders of one those of another
    text = Path("zonelint.toml").read_text("utf-8")
    assert '#     "google-workspace",  # guessed from include:_spf.google.com\n' in text
    head, suggested = text.split("# [views]\n")
    Path("zonelint.toml").write_text(f"{head}[views]\n{suggested.replace('# ', '')}")
    read = intent.load(Path("zonelint.toml").read_text("utf-8"), "zonelint.toml")
    assert read.views == {"a": ("a",), "b": ("b",), "c": ("c",)}
    judged = CliRunner().invoke(zonelint, ["check", "--format", "concise"])
    assert "ZONE010" not in judged.stdout
    assert domain.spf is None  # ~all in one, -all in another: neither is guessed


@pytest.mark.parametrize(
    ("records", "is_parked"),
    [
        ('@ CAA 0 issue ";"', True),
        ("@ A 192.0.2.1\n@ MX 0 .", True),
        ('@ MX 0 .\n@ TXT "v=spf1 -all"\n_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@b.net"', True),
        ("@ A 192.0.2.1", False),  # without an MX, mail goes to the address
        ('@ A 192.0.2.1\n@ TXT "v=spf1 -all"', False),
        ('@ MX 0 .\n_dmarc TXT "v=DMARC1; p=none; ruf=mailto:d@b.net"', False),  # watched
    ],
)
def test_only_a_domain_that_has_no_mail_for_certain_is_parked(
    zones: Path, records: str, is_parked: bool
) -> None:
    (zones / "bare.net.zone").write_text(f"$TTL 1h\n@ SOA ns host 1 2 3 4 5\n{records}\n")
    assert run().exit_code == 0
    text = Path("zonelint.toml").read_text()
    declared = intent.load(text, "zonelint.toml").for_domain("bare.net.")
    assert is_parked is (declared is not None and declared.profile is Profile.PARKED)
    assert is_parked is not ('    # "bare.net",  # ' in text)


@pytest.mark.parametrize("owner", ["selecter1._domainkey", "selector1.domainkey", "selector1"])
@pytest.mark.parametrize("more", ["", "@ MX 0 .\n"])
def test_a_domain_with_a_key_at_a_wrong_name_is_not_parked(
    zones: Path, owner: str, more: str
) -> None:
    target = "selector1-bare-net._domainkey.contoso.onmicrosoft.com."
    (zones / "bare.net.zone").write_text(
        f"$TTL 1h\n@ SOA ns host 1 2 3 4 5\n@ NS ns1.example.net.\n{owner} CNAME {target}\n{more}"
    )
    assert run().exit_code == 0
    declared = intent.load(Path("zonelint.toml").read_text()).for_domain("bare.net.")
    assert declared is None or declared.profile is not Profile.PARKED
    judged = CliRunner().invoke(zonelint, ["check", str(zones / "bare.net.zone")])
    assert "PARK001" not in judged.stdout


def test_a_domain_that_signs_is_not_parked_by_its_null_mx(zones: Path) -> None:
    key = f'"v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"'
    (zones / "bare.net.zone").write_text(
        f"$TTL 1h\n@ SOA ns host 1 2 3 4 5\n@ MX 0 .\nk1._domainkey TXT {key}\n"
    )
    assert '"bare.net"' not in run("--stdout").stdout


def test_a_domain_whose_mail_is_watched_is_not_said_to_have_none(zones: Path) -> None:
    watched = '_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@bare.net"'
    zone = f"$TTL 1h\n@ SOA ns host 1 2 3 4 5\n@ A 192.0.2.1\n{watched}\n"
    (zones / "bare.net.zone").write_text(zone)
    assert run().exit_code == 0
    assert "bare.net" not in Path("zonelint.toml").read_text()
    judged = CliRunner().invoke(zonelint, ["check", str(zones / "bare.net.zone")])
    assert "PARK001" not in judged.stdout


@pytest.mark.parametrize(("policy", "is_guessed"), [("none", False), ("reject", True)])
def test_a_domain_that_is_watched_by_reports_is_not_guessed_to_be_parked(
    zones: Path, policy: str, is_guessed: bool
) -> None:
    record = f'"v=DMARC1; p={policy}; rua=mailto:d@example.com"'
    (zones / "b.example.zone").write_text(
        f"$ORIGIN b.example.\n$TTL 1h\n@ SOA ns.c. h.c. 1 1h 1h 1h 1h\n@ A 192.0.2.1\n"
        f"_dmarc TXT {record}\n"
    )
    assert ("b.example" in run("--stdout").stdout) is is_guessed


def test_zones_that_the_configuration_does_not_hold_for_are_told(
    zones: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "--config" not in run().stderr
    Path("conf").mkdir()
    monkeypatch.chdir("conf")
    said = run("../zones").stderr
    assert "../zones is outside of this folder; a zonelint.toml here holds for these" in said
    assert CliRunner().invoke(zonelint, ["check", "--config", "zonelint.toml"]).exit_code == 1


def test_more_domains_than_a_file_can_hold_are_told(zones: Path) -> None:
    names = (f's{n} MX 1 m.c.\ns{n} TXT "v=spf1 mx -all"\n' for n in range(1500))
    head = "$ORIGIN many.example.\n$TTL 1h\n@ SOA ns.c. h.c. 1 1h 1h 1h 1h\n"
    (zones / "many.example.zone").write_text(head + "".join(names))
    done = run()
    assert done.exit_code == 2
    assert "1,502 domains are too many for one file (this is longer than 300,000" in done.stderr
    assert "run 'zonelint init' in folders that have fewer zones each" in done.stderr
    assert not Path("zonelint.toml").exists()


def test_nothing_is_replaced_unasked(zones: Path) -> None:
    config = Path("zonelint.toml")
    config.write_text("# mine\n")
    refused = run()
    assert refused.exit_code == 2
    assert "--force" in refused.output
    assert config.read_text() == "# mine\n"
    assert run("--force").exit_code == 0
    assert "GUESSED" in config.read_text()


def test_on_the_screen_only(zones: Path) -> None:
    shown = run("--stdout")
    assert "microsoft365" in shown.stdout
    assert not Path("zonelint.toml").exists()


def test_without_zones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refused = run()
    assert refused.exit_code == 2
    assert "zone file" in refused.output
    assert not Path("zonelint.toml").exists()


def test_nothing_is_guessed_of_a_zone_whose_name_a_plan_does_not_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    records = [("abc", "@", "known by its id only"), ("def", "example.com", "v=spf1 mx -all")]
    changes = [
        {
            "address": f"cloudflare_record.r{id}", "mode": "managed", "type": "cloudflare_record",
            "name": f"r{id}", "change": {"actions": ["create"], "before": None, "after": {
                "zone_id": id, "name": name, "type": "TXT", "content": text}},
        }
        for id, name, text in records
    ]  # fmt: skip
    plan = {"format_version": "1.2", "terraform_version": "1.9.8", "resource_changes": changes}
    Path("plan.json").write_text(json.dumps(plan))
    result = run()
    assert result.exit_code == 0
    assert "the names of some zones are not known, so nothing is guessed" in result.stderr
    text = Path("zonelint.toml").read_text()
    assert '[domains."example.com"]' in text
    assert "invalid" not in text


def test_a_table_in_pyproject_is_not_hidden(zones: Path) -> None:
    Path("pyproject.toml").write_text('[tool.zonelint]\nignore = ["SPF306"]\n')
    refused = run()
    assert refused.exit_code == 2
    assert "pyproject.toml has a [tool.zonelint] table" in refused.output
    assert not Path("zonelint.toml").exists()
    assert "microsoft365" in run("--stdout").stdout
    Path("pyproject.toml").write_text('[project]\nname = "zones"\n')
    assert run().exit_code == 0


MESSY = {
    "dns[1]/a*b.zone": (
        '$ORIGIN ab.example.\n$TTL 9\n@ MX 5 1.2.3.4\n@ TXT "v=spf1 ipv4:1.2.3.4 +all"\n'
    ),
    "dns[1]/db.old": (
        "$ORIGIN old.example.\n@ 1w SOA ns hostmaster 1 2 3 4 5\n"
        "  1w TXT v=spf1 include:_spf.google.com\n"
        "_dmarc 1w TXT v=DMARC1;p=reject;pct=5\nbroken 1w A 1.2.3.400\n( never closed\n"
    ),
    "with space/\u00fcber.zone": "$ORIGIN xn--ber-goa.example.\n$TTL 1h\n@ MX 0 .\n@ MX 10 mail\n",
    "with space/other.zone": '$ORIGIN p.example.\n$TTL 1h\n@ TXT "v=spf1 -all"\n@ MX 0 .\n',
    "config/octodns.yaml": (
        "providers:\n  config:\n    class: octodns.provider.yaml.YamlProvider\n"
        "    directory: config\nzones:\n  y.example.:\n    sources: [config]\n    targets: []\n"
        "  z.example.:\n    sources: [config]\n    targets: []\n"
    ),
    "config/y.example.yaml": (
        "'':\n  - type: MX\n    value: {exchange: mx.example.net., preference: 10}\n"
        "  - type: TXT\n    values: [v=spf1 a -all, v=spf1 mx -all]\n"
        "selector1.domainkey:\n  type: CNAME\n"
        "  value: selector1-y-example._domainkey.contoso.onmicrosoft.com.\n"
    ),
    "config/z.example.yaml": "_dmarc:\n  type: TXT\n  value: v=DMARC1; p=none\n",
    "config/docker-compose.yaml": "services:\n  app: {image: app}\n",
    "README.md": "# Zones\n",
    "empty/.keep": "",
}
"""An old repository: zone files and octoDNS, odd names, old faults, and what is no zone."""


def test_a_messy_repository_is_adopted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in MESSY.items():
        path = Path(name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    check = partial(CliRunner().invoke, zonelint)
    old = check(["check", "."])
    assert old.exit_code == 1, old.output
    assert run().exit_code == 0
    declared = intent.load(Path("zonelint.toml").read_text("utf-8"), "zonelint.toml")
    assert set(declared.zones) == {
        "config/octodns.yaml",
        "dns[[]1]/*.zone",
        "dns[[]1]/db.*",
        "with space/*.zone",
    }
    assert check(["check", "--write-baseline"]).exit_code == 0
    clean = check(["check"])
    assert clean.exit_code == 0, clean.output
    assert "6 zones" in clean.output
    assert "no longer found" not in clean.output
    with Path("dns[1]/db.old").open("a") as zone:
        zone.write(')\nnew.old.example. 3600 TXT "v=spf1 +all"\n')
    with Path("config/z.example.yaml").open("a") as yaml:
        yaml.write("new:\n  type: TXT\n  value: v=spf1 ?all\n")
    new = check(["check"])
    assert new.exit_code == 1
    assert "SPF201" in new.output
    assert "new.z.example" in new.output
    assert "ipv4" not in new.output


def test_a_folder_of_files_called_as_their_zones_is_named_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    zone = "$TTL 1h\n@ SOA ns host 1 2 3 4 5\n@ MX 0 .\n"
    for name in (
        "named/a.com",
        "named/b.org",
        "db/c.net",
        "db/d.example.zone",
        "db/keys.example.zone",
    ):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("keys\n" if "keys" in name else zone)
    assert run().exit_code == 0
    declared = intent.load(Path("zonelint.toml").read_text("utf-8"), "zonelint.toml")
    assert set(declared.zones) == {"named", "db/c.net", "db/d.example.zone"}
    Path("named/e.com").write_text(zone)
    assert "named/e.com" in CliRunner().invoke(zonelint, ["check"]).output


def test_the_next_zone_of_a_kind_is_checked_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    zone = "$TTL 1h\n@ SOA ns host 1 2 3 4 5\n@ MX 0 .\n"
    for name in (
        "zones/a.example.zone",
        "zones/db.b.example",
        "team/c.example.zone",
        "other/db.d.example",
        "e.example.zone",
    ):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(zone)
    for name in ("zones/README", "team/zonelint.json", "other/db.sql", "other/db.md"):
        Path(name).write_text("No zone.\n")
    assert run().exit_code == 0
    declared = intent.load(Path("zonelint.toml").read_text("utf-8"), "zonelint.toml")
    assert set(declared.zones) == {
        "zones/*.zone",
        "zones/db.*",
        "team/*.zone",
        "other/db.d.example",  # db.* would match db.sql
        "*.zone",
    }
    for name in ("zones/new.zone", "zones/db.new.example", "team/new.zone", "new.zone"):
        Path(name).write_text(zone)
        assert name in CliRunner().invoke(zonelint, ["check", "--show-files"]).output.splitlines()


def test_the_zones_of_a_nearer_configuration_are_left_out(zones: Path) -> None:
    team = Path("team")
    team.mkdir()
    (team / "team.example.zone").write_text(PARKED.replace("parked.example", "team.example"))
    (team / "zonelint.toml").write_text('fail-on = "error"\n')
    done = run()
    assert done.exit_code == 0
    assert "team/zonelint.toml holds for the zones beside it" in done.stderr
    text = Path("zonelint.toml").read_text("utf-8")
    assert "# team/zonelint.toml holds for the zones beside it." in text
    read = intent.load(text, "zonelint.toml")
    assert read.for_domain("team.example.") is None
    assert "team/*.zone" in read.zones


def test_the_origins_that_a_configuration_tells_are_kept(zones: Path) -> None:
    Path("db").write_text(PARKED.replace("$ORIGIN parked.example.\n", ""))
    Path("zonelint.toml").write_text('ignore = ["SPF1"]\n[origins]\ndb = "b.example"\n')
    (zones / "zonelint.toml").write_text("[origins]\n'db' = 'c.example'\n")
    shutil.copy("db", zones / "db")
    done = run("--force")
    assert done.exit_code == 0, done.output
    read = intent.load(Path("zonelint.toml").read_text("utf-8"), "zonelint.toml")
    assert (read.origins, read.ignore) == ({"db": "b.example."}, ())
    assert "b.example." in read.domains
    assert "c.example." not in read.domains
    assert set(read.zones) == {"db", "zones"}
    assert CliRunner().invoke(zonelint, ["check"]).exit_code == 1  # no DMARC; 2: not read


def test_nothing_is_written_where_every_zone_has_a_configuration(zones: Path) -> None:
    team = zones / "team"
    team.mkdir()
    for path in zones.glob("**/*.zone"):
        path.rename(team / path.name)
    (team / "zonelint.toml").write_text("")
    for words in ((), ("--stdout",)):
        done = run(*words)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "every zone has a configuration, so there is none to write" in done.stderr
    assert not Path("zonelint.toml").exists()


VALUES = {
    "domain": "example.com", "dashed-domain": "example-com", "tenant": "contoso", "n": "1",
    "account": "1234567", "token": "abc123", "partition": "n", "region": "eu",
}  # fmt: skip


def zone_of_a_customer(sender: str, other: bool) -> str:
    """What a domain that uses the service may hold; `other`: keys of another domain, too."""
    service = OURS.load(sender)
    lines = ["@ MX 10 mail.example.net."]
    exchanges = [name for form in service.mx[:1] if (name := form.fill(VALUES)) is not None]
    lines = [f"@ MX 10 {name}." for name in exchanges] or lines
    forms = (*service.spf.includes, *service.spf.also)
    includes = [name for form in forms if (name := form.fill(VALUES)) is not None]
    lines.append(f'@ TXT "v=spf1 {" ".join(f"include:{name}" for name in includes[:1])} ~all"')
    values = dict(VALUES)
    if other:
        values |= {"domain": "other.example", "dashed-domain": "other-example"}
    for form in service.dkim[:1]:
        for number, selector in enumerate(form.selectors):
            name = selector.name.fill(VALUES | {"selector": f"s{number}"})
            for target in selector.targets[:1]:
                to = target.fill(values | {"selector": f"s{number}", "n": "1"})
                lines.append(f"{name}._domainkey CNAME {to}.")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("other", [False, True])
@pytest.mark.parametrize("sender", OURS.known())
def test_what_is_written_of_any_service_can_be_read_and_finds_no_fault_of_its_own(
    sender: str, other: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    read, codes = declared_of(zone_of_a_customer(sender, other))
    domain = read.for_domain("example.com.")
    assert domain is not None
    assert sender in domain.senders or not OURS.load(sender).spf.includes
    assert "SPF210" not in codes
    # An include that does nothing is told all the same.
    assert ("SPF211" in codes) is OURS.load(sender).spf.useless_at_domain
    if not other:
        assert "DKIM102" not in codes


M365_KEY = "{}._domainkey CNAME {}-example-com._domainkey.{}.onmicrosoft.com.\n"


@pytest.mark.parametrize(
    "records",
    [
        M365_KEY.format("selector1", "selector1", "contoso")
        + M365_KEY.format("selector2", "selector2", "fabrikam"),
        M365_KEY.format("selector1", "selector2", "contoso")
        + M365_KEY.format("selector2", "selector1", "contoso"),
        M365_KEY.format("mail", "selector1", "contoso"),
    ],
)
def test_keys_that_a_rule_finds_wrong_are_not_declared(
    records: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    spf = '@ TXT "v=spf1 include:spf.protection.outlook.com -all"\n'
    read, codes = declared_of(f"@ MX 10 mx.example.net.\n{spf}{records}")
    domain = read.for_domain("example.com.")
    assert domain is not None
    assert domain.senders == ("microsoft365",)
    assert not domain.options_for("microsoft365").dkim
    assert "DKIM102" in codes


def test_nobody_is_declared_to_send_where_no_record_shows_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    read, codes = declared_of("@ MX 10 mx.example.net.\n")
    domain = read.for_domain("example.com.")
    assert domain is not None
    assert domain.profile is None
    assert "senders" not in domain.declared
    assert "SPF110" in codes  # a warning, as before; of a declared sender it would be an error
    assert "SPF210" not in codes


@pytest.mark.parametrize(
    ("tags", "alignment"),
    [
        ("", Alignment.RELAXED),
        ("; adkim=r", Alignment.RELAXED),
        ("; adkim=s; aspf=s", Alignment.STRICT),
        ("; aspf=s", None),
        ("; adkim=s", None),
    ],
)
def test_the_alignment_is_that_of_the_record(
    zones: Path, tags: str, alignment: Alignment | None
) -> None:
    text = f'$ORIGIN a.example.\n$TTL 3600\n@ MX 10 mail\n_dmarc TXT "v=DMARC1; p=none{tags}"\n'
    (zones / "a.example.zone").write_text(text)
    assert run().exit_code == 0
    read = intent.load(Path("zonelint.toml").read_text(), "zonelint.toml")
    declared = read.for_domain("a.example.")
    assert declared is not None
    assert declared.dmarc.alignment is alignment
