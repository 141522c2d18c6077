"""Reports from files: every packing, what receivers get wrong, what attackers send."""

from __future__ import annotations

import base64
import gzip
import io
import os
import zipfile
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reports_factory import (
    LAST_DAY,
    RFC9990,
    Published,
    Sent,
    day_of_mail,
    mailed,
    packed,
    report_xml,
    write_reports,
    zipped,
)
from zonelint.providers.reports import reader as reports
from zonelint.providers.reports.reader import (
    Item,
    NoteKind,
    ReportLimits,
    ReportProblem,
    ReportProblemKind,
)
from zonelint.rules.evidence.evidence import (
    Disposition,
    DkimResult,
    NotReady,
    Ready,
    SpfResult,
    TooFewAligned,
)

XML = report_xml([Sent("192.0.2.1", 10), Sent("192.0.2.2", 5, dkim="fail", spf="fail")])


def outcomes(data: bytes, **options) -> list[Item | ReportProblem]:
    return list(reports.read_bytes(data, "file", **options))


def one(data: bytes, **options) -> Item:
    (outcome,) = outcomes(data, **options)
    assert isinstance(outcome, Item), outcome
    return outcome


def problem(data: bytes, **options) -> ReportProblem:
    (outcome,) = outcomes(data, **options)
    assert isinstance(outcome, ReportProblem), outcome
    return outcome


def messages(item: Item) -> int:
    return sum(row.count for row in item.report.rows)


def notes(item: Item) -> dict[NoteKind, int]:
    return {note.kind: note.rows for note in item.notes}


# -- what a report says --------------------------------------------------------------------------


def test_every_field_is_read():
    sent = Sent(
        "2001:DB8:0::1",
        7,
        spf="fail",
        header_from="News.Example.com.",
        envelope_from="bounce.example.com",
        envelope_to="receiver.example",
        selector="s1",
        disposition="quarantine",
        reason="mailing_list",
    )
    policy = Published(p="quarantine", sp="reject", np="none", adkim="s", pct="50", testing="y")
    report = one(report_xml([sent], published=policy, report_id="abc@x")).report
    assert (report.org, report.report_id, report.domain) == (
        "receiver.example",
        "abc@x",
        "example.com",
    )
    assert report.days == (LAST_DAY,)
    read = report.policy
    assert (read.p, read.sp, read.np, read.adkim, read.aspf) == (
        "quarantine",
        "reject",
        "none",
        "s",
        "r",
    )
    assert (read.pct, read.testing) == (50, True)
    (row,) = report.rows
    assert (row.source_ip, row.count) == ("2001:db8::1", 7)
    assert row.disposition is Disposition.QUARANTINE
    assert (row.dkim_aligned, row.spf_aligned) == (True, False)
    assert (row.header_from, row.envelope_from) == ("news.example.com", "bounce.example.com")
    assert row.dkim == (DkimResult("example.com", "s1", "pass"),)
    assert row.spf == (SpfResult("bounce.example.com", "mfrom", "fail"),)


def test_nothing_of_one_row_reaches_the_next():
    rich = Sent("192.0.2.1", 7, envelope_to="a.example", disposition="reject", reason="forwarded")
    bare = (
        b"<record><row><source_ip>192.0.2.9</source_ip><count>1</count></row></record></feedback>"
    )
    item = one(report_xml([rich]).replace(b"</feedback>", bare))
    row = item.report.rows[1]
    assert row.disposition is Disposition.UNKNOWN
    assert (row.dkim_aligned, row.spf_aligned) == (False, False)
    assert (row.envelope_from, row.header_from) == ("", "")
    assert (row.dkim, row.spf) == ((), ())
    assert notes(item) == {NoteKind.ROW_WITHOUT_RESULT: 1}


@pytest.mark.parametrize(
    "namespace", ["", RFC9990, "http://dmarc.org/dmarc-xml/0.1", "urn:somebody:else"]
)
def test_any_namespace_will_do(namespace):
    assert messages(one(report_xml(namespace=namespace))) == 10


