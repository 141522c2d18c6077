"""Write the zones that the benchmarks read: ``python -m benchmarks.generate FOLDER``.

``FOLDER/big/example.com.zone`` is one zone of 100,000 records (beside the few at its apex): a
quarter each A, MX, SPF and DMARC, the last over two lines. ``FOLDER/small/`` holds 10,000 zones of
10 records. Every text is different, as a cache must not make the figures look better than they are,
and nearly every record is sound, as in a zone whose keepers read their findings.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

RECORDS = 100_000
ZONES = 10_000

_BIG_APEX = """\
$ORIGIN example.com.
$TTL 3600
@       IN SOA ns1.example.net. hostmaster.example.com. 2026031101 14400 3600 1209600 3600
        IN NS  ns1.example.net.
        IN NS  ns2.example.net.
@       IN MX  10 h00000
@       IN TXT "v=spf1 mx include:_spf.example.com -all"
_spf    IN TXT "v=spf1 ip4:20.0.0.0/24 ip6:2a01:110::/48 -all"
_dmarc  IN TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com"
"""

_SMALL = """\
; {name}
$ORIGIN {name}.
$TTL 1h
@        IN SOA ns1.example.net. hostmaster.example.net. (
                {serial} ; serial
                4h 1h 2w 1h )
         IN NS  ns1.example.net.
         IN NS  ns2.example.net.
@        IN A   {address}
         IN MX  0 {dashed}.mail.protection.outlook.com.
         IN TXT "v=spf1 include:spf.protection.outlook.com ip4:{address} -all"
www      IN CNAME {name}.
selector1._domainkey IN CNAME selector1-{dashed}._domainkey.contoso.n-v1.dkim.mail.microsoft.
selector2._domainkey IN CNAME selector2-{dashed}._domainkey.contoso.n-v1.dkim.mail.microsoft.
_dmarc   IN TXT ( "v=DMARC1; p=quarantine; adkim=s; aspf=s; "
                  "rua=mailto:dmarc@{name}" )
"""


def address(number: int) -> str:
    """A different, publicly routable IPv4 address for every number below 4,000,000."""
    return f"20.{40 + number // 65536}.{number // 256 % 256}.{number % 256}"


def big_zone(records: int = RECORDS) -> Iterator[str]:
    """The lines of the zone of that many records, four for every host."""
    yield _BIG_APEX
    for number in range(records // 4):
        host = f"h{number:05}"
        first = address(number)
        network = address(number * 16).rpartition(".")[0]
        yield (
            f"{host} IN A {first}\n"
            f"{host} IN MX 10 h{(number * 7 + 1) % (records // 4):05}\n"
            f'{host} IN TXT "v=spf1 mx ip4:{first} ip4:{network}.{number % 16 * 16}/28'
            f' include:_spf.example.com -all"\n'
            f'_dmarc.{host} IN TXT ( "v=DMARC1; p=quarantine; adkim=s; aspf=s; "\n'
            f'        "rua=mailto:dmarc+{host}@example.com" )\n'
        )


def small_zone(number: int) -> tuple[str, str]:
    """The name and the text of one of the small zones."""
    name = f"company{number:05}.example"
    text = _SMALL.format(
        name=name,
        serial=2026030000 + number,
        address=address(number),
        dashed=name.replace(".", "-"),
    )
    return name, text


def big(folder: Path, records: int = RECORDS) -> Path:
    """Write the one zone; its path."""
    path = folder / "example.com.zone"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(big_zone(records)))
    return path


def small(folder: Path, zones: int = ZONES) -> Path:
    """Write the many zones; their folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(zones):
        name, text = small_zone(number)
        (folder / f"{name}.zone").write_text(text)
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--records", type=int, default=RECORDS, help="records of the big zone")
    parser.add_argument("--zones", type=int, default=ZONES, help="how many small zones")
    given = parser.parse_args()
    path = big(given.folder / "big", given.records)
    print(f"{path}: {given.records} records, {path.stat().st_size / 1e6:.1f} MB")
    print(f"{small(given.folder / 'small', given.zones)}: {given.zones} zones of 10 records")


if __name__ == "__main__":
    main()
