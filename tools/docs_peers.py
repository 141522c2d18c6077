"""zonelint and its peers on the same zones: measured by a command, shown as a table.

    python tools/docs_peers.py PYTHON

measures. PYTHON is the interpreter of an environment with ``octodns octodns-bind octodns-spf
checkdmarc pyspf`` in it; ``named-checkzone`` is looked for on the PATH. Each peer is run through
its own front door on the zones below, with a name server on loopback where it asks DNS. What it
says about a zone and does not say about the faultless one counts as found; every such line is
kept, so that a reader can judge. The result is ``docs_peers.json``, dated, with the versions.

zonelint's own column is not kept there: it is made anew whenever the site is built.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from docs_rules import boxed

from zonelint.rules.dkim.support.example_keys import RSA_2048

ROOT = Path(__file__).resolve().parents[1]
MEASURED = Path(__file__).with_name("docs_peers.json")
_SECONDS = 120

HEAD = """\
$ORIGIN example.com.
$TTL 3600
@ IN SOA ns1 hostmaster 1 7200 900 1209600 3600
@ IN NS ns1
@ IN NS ns2
ns1 IN A 192.0.2.53
ns2 IN A 198.51.100.53
mail IN A 192.0.2.25
mail2 IN A 198.51.100.25
s1._domainkey IN CNAME s1.dkim.example.net.
"""
MAIL = "@ IN MX 10 mail\n@ IN MX 20 mail2\n"
SPF = '@ IN TXT "v=spf1 mx -all"\n'
DMARC = '_dmarc IN TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.com"\n'


@dataclass(frozen=True, slots=True)
class Case:
    """A zone with one fault, or a neighbour of it that is in order.

    about: what a line must say to be about this fault (a regular expression); empty: any line is.
    """

    name: str
    title: str
    zone: str
    fault: bool = True
    before: str | None = None
    about: str = ""


def _tree(last: str) -> str:
    """Ten terms that ask DNS (two here, eight in the included record), and one more or none."""
    inner = " ".join(f"a:mail.s{n}.example.net" for n in range(7))
    apex = f'@ IN TXT "v=spf1 mx include:tree.example.com {last}"\n'
    return f'{apex}tree IN TXT "v=spf1 {inner} -all"\n'


_LOOKUPS = "(?i)lookup"

CASES = (
    Case("clean", "Nothing is wrong", MAIL + SPF + DMARC, fault=False),
    Case("two-spf", "Two SPF records at one name",
         MAIL + SPF + '@ IN TXT "v=spf1 a ~all"\n' + DMARC),
    Case("spf-typo", "`inlcude:` in an SPF record",
         MAIL + '@ IN TXT "v=spf1 mx inlcude:mail.example.com -all"\n' + DMARC),
    Case("pass-all", "`+all`: anybody may send", MAIL + '@ IN TXT "v=spf1 mx +all"\n' + DMARC),
    Case("no-all", "An SPF record without `all`", MAIL + '@ IN TXT "v=spf1 mx"\n' + DMARC),
    Case("ten", "Exactly ten lookups, as is allowed",
         MAIL + _tree("a:mail.example.com -all") + DMARC, fault=False),
    Case("eleven", "Eleven lookups",
         MAIL + _tree("a:mail.example.com a:mail2.example.com -all") + DMARC, about=_LOOKUPS),
    Case("eleven-last", "Eleven lookups, the eleventh is the last term of the record",
         MAIL + _tree("a:mail.example.com redirect=tree2.example.com")
         + 'tree2 IN TXT "v=spf1 -all"\n' + DMARC, about=_LOOKUPS),
    Case("eleven-qualified", "Eleven lookups, some behind `?` and `~`",
         MAIL + _tree("?a:mail.example.com ~a:mail2.example.com -all") + DMARC, about=_LOOKUPS),
    Case("eleven-redirect", "Eleven lookups, most behind `redirect=`",
         MAIL + '@ IN TXT "v=spf1 mx a:mail.example.com redirect=more.example.com"\n'
         'more IN TXT "v=spf1 ' + " ".join(f"a:mail.s{n}.example.net" for n in range(8))
         + ' -all"\n' + DMARC, about=_LOOKUPS),
    Case("redirect", "`redirect=` in place of `all`, as is allowed",
         MAIL + '@ IN TXT "v=spf1 mx redirect=other.example.com"\n'
         'other IN TXT "v=spf1 -all"\n' + DMARC, fault=False),
    Case("loop", "Two SPF records that include each other",
         MAIL + '@ IN TXT "v=spf1 include:one.example.com -all"\n'
         'one IN TXT "v=spf1 include:two.example.com -all"\n'
         'two IN TXT "v=spf1 include:one.example.com -all"\n' + DMARC),
    Case("no-dmarc", "No DMARC record", MAIL + SPF),
    Case("dmarc-typo", "`p=quarentine`",
         MAIL + SPF + '_dmarc IN TXT "v=DMARC1; p=quarentine; rua=mailto:dmarc@example.com"\n'),
    Case("dmarc-no-p", "`sp=reject` and no `p`",
         MAIL + SPF + '_dmarc IN TXT "v=DMARC1; sp=reject; rua=mailto:dmarc@example.com"\n'),
    Case("two-dmarc", "Two DMARC records",
         MAIL + SPF + DMARC + '_dmarc IN TXT "v=DMARC1; p=none"\n'),
    Case("dmarc-place", "The DMARC record at `dmarc`, without its underscore",
         MAIL + SPF + DMARC.removeprefix("_")),
    Case("dmarc-reports", "Reports go to a domain that did not agree",
         MAIL + SPF + '_dmarc IN TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.net"\n'),
    Case("dkim-place", "A DKIM key at `s1.domainkey`, without its underscore",
         MAIL + SPF + DMARC
         + "s1.domainkey IN CNAME selector1-example-com._domainkey.contoso.onmicrosoft.com.\n"),
    Case("dkim-broken", "A DKIM key that was cut off",
         MAIL + SPF + DMARC
         + 's2._domainkey IN TXT "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB"\n'),
    Case("mx-alias", "An MX that is an alias",
         "@ IN MX 10 mail\n@ IN MX 20 alias\nalias IN CNAME mail\n" + SPF + DMARC),
    Case("mx-gone", "An MX that does not exist",
         "@ IN MX 10 mail\n@ IN MX 20 gone\n" + SPF + DMARC),
    Case("mx-dot", "An MX without its final dot",
         "@ IN MX 10 mail\n@ IN MX 20 mail2.example.com\n" + SPF + DMARC),
    Case("mx-one", "Only one mail exchange", "@ IN MX 10 mail\n" + SPF + DMARC),
    Case("skipped", "A change from `p=none` straight to `p=reject`", MAIL + SPF + DMARC,
         before=MAIL + SPF + DMARC.replace("p=reject", "p=none")),
)  # fmt: skip

OUTSIDE = {
    "example.net": "".join(f"mail.s{n} IN A 203.0.113.{n + 1}\n" for n in range(8))
    + f's1.dkim IN TXT "v=DKIM1; k=rsa; p={RSA_2048[:200]}" "{RSA_2048[200:]}"\n',
    "com": "",
    "in-addr.arpa": "25.2.0.192 IN PTR mail.example.com.\n"
    "25.100.51.198 IN PTR mail2.example.com.\n",
    "onmicrosoft.com": 'selector1-example-com._domainkey.contoso IN TXT "v=DKIM1; p=MIIB"\n',
}
"""What stands outside the zone, for those who ask DNS."""

PEERS = {
    "named-checkzone": "reads one zone file as BIND does",
    "octodns-validate": "octoDNS's own validators, in the sets `legacy`, `strict` and "
    "`best-practice`; `mail` belongs to the last",
    "octodns-spf": "a processor for octoDNS that counts SPF lookups, in `octodns-sync`",
    "checkdmarc": "asks DNS about a domain that is deployed; here a server on loopback",
    "pyspf": "evaluates SPF for one message; here from an address that nothing matches",
}


def lines(text: str) -> list[str]:
    """What was said, without what differs from run to run."""
    plain = re.sub(r"\d{4}-\d\d-\d\dT[\d:,.]+ *|\[\d+\] *|0x[0-9a-f]+|@\d+", "", text)
    found = (line.strip() for line in plain.splitlines())
    return [line for line in found if line and not _PROGRESS.match(line)]


_PROGRESS = re.compile(
    r"(?:\S+ +)?INFO |(?:WARNING +Zone +|octodns\.\S*ValidationError: )Invalid zone|OK$|"
    r"zone \S+: loaded serial|\*|Could not check DNSSEC"
)
"""Lines that are about the run, and not about the zone."""


# -- measuring ------------------------------------------------------------------------------------

_RESOLVER = """\
import dns.resolver
resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers, resolver.port = ["127.0.0.1"], {port}
dns.resolver.default_resolver = resolver
"""

_LAUNCH = {
    "octodns-validate": "import sys; from octodns.cmds.validate import main; "
    "sys.argv = ['octodns-validate', '--all', '--config-file', 'octodns.yaml']; main()",
    "octodns-spf": "import sys; from octodns.cmds.sync import main; "
    "sys.argv = ['octodns-sync', '--config-file', 'octodns.yaml']; main()",
    "checkdmarc": "import json, checkdmarc; "
    "r = checkdmarc.check_domains(['example.com'], skip_tls=True, resolver=resolver, timeout=2); "
    "said = lambda o: [w for k, v in o.items() if k in ('error', 'warnings') "
    "for w in ([v] if isinstance(v, str) else v)] + "
    "[x for v in o.values() if isinstance(v, dict) for x in said(v)] if o else []; "
    "print('\\n'.join(f'{part}: {x}' for part in ('spf', 'dmarc', 'mx') "
    "for x in said(r[part])))",
    "pyspf": "import spf; "
    "print(*spf.check2(i='203.0.113.200', s='a@example.com', h='example.com'), sep=': ')",
}

_OCTODNS = """\
providers:
  zone:
    class: octodns_bind.ZoneFileProvider
    directory: ./zones
    file_extension: .zone
  yaml:
    class: octodns.provider.yaml.YamlProvider
    directory: ./yaml
  out:
    class: octodns.provider.yaml.YamlProvider
    directory: ./out
