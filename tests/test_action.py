"""action.yml and the GitLab job, run as their runners run them: step by step, with bash.

What GitHub puts into the scripts (inputs, outputs of earlier steps) reaches them through the
environment alone, so that is all that has to be filled in here.
"""

# Some of these tests take over 3 s: each installs the Action's packages into an environment of its
# own.

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS = ACTION["runs"]["steps"]
DOCUMENT = (ROOT / "docs" / "github-action.md").read_text("utf-8")
GITLAB = (ROOT / "docs" / "gitlab.md").read_text("utf-8")
PARTS = (
    "lint", "grammars", "rules", "providers", "pyproject.toml", "requirements-action.txt",
    "README.md", "LICENSE",
)  # fmt: skip
_FIELD = re.compile(r"\$\{\{ *(inputs|steps)\.([\w-]+)(?:\.outputs\.([\w-]+))? *\}\}")

OLD = """\
$ORIGIN example.com.
$TTL 1h
@      SOA ns1.example.net. hostmaster.example.net. 1 4h 1h 2w 1h
       NS  ns1.example.net.
@      MX  10 mail
@      TXT "v=spf1 mx -all"
mail   A   192.0.2.25
old    TXT "v=spf1 +all"
_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.com"
"""
NEW = OLD + 'new    TXT "v=spf1 a +all"\n'


def git(*words: str, cwd: Path) -> None:
    settings = ["-c", "user.name=A Keeper", "-c", "user.email=keeper@example.com"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment["GIT_CONFIG_GLOBAL"] = os.devnull
    subprocess.run(
        ["git", *settings, *words], cwd=cwd, env=environment, check=True, capture_output=True
    )


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A clone of one commit, as a runner makes it, of a request that adds a fault."""
    upstream = tmp_path_factory.mktemp("upstream")
    git("init", "--quiet", "--initial-branch", "main", cwd=upstream)
    (upstream / "zones").mkdir()
    zone = upstream / "zones" / "example.com.zone"
    for branch, text in (("main", OLD), ("request", NEW)):
        git("checkout", "--quiet", "-B", branch, cwd=upstream)
        zone.write_text(text)
        git("add", ".", cwd=upstream)
        git("commit", "--quiet", "-m", branch, cwd=upstream)
    git("branch", "v1;touch${IFS}owned", "main", cwd=upstream)

    def clone(branch: str = "request", depth: int | None = 1) -> Path:
        folder = tmp_path_factory.mktemp("checkout") / "repository"
        shallow = [] if depth is None else [f"--depth={depth}"]
        git(
            "clone", "--quiet", *shallow, "--branch", branch, f"file://{upstream}", str(folder),
            cwd=upstream,
        )  # fmt: skip
        return folder

    return clone


@dataclass
class Run:
    """What became of the steps: their outputs, the log, the job summary, the job's status."""

    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    log: str = ""
    summary: str = ""
    status: int = 0
    used: list[str] = field(default_factory=list)


class Runner:
    """Runs the steps of the action in a checkout."""

    def __init__(self, temporary: Path, source: Path) -> None:
        self.temporary = temporary
        self.source = source
        self.installed: dict[str, str] = {}

    def __call__(
        self,
        folder: Path,
        base: str | None = "main",
        environment: Mapping[str, str] | None = None,
        **inputs: str,
    ) -> Run:
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        known = {name: entry["default"] for name, entry in ACTION["inputs"].items()} | given
        run = Run()
        summary = folder.parent / "summary.md"
        summary.touch()
        for number, step in enumerate(STEPS):
            if "if" in step and not self._holds(step["if"], run, known):
                continue
            if step.get("id") == "install" and self.installed:
                run.outputs["install"] = self.installed  # the same again: once is enough
                continue
            if "uses" in step:
                run.used.append(step["uses"])
                continue
            output = folder.parent / f"output{number}"
            output.touch()
            variables = {
                **{k: v for k, v in os.environ.items() if not k.startswith(("GIT", "PYTHON"))},
                **(environment or {}),
                **{k: self._filled(v, run, known) for k, v in step.get("env", {}).items()},
                "GITHUB_ACTION_PATH": str(self.source),
                "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(summary),
                "RUNNER_TEMP": str(self.temporary),
                "GIT_CONFIG_GLOBAL": os.devnull,
            }
            if base is not None:
                variables["GITHUB_BASE_REF"] = base
            script = folder.parent / f"step{number}.sh"
            script.write_text(step["run"])
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
                cwd=folder,
                env=variables,
                capture_output=True,
                text=True,
            )
            run.log += done.stdout + done.stderr
            pairs = (line.partition("=") for line in output.read_text().splitlines())
            run.outputs[step.get("id", step["name"])] = {key: value for key, _, value in pairs}
            if step.get("id") == "install" and not done.returncode:
                self.installed = run.outputs["install"]
            if done.returncode:
                run.status = done.returncode
                break
        run.summary = summary.read_text("utf-8")
        return run

    def _holds(self, condition: str, run: Run, inputs: Mapping[str, str]) -> bool:
        """Whether a condition of the one form that the action uses holds: x != ''."""
        match = re.fullmatch(r"\$\{\{ (\S+) != '' \}\}", condition)
        assert match is not None, condition
        return self._filled(f"${{{{ {match[1]} }}}}", run, inputs) != ""

    def _filled(self, text: str, run: Run, inputs: Mapping[str, str]) -> str:
        return _FIELD.sub(lambda match: self._value(match, run, inputs), str(text))

    @staticmethod
    def _value(match: re.Match[str], run: Run, inputs: Mapping[str, str]) -> str:
        kind, name, output = match.groups()
        if kind == "inputs":
            return inputs[name]
        return run.outputs.get(name, {}).get(output, "")


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """A runner whose environment is made by the action's own first step, once."""
    source = tmp_path_factory.mktemp("action")
    without = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for part in PARTS:
        path = ROOT / part
        if path.is_dir():
            shutil.copytree(path, source / part, ignore=without)
        else:
            shutil.copy(path, source)
    return Runner(tmp_path_factory.mktemp("temp"), source)


