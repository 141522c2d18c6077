"""Write the zone files that the benchmarks read; `benchmarks.values` says what stands in them.

Each function writes into a folder of its own, with the configuration and the lock that a real
repository would have beside its zones, and gives the number of hosts (or domains) that earn the
findings of the form.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.values import (
    Form,
    dkim,
    dmarc,
    host_address,
    inner_spf,
    network,
    spf,
    strings,
)

_OUTLOOK = ["40.92.0.0/15", "40.107.0.0/16", "52.100.0.0/15", "52.102.0.0/16", "104.47.0.0/17"]
"""What the include of Microsoft 365 let through when this was written; any text would do."""
_DMARC = '_dmarc IN TXT "v=DMARC1; p=reject; adkim=s; aspf=s; rua=mailto:dmarc@{}"\n'
RECORDS_A_HOST = 6
LARGE = 3
"""How many zones of the repository like real ones are large."""


def _head(name: str, number: int = 0) -> str:
    return (
        f"; {name}\n$ORIGIN {name}.\n$TTL 1h\n"
        f"@ IN SOA ns1.example.net. hostmaster.example.net. (\n"
        f"        {2026030000 + number} ; serial\n        4h 1h 2w 1h )\n"
        "  IN NS ns1.example.net.\n  IN NS ns2.example.net.\n"
    )


def _write(path: Path, lines: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        file.writelines(lines)


def _host(number: int, hosts: int, form: Form) -> str:
    """The six records of one host of a large zone, which ask other hosts of it."""
    host, near, far = f"h{number}", f"h{(number * 7 + 1) % hosts}", f"h{(number * 3 + 2) % hosts}"
    text = spf(number, form, f"mx include:_spf.{near}.example.com")
    return (
        f"{host} IN A {host_address(number)}\n"
        f"{host} IN MX 10 {far}\n"
        f"{host} IN TXT {strings(text)}\n"
        f"_spf.{host} IN TXT {strings(inner_spf(number, f'a:{far}.example.com'))}\n"
        f"s{number}._domainkey.{host} IN TXT ( {strings(dkim(number, form))} )\n"
        f"_dmarc.{host} IN TXT ( {strings(dmarc(number, form, f'dmarc+{host}@example.com'))} )\n"
    )


def write_zone(folder: Path, records: int, form: Form) -> int:
    """One zone, every host of which takes and sends mail."""
    hosts = max(records // RECORDS_A_HOST, 1)
    _write(folder / "example.com.zone", _large_zone(hosts, form))
    return hosts


def _large_zone(hosts: int, form: Form) -> Iterator[str]:
    yield _head("example.com")
    yield '@ IN MX 10 h0\n@ IN TXT "v=spf1 mx -all"\n'
    yield _DMARC.format("example.com")
    for number in range(hosts):
        yield _host(number, hosts, form)


def write_terms(folder: Path, terms: int, form: Form) -> int:
    """One SPF record of many terms; in the dirty forms every network has host bits."""
    networks = [network(number * 2, host_bits=bool(form)) for number in range(terms)]
    text = f"v=spf1 {' '.join(f'ip4:{each}' for each in networks)} -all"
    records = ["@ IN MX 10 mx.example.net.\n", f"@ IN TXT ( {strings(text)} )\n"]
    records += [_DMARC.format("example.com")]
    records += [f"s._domainkey IN TXT ( {strings(dkim(0))} )\n"]
    _write(folder / "example.com.zone", [_head("example.com"), *records])
    return terms


def name_of(number: int) -> str:
    """The domain of that number."""
    return f"company{number:05}.example"


def dkim_target(number: int, selector: int) -> str:
    """Where Microsoft keeps the key of a domain: its tenant and partition belong to the domain."""
    dashed = name_of(number).replace(".", "-")
    letter = chr(ord("a") + number % 26)
    return (
        f"selector{selector}-{dashed}._domainkey.tenant{number:05}.{letter}-v1.dkim.mail.microsoft."
    )


def exchange(number: int) -> str:
    """The host that takes a domain's mail at Microsoft."""
    return f"{name_of(number).replace('.', '-')}.mail.protection.outlook.com."