manager:
  validators:
    enabled: [{sets}]
zones:
  example.com.:
    sources: [yaml]
    targets: [out]
{more}"""
_SETS = {"octodns-validate": "legacy, strict, best-practice", "octodns-spf": "legacy"}
_MORE = {
    "octodns-validate": "",
    "octodns-spf": """\
    processors: [spf]
processors:
  spf:
    class: octodns_spf.SpfDnsLookupProcessor
""",
}
_DUMP = (
    "import sys; from octodns.cmds.dump import main; sys.argv = ['octodns-dump', "
    "'--config-file', 'octodns.yaml', '--output-dir', 'yaml', '--lenient', 'example.com.', 'zone']"
    "; main()"
)
"""octodns-validate reads YAML and nothing else: octoDNS itself writes it from the zone file."""


def measure(python: Path) -> dict[str, object]:
    """Run every peer on every case."""
    said = {peer: {case.name: _said(peer, case, python) for case in CASES} for peer in PEERS}
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "versions": _versions(python),
        "said": {
            peer: {name: _differing(by_case["clean"], text) for name, text in by_case.items()}
            for peer, by_case in said.items()
        },
    }


def _differing(usual: list[str], said: list[str]) -> list[str]:
    return [line for line in said if line not in usual]


def _said(peer: str, case: Case, python: Path) -> list[str]:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "zones").mkdir()
        (folder / "out").mkdir()
        zone = folder / "zones" / "example.com.zone"
        zone.write_text(HEAD + case.zone)
        if peer == "named-checkzone":
            checkzone = shutil.which(peer) or "/usr/sbin/named-checkzone"
            return _lines_of([checkzone, "example.com", str(zone)], folder)
        if peer in _SETS:
            (folder / "yaml").mkdir()
            config = folder / "octodns.yaml"
            config.write_text(_OCTODNS.format(sets="legacy", more=""))
            subprocess.run([str(python), "-c", _DUMP], cwd=folder, capture_output=True, check=True)
            config.write_text(_OCTODNS.format(sets=_SETS[peer], more=_MORE[peer]))
        with served(case) as server:
            launch = _RESOLVER.format(port=server.rpartition(":")[2]) + _LAUNCH[peer]
            return _lines_of([str(python), "-W", "ignore", "-c", launch], folder)


def _lines_of(command: list[str], folder: Path) -> list[str]:
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    text = (done.stdout + done.stderr).replace(str(folder), "")
    return lines(_ERROR.sub(r"\g<said>", text))


_ERROR = re.compile(
    r"(?:^.*\n)*?^Traceback .*\n(?:(?:[ \t].*)?\n)*(?P<said>(?:.*\n?)*)", re.MULTILINE
)
"""A program that ends with an exception: where in it that happened is nobody's concern."""


