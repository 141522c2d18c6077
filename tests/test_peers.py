"""The comparison in docs/peers.md: zonelint still finds in its zones what the page says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.dns_server import DnsServer
from zonelint.commands.check import check
from zonelint.commands.lock import lock
from zonelint.rules.dkim.support.example_keys import RSA_2048

PAGE = (Path(__file__).resolve().parents[1] / "docs/peers.md").read_text("utf-8")
HEAD = """\
$ORIGIN example.com.
$TTL 3600
@ IN SOA ns1 hostmaster 1 7200 900 1209600 3600
@ IN NS ns1
@ IN NS ns2
"""
AROUND = """\
ns1 IN A 192.0.2.53
ns2 IN A 198.51.100.53
mail IN A 192.0.2.25
mail2 IN A 198.51.100.25
mail IN AAAA 2001:db8:1::25
mail2 IN AAAA 2001:db8:2::25
s1._domainkey IN CNAME s1.dkim.example.net.
"""
OUTSIDE = {
    "example.net": "".join(
        f"mail.s{n} IN A 203.0.113.{n + 1}\nmail.s{n} IN AAAA 2001:db8::{n + 1}\n" for n in range(8)
    )
    + f's1.dkim IN TXT "v=DKIM1; k=rsa; p={RSA_2048[:200]}" "{RSA_2048[200:]}"\n',
    "com": "",
    "onmicrosoft.com": 'selector1-example-com._domainkey.contoso IN TXT "v=DKIM1; p=MIIB"\n',
}
"""What the name server of the measurement knew besides the zone."""

ROWS = {
    title.replace("`", ""): re.findall(r"\[([A-Z]+\d+)\]", ours)
    for title, ours in re.findall(r"^\| ([^|]+) \| ([^|]+) \| (?:silent|objects|–|\*)", PAGE, re.M)
}
ZONES = dict(re.findall(r'^\?\?\? note "(.+)"\n    ```text\n((?:    .+\n)+?)    ```', PAGE, re.M))


def test_every_row_shows_its_zone() -> None:
    assert list(ROWS) == list(ZONES)
    assert {title for title, codes in ROWS.items() if not codes} == {
        "Nothing is wrong",
        "redirect= in place of all, as is allowed",
        "Only one mail exchange",  # which zonelint does not judge
    }


@pytest.mark.parametrize("title", ROWS)
def test_zonelint_finds_what_its_column_says(
    title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before, _, after = re.sub("^    ", "", ZONES[title], flags=re.M).rpartition("# after\n")
    Path("zonelint.toml").touch()
    zone = Path("example.com.zone")
    zone.write_text(HEAD + AROUND + after)
    against = []
    if before:
        Path("before").mkdir()
        (Path("before") / zone).write_text(HEAD + AROUND + before)
        against = ["--against", f"before/{zone}"]
    with DnsServer({"example.com": AROUND.replace("ns1", "ns") + after, **OUTSIDE}) as server:
        locked = CliRunner().invoke(lock, ["--nameserver", server.address, str(zone)])
    assert locked.exit_code == 0, locked.output
    options = ["--format", "json", "--min-severity", "warning", *against]
    found = json.loads(CliRunner().invoke(check, [*options, str(zone)]).stdout)["findings"]
    assert list(dict.fromkeys(each["code"] for each in found)) == ROWS[title]