def microsoft365_texts(number: int, form: Form) -> tuple[str, str, str]:
    """The SPF, DMARC and DKIM records of one domain: its own mailer signs beside Microsoft."""
    return (
        spf(number, form, "include:spf.protection.outlook.com"),
        dmarc(number, form, f"dmarc@{name_of(number)}"),
        dkim(number, form),
    )


def _microsoft365_zone(number: int, form: Form) -> str:
    of_spf, of_dmarc, of_dkim = microsoft365_texts(number, form)
    return _head(name_of(number), number) + (
        f"@ IN A {host_address(number)}\n"
        f"  IN MX 0 {exchange(number)}\n"
        f"  IN TXT {strings(of_spf)}\n"
        f"www IN CNAME {name_of(number)}.\n"
        "autodiscover IN CNAME autodiscover.outlook.com.\n"
        f"selector1._domainkey IN CNAME {dkim_target(number, 1)}\n"
        f"selector2._domainkey IN CNAME {dkim_target(number, 2)}\n"
        f"m{number}._domainkey IN TXT ( {strings(of_dkim)} )\n"
        f"_dmarc IN TXT ( {strings(of_dmarc)} )\n"
    )


def write_microsoft365(folder: Path, zones: int, form: Form) -> int:
    """Zones of companies on Microsoft 365, with the lock that holds their keys."""
    for number in range(zones):
        path = folder / "zones" / f"{name_of(number)}.zone"
        _write(path, [_microsoft365_zone(number, form)])
    write_lock(folder, range(zones))
    write_config(folder)
    return zones


def write_config(folder: Path) -> None:
    """What all domains of a repository have in common."""
    _write(
        folder / "zonelint.toml",
        ['[domains."*.example"]\nprofile = "sending"\nsenders = ["microsoft365"]\n'],
    )


def write_lock(folder: Path, numbers: Iterable[int]) -> None:
    """The answers from outside: both keys and the exchange of each domain, and the include."""
    include = f"v=spf1 {' '.join(f'ip4:{each}' for each in _OUTLOOK)} -all"

    def entries() -> Iterator[str]:
        yield "version = 1\n"
        yield _entry("spf.protection.outlook.com.", TXT=[include])
        for number in numbers:
            yield _entry(exchange(number), A=[f"52.101.{number >> 8 & 255}.{number & 255}"])
            for selector in (1, 2):
                key = dkim(1_000_000 * selector + number)
                yield _entry(dkim_target(number, selector), TXT=[key])
        yield "\n# end of zonelint.lock\n"

    _write(folder / "zonelint.lock", entries())


def _entry(name: str, **answers: list[str]) -> str:
    lines = [f"\n[{json.dumps(name)}]", f"seen = {datetime.date.today()}"]
    for kind, values in answers.items():
        lines += [f"{kind} = [", *(f"    {json.dumps(value)}," for value in values), "]"]
    return "\n".join([*lines, ""])


def write_hoster(folder: Path, zones: int, form: Form) -> int:
    """A hoster's zones, which ask one another: each includes its neighbour's networks, takes its
    mail at the hoster, signs with a key that the hoster's zone keeps, and sends its reports there.
    """
    for number in range(zones):
        path = folder / "zones" / f"{name_of(number)}.zone"
        _write(path, [_customer_zone(number, (number + 1) % zones, form)])
    _write(folder / "zones" / "hoster.example.zone", _hoster_zone(zones))
    return zones