def test_a_prefixed_namespace_and_elements_in_another_order():
    xml = report_xml(namespace="urn:x").decode()
    xml = xml.replace("<", "<d:").replace("<d:/", "</d:").replace("<d:?", "<?")
    assert messages(one(xml.replace("xmlns=", "xmlns:d=").encode())) == 10
    head, record = XML.decode().split("<policy_published>")
    policy, rows = record.split("</policy_published>")
    rows = rows.replace("</feedback>", "")
    moved = f"{head}{rows}<policy_published>{policy}</policy_published></feedback>"
    assert one(moved.encode()).report == one(XML).report


def test_elements_of_extensions_are_passed_over():
    extra = b'<ext:row xmlns:ext="urn:e"><ext:thing><count>999</count></ext:thing></ext:row>'
    xml = XML.replace(b"</record>", extra + b"</record>")
    xml = xml.replace(b"<record>", b"<extension><count>5</count><record/></extension><record>", 1)
    assert messages(one(xml)) == 15


# -- packing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("packing", ["xml", "gz", "zip", "eml"])
def test_every_packing_gives_the_same_report(packing):
    assert one(packed(XML, packing)).report == one(XML).report


def test_a_zip_of_several_reports_names_the_bad_one():
    members = {
        "a.xml": XML,
        "sub/b.xml.gz": gzip.compress(XML),
        "c.xml": b"<feedback>",
        "d.xml": XML,
    }
    found = outcomes(zipped(members))
    assert [each.members for each in found] == [
        ("a.xml",),
        ("sub/b.xml.gz",),
        ("c.xml",),
        ("d.xml",),
    ]
    bad = found[2]
    assert isinstance(bad, ReportProblem)
    assert bad.kind is ReportProblemKind.BAD_XML
    assert bad.place == "file > c.xml:1"
    assert bad.message.startswith("file > c.xml:1 was not read: ")


@pytest.mark.parametrize(
    "content_type",
    ["application/gzip", "application/octet-stream", "text/plain", "application/x-zip", "x", ""],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_content_type_of_an_attachment_is_not_believed(content_type, newline):
    mail = mailed(gzip.compress(XML), "x.dat", content_type=content_type, newline=newline)
    item = one(mail)
    assert messages(item) == 15
    assert item.members == ("x.dat",)


def test_a_mail_that_is_the_attachment():
    head = b"From: a@b\nSubject: report\nContent-Type: application/zip\nContent-Transfer-Encoding: "
    body = base64.encodebytes(zipped({"r.xml": XML}))
    assert messages(one(head + b"BASE64\n\n" + body)) == 15
    assert messages(one(head + b"7bit\n\n" + body)) == 15  # the encoding is not named
    assert messages(one(head + b"8bit\n\n" + XML)) == 15


def test_a_mail_forwarded_as_an_attachment():
    inner = packed(XML, "eml")
    outer = (
        b'Subject: Fwd\nContent-Type: multipart/mixed; boundary="out"\n\n--out\n\nsee below\n'
        b"--out\nContent-Type: message/rfc822\n\n" + inner + b"\n--out--\n"
    )
    assert messages(one(outer)) == 15


def test_gzip_as_it_really_arrives():
    whole = gzip.compress(XML)
    assert messages(one(whole + b"\r\n")) == 15
    assert messages(one(whole + b"\0" * 512)) == 15
    assert messages(one(whole[:-8])) == 15  # without its trailer
    assert messages(one(gzip.compress(XML[:300]) + gzip.compress(XML[300:]))) == 15
    assert messages(one(gzip.compress(whole))) == 15
    assert problem(whole[:40]).kind is ReportProblemKind.BAD_COMPRESSION
    assert problem(whole[: len(whole) // 2]).kind is ReportProblemKind.BAD_XML
    assert problem(whole[:-8] + b"\1" * 8).kind is ReportProblemKind.BAD_COMPRESSION


# -- malformed, and read -------------------------------------------------------------------------


def test_invalid_utf8_is_read_and_told():
    item = one(XML.replace(b"receiver.example</org", b"r\x91ceiver</org"))
    assert messages(item) == 15
    assert item.report.org == "r\N{REPLACEMENT CHARACTER}ceiver"
    assert NoteKind.BAD_ENCODING in notes(item)


@pytest.mark.parametrize("name", ["UTF-16", "utf8x", "gb2312", "punycode", "base64", "ucs-4"])
def test_a_wrong_encoding_declaration_does_no_harm(name):
    assert messages(one(XML.replace(b"UTF-8", name.encode()))) == 15


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_byte_order_marks(codec):
    text = XML.decode().replace("UTF-8", codec.removesuffix("-sig"))
    assert messages(one(text.encode(codec))) == 15


def test_declared_latin_1():
    xml = XML.replace(b"UTF-8", b"ISO-8859-1").replace(b"receiver.example</org", b"Caf\xe9</org")
    item = one(xml)
    assert item.report.org == "Café"
    assert not item.notes


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"reports@receiver.example", b"<reports@receiver.example>"),
        (b"reports@receiver.example", b"A & B"),
        (b"reports@receiver.example", b"a\x01b"),
        (b"receiver.example</org", b"a&nbsp;b</org"),
        (b"<feedback>", b'<dmarc:feedback xmlns="x">'),
        (b"</feedback>", b"</feedback><p>Sent by our scanner"),
        (b"<?xml", b"\n\n<?xml"),
        (b"<version>", b"<!-- a -- b --><version>"),
        (b"</report_metadata>", b"<x:y>1</x:y></report_metadata>"),
    ],
)
def test_malformed_xml_is_repaired_and_told(old, new):
    item = one(XML.replace(old, new))
    assert messages(item) == 15
    assert notes(item) == {NoteKind.REPAIRED_XML: 0}