def _versions(python: Path) -> dict[str, str]:
    names = ("octodns", "octodns-bind", "octodns-spf", "checkdmarc", "pyspf", "dnspython")
    asked = f"import importlib.metadata as m; print(*map(m.version, {names}))"
    done = subprocess.run([str(python), "-c", asked], capture_output=True, text=True, check=True)
    found = dict(zip(names, done.stdout.split(), strict=True))
    checkzone = shutil.which("named-checkzone") or "/usr/sbin/named-checkzone"
    bind = subprocess.run([checkzone, "-v"], capture_output=True, text=True, check=True)
    found["BIND"] = bind.stdout.strip()
    return found


# -- showing --------------------------------------------------------------------------------------


def filled(markdown: str) -> str:
    """A page with the table and what everybody said, where it asks for them."""
    if "<!-- peers" not in markdown:
        return markdown
    measured = json.loads(MEASURED.read_text("utf-8"))
    ours = {case.name: ours_of(case) for case in CASES}
    return (
        markdown.replace("<!-- peers: table -->", boxed("peers", _table(measured, ours)))
        .replace("<!-- peers: said -->", "\n\n".join(_details(measured, ours)))
        .replace("<!-- peers: date -->", measured["date"])
        .replace("<!-- peers: versions -->", ", ".join(map(" ".join, measured["versions"].items())))
    )