def _customer_zone(number: int, neighbour: int, form: Form) -> str:
    senders = f"include:_spf{number % 40}.hoster.example include:_spf.{name_of(neighbour)}"
    mailbox = f"dmarc{number}@hoster.example"
    return _head(name_of(number), number) + (
        f"@ IN A {host_address(number)}\n"
        f"  IN MX 10 mx{number % 40}.hoster.example.\n"
        f"  IN TXT {strings(spf(number, form, senders))}\n"
        f"_spf IN TXT {strings(inner_spf(number))}\n"
        f"www IN CNAME {name_of(number)}.\n"
        f"h{number}._domainkey IN CNAME key{number}._domainkey.hoster.example.\n"
        f"m{number}._domainkey IN TXT ( {strings(dkim(number, form))} )\n"
        f"_dmarc IN TXT ( {strings(dmarc(number, form, mailbox))} )\n"
    )


def _hoster_zone(customers: int) -> Iterator[str]:
    yield _head("hoster.example")
    yield '@ IN MX 10 mx0\n@ IN TXT "v=spf1 mx -all"\n'
    yield _DMARC.format("hoster.example")
    for number in range(40):
        yield f"mx{number} IN A {host_address(200_000 + number)}\n"
        yield f'mx{number} IN TXT "v=spf1 a -all"\n'
        text = inner_spf(200_000 + number, f"a:mx{number}.hoster.example")
        yield f"_spf{number} IN TXT {strings(text)}\n"
    for number in range(customers):
        yield f"key{number}._domainkey IN TXT ( {strings(dkim(1_000_000 + number))} )\n"
        yield f'{name_of(number)}._report._dmarc IN TXT "v=DMARC1"\n'


def write_repository(folder: Path, zones: int, form: Form) -> int:
    """A repository like real ones: five of eight zones are parked and send their reports to the
    first, the others send through Microsoft 365, and three are large, full of hosts without mail.
    DKIM targets are declared one by one, as `zonelint init` writes them down."""
    sending = [number for number in range(zones) if number % 8 in (0, 3, 6) or number < LARGE]
    parked = [number for number in range(zones) if number not in sending]
    for number in range(zones):
        lines = [_parked_zone(number) if number in parked else _microsoft365_zone(number, form)]
        if number < LARGE:
            lines += _web_hosts(number, zones * 10)
        if number == 0:
            lines += [f'{name_of(each)}._report._dmarc IN TXT "v=DMARC1"\n' for each in parked]
        _write(folder / "zones" / f"{name_of(number)}.zone", lines)
    write_lock(folder, sending)
    _write(folder / "zonelint.toml", _declarations(sending, parked))
    return len(sending)


def _parked_zone(number: int) -> str:
    return _head(name_of(number), number) + (
        f"@ IN A {host_address(number)}\n"
        f"www IN CNAME {name_of(number)}.\n"
        '@ IN MX 0 .\n@ IN TXT "v=spf1 -all"\n*._domainkey IN TXT "v=DKIM1; p="\n'
        '_dmarc IN TXT "v=DMARC1; p=reject; adkim=s; aspf=s;'
        f' rua=mailto:dmarc+{number}@{name_of(0)}"\n'
    )


def _web_hosts(number: int, hosts: int) -> Iterator[str]:
    for host in range(hosts):
        own = 500_000 + number * hosts + host
        if host % 5 == 4:
            yield f"alias{host} IN CNAME w{host - 1}\n"
        elif host % 5 == 3:
            yield f'w{host} IN A {host_address(own)}\nw{host} IN TXT "site-verification={own:x}"\n'
        else:
            yield f"w{host} 300 IN A {host_address(own)}\n"


def _declarations(sending: list[int], parked: list[int]) -> Iterator[str]:
    for number in sending:
        name = name_of(number)
        yield f'[domains."{name}"]\nprofile = "sending"\nsenders = ["microsoft365"]\n'
        yield f'[domains."{name}".microsoft365.dkim]\n'
        for selector in (1, 2):
            yield f'selector{selector} = "{dkim_target(number, selector)[:-1]}"\n'
    for number in parked:
        yield f'[domains."{name_of(number)}"]\nprofile = "parked"\n'
