"""A page per rule, made from the rule's own docstring, metadata and examples, and their index."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from zonelint.commands.rule import shortened
from zonelint.formats.references import linked
from zonelint.rules.core import registry
from zonelint.rules.core.finding import Severity
from zonelint.rules.core.rule import Example, Fix, Rule

FAMILIES = {
    "SPF": ("SPF", "Which hosts may send as the domain."),
    "DMARC": ("DMARC", "What receivers do with mail that nobody vouches for, and who is told."),
    "PHASE": ("Roll-out of DMARC", "The way from watching to rejecting, and changes on it."),
    "DKIM": ("DKIM", "The keys that signatures are checked with."),
    "MX": ("Incoming mail", "The hosts that take the domain's mail."),
    "STS": ("MTA-STS", "Encrypted delivery that cannot be talked out of it."),
    "TLSRPT": ("TLS reports", "Who is told when encrypted delivery fails."),
    "DANE": ("DANE", "Certificates in the DNS."),
    "BIMI": ("BIMI", "The logo beside the message."),
    "PARK": ("Parked domains", "Domains without mail, which nobody shall send as."),
    "ZONE": ("The zone itself", "What is wrong with the file before mail comes into it."),
    "NOQA": ("Suppressions", "Comments that accept a finding."),
}
"""What a family is called and about; one that is missing here goes by its letters."""

SEVERITIES = {
    Severity.ERROR: "mail bounces, or the domain is open to forgers",
    Severity.WARNING: "it works for now, or for some receivers",
    Severity.INFO: "worth knowing; no run fails because of it",
}

NEEDS = {
    "text": "the record's own text",
    "zone": "every record of the zone",
    "dns": "records outside the zone, from [the lock](../guide/lock.md)",
    "change": "the zone before and after, by `--against` or from a plan",
    "reports": "[DMARC reports](../guide/phases.md)",
    "intent": "what [zonelint.toml](../reference/configuration.md) declares",
}

FIXES = {
    Fix.SAFE: "[safe](../guide/fixes.md): `--fix` applies it; proved not to change mail flow, "
    "or shown as a proposal instead",
    Fix.PROPOSAL: "[proposed](../guide/fixes.md): shown; applied by `--fix-proposed {code}`",
    Fix.NONE: "none: only you know what should stand there",
}

_CODE_SPAN = re.compile(r"(`[^`\n]+`)")
_MARKUP = re.compile(r"([\\*_<>\[\]|#])")


def pages() -> Iterator[tuple[str, str]]:
    """Every page about rules, as path and Markdown."""
    every = registry.rules()
    yield "rules/index.md", index(every)
    for rule in every:
        yield f"rules/{rule.code}.md", rule_page(rule)


def source(rule: Rule) -> str:
    """The file of a rule, from the root of the repository."""
    return f"{rule.check.__module__.removeprefix('zonelint.').replace('.', '/')}.py"


def navigation() -> list[dict[str, list[dict[str, str]]]]:
    """The rules' part of the sidebar, by family."""
    return [
        {
            FAMILIES.get(letters, (letters, ""))[0]: [
                {f"{rule.code} {rule.name}": f"rules/{rule.code}.md"} for rule in family
            ]
        }
        for letters, family in groupby(registry.rules(), lambda rule: rule.family)
    ]


