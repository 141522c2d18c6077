"""Terraform source read without a plan, measured against OpenTofu's plans of it.

The configurations in `public` are written as people write theirs in public; those of the other
tests here are measured as well. What counts is a text of a mail record that the plan knows.
"""

# Some of these tests take over 3 s: OpenTofu plans a configuration in each of them.

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from zonelint.grammars.zone import Zone
from zonelint.providers.files import Files
from zonelint.providers.resources.record import ResourceRecord
from zonelint.providers.resources.values import VALUE_STAND_IN
from zonelint.providers.terraform import plan as plans
from zonelint.providers.terraform.source.zones import read_source

from .commands import Tofu
from .test_tofu import DATA, DMARC, FAULTS, SPF, TABLE, ZONE, hcl, mail

PUBLIC = Path(__file__).parent / "public"
_HOLE = VALUE_STAND_IN


def programs() -> list[str]:
    """The programs of the other tests that are one file."""
    table = TABLE.format(spf=hcl(SPF), dmarc=hcl(DMARC), zone="aws_route53_zone.main")
    looked_up = TABLE.format(spf=hcl(SPF), dmarc=hcl(DMARC), zone="data.aws_route53_zone.main")
    faults = (mail(**parts) for parts in FAULTS.values())
    return [*faults, mail(), ZONE + table, DATA + looked_up]


def is_of_mail(record: ResourceRecord) -> bool:
    return record.type in ("TXT", "MX") or "_domainkey" in record.owner


def texts(zones: Iterable[Zone]) -> dict[str, list[ResourceRecord]]:
    """The mail records of zones that a source or a plan gives, by the resource's address."""
    found: dict[str, list[ResourceRecord]] = {}
    for rrset in (rrset for zone in zones for rrset in zone.rrsets()):
        for record in rrset:
            if isinstance(record, ResourceRecord) and is_of_mail(record) and not record.reason:
                found.setdefault(record.address, []).append(record)
    return found


def measure(tofu: Tofu) -> Counter[str]:
    """How many of the texts that the plan knows the source gives: as they are, or with holes."""
    path = tofu.plan()
    path = tofu.plan()
    planned = texts(plans.read(path.read_bytes(), str(path)).after)
    path.unlink()
    source = texts(read_source([str(tofu.folder)], files=Files([tofu.folder])).zones)
    found: Counter[str] = Counter()
    for address, records in planned.items():
        for record in records:
            found["known to the plan"] += 1
            found[_reading_of(record, source.get(address, []), tofu.folder)] += 1
    return found


def _reading_of(record: ResourceRecord, others: list[ResourceRecord], folder: Path) -> str:
    """What the source gives for a record; a provider may keep the values of a set in any order."""
    for other in others:
        if (other.owner, other.rdata) == (record.owner, record.rdata):
            is_placed = Path(other.span.path).is_relative_to(folder) and other.where is not None
            return "read" if is_placed else f"without a place: {record.address}"
    if any(_matches(o.rdata, record.rdata) and _matches(o.owner, record.owner) for o in others):
        return f"with holes: {record.address}"
    return f"not read: {record.address} {record.rdata}"


def _matches(text: str, known: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in _HOLE.split(text))
    return re.fullmatch(pattern, known) is not None


def test_source_is_read_as_the_plan_has_it(tofu: Tofu) -> None:
    heads = tofu.folder.parent / "head"
    found: Counter[str] = Counter()
    for text in programs():
        tofu.program(text)
        found += measure(tofu)
    head = (tofu.folder / "main.tf").read_text("utf-8").partition("}\n\n")[0] + "}\n"
    heads.write_text(head, "utf-8")
    for folder in sorted(PUBLIC.iterdir()):
        shutil.rmtree(tofu.folder)
        shutil.copytree(folder, tofu.folder)
        shutil.copy(heads, tofu.folder / "versions.tf")
        if list(tofu.folder.rglob("modules")):
            tofu.run("tofu", "get")
        found += measure(tofu)
    known, read = found["known to the plan"], found["read"]
    rest = {what: n for what, n in found.items() if ":" in what}
    holes = sum(n for what, n in rest.items() if what.startswith("with holes"))
    shown = json.dumps({**found}, indent=1)
    assert known >= 100, shown
    assert read >= 0.95 * known, shown
    assert read + holes >= 0.98 * known, shown
    # The forms that are left, each by the resource: the workspace is the command line's to say.
    assert rest == {"with holes: aws_route53_record.workspace": 1}, shown
