"""From paths to zones: origins, folders, what is no zone, includes within the repository."""

import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonelint.grammars.masterfile.reader import MasterZone
from zonelint.grammars.zone import ZoneFaultKind
from zonelint.providers.zonefile.find import FoundFiles
from zonelint.providers.zonefile.origin import origin_in, origin_of_file_name
from zonelint.providers.zonefile.reader import (
    Origins,
    ReadError,
    decode,
    encode,
    find,
    listed,
    read_listed,
    read_stream,
    read_text,
)

RECORD = "www 60 A 192.0.2.1\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "repository"
    (root / ".git").mkdir(parents=True)
    monkeypatch.chdir(root)
    return root


def write(folder: Path, name: str, content: str | bytes = RECORD) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read_paths(
    paths: list[str],
    *,
    origin: str | None = None,
    origins: dict[str, str] | None = None,
    **options,
) -> tuple[list[MasterZone], list[ReadError]]:
    files, errors = listed(paths)
    zones, unread = read_listed(files, Origins(origin, origins), **options)
    return zones, [*errors, *unread]


def messages(errors: list[ReadError]) -> dict[str, str]:
    return {error.path: error.message for error in errors}


# ---- origins -----------------------------------------------------------------------------------

SOA = "IN SOA ns host 1 2 3 4 5\n"


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        (f"example.com. {SOA}", "example.com."),
        (f"; SOA\n$TTL 5\nExample.COM. 60 {SOA}", "example.com."),
        ("\ufeffexample.com. soa a b 1 2 3 4 5\n", "example.com."),
        ("example.com. IN SOA( a b 1 2 3 4 5 )\n", "example.com."),
        (f"$ORIGIN example.com.\n@ {SOA}", "example.com."),
        (f"$ORIGIN example.com.\n {SOA}", "example.com."),
        (f"$ORIGIN com.\nexample {SOA}", "example.com."),
        (f"$ORIGIN com.\n$origin example ; x\n@ {SOA}", "example.com."),
        (f"$ORIGIN .\nexample.com {SOA}", "example.com."),
        (f'a TXT "x SOA y"\nexample.com. {SOA}', "example.com."),
        ("$ORIGIN example.com.\nwww A 192.0.2.1\n", "example.com."),
        ("www A 192.0.2.1\n$ORIGIN sub.example.com.\nwww A 192.0.2.1\n", None),
        ("$ORIGIN .\nexample.com A 192.0.2.1\n", None),
        (f"@ {SOA}", None),
        (f"example.com {SOA}", None),
        ("www A 192.0.2.1\n", None),
    ],
)
def test_the_origin_that_a_text_tells(text: str, origin: str | None):
    assert origin_in(text) == origin


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("example.com.zone", "example.com."),
        ("Example.COM.zone", "example.com."),
        ("example.com.db", "example.com."),
        ("example.com.txt", "example.com."),
        ("example.com.zone.signed", "example.com."),
        ("db.example.com", "example.com."),
        ("named.example.com", "example.com."),
        ("example.com", "example.com."),
        ("example.com.", "example.com."),
        ("example.pl", "example.pl."),
        ("2.0.192.in-addr.arpa.zone", "2.0.192.in-addr.arpa."),
        ("_tcp.example.com.zone", "_tcp.example.com."),
        ("example.zone", None),
        ("db.127", None),
        ("db.192.168.1", None),
        ("mail.zone", None),
        ("README.md", None),
        ("zones.yaml", None),
        ("a b.com.zone", None),
        ("-.zone", None),
    ],
)
def test_the_origin_that_a_file_name_tells(name: str, origin: str | None):
    assert origin_of_file_name(name) == origin


def test_the_order_in_which_origins_count(repository: Path):
    write(repository, "a.example.zone", f"b.example. {SOA}")
    write(repository, "c.example.zone")
    paths = ["a.example.zone", "c.example.zone"]

    def found(**options) -> list[str]:
        zones, errors = read_paths(paths, **options)
        assert not errors
        return [zone.origin for zone in zones]

    assert found() == ["b.example.", "c.example."]
    assert found(origins={"./c.example.zone": "d.example"}) == ["b.example.", "d.example."]
    assert found(origins={"a.example.zone": "d.example."}) == ["d.example.", "c.example."]
    assert found(origin="E.example", origins={"a.example.zone": "d.example"}) == ["e.example."] * 2


def test_an_export_that_calls_its_zone_the_root_is_the_zone_of_its_name(repository: Path):
    export = f"$ORIGIN .\n@ 3600 {SOA}a.example. 300 A 192.0.2.1\n"
    write(repository, "a.example", export)
    write(repository, "root", export)
    zones, errors = read_paths(["a.example", "root"])
    assert not errors
    assert [zone.origin for zone in zones] == ["a.example.", "."]
    assert [fault.kind for fault in zones[0].faults] == [ZoneFaultKind.OUT_OF_ZONE]


