"""Aggregate reports made to order, as receivers write, pack and mail them.

`day_of_reports` and `write_reports` make a folder of *n* days at *x* % aligned from several
sources; `report_xml` makes one report in either schema. Everything is deterministic.
"""

from __future__ import annotations

import base64
import gzip
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

RFC9990 = "urn:ietf:params:xml:ns:dmarc-2.0"
LAST_DAY = date(2026, 11, 20)


@dataclass(frozen=True)
class Sent:
    """Messages of one kind in one report."""

    address: str
    count: int
    dkim: str = "pass"
    spf: str = "pass"
    header_from: str = "example.com"
    envelope_from: str = "example.com"
    envelope_to: str = ""
    dkim_domain: str = "example.com"
    selector: str = "selector1"
    dkim_result: str = ""
    spf_result: str = ""
    disposition: str = "none"
    reason: str = ""


@dataclass(frozen=True)
class Published:
    """The policy that the report shows; an empty text is left out."""

    domain: str = "example.com"
    p: str = "none"
    sp: str = ""
    np: str = ""
    adkim: str = "r"
    aspf: str = "r"
    pct: str = "100"
    testing: str = ""


ALIGNED = (
    Sent("40.92.0.10", 0),
    Sent("198.51.100.25", 0, spf="fail", envelope_from="bounces.news.example"),
    Sent("2001:db8::25", 0, dkim="fail", dkim_domain="", selector=""),
)
"""Where aligned mail comes from: by both, by DKIM alone, by SPF alone."""
UNALIGNED = Sent(
    "203.0.113.66",
    0,
    dkim="fail",
    spf="fail",
    envelope_from="crm.example.net",
    dkim_domain="crm.example.net",
    selector="k1",
    dkim_result="pass",
    spf_result="pass",
)
"""A sender nobody declared: authenticated, for its own domain."""


def element(name: str, text: str) -> str:
    """An element with text, or nothing for an empty text."""
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def record_xml(sent: Sent) -> str:
    """One `record`."""
    reason = f"<reason>{element('type', sent.reason)}</reason>" if sent.reason else ""
    dkim = (
        f"<dkim>{element('domain', sent.dkim_domain)}{element('selector', sent.selector)}"
        f"{element('result', sent.dkim_result or sent.dkim)}</dkim>"
        if sent.dkim_domain
        else ""
    )
    return (
        f"<record><row>{element('source_ip', sent.address)}<count>{sent.count}</count>"
        f"<policy_evaluated>{element('disposition', sent.disposition)}"
        f"{element('dkim', sent.dkim)}{element('spf', sent.spf)}{reason}</policy_evaluated></row>"
        f"<identifiers>{element('envelope_to', sent.envelope_to)}"
        f"{element('envelope_from', sent.envelope_from)}"
        f"{element('header_from', sent.header_from)}</identifiers>"
        f"<auth_results>{dkim}<spf>{element('domain', sent.envelope_from)}<scope>mfrom</scope>"
        f"{element('result', sent.spf_result or sent.spf)}</spf></auth_results></record>\n"
    )


def report_xml(
    sent: Iterable[Sent] = (Sent("192.0.2.1", 10),),
    *,
    day: date = LAST_DAY,
    days: int = 1,
    published: Published | None = None,
    org: str = "receiver.example",
    report_id: str | None = None,
    namespace: str = "",
    declaration: str = '<?xml version="1.0" encoding="UTF-8"?>\n',
) -> bytes:
    """One report as UTF-8 XML, for *days* days from *day* on."""
    policy = published or Published()
    begin = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    name = report_id if report_id is not None else f"{policy.domain}.{begin}"
    xmlns = f' xmlns="{namespace}"' if namespace else ""
    tags = "".join(
        element(tag, getattr(policy, tag))
        for tag in ("domain", "adkim", "aspf", "p", "sp", "np", "pct", "testing")
    )
    return (
        f"{declaration}<feedback{xmlns}><version>1.0</version><report_metadata>"
        f"{element('org_name', org)}<email>reports@{org}</email>{element('report_id', name)}"
        f"<date_range><begin>{begin}</begin><end>{begin + days * 86_400 - 1}</end></date_range>"
        f"</report_metadata><policy_published>{tags}</policy_published>\n"
        f"{''.join(record_xml(each) for each in sent)}</feedback>\n"
    ).encode()