def test_missing_and_empty_fields():
    for tag in ("org_name", "report_id", "email", "p", "adkim", "version", "scope", "header_from"):
        xml = report_xml([Sent("192.0.2.1", 10)]).decode()
        start, end = xml.index(f"<{tag}>"), xml.index(f"</{tag}>")
        for changed in (
            xml[:start] + xml[end + len(tag) + 3 :],
            xml[: start + len(tag) + 2] + xml[end:],
        ):
            assert messages(one(changed.encode())) == 10, tag
    reason = b"<reason><type></type><comment></comment></reason></policy_evaluated>"
    assert messages(one(XML.replace(b"</policy_evaluated>", reason))) == 15


def test_without_an_organisation_its_mail_domain_is_the_name():
    xml = XML.replace(b"<org_name>receiver.example</org_name>", b"<org_name></org_name>")
    assert one(xml).report.org == "receiver.example"


def test_rows_without_count_or_address_are_told():
    xml = XML.replace(b"<count>10</count>", b"<count></count>").replace(b"192.0.2.2", b"unknown")
    item = one(xml)
    assert [(row.source_ip, row.count) for row in item.report.rows] == [("", 5)]
    assert notes(item) == {NoteKind.ROW_WITHOUT_COUNT: 1, NoteKind.ROW_WITHOUT_ADDRESS: 1}


def test_a_from_domain_outside_the_policy_domain_is_told():
    item = one(report_xml([Sent("192.0.2.1", 1, header_from="notexample.com")]))
    assert notes(item) == {NoteKind.FOREIGN_FROM: 1}
    assert not one(report_xml([Sent("192.0.2.1", 1, header_from="a.example.com")])).notes


def test_characters_that_steer_a_terminal_do_not_get_through():
    report = one(XML.replace(b"receiver.example</org", "a\x9b31mb\u202ec</org".encode())).report
    assert report.org == "a\N{REPLACEMENT CHARACTER}31mb\N{REPLACEMENT CHARACTER}c"


# -- refused, by name ----------------------------------------------------------------------------


@pytest.mark.parametrize("count", ["-1", "-0.5", "99999999999999999999", "1" * 5000])
def test_impossible_counts_refuse_the_report(count):
    xml = XML.replace(b"<count>10<", f"<count>{count}<".encode())
    assert problem(xml).kind is ReportProblemKind.NEGATIVE_COUNT