def test_an_origin_that_is_no_name_is_an_error(repository: Path):
    path = write(repository, "a.example.zone")
    _, errors = read_paths([str(path)], origin="a..b")
    assert "empty label" in messages(errors)[str(path)]


# ---- what is no zone ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("empty.example.zone", "", "empty"),
        ("blank.example.zone", " \n\n\t", "empty"),
        ("comments.example.zone", "; nothing here\n", "not a zone file"),
        ("binary.example.zone", b"\x7fELF\0\0\1", "binary"),
        ("utf16.example.zone", RECORD.encode("utf-16"), "UTF-16"),
        ("readme.example.zone", "# Zones\n\nThese are our zones.\n", "not a zone file"),
        ("yaml.example.zone", "---\nwww:\n  type: A\n  value: 192.0.2.1\n", "not a zone file"),
        ("prose.example.zone", "one two three\n" * 9 + RECORD + "and more of it\n" * 9, "a zone"),
        ("zone", RECORD, "--origin"),
    ],
)
def test_what_is_no_zone_is_told_and_the_other_files_are_read(repository, name, content, word):
    write(repository, name, content)
    write(repository, "good.example.zone")
    zones, errors = read_paths([name, "good.example.zone", "absent.zone", "."])
    assert [zone.origin for zone in zones] == ["good.example."]
    told = messages(errors)
    assert word in told.pop(name)
    assert told == {"absent.zone": "There is no such file."}
    assert str(errors[0]).startswith(f"{name}: ")


def test_a_zone_of_one_broken_record_is_a_zone():
    zone = read_text("www MX mail\nmail A 192.0.2.\n", "example.com.zone")
    assert isinstance(zone, MasterZone)
    assert len(zone.faults) == 2


