"""What mkdocs asks for while it builds: the pages made from the code, and the commands' output."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dependencies
import docs_commands
import docs_config
import docs_limits
import docs_rules
import docs_run
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

NAMES = Path("_names.zone")
"""In the docs folder: what the name server of pages with `nameserver: true` answers."""


def generated() -> Iterator[tuple[str, str]]:
    """Every page that is made from the code, as its path and its Markdown."""
    yield from docs_rules.pages()
    yield "reference/configuration.md", docs_config.page()
    yield "reference/commands.md", docs_commands.page()
    yield "reference/limits.md", docs_limits.page()
    yield "dependencies.md", dependencies.page()
    yield "security.md", _of_the_root("SECURITY.md").replace("(docs/", "(")
    yield "changelog.md", _of_the_root("CHANGELOG.md")


MADE_OF = {
    "SECURITY.md": "security.md",
    "rules/config/intent.py": "reference/configuration.md",
    "tools/dependencies.py": "dependencies.md",
    "tools/docs_limits.py": "reference/limits.md",
} | {docs_rules.source(rule): f"rules/{rule.code}.md" for rule in docs_rules.registry.rules()}
"""The pages by what they are made of: links name that, so that they lead somewhere in a clone."""
_LINK = re.compile(r"(?<=\]\()(\.\./[^)#]+)")


def linked(markdown: str, path: str) -> str:
    """The Markdown of a page of the docs, with links to pages in the place of their sources."""
    folder = os.path.dirname(path)  # noqa: PTH120

    def page(found: re.Match[str]) -> str:
        source = os.path.normpath(os.path.join("docs", folder, found[1]))  # noqa: PTH118
        made = MADE_OF.get(source)
        return found[1] if made is None else os.path.relpath(made, folder or ".")

    return _LINK.sub(page, markdown)


def _of_the_root(name: str) -> str:
    return (docs_run.ROOT / name).read_text("utf-8")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """The sidebar: rules by family, and pages that mkdocs.yml does not name under "More"."""
    assert config.nav is not None
    for entry in config.nav:
        if isinstance(entry, dict) and "Rules" in entry:
            entry["Rules"] = ["rules/index.md", *docs_rules.navigation()]
    docs = Path(config.docs_dir)
    named = set(re.findall(r"[\w/-]+\.md", str(config.nav)))
    more = [path.relative_to(docs).as_posix() for path in sorted(docs.rglob("*.md"))]
    more = [path for path in more if path not in named]
    if more:
        config.nav.insert(-1, {"More": more})
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for path, text in generated():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, config: MkDocsConfig, files: Files) -> str:
    """The page with its commands' output. A command that ends otherwise than told is an error."""
    markdown = linked(markdown, page.file.src_uri)
    if "<!-- run" not in markdown and "<!-- show" not in markdown:
        return markdown
    try:
        with contextlib.ExitStack() as stack:
            server = None
            if page.meta.get("nameserver"):
                server = stack.enter_context(_nameserver(Path(config.docs_dir) / NAMES))
            here = stack.enter_context(docs_run.page(page.file.src_uri, markdown, server))
            return docs_run.filled(markdown, here)
    except docs_run.PageError as error:
        raise PluginError(str(error)) from None


@contextlib.contextmanager
def _nameserver(zone: Path) -> Iterator[str]:
    """The tests' own DNS server on loopback, with the names of the pages; gives HOST:PORT."""
    sys.path.insert(0, str(docs_run.ROOT / "tests"))
    try:
        from dns_server import DnsServer
    finally:
        sys.path.pop(0)
    with DnsServer({".": zone.read_text("utf-8")}) as server:
        yield server.address