@pytest.mark.parametrize(
    ("begin", "end", "kind"),
    [
        ("1700086400", "1700000000", ReportProblemKind.BAD_DATES),
        ("-5", "100", ReportProblemKind.BAD_DATES),
        ("1700000000", "1800000000", ReportProblemKind.BAD_DATES),
        ("99999999999999", "99999999999999", ReportProblemKind.BAD_DATES),
        ("", "1700000000", ReportProblemKind.NO_DATES),
        ("yesterday", "1700000000", ReportProblemKind.NO_DATES),
    ],
)
def test_impossible_periods_refuse_the_report(begin, end, kind):
    head, rest = XML.decode().split("<begin>")
    tail = rest.partition("</end>")[2]
    xml = f"{head}<begin>{begin}</begin><end>{end}</end>{tail}"
    assert problem(xml.encode()).kind is kind


def test_a_report_for_another_domain_is_named_and_skipped():
    found = problem(XML, domains=["other.example", "ample.com"])
    assert (found.kind, found.detail) == (ReportProblemKind.OTHER_DOMAIN, "example.com")
    assert "example.com" in found.message
    assert messages(one(XML, domains=["Example.COM."])) == 15
    below = report_xml(published=Published(domain="mail.example.com"))
    assert one(below, domains=["example.com"]).report.domain == "mail.example.com"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", ReportProblemKind.EMPTY),
        (b" \r\n", ReportProblemKind.EMPTY),
        (b"hello", ReportProblemKind.NO_REPORT),
        (b"<html><body>No</body></html>", ReportProblemKind.NO_REPORT),
        (b"<feedback></feedback>", ReportProblemKind.NO_DOMAIN),
        (XML[: len(XML) // 2], ReportProblemKind.BAD_XML),
        (
            XML.replace(b"<domain>example.com</domain><adkim>", b"<adkim>"),
            ReportProblemKind.NO_DOMAIN,
        ),
        (gzip.compress(b"", mtime=0), ReportProblemKind.EMPTY),
        (gzip.compress(b'{"report": "tls"}', mtime=0), ReportProblemKind.NO_REPORT),
        (b"PK\3\4 and no more", ReportProblemKind.BAD_ARCHIVE),
        (zipped({}), ReportProblemKind.EMPTY),
        (b"Subject: lunch?\nFrom: a@b\n\nAt one?\n", ReportProblemKind.NO_REPORT),
    ],
)
def test_what_is_no_report_says_so(data, kind):
    assert problem(data).kind is kind


def test_a_damaged_zip_member():
    data = bytearray(zipped({"a.xml": XML}))
    at = data.index(b"a.xml") + 30
    data[at : at + 20] = b"\xff" * 20
    found = problem(bytes(data))
    assert (found.kind, found.members) == (ReportProblemKind.BAD_COMPRESSION, ("a.xml",))


def test_an_encrypted_or_oddly_compressed_member_is_not_touched():
    data = zipped({"a.xml": XML})
    central = data.index(b"PK\1\2")
    encrypted = data[: central + 8] + b"\1\0" + data[central + 10 :]
    assert problem(encrypted).kind is ReportProblemKind.UNSUPPORTED_ARCHIVE
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.xml", XML)
    assert problem(buffer.getvalue()).kind is ReportProblemKind.UNSUPPORTED_ARCHIVE


# -- hostile -------------------------------------------------------------------------------------

LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE feedback [<!ENTITY a "ha">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (b, b"&%c;" % a * 100)
        for a, b in zip(b"abcdefgh", b"bcdefghi", strict=True)
    )
    + b"]>"
)


def test_entities_and_document_types_are_refused():
    body = XML.split(b"?>", 1)[1]
    laughing = LAUGHS + body.replace(b"receiver.example</org", b"&i;</org")
    assert problem(laughing).kind is ReportProblemKind.FORBIDDEN_XML
    outside = b'<!DOCTYPE feedback SYSTEM "file:///etc/passwd">' + body
    assert problem(outside).kind is ReportProblemKind.FORBIDDEN_XML
    # Broken before its document type: the repair must not bring the entities to life.
    assert problem(b"<a><" + laughing).kind is ReportProblemKind.FORBIDDEN_XML