def test_a_folder_without_zones_and_a_pipe_are_errors(repository: Path):
    (repository / "nothing").mkdir()
    write(repository, "nothing/readme.md")
    os.mkfifo(repository / "pipe.zone")
    zones, errors = read_paths(["nothing", "pipe.zone"])
    assert zones == []
    assert list(messages(errors)) == ["nothing", "pipe.zone"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_an_error(repository: Path):
    write(repository, "a.example.zone").chmod(0)
    _, errors = read_paths(["a.example.zone"])
    assert "permission" in errors[0].message


def test_a_name_with_a_null_is_an_error():
    _, errors = read_paths(["a\0b.zone"])
    assert len(errors) == 1


# ---- folders -----------------------------------------------------------------------------------


def test_folders_are_searched_for_zone_files(repository: Path):
    for name in (
        "a.example.zone", "b.example.db", "db.c.example", "notes.txt", "deep/er/d.example.zone",
        "zones/e.example", "zones/sub/f.example.txt", "zones/octodns.yaml", "zones/README.md",
        "zones/.hidden", "zones/g.example~", "h.example.zone.jnl", ".git/i.example.zone",
        "node_modules/j.example.zone", ".venv/k.example.zone", "myzones/l.example", "Thumbs.db",
    ):  # fmt: skip
        write(repository, name, f"@ {SOA}{RECORD}")
    write(repository, "zones/part.shared")
    write(repository, "app.db", b"SQLite format 3\0")
    write(repository, "text.db", "key = value\n")
    zones, errors = read_paths(["."])
    assert list(messages(errors)) == ["zones/part.shared"]
    assert sorted(zone.path for zone in zones) == [
        "a.example.zone",
        "b.example.db",
        "db.c.example",
        "deep/er/d.example.zone",
        "zones/e.example",
        "zones/sub/f.example.txt",
    ]
    assert [f.path for f in find(["zones"]) if isinstance(f, FoundFiles)] == [
        "zones/e.example",
        "zones/part.shared",
        "zones/sub/f.example.txt",
    ]


def test_files_called_as_their_zones_are_found_where_they_begin_as_zones(repository: Path):
    for name in ("named/a.com", "b.org", "zones/c.pl", "zones/d.sh", "bin/e.pl", "f.net.txt"):
        write(repository, name, f"; a zone\n\n$TTL 1h\n@ {SOA}{RECORD}")
    write(repository, "keys/m.com.txt", "google-site-verification=abc\n")
    write(repository, "sites-available/g.com", "server {\n  server_name g.com;\n}\n")
    write(repository, "zones/h.sh", f"#!/bin/sh\ncat <<EOF >db\n$ORIGIN h.sh.\n@ {SOA}EOF\n")
    write(repository, "i.com", f"# How to\n\n@ {SOA}{RECORD}")
    write(repository, "part/j.com", "$ORIGIN j.com.\nwww 60 A 192.0.2.1\n")
    write(repository, "k.example.zone", f"@ {SOA}$INCLUDE part/j.com\n")
    os.mkfifo(repository / "l.com")
    zones, errors = read_paths(["."])
    assert messages(errors) == {}
    assert {zone.path: zone.origin for zone in zones} == {
        "b.org": "b.org.",
        "f.net.txt": "f.net.",
        "k.example.zone": "k.example.",
        "named/a.com": "a.com.",
        "zones/c.pl": "c.pl.",
        "zones/d.sh": "d.sh.",
    }


@pytest.mark.parametrize("soa", ["n.com\t3600\tIN\tSOA\tns. host. 1 2 3 4 5\n", "", "$ORIGIN .\n"])
def test_an_export_names_its_zone(repository: Path, soa: str):
    head = ";;\n;; Domain:     n.com.\n;; Exported:   2026-01-02 03:04:05\n;;\n"
    mail = "n.com.\t1\tIN\tMX\t10 mx.example.net.\n"
    write(repository, "n.com.txt", head + soa + mail)
    write(repository, "export.zone", head + soa + mail)
    zones, errors = read_paths(["."])
    assert messages(errors) == {}
    assert {zone.path: zone.origin for zone in zones} == {
        "export.zone": "n.com.",
        "n.com.txt": "n.com.",
    }


def test_a_file_is_read_once_however_often_it_is_named(repository: Path):
    write(repository, "zones/a.example.zone")
    zones, _ = read_paths(["zones/a.example.zone", "zones", ".", str(repository)])
    assert [zone.path for zone in zones] == ["zones/a.example.zone"]


def test_links_to_one_file_are_zones_of_their_own(repository: Path):
    write(repository, "template")
    for name in ("a.example.zone", "b.example.zone"):
        (repository / name).symlink_to("template")
    zones, _ = read_paths(["."])
    assert [zone.origin for zone in zones] == ["a.example.", "b.example."]


def test_progress_is_told_before_each_file(repository: Path):
    for name in ("a.example.zone", "b.example.zone"):
        write(repository, name)
    seen: list[tuple[str, int, int]] = []
    read_paths(["."], progress=lambda path, done, total: seen.append((path, done, total)))
    assert seen == [("a.example.zone", 0, 2), ("b.example.zone", 1, 2)]


# ---- includes ----------------------------------------------------------------------------------


def test_included_files_are_found_beside_the_file_and_from_the_root(repository: Path):
    write(repository, "zones/a.example.zone", "$INCLUDE part/one.inc\n$INCLUDE common/two.inc b\n")
    write(repository, "zones/part/one.inc", "$INCLUDE db.three.example\nx 60 A 192.0.2.1\n")
    write(repository, "zones/part/db.three.example", "y 60 A 192.0.2.1\n")
    write(repository, "common/two.inc", "z 60 A 192.0.2.1\n")
    zones, errors = read_paths(["zones"])
    assert errors == []
    [zone] = zones
    assert zone.faults == []
    where = {r.owner: r.span.path for rrset in zone.rrsets() for r in rrset}
    assert [z.path for z in read_paths(["zones/part/db.three.example"])[0]]  # asked for by name
    assert where == {
        "x.a.example.": "zones/part/one.inc",
        "y.a.example.": "zones/part/db.three.example",
        "z.b.a.example.": "common/two.inc",
    }


@pytest.mark.parametrize(
    "name", ["../outside.inc", "/etc/hostname", "link.inc", "linked/outside.inc"]
)
def test_nothing_outside_the_repository_is_included(repository: Path, name: str):
    write(repository.parent, "outside.inc")
    (repository / "link.inc").symlink_to("../outside.inc")
    (repository / "linked").symlink_to("..")
    write(repository, "a.example.zone", f"{RECORD}$INCLUDE {name}\n")
    [zone], errors = read_paths(["a.example.zone"])
    assert errors == []
    [fault] = zone.faults
    assert "outside the repository" in fault.message
    assert (fault.span.line, zone.records, zone.complete) == (2, 1, False)


def test_a_part_that_is_not_there_is_missing_from_wherever_it_is_looked_for(repository: Path):
    write(repository, "zones/a.example.zone", f"{RECORD}$INCLUDE ../parts/absent.inc\n")
    [zone], _ = read_paths(["zones/a.example.zone"])
    assert [fault.message for fault in zone.faults] == [
        "There is no file `../parts/absent.inc` to include, so its records are missing."
    ]


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("absent.inc", "no file"),
        ("folder", "no file"),
        ("binary.inc", "binary"),
        ("pipe", "no file"),
    ],
)
def test_includes_that_cannot_be_read_are_faults(repository: Path, name: str, word: str):
    (repository / "folder").mkdir()
    os.mkfifo(repository / "pipe")
    write(repository, "binary.inc", b"a\0b")
    write(repository, "a.example.zone", f"{RECORD}$INCLUDE {name}\n")
    [zone], _ = read_paths(["a.example.zone"])
    assert [word in fault.message for fault in zone.faults] == [True]