def test_the_metadata_and_its_document_say_the_same() -> None:
    assert ACTION["runs"]["using"] == "composite"
    for kind in ("inputs", "outputs"):
        for name in ACTION[kind]:
            assert f"| `{name}` |" in DOCUMENT
    for name, entry in ACTION["inputs"].items():
        assert isinstance(entry["default"], str)
        shown = f"`{entry['default']}`" if entry["default"] else ""
        assert re.search(rf"\| `{name}` \| {re.escape(shown)} ?\|", DOCUMENT)
    rows = re.findall(r"^\| `([\w-]+)` \|", DOCUMENT, re.MULTILINE)
    assert sorted(rows) == sorted([*ACTION["inputs"], *ACTION["outputs"]])
    for block in re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL):
        assert yaml.safe_load(block)


def test_nothing_from_outside_is_written_into_a_script() -> None:
    for step in STEPS:
        if "run" in step:
            assert "${{" not in step["run"]
            assert step["shell"] == "bash"
    fields = {match[1] for match in re.finditer(r"inputs\.([\w-]+)", str(STEPS))}
    assert fields == set(ACTION["inputs"])


def test_all_that_is_installed_is_pinned_by_its_digest() -> None:
    text = (ROOT / "requirements-action.txt").read_text("utf-8")
    pinned: dict[str, list[str]] = {}
    for line in text.replace("\\\n", " ").splitlines():
        if not line.startswith("#"):
            name, *digests = line.split()
            pinned[name] = digests
            assert digests, name
            assert all(re.fullmatch("--hash=sha256:[0-9a-f]{64}", each) for each in digests)
    versions = dict(name.split("==") for name in pinned)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(versions[requirement.name.lower()]), requirement
    for step in STEPS:
        assert "@" not in step.get("uses", "") or re.search("@[0-9a-f]{40}$", step["uses"])


def test_the_paths_of_the_workflow_hold_all_that_loosens_the_gate() -> None:
    (block,) = (b for b in re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL) if "paths:" in b)
    patterns = yaml.safe_load(block)[True]["pull_request"]["paths"]
    for name in ("zonelint.toml", "pyproject.toml", "zonelint.lock", "zonelint-baseline.json"):
        assert f"**/{name}" in patterns


@pytest.mark.slow
@pytest.mark.xdist_group("action")
def test_a_request_is_told_what_it_brings(runner: Runner, checkout: Callable[..., Path]) -> None:
    run = runner(checkout())
    assert run.status == 1, run.log
    assert run.outputs["base"]["against"] == "refs/remotes/origin/main"
    assert "file=zones/example.com.zone,line=10" in run.log
    assert "old.example.com" not in run.log
    assert "new.example.com" in run.summary
    assert "```diff" in run.summary
    assert "What the change means for" in run.summary
    assert run.outputs["check"]["status"] == "1"
    assert run.used == []