def bomb(size: int, inside: bytes = b"\0") -> bytes:
    """A gzip stream of *size* bytes, made piece by piece."""
    stream = zlib.compressobj(9, wbits=31)
    block = inside * (1024 * 1024 // len(inside))
    pieces = [stream.compress(block) for _ in range(size // len(block))]
    return b"".join((*pieces, stream.flush()))


@pytest.fixture(scope="module")
def gzip_bomb() -> bytes:
    return bomb(40 * 1024 * 1024)


def test_a_gzip_bomb_is_bounded(gzip_bomb):
    assert problem(gzip_bomb).kind is ReportProblemKind.EXPANDS_TOO_FAR
    assert problem(gzip.compress(gzip_bomb)).kind is ReportProblemKind.EXPANDS_TOO_FAR
    assert problem(mailed(gzip_bomb, "r.xml.gz")).kind is ReportProblemKind.EXPANDS_TOO_FAR


def test_a_zip_bomb_is_bounded_whatever_size_it_claims(gzip_bomb):
    data = zipped({"bomb.xml": b"\0" * (33 * 1024 * 1024), "good.xml": XML})
    bad, good = outcomes(data)
    assert isinstance(bad, ReportProblem)
    assert (bad.kind, bad.members) == (ReportProblemKind.EXPANDS_TOO_FAR, ("bomb.xml",))
    assert isinstance(good, Item)
    assert problem(zipped({"bomb.gz": gzip_bomb})).kind is ReportProblemKind.EXPANDS_TOO_FAR


def test_many_small_bombs_share_one_bound():
    limits = ReportLimits(document_size=100_000, total_size=250_000)
    members = {f"{n}.xml": XML + b" " * 90_000 for n in range(20)}
    found = outcomes(zipped(members), limits=limits)
    assert [type(each) for each in found] == [Item, Item, ReportProblem]
    assert isinstance(found[-1], ReportProblem)
    assert found[-1].kind is ReportProblemKind.EXPANDS_TOO_FAR


def test_rows_elements_depth_members_and_nesting_are_bounded():
    many = report_xml([Sent("192.0.2.1", 1)] * 11)
    assert problem(many, limits=ReportLimits(rows=10)).kind is ReportProblemKind.TOO_MANY_ROWS
    assert messages(one(many, limits=ReportLimits(rows=11))) == 11
    flood = XML.replace(b"<version>", b"<x/>" * 500 + b"<version>")
    assert problem(flood, limits=ReportLimits(elements=400)).kind is ReportProblemKind.TOO_MANY_ROWS
    assert (
        problem(flood, limits=ReportLimits(unknown_elements=400)).kind
        is ReportProblemKind.TOO_MANY_ROWS
    )
    broken = XML.replace(b"</feedback>", b"&</feedback>")
    assert messages(one(broken)) == 15
    assert problem(broken, limits=ReportLimits(repair_size=500)).kind is ReportProblemKind.BAD_XML
    streams = gzip.compress(b"") * 11 + gzip.compress(XML)
    assert messages(one(streams)) == 15
    assert (
        problem(streams, limits=ReportLimits(members=11)).kind is ReportProblemKind.TOO_MANY_MEMBERS
    )
    deep = XML.replace(b"<version>", b"<x>" * 40 + b"</x>" * 40 + b"<version>")
    assert problem(deep).kind is ReportProblemKind.TOO_DEEP
    crowd = zipped({f"{n}.xml": b"" for n in range(11)})
    assert (
        problem(crowd, limits=ReportLimits(members=10)).kind is ReportProblemKind.TOO_MANY_MEMBERS
    )
    nested = XML
    for _ in range(12):
        nested = zipped({"inner.zip": nested})
    assert problem(nested).kind is ReportProblemKind.TOO_DEEP
    multipart = b"x"
    for n in range(12):
        multipart = b"From: a@b\nContent-Type: multipart/mixed; boundary=b%d\n\n--b%d\n%s" % (
            n,
            n,
            multipart,
        )
    assert problem(multipart).kind is ReportProblemKind.TOO_DEEP


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([XML, packed(XML, "gz"), packed(XML, "zip"), packed(XML, "eml"), LAUGHS]),
    st.lists(st.tuples(st.integers(0, 5000), st.binary(max_size=8)), max_size=6),
    st.integers(0, 5000),
)
def test_damage_never_raises(data, edits, keep):
    changed = bytearray(data)
    for at, new in edits:
        changed[at % len(changed) : at % len(changed) + len(new)] = new
    for cut in (bytes(changed), bytes(changed[: keep % len(changed)])):
        for outcome in outcomes(cut):
            assert isinstance(outcome, ReportProblem | Item)
            if isinstance(outcome, ReportProblem):
                assert outcome.message


# -- files ---------------------------------------------------------------------------------------


def test_a_folder_is_searched_and_every_file_accounted_for(tmp_path):
    write_reports(tmp_path / "a", days=3)
    write_reports(tmp_path / "a" / "b", days=2, orgs=["other.example"], packing="eml")
    (tmp_path / "README").write_text("Nothing to see: here\n")
    (tmp_path / "broken.xml").write_text("<feedback>")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "x.xml").write_bytes(XML)
    (tmp_path / "noname").write_bytes(report_xml(org="third.example"))
    calls: list[tuple[int, int]] = []
    reading = reports.read([tmp_path], progress=lambda done, total: calls.append((done, total)))
    assert reading.evidence.reports == 6
    assert [(Path(each.path).name, each.kind) for each in reading.problems] == [
        ("broken.xml", ReportProblemKind.BAD_XML)
    ]
    assert calls[0] == (0, 8)
    assert calls[-1] == (8, 8)
    assert not reading.nothing_read


def test_what_is_named_is_never_ignored(tmp_path):
    readme = tmp_path / "README"
    readme.write_text("Nothing to see here\n")
    reading = reports.read([readme, tmp_path / "absent"])
    assert [each.kind for each in reading.problems] == [
        ReportProblemKind.NO_REPORT,
        ReportProblemKind.NOT_FOUND,
    ]
    assert reading.nothing_read
    assert not reports.read([]).nothing_read


def test_a_maildir_with_subfolders(tmp_path):
    box = tmp_path / "Maildir"
    for folder in ("cur", "new", "tmp", ".DMARC/cur", ".DMARC/new", ".DMARC/tmp"):
        (box / folder).mkdir(parents=True)
    names = ("cur/1.a:2,S", "new/2.b", "tmp/3.c", ".DMARC/cur/4.d:2,")
    for number, name in enumerate(names):
        xml = report_xml(report_id=str(number))
        (box / name).write_bytes(packed(xml, "eml"))
    (box / "cur" / "5.e").write_bytes(b"From: a@b\nSubject: lunch\n\nAt one?\n")
    reading = reports.read([box])
    assert reading.evidence.reports == 3
    assert not reading.problems


def test_an_mbox(tmp_path):
    box = tmp_path / "mbox"
    mails = [packed(report_xml(report_id=str(n)), "eml").replace(b"\r\n", b"\n") for n in range(3)]
    mails.insert(1, b"From: a@b\nSubject: lunch\n\nAt one?\n")
    mails.append(mailed(b"PK\3\4 broken", "r.zip", newline="\n"))
    box.write_bytes(b"".join(b"From a@b Fri Nov 20 2026\n" + mail + b"\n" for mail in mails))
    reading = reports.read([box])
    assert reading.evidence.reports == 3
    (problem,) = reading.problems
    assert (problem.kind, problem.members[0]) == (ReportProblemKind.BAD_ARCHIVE, "mail 5")
    box.write_bytes(box.read_bytes() * 2)
    assert f"{box} > mail 8 > report.xml.gz" in reports.read([box]).duplicates
    large = reports.read([box], limits=ReportLimits(file_size=300)).problems
    assert {each.kind for each in large} == {ReportProblemKind.TOO_LARGE}


def test_files_that_are_no_files_and_files_too_large(tmp_path):
    os.mkfifo(tmp_path / "pipe.xml")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "gone.xml").symlink_to(tmp_path / "nowhere")
    with (tmp_path / "large.xml").open("wb") as stream:
        stream.truncate(65 * 1024 * 1024)
    reading = reports.read([tmp_path, tmp_path / "pipe.xml"])
    assert {Path(each.path).name: each.kind for each in reading.problems} == {
        "gone.xml": ReportProblemKind.UNREADABLE,
        "large.xml": ReportProblemKind.TOO_LARGE,
        "pipe.xml": ReportProblemKind.NOT_REGULAR,
    }


