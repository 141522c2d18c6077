"""Fixes in Terraform source: what is replaced, and what is left alone."""

import json
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner

from zonelint.main import zonelint

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
