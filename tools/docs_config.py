"""The reference of `zonelint.toml`, made from the schema that reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from docs_rules import boxed, prose

from zonelint.providers.resources import table
from zonelint.rules.config import intent
from zonelint.rules.config.schema import ConfigKey
from zonelint.rules.config.senders import Catalogue

_HEAD = """\
---
hide:
  - navigation
---

# zonelint.toml

zonelint looks for `zonelint.toml`, or a `pyproject.toml` with a table `[tool.zonelint]`, in the
folder of what it checks and in those above. `--config FILE` names another one. Paths in it are
relative to it. Nothing in it is required, and without any file the rules that need no declaration
run all the same; `zonelint init` writes a first one from the zones that it finds.

A key that does not exist here is refused, with the one that was probably meant; so is a code that
no rule has. All faults of the file are told in one run, each with its line.

`<domain>` and the like stand for names that you choose. A domain's table also holds for the names
below it when it is written `"*.example.com"`; the longest pattern wins, key by key.
"""

_SECTIONS = {
    "": ("The run", "What is read, which rules run, what fails."),
    "views": (
        "Views",
        "Zones of one name that are served side by side on purpose, such as an internal and a "
        "public one. Each view has its name and its files; zones in no view belong together:\n\n"
        '```toml\n[views]\ninternal = ["zones/internal/*.zone"]\n'
        'external = ["zones/external/*.zone"]\n```\n\n'
        "A view that the internet does not see is told so, as a table: "
        '`internal = { zones = ["zones/internal/*.zone"], public = false }`. Of its zones only '
        "what servers inside meet is judged (mail exchanges, what any zone may have wrong), and "
        "no SPF, DKIM or DMARC, which receivers outside look up.",
    ),
    "thresholds": ("Thresholds", "Where rules draw their lines."),
    "fix": ("Fixes", "How they are written."),
    "domains": (
        "Domains",
        "What you mean each domain's mail to be; rules check the zone against it.",
    ),
    "senders": (
        "Senders of your own",
        "Mail services that zonelint does not know, in the form that its own profiles have.",
    ),
    "resources": (
        "Resource types",
        "Resource types of Pulumi and Terraform providers that zonelint does not know.",
    ),
}


def page() -> str:
    """The whole page as Markdown."""
    parts = [_HEAD]
    known = [key for key in intent.schema() if key.path != "resources"]
    keys = sorted([*known, *table.schema()], key=lambda key: list(_SECTIONS).index(_section(key)))
    for name, group in groupby(keys, _section):
        title, about = _SECTIONS[name]
        parts += [f"## {title}", about, _table(group)]
        if name == "domains":
            parts += ["### The senders that zonelint knows", _senders()]
    return "\n\n".join(parts) + "\n"


def _section(key: ConfigKey) -> str:
    first = re.split(r"[.\[]", key.path, maxsplit=1)[0]
    return first if first in _SECTIONS else ""


def _table(keys: Iterable[ConfigKey]) -> str:
    rows = [
        f"| `{key.path}` | {_type(key.type)} | {_default(key.default)} | {prose(_about(key))} |"
        for key in keys
    ]
    return boxed("keys", ["| Key | Type | Default | Meaning |", "|---|---|---|---|", *rows])


def _about(key: ConfigKey) -> str:
    """What is said of a key, and what of it a judgement of a change goes by."""
    return f"{key.about} With `--against` the base's counts." if key.loosens else key.about


def _default(text: str) -> str:
    """The default; one that is a value as it would be written, and no phrase, as code."""
    is_value = re.fullmatch(r'\[.*\]|"[^"]*"|[\d.]+|true|false', text)
    return f"`{text}`" if is_value else text


def _type(label: str) -> str:
    return label.replace("|", "\\|")


def _senders() -> str:
    catalogue = Catalogue()
    return "\n".join(["| Write | For | Compared with its documentation |", "|---|---|---|",
                      *_rows(catalogue)])  # fmt: skip


def _rows(catalogue: Catalogue) -> Iterator[str]:
    for sender in catalogue:
        links = " ".join(
            f"[{number}]({url})" for number, url in enumerate(sender.references, start=1)
        )
        yield f"| `{sender.id}` | {sender.name} | {sender.checked or ''} {links} |"