def ours_of(case: Case) -> list[str]:
    """The codes that zonelint finds in a case, warnings and errors only, made now."""
    zonelint = Path(sys.executable).with_name("zonelint")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "zonelint.toml").write_text("")
        zone = folder / "example.com.zone"
        zone.write_text(HEAD + case.zone)
        against = []
        if case.before is not None:
            (folder / "before").mkdir()
            (folder / "before" / zone.name).write_text(HEAD + case.before)
            against = ["--against", str(folder / "before" / zone.name)]
        with served(case) as server:
            lock = [zonelint, "lock", "--nameserver", server, str(zone)]
            subprocess.run(lock, capture_output=True, timeout=_SECONDS, cwd=folder, check=True)
        done = subprocess.run(
            [zonelint, "check", "--format", "json", "--min-severity", "warning", *against, zone],
            capture_output=True, text=True, timeout=_SECONDS, cwd=folder,
        )  # fmt: skip
        if not done.stdout:
            raise RuntimeError(f"{case.name}: zonelint could not check this zone:\n{done.stderr}")
        report = json.loads(done.stdout)
        return list(dict.fromkeys(finding["code"] for finding in report["findings"]))


@contextlib.contextmanager
def served(case: Case) -> Iterator[str]:
    """A name server on loopback that knows the case's zone and what is outside; HOST:PORT."""
    sys.path.insert(0, str(ROOT / "tests"))
    try:
        from dns_server import DnsServer
    finally:
        sys.path.pop(0)
    own = "".join(HEAD.splitlines(keepends=True)[4:]) + case.zone
    with DnsServer({"example.com": own.replace("@ IN NS ns2\n", ""), **OUTSIDE}) as server:
        yield server.address


def verdict(said: list[str], case: Case) -> str:
    """One cell of the table."""
    if not case.fault:
        return "objects" if said else "silent"
    if not said:
        return "–"
    return "**found**" if any(re.search(case.about, line) for line in said) else "something else"


def _table(measured: Mapping[str, dict], ours: Mapping[str, list[str]]) -> Iterator[str]:
    yield "| The zone | zonelint | " + " | ".join(PEERS) + " |"
    yield "|---|---|" + "---|" * len(PEERS)
    for case in CASES:
        codes = " ".join(f"[{code}](rules/{code}.md)" for code in ours[case.name])
        mine = codes or verdict([], case)
        theirs = (verdict(measured["said"][peer][case.name], case) for peer in PEERS)
        yield f"| {case.title} | {mine} | " + " | ".join(theirs) + " |"


def _details(measured: Mapping[str, dict], ours: Mapping[str, list[str]]) -> Iterator[str]:
    for case in CASES:
        said = [
            f"{peer}:\n" + "\n".join(f"  {line}" for line in measured["said"][peer][case.name])
            for peer in PEERS
            if measured["said"][peer][case.name]
        ]
        change = f"# before\n{case.before}# after\n" if case.before else ""
        body = f"```text\n{change}{case.zone.rstrip()}\n```\n\n"
        body += "```text\n" + ("\n\n".join(said) or "(no peer said anything)") + "\n```"
        yield f'??? note "{case.title.replace("`", "")}"\n' + "\n".join(
            f"    {line}" if line else "" for line in body.splitlines()
        )


if __name__ == "__main__":
    found = measure(Path(sys.argv[1]))
    with contextlib.suppress(FileNotFoundError):
        MEASURED.unlink()
    MEASURED.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
