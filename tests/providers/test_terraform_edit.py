"""Fixes in Terraform source: what is replaced, and what is left alone."""

import json
import re
import tempfile
import textwrap
from itertools import accumulate, pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from zonelint.grammars.rdata import quote
from zonelint.main import zonelint
from zonelint.providers.files import Files
from zonelint.providers.terraform.source.zones import read_source
from zonelint.providers.writing import changed
from zonelint.providers.zonefile.edit import EditError
from zonelint.rules.core.change import Edit

ZONES = """
resource "aws_route53_zone" "a" { name = "example.com" }
resource "aws_route53_zone" "b" { name = "example.net" }
"""


def txt(name: str, zone: str, value: str, owner: str = "", ttl: str = "3600") -> str:
    return textwrap.dedent(f"""
    resource "aws_route53_record" "{name}" {{
      zone_id = aws_route53_zone.{zone}.zone_id
      name    = "{owner}"
      type    = "TXT"
      ttl     = {ttl}
      records = [{value}]
    }}
    """)


def fix(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *options: str, **texts: str
) -> dict[str, str]:
    """The files as a fix leaves them, those that stay as they were left out."""
    monkeypatch.chdir(folder)
    (folder / ".git").mkdir()
    before = {name.replace("_", "."): text for name, text in texts.items()}
    for name, text in before.items():
        Path(name).write_text(text)
    CliRunner().invoke(zonelint, ["check", ".", *(options or ("--fix",))])
    after = {name: Path(name).read_text() for name in before}
    return {name: text for name, text in after.items() if text != before[name]}


def test_a_text_is_changed_where_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = 'variable "spf" { default = "v=spf1 MX -all" }\n'
    use = txt("a", "a", "var.spf")
    (after,) = fix(tmp_path, monkeypatch, main_tf=ZONES + declared + use).values()
    assert after == ZONES + declared.replace("MX", "mx") + use


def test_a_part_of_a_template_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    more = 'locals { all = "-ALL" }\n'
    use = txt("a", "a", '"v=spf1 MX ${local.all}"')
    (after,) = fix(tmp_path, monkeypatch, main_tf=ZONES + more + use).values()
    assert after == ZONES + more.replace("ALL", "all") + use.replace("MX", "mx")


def test_a_shared_text_is_changed_where_all_want_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = 'locals { spf = "v=spf1 MX -all" }\n'
    uses = txt("a", "a", "local.spf") + txt("b", "b", "local.spf") + txt("c", "b", "local.spf", "c")
    (after,) = fix(tmp_path, monkeypatch, main_tf=ZONES + declared + uses).values()
    assert after == ZONES + declared.replace("MX", "mx") + uses


def test_several_zones_of_a_folder_are_changed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = ZONES + txt("a", "a", '"v=spf1 MX -all"') + txt("b", "b", '"v=spf1 A -all"')
    (after,) = fix(tmp_path, monkeypatch, main_tf=text).values()
    assert after == text.replace("MX", "mx").replace('"v=spf1 A', '"v=spf1 a')