def index(rules: Sequence[Rule]) -> str:
    """The table of all rules, by family."""
    parts = [
        "---\nhide:\n  - toc\n---",
        "# Rules",
        f"zonelint has {len(rules)} rules. Each has a code and a name, and neither ever changes. "
        "The code, or the beginning of one for a whole group, stands for the rule on the command "
        "line, in `zonelint.toml` and in [comments](../guide/suppressing.md). `zonelint rule` "
        "takes either, and prints what stands on the pages here.",
        "\n".join(f"- **{severity.value}**: {about}." for severity, about in SEVERITIES.items()),
        "*Needs* says what a rule must know; where that cannot be had, the rule does not run or "
        "answers *undecided*. *Fix* says whether its findings come with a "
        "[change](../guide/fixes.md).",
    ]
    for letters, family in groupby(rules, lambda rule: rule.family):
        title, about = FAMILIES.get(letters, (letters, ""))
        heading = f"## {title} {{ #{letters.lower()} }}"
        parts += [heading, about, _table(family)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(rules: Iterable[Rule]) -> str:
    rows = [
        f"| [{rule.code}]({rule.code}.md) | {prose(rule.summary)}<br>`{rule.name}` "
        f"| {_badge(rule.severity)} | {', '.join(rule.needs.words) or '–'} "
        f"| {'–' if rule.fix is Fix.NONE else rule.fix.value} |"
        for rule in rules
    ]
    head = ["| Code | What it finds | Severity | Needs | Fix |", "|---|---|---|---|---|"]
    return boxed("rules", [*head, *rows])


def boxed(name: str, table: Iterable[str]) -> str:
    """A table in a box that the style sheet can name."""
    return f'<div class="{name}" markdown>\n\n' + "\n".join(table) + "\n\n</div>"


def _badge(severity: Severity) -> str:
    return f"<span class='severity {severity.value}'>{severity.value}</span>"


def rule_page(rule: Rule) -> str:
    """One rule."""
    parts = [
        f"---\ntitle: {rule.code} {rule.name}\ndescription: >-\n  {rule.summary}\n---",
        f"# {rule.code} <small>{rule.name}</small>",
        prose(rule.summary),
        _facts(rule),
    ]
    if (words := said(rule)) is not None:
        message, advice = map(prose, words)
        parts.append(f'!!! quote "What zonelint says"\n    {message}.\n\n    {advice}')
    sections = rule.sections()
    references = sections.pop("References", "")
    for heading, text in sections.items():
        parts += [f"## {heading}", section(text)]
    if rule.examples_bad:
        parts += ["## Found", *_examples(rule.examples_bad)]
    if rule.examples_good:
        parts += ["## Not found", *_examples(rule.examples_good)]
    parts += ["## To accept it", _accepting(rule)]
    if references:
        parts += ["## References", linked(prose(references))]
    return "\n\n".join(parts) + "\n"


def _facts(rule: Rule) -> str:
    needs = "; ".join(NEEDS[word] for word in rule.needs.words) or "nothing but the file"
    rows = [
        ("Severity", f"{_badge(rule.severity)}: {SEVERITIES[rule.severity]}"),
        ("Needs", needs),
        ("Fix", FIXES[rule.fix].format(code=rule.code)),
        ("Standard", linked(prose(rule.section))),
    ]
    lines = [f"| **{name}** | {text} |" for name, text in rows]
    return boxed("facts", ["| | |", "|---|---|", *lines])


def _accepting(rule: Rule) -> str:
    if rule.family == "NOQA":
        return f'In `zonelint.toml`: `ignore = ["{rule.code}"]`.'
    return (
        f"On its line in the zone file, with a comment: `; noqa: {rule.code}`. For all names of a "
        "kind, or for good, in `zonelint.toml`:\n\n"
        f'```toml\nignore = ["{rule.code}"]            # everywhere\n\n'
        f'[per-owner-ignore]\n"legacy.*" = ["{rule.code}"]    # at these owners\n```\n\n'
        "[More ways](../guide/suppressing.md)"
    )


# -- prose ----------------------------------------------------------------------------------------


def section(text: str) -> str:
    """A docstring's section; a paragraph that is nothing but records becomes a block."""
    return "\n\n".join(map(_paragraph, text.split("\n\n")))


def _paragraph(text: str) -> str:
    lines = text.splitlines()
    if lines and all(re.fullmatch(r"`[^`]+`", line.strip()) for line in lines):
        return block("\n".join(line.strip().strip("`") for line in lines))
    return prose(text)


def prose(text: str) -> str:
    """Text of a docstring as Markdown: what stands between backticks stays, markup is escaped."""
    pieces = _CODE_SPAN.split(text)
    return "".join(
        piece if number % 2 else _MARKUP.sub(r"\\\1", piece) for number, piece in enumerate(pieces)
    )


def block(text: str, language: str = "text", title: str = "") -> str:
    """A fenced block; `title` stands above it."""
    titled = f' title="{title}"' if title else ""
    return f"```{language}{titled}\n{text.rstrip()}\n```"


# -- examples -------------------------------------------------------------------------------------

_BESIDE = {
    "config": ("toml", "zonelint.toml"),
    "lock": ("toml", "zonelint.lock"),
    "policy_before": ("text", "the MTA-STS policy before the change"),
    "policy": ("text", "the MTA-STS policy"),
    "twin": ("text", "another zone of the name"),
    "reports": ("toml", "what the reports say, in short"),
    "before": ("text", "the zone before the change"),
}
"""What an example may have beside the zone: its language and title."""


def _examples(examples: Iterable[Example]) -> Iterator[str]:
    """The examples; neighbours that are a zone and nothing else share one block."""
    for language, group in groupby(examples, _shared):
        if language:
            texts = [_zone_text(each) for each in group]
            apart = "\n" if all("\n" not in text for text in texts) else "\n\n"
            yield block(apart.join(texts), language)
        else:
            yield from map(_example, group)


def _shared(example: Example) -> str:
    """The language of the block that the example can share; empty when it needs its own."""
    if any(getattr(example, name, None) for name in _BESIDE) or example.undecided:
        return ""
    return "text" if example.fixed is None else "diff"


def _example(example: Example) -> str:
    shown = []
    for name, (language, title) in _BESIDE.items():
        text = getattr(example, name, None)
        if text:
            shown.append(block(shortened(inspect.cleandoc(text)), language, title))
    language = "text" if example.fixed is None else "diff"
    shown.append(block(_zone_text(example), language, "the zone"))
    if example.undecided:
        shown.append("Here the answer is *undecided*.")
    return '<div class="example" markdown>\n\n' + "\n\n".join(shown) + "\n\n</div>"


def _zone_text(example: Example) -> str:
    """The zone; where there is a fix, line by line what goes and what comes."""
    if example.fixed is None:
        return shortened(example.zone.rstrip())
    before, after = example.zone.splitlines(), _fixed(example).splitlines()
    lines = [line.rstrip() for line in difflib.ndiff(before, after) if line[0] != "?"]
    shown = [shortened(line) for line in lines]
    if len({line[2:] for line in shown}) < len({line[2:] for line in lines}):
        shown = lines  # what differs lies within a key
    return "\n".join(shown)


def _fixed(example: Example) -> str:
    """The whole zone after the change; that of a single record's text is made of its own."""
    fixed = inspect.cleandoc(example.fixed or "")
    if not example.is_text:
        return fixed
    head, quote, _ = example.zone.partition('"')
    return f'{head}"{fixed}"' if quote else fixed


# -- what the rule says ---------------------------------------------------------------------------


def said(rule: Rule) -> tuple[str, str] | None:
    """The message and the advice at the first of the rule's own examples; None if it needs more."""
    from zonelint.grammars.masterfile import reader as masterfile
    from zonelint.rules.config import intent
    from zonelint.rules.context import Context
    from zonelint.rules.core.engine import Engine
    from zonelint.rules.model import lock as lockfile

    def read(text: str) -> masterfile.Zone:
        head = "" if text.startswith("$ORIGIN") else "$ORIGIN example.com.\n$TTL 3600\n"
        return masterfile.read(head + text, "example.com.zone", "example.com.")

    for example in rule.examples_bad:
        if example.undecided or example.reports or getattr(example, "policy", None):
            continue
        declared = intent.load(example.config) if example.config else None
        locked = [lockfile.parse(example.lock, complete=False)] if example.lock else []
        previous = Context([read(example.before)], declared, locked) if example.before else None
        context = Context([read(example.zone)], declared, locked, previous=previous)
        for finding in Engine([rule]).run(context).findings:
            return finding.message, finding.advice
    return None