def day_of_mail(
    messages: int,
    aligned: float,
    *,
    domain: str = "example.com",
    good: Sequence[Sent] = ALIGNED,
    bad: Sent = UNALIGNED,
) -> list[Sent]:
    """*messages* messages of which exactly round(messages * aligned) are aligned.

    The first of *good* takes what does not divide evenly.
    """
    passing = round(messages * aligned)
    each = passing // len(good)
    counts = [passing - each * (len(good) - 1), *[each] * (len(good) - 1)]
    sent = [
        replace(
            source,
            count=count,
            header_from=domain,
            envelope_from=_own(source.envelope_from, domain),
            dkim_domain=_own(source.dkim_domain, domain),
        )
        for source, count in zip(good, counts, strict=True)
    ]
    sent.append(replace(bad, count=messages - passing, header_from=domain))
    return [each for each in sent if each.count]


def _own(name: str, domain: str) -> str:
    return domain if name == "example.com" else name


def packed(xml: bytes, packing: str, name: str = "report") -> bytes:
    """*xml* as `xml`, `gz`, `zip` or `eml` (a mail with the gzip file attached)."""
    if packing == "xml":
        return xml
    if packing == "gz":
        return gzip.compress(xml, mtime=0)
    if packing == "zip":
        return zipped({f"{name}.xml": xml})
    return mailed(gzip.compress(xml, mtime=0), f"{name}.xml.gz")


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def mailed(
    content: bytes,
    filename: str,
    *,
    content_type: str = "application/gzip",
    newline: str = "\r\n",
) -> bytes:
    """A mail with a text part and *content* attached in base64."""
    lines = [
        "Received: from receiver.example by mx.example.com; Fri, 20 Nov 2026 03:00:00 +0000",
        "From: reports@receiver.example",
        "To: dmarc@example.com",
        "Subject: Report Domain: example.com Submitter: receiver.example",
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed;",
        ' boundary="=_part.1"',
        "",
        "--=_part.1",
        "Content-Type: text/plain",
        "",
        "This is an aggregate report.",
        "--=_part.1",
        f"Content-Type: {content_type};",
        f'\tname="{filename}"',
        "Content-Transfer-Encoding: base64",
        f'Content-Disposition: attachment; filename="{filename}"',
        "",
        *base64.encodebytes(content).decode().splitlines(),
        "--=_part.1--",
        "",
    ]
    return newline.join(lines).encode()


def write_reports(
    folder: Path,
    *,
    days: int = 14,
    aligned: float = 0.99,
    messages: int = 1000,
    last_day: date = LAST_DAY,
    published: Published | None = None,
    orgs: Sequence[str] = ("receiver.example",),
    packing: str = "gz",
    good: Sequence[Sent] = ALIGNED,
    bad: Sent = UNALIGNED,
) -> list[Path]:
    """Write a report for each of *days* days from each of *orgs* into *folder*.

    Each report has *messages* messages; see `day_of_mail`.
    """
    policy = published or Published()
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for back in reversed(range(days)):
        day = last_day - timedelta(days=back)
        sent = day_of_mail(messages, aligned, domain=policy.domain, good=good, bad=bad)
        for org in orgs:
            name = f"{org}!{policy.domain}!{day:%Y%m%d}"
            xml = report_xml(sent, day=day, published=policy, org=org)
            suffix = {"gz": "xml.gz"}.get(packing, packing)
            path = folder / f"{name}.{suffix}"
            path.write_bytes(packed(xml, packing, name))
            written.append(path)
    return written
