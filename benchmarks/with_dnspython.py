"""dnspython on the benchmarks' files: ``python -m benchmarks.with_dnspython zone|reader PATH``.

``zone`` reads with ``dns.zone.from_text``, as most programs do. ``reader`` is its bare reader: the
same parsing of the same records, handed to a transaction that throws each away.
"""

import sys
from pathlib import Path

import dns.name
import dns.rdata
import dns.rdataclass
import dns.tokenizer
import dns.transaction
import dns.zone
import dns.zonefile


class _Origin:
    """What a reader asks the owner of its transaction."""

    def __init__(self, origin: dns.name.Name) -> None:
        self.origin = origin

    def origin_information(self) -> tuple[dns.name.Name, bool, dns.name.Name]:
        return self.origin, False, self.origin


class _Nothing(dns.transaction.Transaction):
    """A transaction that counts the records it is given and keeps none."""

    def __init__(self, origin: dns.name.Name) -> None:
        super().__init__(_Origin(origin))  # type: ignore[arg-type]
        self.records = 0

    def add(self, *args: object) -> None:
        self.records += 1

    def _set_origin(self, origin: dns.name.Name) -> None:
        self.manager.origin = origin  # type: ignore[attr-defined]


def read_zone(text: str, origin: dns.name.Name) -> int:
    """Read as a zone; the number of records."""
    zone = dns.zone.from_text(text, origin, relativize=False, check_origin=False)
    return sum(1 for _ in zone.iterate_rdatas())


def read_bare(text: str, origin: dns.name.Name) -> int:
    """Read and keep nothing; the number of records."""
    nothing = _Nothing(origin)
    reader = dns.zonefile.Reader(dns.tokenizer.Tokenizer(text), dns.rdataclass.IN, nothing)
    reader.read()
    return nothing.records


def main() -> None:
    how, where = sys.argv[1], Path(sys.argv[2])
    read = {"zone": read_zone, "reader": read_bare}[how]
    paths = sorted(where.glob("*.zone")) if where.is_dir() else [where]
    records = sum(read(path.read_text(), dns.name.from_text(path.stem)) for path in paths)
    print(f"{records} records")


if __name__ == "__main__":
    main()