@pytest.mark.slow
@pytest.mark.xdist_group("action")
def test_no_module_of_the_checkout_is_run(
    runner: Runner, checkout: Callable[..., Path], tmp_path: Path
) -> None:
    folder = checkout()
    owned = tmp_path / "owned"
    for name in ("venv", "pip", "zonelint", "click", "re", "sitecustomize", "setup", "setuptools"):
        (folder / f"{name}.py").write_text(f'open({str(owned)!r}, "w").close()\n')
    (folder / "pip.conf").write_text("[global]\nindex-url = https://owned.invalid/\n")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    for report in ("annotations", "sarif"):
        run = Runner(temporary, runner.source)(
            folder, environment={"PYTHONPATH": str(folder)}, report=report
        )
        assert run.status == 1, run.log
        shutil.rmtree(temporary / "zonelint")
    assert not owned.exists()


@pytest.mark.slow
@pytest.mark.xdist_group("action")
def test_a_branch_cannot_be_a_command(runner: Runner, checkout: Callable[..., Path]) -> None:
    folder = checkout()
    run = runner(folder, base="v1;touch${IFS}owned")
    assert run.status == 1, run.log
    assert "new.example.com" in run.summary
    assert not list(folder.rglob("owned"))


def revision(folder: Path, name: str = "HEAD") -> str:
    done = subprocess.run(
        ["git", "rev-parse", name], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.mark.slow
@pytest.mark.xdist_group("action")
@pytest.mark.parametrize("depth", [1, None])
def test_what_is_new_in_the_base_is_no_change_of_the_request(
    runner: Runner, tmp_path: Path, depth: int | None
) -> None:
    """GitHub merges the request into its base; a job that runs again meets a newer base."""
    upstream = tmp_path / "upstream"
    upstream.mkdir()
    git("init", "--quiet", "--initial-branch", "main", cwd=upstream)
    git("config", "uploadpack.allowAnySHA1InWant", "true", cwd=upstream)  # as GitHub has it
    zone = upstream / "example.com.zone"

    def commit(text: str) -> None:
        zone.write_text(text)
        git("add", ".", cwd=upstream)
        git("commit", "--quiet", "-m", "change", cwd=upstream)

    commit(OLD)
    git("checkout", "--quiet", "-b", "request", cwd=upstream)
    commit(NEW)
    git("checkout", "--quiet", "--detach", "main", cwd=upstream)
    git("merge", "--quiet", "--no-ff", "request", cwd=upstream)
    git("branch", "pull/1/merge", cwd=upstream)
    merged = revision(upstream)
    base = revision(upstream, "main")
    git("checkout", "--quiet", "main", cwd=upstream)
    commit(OLD.replace("p=none", "p=quarantine"))

    def run(branch: str, **environment: str) -> Run:
        folder = tmp_path / f"{branch.replace('/', '-')}-{len(environment)}" / "repository"
        shallow = [] if depth is None else [f"--depth={depth}"]
        git(
            "clone", "--quiet", *shallow, "--branch", branch, f"file://{upstream}", str(folder),
            cwd=upstream,
        )  # fmt: skip
        return runner(folder, environment=environment)

    of_merge = run("pull/1/merge", GITHUB_SHA=merged)
    assert of_merge.status == 1, of_merge.log
    assert of_merge.outputs["base"]["against"] == "refs/zonelint/base"
    assert "new.example.com" in of_merge.log
    assert "PHASE002" not in of_merge.log
    # Of the request's own last commit a checkout of one commit cannot tell where it began.
    of_head = run("request", GITHUB_SHA=merged)
    assert of_head.status == 1, of_head.log
    assert ("PHASE002" in of_head.log) is (depth == 1)
    expected = base if depth is None else "refs/remotes/origin/main"
    assert of_head.outputs["base"]["against"] == expected


@pytest.mark.slow
@pytest.mark.xdist_group("action")
@pytest.mark.parametrize("against", ["main", "commit"])
def test_what_is_compared_with_is_fetched(
    runner: Runner, checkout: Callable[..., Path], against: str
) -> None:
    folder = checkout()
    if against == "commit":
        against = revision(checkout("main"))
        upstream = Path(subprocess.run(
            ["git", "remote", "get-url", "origin"], cwd=folder, capture_output=True, text=True
        ).stdout.strip().removeprefix("file://"))  # fmt: skip
        git("config", "uploadpack.allowAnySHA1InWant", "true", cwd=upstream)
    run = runner(folder, base=None, against=against)
    assert run.outputs["base"]["against"] == "refs/zonelint/against"
    assert run.status == 1, run.log
    assert "new.example.com" in run.log
    assert "old.example.com" not in run.log


@pytest.mark.slow
@pytest.mark.xdist_group("action")
def test_a_first_push_compares_with_nothing(runner: Runner, checkout: Callable[..., Path]) -> None:
    run = runner(checkout(), base=None, against="0" * 40)
    assert run.outputs["base"]["against"] == ""
    assert "old.example.com" in run.log


@pytest.mark.slow
@pytest.mark.xdist_group("action")
def test_code_scanning_gets_sarif_and_the_job_may_pass(
    runner: Runner, checkout: Callable[..., Path]
) -> None:
    run = runner(checkout(), report="sarif", fail="false", summary="false")
    assert run.status == 0, run.log
    assert run.summary == ""
    (used,) = run.used
    assert re.fullmatch("github/codeql-action/upload-sarif@[0-9a-f]{40}", used)
    (log,) = json.loads(Path(run.outputs["check"]["sarif"]).read_text("utf-8"))["runs"]
    places = [each["locations"][0]["physicalLocation"] for each in log["results"]]
    assert {place["artifactLocation"]["uri"] for place in places} == {"zones/example.com.zone"}


@pytest.mark.slow
@pytest.mark.xdist_group("action")
def test_outside_a_request_everything_is_reported(
    runner: Runner, checkout: Callable[..., Path]
) -> None:
    run = runner(checkout(), base=None, paths="zones\n", arguments="--select\nSPF201\n")
    assert run.status == 1
    assert run.outputs["base"]["against"] == ""
    assert run.log.count("title=SPF201") == 2
    clean = runner(checkout(), base=None, arguments="--select\nSPF301\n")
    assert clean.status == 0, clean.log
    assert clean.outputs["check"]["status"] == "0"


@pytest.mark.slow
@pytest.mark.xdist_group("action")
@pytest.mark.parametrize(
    "inputs",
    [{"paths": "nothing.zone"}, {"report": "pdf"}, {"config": "no.toml"}, {"against": "v9"}],
)
def test_what_cannot_be_checked_fails_the_job(
    runner: Runner, checkout: Callable[..., Path], inputs: dict[str, str]
) -> None:
    run = runner(checkout(), fail="false", **inputs)
    assert run.status == 2, run.log


# ---- GitLab -------------------------------------------------------------------------------------


def job() -> dict[str, Any]:
    block = re.search(r"```yaml\n(zonelint:.*?)```", GITLAB, re.DOTALL)
    assert block is not None
    found = yaml.safe_load(block[1])["zonelint"]
    assert isinstance(found, dict)
    return found


@pytest.mark.slow
@pytest.mark.xdist_group("action")
def test_a_summary_that_cannot_be_made_is_told(
    runner: Runner, checkout: Callable[..., Path], tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text(
        "#!/bin/sh\n"
        'case "$*" in *markdown*) echo "no room is left" >&2; exit 70;; esac\n'
        f'exec {runner(checkout()).outputs["install"]["python"]} "$@"\n'
    )
    python.chmod(0o755)
    broken = Runner(runner.temporary, runner.source)
    broken.installed = {"python": str(python)}
    run = broken(checkout())
    assert run.status == 2
    assert "no room is left" in run.log
    assert "::error title=zonelint::the summary could not be made (status 70)" in run.log
    assert run.summary == ""


@pytest.mark.slow
@pytest.mark.xdist_group("action")
@pytest.mark.parametrize(("branch", "status"), [("request", 1), ("main", 0)])
def test_the_gitlab_job(
    runner: Runner, checkout: Callable[..., Path], branch: str, status: int
) -> None:
    venv = runner.temporary / "zonelint" / "bin"
    if not (venv / "zonelint").exists():
        runner(checkout())
    described = job()
    folder = checkout(branch, depth=None)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GIT", "PYTHON"))}
    environment = {
        **kept,
        **described["variables"],
        "PATH": os.pathsep.join([str(venv), os.environ["PATH"]]),
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": "origin/main",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    script = "set -eo pipefail\n" + "\n".join(described["script"])
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == status, done.stdout + done.stderr
    (name,) = described["artifacts"]["reports"].values()
    issues = json.loads((folder / name).read_text("utf-8"))
    owners = {issue["location"]["lines"]["begin"] for issue in issues}
    assert owners == ({10} if status else set())
    assert described["artifacts"]["when"] == "always"