def test_a_report_delivered_twice_is_counted_once_and_told(tmp_path):
    (tmp_path / "a.xml").write_bytes(XML)
    (tmp_path / "b.eml").write_bytes(packed(XML, "eml"))
    reading = reports.read([tmp_path])
    found = reading.evidence.domain("example.com")
    assert found is not None
    assert found.tally.messages == 15
    assert [Path(each.split(" > ")[0]).name for each in reading.duplicates] == ["b.eml"]


def test_fourteen_days_at_99_percent_are_ready_at_90_not_and_the_source_is_named(tmp_path):
    write_reports(tmp_path / "good", aligned=0.99, packing="zip", orgs=["a.example", "b.example"])
    ready = reports.read([tmp_path / "good"]).evidence.domains["example.com"].readiness()
    assert isinstance(ready, Ready)
    assert (ready.tally.messages, ready.tally.unaligned) == (28_000, 280)
    assert ready.first == LAST_DAY - timedelta(days=13)

    write_reports(tmp_path / "bad", aligned=0.9)
    answer = reports.read([tmp_path / "bad"]).evidence.domains["example.com"].readiness()
    assert isinstance(answer, NotReady)
    (missing,) = answer.missing
    assert isinstance(missing, TooFewAligned)
    assert missing.have == 0.9
    (source,) = missing.sources
    assert (source.address, source.tally.unaligned) == ("203.0.113.66", 1400)
    assert source.envelope_domains == ("crm.example.net",)


