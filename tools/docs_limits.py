"""The table of limits: every bound of a reader, with the value that the code has."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from docs_rules import boxed

_HEAD = """\
# Limits

What zonelint reads may come from anybody who can open a pull request or send a report. Every reader
therefore has bounds. At a bound it says so, with the file's name, and the run ends with status 2
unless the table tells otherwise: what was not read is never passed as clean. The values are those
of the code that this page was built from.
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """One bound: the constant that holds it (`module:name` or `module:Class.field`)."""

    reader: str
    what: str
    place: str
    unit: str
    then: str = "the file is refused"

    @property
    def value(self) -> int | float:
        """What the code says. AttributeError where the constant is gone."""
        module, _, path = self.place.partition(":")
        held: object = importlib.import_module(f"zonelint.{module}")
        for name in path.split("."):
            held = getattr(held() if isinstance(held, type) else held, name)
        if not isinstance(held, int | float):
            raise TypeError(f"{self.place} is {held!r}, no number")
        return held


_FAULT = "the place is a finding, the rest is read"
_FEWER = "the rest is left out"

LIMITS = (
    Limit("Zone files", "One file", "providers.zonefile.reader:LARGEST_FILE", "octets"),
    Limit("Zone files", "One logical line", "grammars.masterfile.tokens:LONGEST_LINE",
          "characters", _FAULT),
    Limit("Zone files", "The data of one record", "grammars.masterfile.rdata:LARGEST_RDATA",
          "octets", _FAULT),
    Limit("Zone files", "Faults told of one zone", "grammars.masterfile.reader:MOST_FAULTS", "",
          "reading stops there, which is a finding"),
    Limit("Zone files", "Records of one `$GENERATE`",
          "grammars.masterfile.generate:LARGEST_RANGE", "",
          _FAULT),
    Limit("Zone files", "Records of all `$GENERATE` in one zone",
          "grammars.masterfile.reader:MOST_GENERATED", "", _FAULT),
    Limit("Zone files", "`$INCLUDE` inside each other",
          "grammars.masterfile.reader:DEEPEST_INCLUDE", "",
          _FAULT),
    Limit("Zone files", "`$INCLUDE` in one zone",
          "grammars.masterfile.reader:MOST_INCLUDES", "", _FAULT),
    Limit("Zone files", "Included text of one zone that stood there already",
          "grammars.masterfile.reader:MOST_REPEATED", "characters", _FAULT),
    Limit("Zone files", "All included text of one zone", "grammars.masterfile.reader:MOST_INCLUDED",
          "characters", _FAULT),
    Limit("Zone files", "Text read again to find where a parenthesis should have closed",
          "grammars.masterfile.reader:MOST_RESCANNED", "characters",
          "an open parenthesis then ends where a record plainly starts"),
    Limit("Zone files", "`noqa` comments of one file",
          "grammars.masterfile.noqa:MOST_SUPPRESSIONS", "",
          "those behind it silence nothing"),
    Limit("octoDNS YAML", "One file", "providers.octodns.yaml.document:LARGEST_FILE", "characters"),
    Limit("octoDNS YAML", "Collections inside each other",
          "providers.octodns.yaml.document:DEEPEST",
          ""),
    Limit("octoDNS YAML", "Keys of one zone, aliases and merges counted as often as they repeat",
          "providers.octodns.yaml.document:MOST_PAIRS", ""),
    Limit("octoDNS YAML", "Files that one zone includes",
          "providers.octodns.yaml.document:MOST_INCLUDES", ""),
    Limit("Plans", "One plan", "providers.resources.plans:LARGEST_PLAN", "octets"),
    Limit("Plans", "Names of one zone that are known in part",
          "providers.resources.zones:MOST_HALF_NAMED", "", "nothing is missing for certain"),
    Limit("Terraform source", "One file", "providers.terraform.source.find:LARGEST_FILE",
          "octets", "the file is refused, the others are read"),
    Limit("Terraform source", "Instances of resources",
          "providers.terraform.source.configuration:MOST_INSTANCES", "",
          "the configuration is refused"),
    Limit("Terraform source", "Instances of modules",
          "providers.terraform.source.configuration:MOST_MODULES", "",
          "the configuration is refused"),
    Limit("Terraform source", "Expressions evaluated for one configuration",
          "providers.hcl.evaluate:MOST_STEPS", "", "the configuration is refused"),
    Limit("Terraform source", "Expressions inside each other", "providers.hcl.syntax:DEEPEST", "",
          "the block is not read, or the value is not known"),
    Limit("Terraform source", "One text", "providers.hcl.values:LONGEST", "characters",
          "the text is not known"),
    Limit("Terraform source", "Places that one text is put together from",
          "providers.hcl.values:MOST_PIECES", "", "the text is not known"),
    Limit("Terraform source", "Files that `fileset` looks at",
          "providers.terraform.source.configuration:_MOST_FILES", "", "the files are not known"),
    Limit("Terraform source", "Parts of one value", "providers.hcl.values:MOST_PARTS", "",
          "the value is not known"),
    Limit("CloudFormation", "One template", "providers.cloudformation.find:LARGEST_TEMPLATE",
          "octets", "in a folder: it is no template"),
    Limit("Plans", "References followed for one record",
          "providers.terraform.references:_MOST_REFERENCES", "", "the record's zone is undecided"),
    Limit("zonelint.toml", "The file", "rules.config.intent:_LONGEST_FILE", "characters"),
    Limit("zonelint.toml", "Dots in one line", "rules.config.intent:_MOST_DOTS", ""),
    Limit("zonelint.toml", "`**` in one pattern of `zones`",
          "providers.project.configuration:_MOST_ANY_FOLDERS", ""),
    Limit("A repository", "Files that are looked at, of those that a run does not judge",
          "providers.project.index:MOST_FILES", "", "the rest is not known"),
    Limit("A repository", "Zones beside a run that are read for what one question may lead to",
          "providers.project.index:MOST_READ", "",
          "the question is undecided, a change is not offered"),
    Limit("zonelint.lock", "The file", "providers.project.configuration:_LARGEST_LOCK", "octets"),
    Limit("Baseline", "The file", "providers.project.configuration:_LARGEST_BASELINE", "octets"),
    Limit("Git (`--against`)", "All files of a revision",
          "providers.project.commit:MOST_OCTETS", "octets", "the run is refused"),
    Limit("DMARC reports", "A file, or one mail of a mailbox",
          "providers.reports.problem:ReportLimits.file_size", "octets"),
    Limit("DMARC reports", "One XML document, unpacked",
          "providers.reports.problem:ReportLimits.document_size", "octets"),
    Limit("DMARC reports", "All that one file unpacks to",
          "providers.reports.problem:ReportLimits.total_size", "octets"),
    Limit("DMARC reports", "A mailbox", "providers.reports.problem:ReportLimits.mbox_size",
          "octets"),
    Limit("DMARC reports", "Members of an archive, parts of a mail",
          "providers.reports.problem:ReportLimits.members", ""),
    Limit("DMARC reports", "Archives and mails inside each other",
          "providers.reports.problem:ReportLimits.nesting", ""),
    Limit("DMARC reports", "Rows of one report", "providers.reports.problem:ReportLimits.rows", ""),
    Limit("DMARC reports", "XML elements of one file",
          "providers.reports.problem:ReportLimits.elements", ""),
    Limit("DMARC reports", "XML elements of one report that no schema has",
          "providers.reports.problem:ReportLimits.unknown_elements", ""),
    Limit("DMARC reports", "XML elements inside each other",
          "providers.reports.problem:ReportLimits.element_depth", ""),
    Limit("DMARC reports", "Messages of one row", "providers.reports.xml:MAX_COUNT", ""),
    Limit("DMARC reports", "The time that one report covers", "providers.reports.xml:MAX_PERIOD",
          "seconds"),
    Limit("DMARC reports", "Signatures of one row", "providers.reports.xml:MAX_RESULTS", "",
          "the others are left out"),
    Limit("TLS reports", "One report, unpacked", "providers.reports.tls:LARGEST", "octets"),
    Limit("TLS reports", "Policies of one report", "providers.reports.tls:MOST_POLICIES", ""),
    Limit("TLS reports", "Failures of one policy", "providers.reports.tls:MOST_FAILURES", ""),
    Limit("TLS reports", "Sessions of one policy", "providers.reports.tls:MOST_SESSIONS", ""),
    Limit("MTA-STS policies", "One policy",
          "providers.project.configuration:_LARGEST_POLICY", "octets",
          "what lies behind is not read"),
    Limit("Bounces", "One bounce", "providers.bounces.reading:LARGEST", "octets"),
    Limit("Bounces", "One message trace", "providers.bounces.reading:LARGEST_TRACE", "octets"),
    Limit("Bounces", "Messages of a trace", "providers.bounces.trace:MOST_ROWS", "", _FEWER),
    Limit("Bounces", "Recipients of a trace", "providers.bounces.trace:MOST_RECIPIENTS", "",
          _FEWER),
    Limit("Bounces", "Tries to deliver", "providers.bounces.tries:MOST_TRIES", "", _FEWER),
    Limit("Bounces", "Parts of a mail", "providers.bounces.mail:MOST_PARTS", "", _FEWER),
    Limit("Bounces", "Recipients", "providers.bounces.mail:MOST_RECIPIENTS", "", _FEWER),
    Limit("Bounces", "Recipients in copied text", "providers.bounces.text:MOST_RECIPIENTS", "",
          _FEWER),
    Limit("Bounces", "Different answers that are explained",
          "providers.bounces.bounce:MOST_STATUSES", "",
          _FEWER),
    Limit("Bounces", "Hosts on the way", "providers.bounces.headers:MOST_NODES", "", _FEWER),
    Limit("SPF evaluation", "Terms that ask DNS (RFC 7208 §4.6.4)", "rules.mail.lookups:LIMIT", "",
          "permerror, as receivers do"),
    Limit("SPF evaluation", "Lookups without an answer (RFC 7208 §4.6.4)",
          "rules.mail.lookups:VOID_LIMIT", "", "permerror, as receivers may"),
    Limit("SPF evaluation", "Hosts of one `mx` term (RFC 7208 §4.6.4)",
          "rules.mail.lookups:MX_LIMIT",
          "", "permerror, as receivers do"),
    Limit("SPF evaluation", "Terms of one tree that are looked at one by one",
          "rules.mail.lookups:MOST_WALKED", "", "the tree is over the ten lookups in any case"),
    Limit("SPF evaluation", "Records on the way to a term that is looked at",
          "rules.mail.lookups:DEEPEST_WALKED", "", "the way is over the ten lookups in any case"),
    Limit("SPF evaluation", "CNAMEs one after the other", "rules.model.answers:LONGEST_CHAIN", "",
          "the name counts as failed"),
    Limit("SPF maps", "Lookups of a tree whose addresses are listed or compared",
          "rules.mail.networks:_MOST_LOOKUPS", "", "not listed; a fix is no longer called safe"),
    Limit("SPF maps", "Terms that depend on the message or on unknown names",
          "rules.mail.networks:_MOST_QUESTIONS", "", "not listed; a fix is no longer called safe"),
    Limit("SPF maps", "Stretches of addresses", "rules.mail.networks:_MOST_INTERVALS", "",
          "not listed; a fix is no longer called safe"),
    Limit("DNS (`lock`, `--online`)", "One try", "providers.dns:Limits.one_try", "seconds",
          "the next try"),
    Limit("DNS (`lock`, `--online`)", "Tries for one question", "providers.dns:Limits.tries", "",
          "the name is undecided"),
    Limit("DNS (`lock`, `--online`)", "The whole run (`--timeout`)",
          "providers.dns:Limits.whole_run", "seconds", "what was not asked is undecided"),
    Limit("DNS (`lock`, `--online`)", "Questions at a time", "providers.dns:Limits.at_once", "",
          "they wait"),
    Limit("DNS (`lock`, `--online`)", "Names outside the zones in one run",
          "providers.lock:MOST_QUESTIONS", "", "what was not asked is undecided"),
    Limit("DNS (`lock`, `--online`)", "Includes inside each other", "providers.lock:DEEPEST", "",
          "what lies behind is undecided"),
    Limit("Fixing", "TXT records of one owner among which a fix can be proved safe",
          "rules.mail.proof:MOST_RECORDS", "", "a fix is a proposal"),
    Limit("Fixing", "SPF or DMARC records of one owner that a proposal makes one of",
          "rules.core.change:MOST_MERGED", "", "told without a proposal"),
    Limit("Changes", "Answers, or pairs of them before and after, of which each asker gets one",
          "grammars.variants:MOST", "", "what they do, or the change means, is undecided"),
    Limit("Changes", "Records that are judged again over all these answers, the first 4 aside",
          "grammars.variants:MOST_RECORDS", "", "the same"),
    Limit("Changes", "Answers of one name, of which each asker gets one",
          "grammars.zone:MOST_ANSWERS", "", "what a change of them means is undecided"),
    Limit("Fixing", "Rounds until nothing more is to be fixed", "changes.fixing:MOST_ROUNDS", "",
          "the rest is shown as findings"),
)  # fmt: skip


