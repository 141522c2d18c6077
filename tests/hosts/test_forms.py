"""What expressions come to, by OpenTofu itself: what the reader of source is held to."""

from __future__ import annotations

import json
import re

from tests.providers import terraform_forms

from .commands import Tofu


def test_the_answers_are_opentofu_s(tofu: Tofu) -> None:
    forms = [*terraform_forms.WORKED_OUT, *terraform_forms.NOT_KNOWN]
    tofu.folder.rmdir()
    terraform_forms.write(tofu.folder, forms)
    tofu.run("tofu", "init")
    plan = json.loads(tofu.plan().read_text("utf-8"))["output_changes"]
    other = {
        form: plan[f"f{number}"]["after"]
        for number, (form, answer) in enumerate(forms)
        if plan[f"f{number}"]["after"] != answer
    }
    assert other == {}


def test_each_function_of_opentofu_is_in_a_form(tofu: Tofu) -> None:
    told = json.loads(tofu.run("tofu", "metadata", "functions", "-json").output)
    functions = {name for name in told["function_signatures"] if "::" not in name}
    forms = [form for form, _ in (*terraform_forms.WORKED_OUT, *terraform_forms.NOT_KNOWN)]
    named = set(re.findall(r"\b([a-z0-9]+)\(", " ".join(forms)))
    assert functions - named == terraform_forms.NEVER_KNOWN