def test_the_rows_keep_what_a_replay_needs(tmp_path):
    (tmp_path / "r.xml").write_bytes(report_xml(day_of_mail(100, 0.9)))
    found = reports.read([tmp_path]).evidence.domain("example.com")
    assert found is not None
    kept = {
        (flow.source_ip, flow.envelope_domain, flow.header_from, flow.aligned): (
            flow.count,
            tuple((each.domain, each.selector, each.result) for each in flow.dkim),
        )
        for flow in found.flows
    }
    assert kept == {
        ("40.92.0.10", "example.com", "example.com", True): (
            30,
            (("example.com", "selector1", "pass"),),
        ),
        ("198.51.100.25", "bounces.news.example", "example.com", True): (
            30,
            (("example.com", "selector1", "pass"),),
        ),
        ("2001:db8::25", "example.com", "example.com", True): (30, ()),
        ("203.0.113.66", "crm.example.net", "example.com", False): (
            10,
            (("crm.example.net", "k1", "pass"),),
        ),
    }


@pytest.mark.parametrize(
    "data",
    [
        b'{"policies":' + b"[" * 1_000_000,
        b'{"policies":' + b'{"a":' * 200_000,
        b'{"policies":[' + b"1," * 500_000 + b"1]}",
        b'{"policies":[],"report-id":' + b"9" * 100_000 + b"}",
        b'{"policies":[{"policy":{"policy-domain":"' + b"a" * 1_000_000 + b'"}}]}',
        b"Received: x\n\nfeedback-type: auth-failure\n" + b"A: " * 300_000,
        b"MIME-Version: 1.0\nReceived: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n"
        b"Feedback-Type: x\nReported-Domain: a.example\n" + b"X-1:\n y\n" * 100_000 + b"--b--\n",
    ],
)
def test_hostile_reports_of_other_kinds_are_bounded(data: bytes):
    for outcome in outcomes(data):
        assert isinstance(outcome, ReportProblem | Item)