def page() -> str:
    """The whole page as Markdown."""
    parts = [_HEAD]
    for reader, limits in groupby(LIMITS, lambda limit: limit.reader):
        parts += [f"## {reader}", boxed("limits", _table(limits))]
    return "\n\n".join(parts) + "\n"


def _table(limits: Iterator[Limit]) -> Iterator[str]:
    yield "| Bound | Value | At the bound |"
    yield "|---|---|---|"
    for limit in limits:
        yield f"| {limit.what} | {shown(limit.value, limit.unit)} | {limit.then} |"


def shown(value: float, unit: str) -> str:
    """A number as people read it: 536870912 octets are 512 MiB."""
    if unit in ("octets", "characters") and value >= 1 << 16 and value % (1 << 10) == 0:
        short = {"octets": "B", "characters": "characters"}[unit]
        for power, prefix in ((30, "Gi"), (20, "Mi"), (10, "Ki")):
            if value % (1 << power) == 0:
                if unit == "characters":
                    break
                return f"{value / (1 << power):,.0f} {prefix}{short}"
    if unit == "seconds" and value >= 86_400 and value % 86_400 == 0:
        return f"{value / 86_400:,.0f} days"
    return f"{value:,g} {unit}".rstrip() if value < 10**6 else f"{value:,.0f} {unit}".rstrip()