def test_each_answer_of_a_set_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of them is judged beside its zone, and is written in the same way."""
    sets = [
        txt(id, "a", f'"v=spf1 MX include:{id}.example.org -all"').replace(
            "ttl ", f'set_identifier = "{id}"\n  weighted_routing_policy {{ weight = 1 }}\n  ttl '
        )
        for id in ("one", "two")
    ]
    text = ZONES + "".join(sets)
    (after,) = fix(tmp_path, monkeypatch, main_tf=text).values()
    assert after == text.replace("MX", "mx")


def test_a_line_of_a_yaml_file_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use = txt("a", "a", 'yamldecode(file("${path.module}/r.yml")).spf')
    after = fix(tmp_path, monkeypatch, main_tf=ZONES + use, r_yml="spf: v=spf1 MX -all # ours\n")
    assert after == {"r.yml": "spf: v=spf1 mx -all # ours\n"}


def test_a_long_text_is_split_as_the_provider_wants_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = ZONES + txt("a", "a", f'"{"k" * 300}"')
    (after,) = fix(tmp_path, monkeypatch, main_tf=text).values()
    assert after == text.replace("k" * 300, "k" * 255 + '\\"\\"' + "k" * 45)


def test_a_value_leaves_its_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = '"v=spf1 a -all", "x", "v=spf1 mx -all"'
    text = ZONES + txt("a", "a", values)
    (after,) = fix(tmp_path, monkeypatch, "--fix-proposed", "SPF002", main_tf=text).values()
    assert after == text.replace(values, '"v=spf1 a mx -all", "x"')


def test_a_ttl_is_changed_where_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = 'variable "ttl" { default = 60 }\n'
    text = ZONES + declared + txt("a", "a", '"v=spf1 mx -all"', ttl="var.ttl")
    (after,) = fix(tmp_path, monkeypatch, "--fix-proposed", "ZONE003", main_tf=text).values()
    assert after == text.replace("= 60", "= 3600")


@pytest.mark.parametrize("comment", [" # noqa: SPF201", " # noqa SPF201"])
def test_a_comment_that_hides_nothing_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, comment: str
) -> None:
    text = ZONES + txt("a", "a", '"v=spf1 mx -all"').replace("]", f"]{comment}")
    (after,) = fix(tmp_path, monkeypatch, main_tf=text).values()
    assert after == text.replace(comment, "")


@pytest.mark.parametrize(
    ("value", "comment", "after"),
    [
        ("v=spf1 mx -all", "# noqa: SPF201 until June", "# until June"),
        ("v=spf1 mx +all", "// noqa until June", "# noqa: DMARC101, SPF201 until June"),
    ],
)
def test_the_words_of_a_comment_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, comment: str, after: str
) -> None:
    text = ZONES + txt("a", "a", f'"{value}"').replace("]", f"] {comment}")
    (fixed,) = fix(tmp_path, monkeypatch, main_tf=text).values()
    assert fixed == text.replace(comment, after)


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ('locals { spf = upper("v=spf1 mx -all") }', "local.spf"),
        ('locals { all = "-all" }', 'format("V=spf1 mx %s", upper(local.all))'),
    ],
)
def test_what_is_worked_out_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, declared: str, value: str
) -> None:
    text = ZONES + declared + txt("a", "a", value)
    assert fix(tmp_path, monkeypatch, main_tf=text) == {}


def test_a_refused_change_is_in_no_other_ones_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spf = txt("a", "a", '"v=spf1 mx ?all"')
    dmarc = txt("d", "a", '"v=DMARC1; p=rejct; rua=mailto:d@example.com"', "_dmarc")
    (after,) = fix(
        tmp_path, monkeypatch, "--fix-proposed", "SPF202,DMARC005", main_tf=ZONES + spf + dmarc
    ).values()
    assert after == ZONES + spf.replace("?all", "~all") + dmarc


def test_what_a_report_offers_is_one_change_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    texts = txt("a", "a", '"v=spf1 MX -all"') + txt("b", "a", '"v=spf1 MX -all"', "www")
    Path("main.tf").write_text(ZONES + texts)
    shown = CliRunner().invoke(zonelint, ["check", ".", "--format", "sarif", "--select", "SPF306"])
    results = json.loads(shown.stdout)["runs"][0]["results"]
    (fixes,) = zip(*(each["fixes"] for each in results), strict=True)
    changes = [change for fix in fixes for change in fix["artifactChanges"]]
    assert [len(change["replacements"]) for change in changes] == [1, 1]


WORDS = st.sampled_from(["none", "reject", "quarantine", "r", "no", "ant", "e"])
TERMS = st.tuples(WORDS, st.sampled_from(["=", "; ", " ", ":", "~"]), WORDS | st.none())
"""A word, what stands behind it, and the word that takes its place, if any."""


def is_cut(text: str, at: int) -> bool:
    return bool(re.fullmatch(r"\w\w", text[at - 1 : at + 1]))


def edited(source: str, *changes: tuple[str, str]) -> str:
    """A source of the zone example.com with other texts for some owners' TXT records."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "main.tf").write_text(source)
        zone = read_source([folder], files=Files([folder])).zones[0]
        edits = []
        for owner, text in changes:
            (record,) = zone.get(f"{owner}.example.com.", "TXT") or ()
            edits.append(Edit(record.owner, "TXT", record, quote(text.encode())))
        ((_, after),) = changed(zone, edits).texts.values() or [("", source)]
    return after


@given(st.lists(TERMS, min_size=1, max_size=5), st.sets(st.integers(1, 60), max_size=4))
@example([("p", "=", None), ("reject", "; ", "quarantine")], {2, 8})
def test_no_word_is_cut_across_the_edge_of_a_hole(
    terms: list[tuple[str, str, str | None]], cuts: set[int]
) -> None:
    """A default of a variable, and the text around it, that began or ended with a word still do."""
    old = "".join(word + behind for word, behind, _ in terms)
    new = "".join((other or word) + behind for word, behind, other in terms)
    edges = sorted({0, len(old), *(at for at in cuts if at < len(old))})
    pieces = [old[first:last] for first, last in pairwise(edges)]
    names = [f"${{var.v{n}}}" if n % 2 else piece for n, piece in enumerate(pieces)]
    declared = (f'variable "v{n}" {{ default = "{piece}" }}\n' for n, piece in enumerate(pieces))
    source = ZONES + "".join(declared) + txt("r", "a", f'"{"".join(names)}"', "r")
    try:
        after = edited(source, ("r", new))
    except EditError:
        assert len(pieces) > 1
        return
    (template,) = re.findall(r'records = \["(.*)"\]', after)
    defaults = dict(re.findall(r'variable "(v[0-9])" \{ default = "(.*)" \}', after))
    parts = re.split(r"\$\{var\.(v[0-9])\}", template)
    now = [defaults[part] if n % 2 else part for n, part in enumerate(parts)]
    assert "".join(now) == new
    for was, here in zip(edges[1:-1], accumulate(map(len, now)), strict=False):
        assert is_cut(old, was) or not is_cut(new, here)


@pytest.mark.parametrize(
    ("value", "old", "new"),
    [
        ("p=${var.v}; x", "reject", "quarantine"),
        ("mx${var.v}.example.org", "1", "3"),
        ("${var.v}all", "~", "-"),
    ],
)
def test_a_word_that_two_records_share_is_changed_for_both_or_not_at_all(
    value: str, old: str, new: str
) -> None:
    texts = txt("r", "a", f'"{value}"', "r") + txt("s", "a", f'"{value}"', "s")
    source = f'{ZONES}variable "v" {{ default = "{old}" }}\n{texts}'
    made = value.replace("${var.v}", new)
    assert edited(source, ("r", made), ("s", made)) == source.replace(f'"{old}"', f'"{new}"')
    with pytest.raises(EditError, match="another record"):
        edited(source, ("r", made))
