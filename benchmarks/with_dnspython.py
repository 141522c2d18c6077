"""dnspython on the benchmarks' files: `python -m benchmarks.with_dnspython zones|plan PATH`.

`zones` is its bare reader over a zone file or a folder of them: every record is parsed, handed to
a transaction, and thrown away. `plan` reads a Terraform plan with json and every value in it with
dnspython: what anybody pays who looks at its records.
"""

import json
import sys
from pathlib import Path

import dns.name
import dns.rdata
import dns.rdataclass
import dns.tokenizer
import dns.transaction
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


def read_zone(path: Path) -> int:
    """Read a zone file and keep nothing; the number of records."""
    nothing = _Nothing(dns.name.from_text(path.stem))
    tokenizer = dns.tokenizer.Tokenizer(path.read_text())
    dns.zonefile.Reader(tokenizer, dns.rdataclass.IN, nothing).read()
    return nothing.records


def read_plan(path: Path) -> int:
    """Read the records of a plan; their number."""
    records = 0
    for change in json.loads(path.read_text())["resource_changes"]:
        after = change["change"]["after"]
        for value in after.get("records", ()):
            text = f'"{value}"' if after["type"] == "TXT" else value
            dns.rdata.from_text("IN", after["type"], text)
            records += 1
    return records


def main() -> None:
    how, where = sys.argv[1], Path(sys.argv[2])
    paths = sorted(where.glob("*.zone")) if where.is_dir() else [where]
    print(f"{sum({'zones': read_zone, 'plan': read_plan}[how](path) for path in paths)} records")


if __name__ == "__main__":
    main()
