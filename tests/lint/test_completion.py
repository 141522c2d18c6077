"""Shell completion, as the documentation sets it up, in the shells that are installed here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "completion.md").read_text("utf-8")
BIN = Path(sys.executable).parent
SHELLS = ("bash", "zsh", "fish")


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]), **more}


def completed(shell: str, words: str) -> list[str]:
    """What zonelint answers when the shell asks how the last word could go on."""
    position = str(len(words.split(" ")) - 1)
    asked = environment(
        _ZONELINT_COMPLETE=f"{shell}_complete", COMP_WORDS=words, COMP_CWORD=position
    )
    done = subprocess.run([BIN / "zonelint"], env=asked, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("shell", SHELLS)
def test_the_document_names_every_shell_and_its_script_is_made(shell: str) -> None:
    assert f"_ZONELINT_COMPLETE={shell}_source zonelint" in DOCUMENT
    asked = environment(_ZONELINT_COMPLETE=f"{shell}_source")
    done = subprocess.run([BIN / "zonelint"], env=asked, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"_ZONELINT_COMPLETE={shell}_complete" in done.stdout
    if shutil.which(shell):
        read = subprocess.run([shell, "-n"], input=done.stdout, capture_output=True, text=True)
        assert read.returncode == 0, read.stderr


def test_commands_options_and_values_are_completed() -> None:
    commands = [line.partition(",")[2] for line in completed("bash", "zonelint ")]
    assert {"check", "triage", "init"} <= set(commands)
    assert [line.partition(",")[2] for line in completed("bash", "zonelint tri")] == ["triage"]
    options = [line.partition(",")[2] for line in completed("bash", "zonelint check --f")]
    assert {"--format", "--fix"} <= set(options)
    values = [line.partition(",")[2] for line in completed("bash", "zonelint check --format s")]
    assert values == ["sarif"]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("zonelint rule spf20", "SPF201"),
        ("zonelint check --select DKIM10", "DKIM101"),
        ("zonelint check --ignore SPF,DMARC10", "SPF,DMARC101"),
        ("zonelint check --fix-proposed SPF001,", "SPF001,SPF002"),
    ],
)
def test_codes_are_completed(words: str, wanted: str) -> None:
    answers = [line.partition(",")[2] for line in completed("bash", words)]
    assert wanted in answers
    assert all(answer.startswith(words.rpartition(" ")[2].upper()) for answer in answers)


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_with_the_line_of_the_document(tmp_path: Path) -> None:
    (line,) = re.findall(r"^ *(eval .*bash_source.*)$", DOCUMENT, re.MULTILINE)
    script = tmp_path / "session.sh"
    script.write_text(
        f"set -e\n{line}\n"
        "COMP_WORDS=(zonelint check --format jun)\nCOMP_CWORD=3\n"
        "function=$(complete -p zonelint | sed 's/.*-F \\([^ ]*\\).*/\\1/')\n"
        "$function zonelint jun --format\n"
        'echo "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(
        ["bash", "--norc", script], env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "junit"
