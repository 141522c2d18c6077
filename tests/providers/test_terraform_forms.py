"""The forms of the language, as OpenTofu works them out."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.providers import terraform_forms
from zonelint.providers.files import Files
from zonelint.providers.hcl.arguments import bare
from zonelint.providers.hcl.functions import FUNCTIONS
from zonelint.providers.hcl.values import first_hole
from zonelint.providers.terraform.source.configuration import TerraformConfiguration


def outputs(
    folder: Path, forms: list[tuple[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> list[Any]:
    """What each form comes to; a value that is not known says why."""
    terraform_forms.write(folder, forms)
    monkeypatch.chdir(folder)  # paths are those of the folder in which Terraform runs
    configuration = TerraformConfiguration("", Files([folder]))
    assert configuration.problems == []
    values = [configuration.root.output(f"f{number}") for number in range(len(forms))]
    holes = [first_hole(value) for value in values]
    return [
        bare(value) if hole is None else hole for value, hole in zip(values, holes, strict=True)
    ]


def test_forms_come_to_what_opentofu_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forms = terraform_forms.WORKED_OUT
    found = outputs(tmp_path / "forms", forms, monkeypatch)
    other = {
        form: value
        for (form, answer), value in zip(forms, found, strict=True)
        if value != answer or isinstance(value, bool) is not isinstance(answer, bool)
    }
    assert other == {}


def test_what_is_not_worked_out_is_not_guessed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forms = terraform_forms.NOT_KNOWN
    found = outputs(tmp_path / "forms", forms, monkeypatch)
    assert [
        form for (form, _), value in zip(forms, found, strict=True) if not hasattr(value, "why")
    ] == []


def test_each_function_is_in_a_form() -> None:
    named = set(re.findall(r"\b([a-z0-9]+)\(", " ".join(f for f, _ in terraform_forms.WORKED_OUT)))
    before = {"list", "map"}  # of Terraform 0.11, which OpenTofu refuses
    own = {name for name in FUNCTIONS if "::" not in name}
    assert own - named - before == set()