def test_without_a_repository_the_files_own_folder_is_the_root(tmp_path: Path):
    write(tmp_path, "zones/a.example.zone", "$INCLUDE b.inc\n$INCLUDE ../c.inc\n")
    write(tmp_path, "zones/b.inc")
    write(tmp_path, "c.inc")
    [zone], _ = read_paths([str(tmp_path / "zones/a.example.zone")])
    assert zone.records == 1
    assert len(zone.faults) == 1


# ---- bytes and streams -------------------------------------------------------------------------


@given(st.binary(max_size=300))
def test_decoding_loses_nothing(data: bytes):
    assert encode(decode(data)) == data


@given(st.binary(max_size=300) | st.text(st.sampled_from('a \tA1.;()"\n$')).map(str.encode))
def test_any_bytes_give_a_zone_or_an_error(data: bytes):
    result = read_stream(io.BytesIO(data), "example.com.zone")
    assert isinstance(result, MasterZone | ReadError)


def test_a_stream_is_read_with_the_name_or_origin_given():
    zone = read_stream(io.BytesIO(RECORD.encode()), "example.com.zone")
    assert isinstance(zone, MasterZone)
    assert (zone.origin, zone.path) == ("example.com.", "example.com.zone")
    zone = read_stream(io.BytesIO(RECORD.encode()), origin="example.org")
    assert isinstance(zone, MasterZone)
    assert (zone.origin, zone.path) == ("example.org.", "<stdin>")
    assert isinstance(read_stream(io.BytesIO(RECORD.encode())), ReadError)


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.zone"
    secret.write_text("$ORIGIN example.com.\n@ 3600 IN A 192.0.2.1\n")
    repository = tmp_path / "dns"
    (repository / ".git").mkdir(parents=True)
    inside = repository / "real.zone"
    inside.write_text(secret.read_text())
    (repository / "out.zone").symlink_to(secret)
    (repository / "in.zone").symlink_to(inside)
    (repository / "folder").symlink_to(tmp_path, target_is_directory=True)
    zones, errors = read_paths([str(repository), str(repository / "folder" / "secret.zone")])
    assert sorted(Path(zone.path).name for zone in zones) == ["in.zone", "real.zone"]
    assert {Path(error.path).name for error in errors} == {"out.zone", "secret.zone"}
    assert all("leads out of the repository" in error.message for error in errors)


HEADLESS = "@ {soa} ns1.example.net. h.example.net. 1 7200 900 1209600 3600\n@ MX 10 mail\n"


@pytest.mark.parametrize("soa", ["IN SOA", "IN Soa", "sOa", "3600 IN soa", "CLASS1 SOA"])
def test_a_zone_is_known_by_its_soa_however_it_is_spelt(tmp_path, soa):
    file = tmp_path / "example.com"
    file.write_text("$TTL 3600\n" + HEADLESS.format(soa=soa))
    zones, errors = read_paths([str(tmp_path)])
    assert [zone.origin for zone in zones] == ["example.com."]
    assert errors == []


def test_a_zone_with_a_control_octet_in_a_comment_is_read(tmp_path):
    file = tmp_path / "db.example.com"
    file.write_bytes(b"; \0\x07\n$TTL 3600\n" + HEADLESS.format(soa="SOA").encode())
    zones, errors = read_paths([str(tmp_path)])
    assert [zone.origin for zone in zones] == ["example.com."]
    assert errors == []


@pytest.mark.parametrize("name", ["db.example.com", "example.com.zone", "example.com.db"])
@pytest.mark.parametrize("data", [b"", b"hello\n", b"\0\1\2"])
def test_what_is_called_as_a_zone_is_not_passed_over(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    zones, errors = read_paths([str(tmp_path)])
    assert list(zones) == []
    assert [error.path for error in errors] == [str(tmp_path / name)]


@pytest.mark.parametrize("name", ["aliases.db", "thumbs.db", "pictures.db"])
def test_other_databases_are_passed_over(tmp_path, name):
    (tmp_path / name).write_bytes(b"\0\1\2")
    (tmp_path / "example.com.zone").write_text("$TTL 3600\n" + HEADLESS.format(soa="SOA"))
    zones, errors = read_paths([str(tmp_path)])
    assert [zone.origin for zone in zones] == ["example.com."]
    assert errors == []
