"""What the owners of the zones declare in `zonelint.toml`: who sends, how far they want to go.

The schema is one tree of keys: it reads the file, refuses what it does not know, and is the
source of the reference in the documentation (see schema()).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from pathlib import PurePath
from typing import Any, NamedTuple, TypeVar, cast

from zonelint.grammars.dnsname import quote_source, to_a_labels
from zonelint.grammars.nearmiss import near_miss
from zonelint.grammars.zone import ancestors, without_dot
from zonelint.rules.config.declaration import DeclaredAlignment as DeclaredAlignment
from zonelint.rules.config.declaration import DmarcIntent as DmarcIntent
from zonelint.rules.config.declaration import DmarcTarget as DmarcTarget
from zonelint.rules.config.declaration import DomainIntent as DomainIntent
from zonelint.rules.config.declaration import Profile as Profile
from zonelint.rules.config.declaration import SenderOptions as SenderOptions
from zonelint.rules.config.declaration import SpfStage as SpfStage
from zonelint.rules.config.declaration import Thresholds as Thresholds
from zonelint.rules.config.schema import (
    FLAG,
    FREE,
    Choice,
    ConfigKey,
    Entry,
    Many,
    Path,
    Rest,
    SchemaProblem,
    Share,
    Table,
    TableOrFirst,
    TextValue,
    UnfitValue,
    Whole,
    describe,
    spell,
)
from zonelint.rules.config.sender import PROFILE, Sender, build, target_matches
from zonelint.rules.config.senders import Catalogue
from zonelint.rules.config.toml_place import locate
from zonelint.rules.core.finding import FailOn, Severity

_LONGEST_FILE = 300_000
"""Characters: far more than any team writes by hand."""

_MOST_DOTS = 2_000
"""In one line."""


_Fields = Mapping[tuple[str, ...], object]
"""The written values of one domain or pattern, by their path inside its table."""


_PATTERNS = "*"
_REMEMBERED = 10_000
"""Domains whose declaration is kept: several rules ask for that of each domain."""


@dataclass(frozen=True, slots=True)
class Intent:
    """The whole configuration. Intent() is what holds where there is no file.

    zones and reports are globs and folders, relative to the file, like the paths lock, baseline
    and origins' keys. severity has rule codes, per_owner_ignore has patterns of owners. public:
    whether the internet sees a view, where that is written.
    """

    path: str = "zonelint.toml"
    zones: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    lock: str = "zonelint.lock"
    baseline: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict)
    views: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    public: Mapping[str, bool] = field(default_factory=dict)
    select: tuple[str, ...] = ("ALL",)
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    fail_on: FailOn = FailOn.WARNING
    stop_on: FailOn = FailOn.ERROR
    per_owner_ignore: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    thresholds: Thresholds = field(default_factory=Thresholds)
    fix_serial: bool = True
    pulumi_before: str | None = None
    catalogue: Catalogue = field(default_factory=Catalogue)
    resources: Mapping[str, object] = field(default_factory=dict)
    domains: Mapping[str, _Fields] = field(default_factory=dict)
    _asked: dict[str, DomainIntent | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _below: dict[str, list[str]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def for_domain(self, name: str) -> DomainIntent | None:
        """What is declared of a domain (absolute, any case); None where nothing is.

        The domain's own table comes before a pattern, a longer pattern before a shorter one, and
        each key is inherited by itself. A pattern means the names below, not the name itself.
        """
        absolute = name.lower()
        if absolute not in self._asked:
            if len(self._asked) >= _REMEMBERED:
                self._asked.clear()
            self._asked[absolute] = self._for_domain(absolute)
        return self._asked[absolute]

    def _for_domain(self, absolute: str) -> DomainIntent | None:
        fields: dict[tuple[str, ...], object] = {}
        for key in _nearest_first(absolute):
            for path, value in self.domains.get(key, {}).items():
                fields.setdefault(path, value)
        if not fields and not any(key in self.domains for key in _nearest_first(absolute)):
            return None
        return _domain(absolute, fields)

    def inherited(self, name: str, path: tuple[str, ...], default: object) -> object:
        """The value of one key for a domain or a pattern, its own or of a pattern above it."""
        held = (self.domains.get(key, {}) for key in _nearest_first(name))
        return next((fields[path] for fields in held if path in fields), default)

    def declared_domains(self) -> tuple[str, ...]:
        """The domains that have a table of their own, absolute, without the patterns."""
        return tuple(name for name in self.domains if not name.startswith("*."))

    def declared_below(self, name: str) -> Sequence[str]:
        """Those of them that are a name, or below it, or whose envelope senders are."""
        return self._by_ancestor().get(name, ())

    def is_public(self, view: str) -> bool:
        """Whether the internet sees the zones of a view; those of none (empty) it sees."""
        return self.public.get(view, True)

    @property
    def has_patterns(self) -> bool:
        return _PATTERNS in self._by_ancestor()

    def _by_ancestor(self) -> Mapping[str, Sequence[str]]:
        """What is declared, by each name above it; the patterns apart. There may be thousands."""
        if not self._below:
            for domain in self.domains:
                for above in (_PATTERNS,) if domain.startswith("*.") else self._above(domain):
                    self._below.setdefault(above, []).append(domain)
        return self._below

    def _above(self, name: str) -> Iterable[str]:
        """The names that a domain, or an envelope sender of it, is or is below."""
        declared = self.for_domain(name)
        options = () if declared is None else declared.options.values()
        envelopes = (each.envelope for each in options if each.envelope is not None)
        return dict.fromkeys(each for one in (name, *envelopes) for each in ancestors(one))

    @property
    def says_how_zones_are_read(self) -> bool:
        return bool(self.origins or self.resources)

    def sender(self, sender: str) -> Sender:
        """A sender by the id that is used in this configuration; raises UnknownSenderError."""
        return self.catalogue.load(sender)


def declared_keys(after: Intent, before: Intent) -> Iterator[tuple[Path, bool]]:
    """The keys of two configurations that differ, those that loosen not among them.

    Each with whether the second one alone has it.
    """
    defaults = Intent()
    loose = {key.path for key in schema() if key.loosens}
    for name in ("zones", "reports", "lock", "origins", "views"):
        if getattr(after, name) != getattr(before, name):
            yield (name,), getattr(after, name) == getattr(defaults, name)
    for name in dict.fromkeys((*after.resources, *before.resources)):
        if name != "whole" and after.resources.get(name) != before.resources.get(name):
            yield ("resources", name), name not in after.resources
    if after.catalogue.own != before.catalogue.own:
        yield ("senders",), not after.catalogue.own
    for domain in dict.fromkeys((*after.domains, *before.domains)):
        own, other = after.domains.get(domain, {}), before.domains.get(domain, {})
        for path in dict.fromkeys((*own, *other)):
            dotted = ".".join(("domains", "<domain>", *path))
            if own.get(path) != other.get(path) and dotted not in loose:
                yield ("domains", domain, *path), path not in own


def _nearest_first(name: str) -> Iterator[str]:
    """The keys under which a domain can be declared, the one that comes first first."""
    yield name
    rest = name
    while rest not in ("", "."):
        _, _, rest = rest.partition(".")
        yield f"*.{rest}" if rest else "*."


class ConfigProblem(NamedTuple):
    """One fault of a configuration file. line starts at 1; None: it has no place of its own."""

    path: str
    line: int | None
    key: str
    message: str

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.message}"


class ConfigError(Exception):
    """A configuration that cannot be used. problems are all its faults, in the file's order."""

    def __init__(self, problems: Collection[ConfigProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[ConfigError], tuple[tuple[ConfigProblem, ...]]]:
        return type(self), (self.problems,)


def load(text: str, path: str = "zonelint.toml", codes: Collection[str] = ()) -> Intent:
    """Read the text of a configuration file; raises ConfigError.

    path is for messages, and tells what is read: of a pyproject.toml the table [tool.zonelint],
    where it has none the defaults. codes are the known rule codes: where given, a code that
    begins none of them is a fault.
    """
    data = _toml(text, path)
    prefix: Path = ()
    if PurePath(path).name == "pyproject.toml":
        prefix = ("tool", "zonelint")
        for step in prefix:
            data = data.get(step, {}) if isinstance(data, dict) else {}
    return _load(data, path, prefix, text, codes)


def load_table(
    table: Mapping[str, object], path: str = "zonelint.toml", codes: Collection[str] = ()
) -> Intent:
    """Read a configuration that is parsed already, as providers hand it over; raises ConfigError.

    Its problems have no lines.
    """
    return _load(dict(table), path, (), None, codes)


def in_pyproject(text: str) -> bool:
    """Whether the text of a pyproject.toml has a table [tool.zonelint].

    Where it is not TOML, whether a line looks as if it were of one: reading it tells what is wrong.
    """
    try:
        if _too_much(text) is None:
            tool = tomllib.loads(text.removeprefix("\ufeff")).get("tool")
            return isinstance(tool, dict) and "zonelint" in tool
    except (ValueError, RecursionError):
        pass
    return _OWN_TABLE.search(text) is not None


_OWN_TABLE = re.compile(r"""^[\[ \t"'a-z.]*\bzonelint["']?[ \t]*[\].=]""", re.MULTILINE)


def schema() -> tuple[ConfigKey, ...]:
    """Every key of the configuration, for the reference in the documentation."""
    return tuple(describe(_tree(Catalogue())))


def _too_much(text: str) -> tuple[int | None, str] | None:
    """The line and the reason why a text is not even given to the TOML parser.

    A key of very many dotted parts (it cannot span lines) costs the parser their square.
    """
    if len(text) > _LONGEST_FILE:
        return None, f"this is longer than {_LONGEST_FILE:,} characters: not read"
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > _MOST_DOTS:
            return number, f"more than {_MOST_DOTS:,} dots in one line: not read"
    return None


def _toml(text: str, path: str) -> Any:
    def refuse(line: int | None, message: str) -> ConfigError:
        return ConfigError((ConfigProblem(path, line, "", message),))

    if (too_much := _too_much(text)) is not None:
        raise refuse(*too_much)
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        if found is None:
            last = text.rstrip().count("\n") + 1
            raise refuse(
                last, "the text ends too early: a quote, bracket or value is missing"
            ) from None
        line, column = int(found[1]), int(found[2])
        if re.search("overwrite|twice|[Dd]uplicate|immutable|mutate", str(error)):
            raise refuse(line, "a key or table is set twice") from None
        raise refuse(line, f"this is not TOML from column {column} on") from None
    except RecursionError:
        raise refuse(None, "lists or tables are nested too deeply") from None
    except ValueError:
        raise refuse(None, "a number has thousands of digits") from None


def _load(
    data: object, path: str, prefix: Path, text: str | None, codes: Collection[str]
) -> Intent:
    catalogue = _own_senders(data)
    problems: list[SchemaProblem] = []
    read = _tree(catalogue, codes).read(data, (), problems)
    problems = [_unquoted(problem, data) for problem in problems]
    if isinstance(read, dict):
        _check_thresholds(read.get("thresholds", {}), problems)
    if not problems:
        intent = _intent(cast(dict[str, Any], read), path, catalogue)
        written = cast(dict[str, Any], data).get("domains", {})
        parked = cast(dict[str, Any], read).get("parked", ())
        _check_domains(intent, written, parked, problems)
    if problems:
        lines = locate(text.removeprefix("\ufeff")) if text is not None else {}
        raise ConfigError(_placed(problems, path, prefix, lines))
    return intent


def _unquoted(problem: SchemaProblem, data: object) -> SchemaProblem:
    """A name without quotes is tables in tables to TOML, and its second label an unknown key."""
    place = problem.path
    if len(place) != 3 or place[0] != "domains" or "." in str(place[1]):
        return problem
    if "did you mean" in problem.message:
        return problem
    within: Any = data
    for part in place:
        within = within[part]
    if not isinstance(within, dict):
        return problem
    name = [str(place[1]), str(place[2])]
    while len(within) == 1:
        ((key, inner),) = within.items()
        if key in _DOMAIN_KEYS or not isinstance(inner, dict):
            break
        name.append(key)
        within = inner
    return SchemaProblem(place, f'a name with dots needs quotes: [domains."{".".join(name)}"]')


def _placed(
    problems: Collection[SchemaProblem], path: str, prefix: Path, lines: Mapping[Path, int]
) -> list[ConfigProblem]:
    """Give every problem its line: that of the key, else of the nearest table around it."""
    out: list[ConfigProblem] = []
    for problem in problems:
        where: Path = (*prefix, *problem.path)
        while where and where not in lines:
            where = where[:-1]
        # A value may hold anything at all, and messages go to screens and into other programs.
        message = quote_source(problem.message, 2000)
        out.append(ConfigProblem(path, lines.get(where), spell(problem.path), message))
    return sorted(out, key=lambda problem: problem.line or 0)


# --- the words of the schema -------------------------------------------------------------------


def domain_name(text: str) -> str:
    """The normal form of a domain name in the configuration: A-labels, lower case, final dot.

    Raises Unfit.
    """
    plain = to_a_labels(text.strip().removesuffix(".").lower()) or ""
    labels = plain.split(".")
    if len(plain) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise UnfitValue(f'"{text}" is not a domain name')
    return f"{plain}."


_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")


def _domain_or_pattern(text: str) -> str:
    if text.strip() == "*":
        return "*."
    starred = text.strip().startswith("*.")
    if "*" in text.strip().removeprefix("*."):
        raise UnfitValue(
            f'"{text}": a star can only replace the first labels, as in "*.example.com"'
        )
    return ("*." if starred else "") + domain_name(text.strip().removeprefix("*."))


def _owner_pattern(text: str) -> str:
    return text.strip().lower().removesuffix(".")


def _report_uri(text: str) -> str:
    scheme, colon, rest = text.partition(":")
    if colon and scheme.lower() in ("mailto", "https") and rest:
        return text
    if "@" in text and not colon:
        raise UnfitValue(f'"{text}" is not a URI: write "mailto:{text}"')
    raise UnfitValue(f'"{text}" is not a report address: it begins with "mailto:" or "https:"')


def _code(codes: Collection[str], text: str) -> str:
    if text == "ALL":
        return text
    if not re.fullmatch("[A-Z][A-Z0-9]*", text):
        raise UnfitValue(
            f'"{text}" is not a rule code: it is written like SPF203, a group like SPF2'
        )
    if codes and not any(code.startswith(text) for code in codes):
        near = near_miss(text, [*codes, "ALL"])
        guess = f'; did you mean "{near}"?' if near else ""
        raise UnfitValue(f'no rule code begins with "{text}"{guess}')
    return text


def _target_or_key(text: str) -> str:
    if ";" in text or "=" in text:  # the text of a TXT record: no domain name has these
        return text
    return domain_name(text)


def _selector(text: str) -> str:
    return domain_name(text).removesuffix(".")


_DOMAIN = TextValue("domain name", domain_name)
_URIS = Many(TextValue("URI", _report_uri))
_PATH = TextValue("path")


_OPTIONS = Table(
    (
        Entry(
            "dkim",
            Table(
                rest=Rest(
                    "<selector>",
                    TextValue("domain name or key", _target_or_key),
                    TextValue("selector", _selector),
                    "The selector's CNAME target, or its TXT, as the vendor's console shows it.",
                )
            ),
            "The DKIM records that the vendor gave you.",
        ),
        Entry(
            "selectors",
            Many(TextValue("selector", _selector)),
            "The selectors the sender uses here, where the vendor lets you choose them.",
            "those of `dkim`",
        ),
        Entry("envelope", _DOMAIN, "The domain of the sender's envelope addresses (bounces)."),
        Entry("include", _DOMAIN, "The SPF include that the vendor gave you for this account."),
    )
)

_DMARC = Table(
    (
        Entry("target", Choice.of(DmarcTarget), "The policy the roll-out leads to."),
        Entry("alignment", Choice.of(DeclaredAlignment), "The alignment that adkim and aspf get."),
        Entry("rua", _URIS, "Where aggregate reports go.", "[]"),
        Entry("ruf", _URIS, "Where failure reports go.", "[]"),
        Entry(
            "min-days",
            Whole(1, 365),
            "Days of reports before the next phase.",
            "14",
            loosens=True,
        ),
        Entry(
            "min-aligned",
            Share(),
            "Share of aligned mail before the next phase.",
            "0.98",
            loosens=True,
        ),
        Entry("lists", FLAG, "People of this domain post to mailing lists.", "false"),
    )
)


_VIEW = Table(
    (
        Entry(
            "zones",
            Many(TextValue("path or provider")),
            "Its files, folders, patterns, or providers.",
            required=True,
        ),
        Entry(
            "public",
            FLAG,
            "Whether the internet sees it. Of a view that it does not see only what servers inside "
            "meet is judged: mail exchanges and the zones themselves.",
            "true",
            loosens=True,
        ),
    )
)


def _tree(catalogue: Catalogue, codes: Collection[str] = ()) -> Table:
    code = TextValue("code", partial(_code, codes))
    sender = Choice(catalogue.known, "sender", listed=False)
    severity = Choice.of(Severity, "severity")
    domain = Table(
        (
            Entry("profile", Choice.of(Profile, "profile"), "What the domain is for."),
            Entry("senders", Many(sender), "The services that send as this domain.", "[]"),
            Entry(
                "spf",
                Choice.of(SpfStage),
                "Whether all senders are found: `~all` in transition, `-all` when final.",
            ),
            Entry("dmarc", _DMARC, "What you want from DMARC."),
            Entry(
                "mta-sts",
                Table((Entry("policy", _PATH, "The policy file that is served for the domain."),)),
                "MTA-STS.",
            ),
            Entry(
                "tls-rpt", Table((Entry("rua", _URIS, "Where TLS reports go.", "[]"),)), "TLS-RPT."
            ),
            Entry(
                "mx",
                Table((Entry("receiver", sender, "The service that receives the domain's mail."),)),
                "Incoming mail.",
            ),
        ),
        Rest("<sender>", _OPTIONS, sender, "What is particular to one sender at this domain."),
    )
    return Table(
        (
            Entry(
                "zones",
                Many(TextValue("glob")),
                "What a bare `zonelint check` reads; with `--against` also what the base names.",
                "[]",
            ),
            Entry(
                "reports",
                Many(_PATH),
                "Folders of DMARC aggregate reports; with `--against` also those of the base.",
                "[]",
            ),
            Entry("lock", _PATH, "The lock file.", '"zonelint.lock"'),
            Entry(
                "baseline",
                _PATH,
                "The file of known findings that are not reported again; a file that is named "
                "here must exist.",
                '"zonelint-baseline.json"',
                loosens=True,
            ),
            Entry(
                "origins",
                Table(rest=Rest("<glob>", _DOMAIN, TextValue(), "The origin of these zone files.")),
                "Origins of zone files that do not state their own.",
            ),
            Entry(
                "views",
                Table(
                    rest=Rest(
                        "<view>",
                        TableOrFirst(_VIEW),
                        TextValue("name"),
                        "The zones of one view.",
                    )
                ),
                "Which zones are served to whom; zones of different views are independent, and "
                "those in no view are served to whoever has no other zone of the name. What "
                "several views name is in the first.",
            ),
            Entry(
                "select",
                Many(code),
                "The rules that run, by code or prefix.",
                '["ALL"]',
                loosens=True,
            ),
            Entry("ignore", Many(code), "The rules that do not run.", "[]", loosens=True),
            Entry(
                "fail-on",
                Choice.of(FailOn, "word"),
                "What makes a run fail: findings of a severity or above; `undecided` adds what "
                "could not be decided. Where it is written it also says what stops octoDNS and "
                "Pulumi, which stop at errors otherwise.",
                '"warning"',
                loosens=True,
            ),
            Entry(
                "min-severity",
                severity,
                "The same under its older name, for severities only.",
                loosens=True,
            ),
            Entry(
                "severity",
                Table(rest=Rest("<code>", severity, code, "The severity of one rule or group.")),
                "Severities other than the rules' own.",
                loosens=True,
            ),
            Entry(
                "per-owner-ignore",
                Table(
                    rest=Rest(
                        "<owner>",
                        Many(code),
                        TextValue("pattern", _owner_pattern),
                        "Rules that do not run at owners of this pattern.",
                    )
                ),
                "Rules switched off at some owners.",
                loosens=True,
            ),
            Entry(
                "thresholds",
                Table(
                    (
                        Entry(
                            "near-lookup-limit",
                            Whole(1, 10),
                            "SPF lookups from which SPF102 warns.",
                            "8",
                        ),
                        Entry("wide-ip4", Whole(0, 32), "Shorter ip4 prefixes are wide.", "16"),
                        Entry("wide-ip6", Whole(0, 128), "Shorter ip6 prefixes are wide.", "32"),
                        Entry(
                            "ttl-least", Whole(0, 2**31 - 1), "Shortest usual TTL, seconds.", "300"
                        ),
                        Entry(
                            "ttl-most", Whole(0, 2**31 - 1), "Longest usual TTL, seconds.", "86400"
                        ),
                        Entry(
                            "lock-max-age",
                            Whole(1, 3650),
                            "Days after which an entry of the lock is old.",
                            "30",
                        ),
                    )
                ),
                "The limits that rules use.",
                loosens=True,
            ),
            Entry(
                "fix",
                Table((Entry("serial", FLAG, "A fix raises the SOA serial.", "true"),)),
                "How fixes are written.",
            ),
            Entry(
                "parked",
                Many(TextValue("domain or pattern", _domain_or_pattern)),
                "Domains without mail: each is treated as if it had a table with that profile.",
                "[]",
            ),
            Entry(
                "domains",
                Table(
                    rest=Rest(
                        "<domain>",
                        domain,
                        TextValue("domain name", _domain_or_pattern),
                        'One domain, or all names below one ("*.example.com").',
                    )
                ),
                "What you want for each domain.",
            ),
            Entry(
                "senders",
                Table(
                    rest=Rest(
                        "<name>",
                        PROFILE,
                        TextValue("name", _sender_id),
                        "A mail service of your own.",
                    )
                ),
                "Mail services that zonelint does not know, or knows differently.",
            ),
            Entry(
                "pulumi",
                Table(
                    (
                        Entry(
                            "before",
                            _PATH,
                            "The exported stack that Pulumi's policy pack takes for the state "
                            "before the update.",
                            loosens=True,
                        ),
                    )
                ),
                "What holds while Pulumi deploys.",
            ),
            Entry("resources", FREE, "Resource types of Pulumi and Terraform providers."),
        )
    )


_DOMAIN_KEYS = ("profile", "senders", "spf", "dmarc", "mta-sts", "tls-rpt", "mx")


def _sender_id(text: str) -> str:
    if not re.fullmatch("[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?", text):
        raise UnfitValue(
            f'"{text}": a sender\'s name consists of lower-case letters, digits and hyphens'
        )
    if text in _DOMAIN_KEYS:
        raise UnfitValue(f'a sender cannot be called "{text}": this is a key of a domain')
    return text


def _own_senders(data: object) -> Catalogue:
    """The user's own senders: their ids are words of the schema, so they are read before it.

    What is wrong with them is told when the whole file is read. One that cannot be read is known
    by its name all the same, so that the domains that name it are not told of as well.
    """
    tables = data.get("senders") if isinstance(data, dict) else None
    own: dict[str, Sender] = {}
    for name, table in (tables if isinstance(tables, dict) else {}).items():
        wrong: list[SchemaProblem] = []
        read = PROFILE.read(table, (), wrong)
        own[name] = build(name, {"spf": {"place": "none"}} if wrong else read)
    return Catalogue(own)


def _check_thresholds(read: object, problems: list[SchemaProblem]) -> None:
    thresholds = cast(dict[str, int], read)
    defaults = Thresholds()
    least = thresholds.get("ttl-least", defaults.ttl_least)
    most = thresholds.get("ttl-most", defaults.ttl_most)
    if least > most:
        key = "ttl-least" if "ttl-least" in thresholds else "ttl-most"
        text = f"ttl-least ({least}) is more than ttl-most ({most})"
        problems.append(SchemaProblem(("thresholds", key), text))


def _check_domains(
    intent: Intent,
    written: Mapping[str, object],
    parked: Sequence[str],
    problems: list[SchemaProblem],
) -> None:
    """What holds between the keys of a domain, inherited ones among them."""
    for number, name in enumerate(parked):
        if name in intent.domains and _PARKED not in intent.domains[name].items():
            text = f'"{without_dot(name)}" has its own table, which gives its profile'
            problems.append(SchemaProblem(("parked", number), text))
    for key in written:
        name = _domain_or_pattern(key)
        own = intent.domains[name]
        for path, value in own.items():
            if path == ("mx", "receiver") and not intent.sender(str(value)).mx:
                text = f'no mail exchangers are known of the sender "{value}"'
                problems.append(SchemaProblem(("domains", key, *path), text))
        for sender in {path[0] for path in own} - {*_DOMAIN_KEYS}:
            problems += _wrong_keys(("domains", key, sender), intent.sender(sender), own)
        domain = None if name.startswith("*.") else intent.for_domain(name)
        if domain is None:
            continue
        for path in own:
            sender = path[0]
            if sender in _DOMAIN_KEYS or sender in (*domain.senders, domain.receiver):
                continue
            text = f'"{sender}" has options here but is not among the senders of this domain'
            problem = SchemaProblem(("domains", key, sender), text)
            if problem not in problems:
                problems.append(problem)


def _wrong_keys(at: Path, sender: Sender, own: _Fields) -> Iterator[SchemaProblem]:
    """Selectors that a service never has, and targets that belong elsewhere."""
    shared: dict[str, tuple[str, str]] = {}
    for selector, value, where in _declared_keys(at, sender.id, own):
        if sender.dkim and all(form.selector(selector) is None for form in sender.dkim):
            known = [each.name.text for form in sender.dkim for each in form.selectors]
            near = near_miss(selector, known)
            guess = f'did you mean "{near}"?' if near else f"its selectors: {', '.join(known)}"
            yield SchemaProblem(where, f'{sender.name} has no selector "{selector}"; {guess}')
            continue
        matches = list(target_matches(sender, value))
        fitting = [m for m in matches if m.expected_selector in (None, selector)]
        if matches and not fitting:
            other = matches[0].expected_selector
            yield SchemaProblem(
                where, f'"{without_dot(value)}" is the target of {other}, not of {selector}'
            )
        # Selectors that the customer names are of as many accounts as there are.
        is_fixed = bool(fitting) and fitting[0].selector.name.fixed
        for gap, found in fitting[0].shared_values.items() if is_fixed else ():
            first, known_value = shared.setdefault(gap, (selector, found))
            if found != known_value:
                text = (
                    f"{selector} has the {gap} {found} and {first} the {gap} {known_value}: "
                    "those of one domain are the same"
                )
                yield SchemaProblem(where, text)


def _declared_keys(at: Path, sender: str, own: _Fields) -> Iterator[tuple[str, str, Path]]:
    """The selectors declared of a sender, the target of each, empty where none is, the place."""
    for path, value in own.items():
        if path[:2] == (sender, "dkim"):
            yield path[2], str(value), (*at, *path[1:])
        elif path == (sender, "selectors"):
            for number, name in enumerate(cast(tuple[str, ...], value)):
                yield name, "", (*at, "selectors", number)


# --- from what was read to dataclasses ---------------------------------------------------------

_E = TypeVar("_E", bound=Enum)


def _intent(read: dict[str, Any], path: str, catalogue: Catalogue) -> Intent:
    thresholds, views = read.get("thresholds", {}), read.get("views", {})
    defaults = Intent()
    failing = read.get("fail-on") or read.get("min-severity")
    return Intent(
        path=path,
        zones=read.get("zones", ()),
        reports=read.get("reports", ()),
        lock=read.get("lock", defaults.lock),
        baseline=read.get("baseline"),
        origins=read.get("origins", {}),
        views={name: view["zones"] for name, view in views.items()},
        public={name: view["public"] for name, view in views.items() if "public" in view},
        select=read.get("select", defaults.select),
        ignore=read.get("ignore", ()),
        severity={code: Severity(word) for code, word in read.get("severity", {}).items()},
        fail_on=FailOn(failing or defaults.fail_on.value),
        stop_on=FailOn(failing or defaults.stop_on.value),
        per_owner_ignore=read.get("per-owner-ignore", {}),
        thresholds=Thresholds(**{key.replace("-", "_"): n for key, n in thresholds.items()}),
        fix_serial=read.get("fix", {}).get("serial", defaults.fix_serial),
        pulumi_before=read.get("pulumi", {}).get("before"),
        catalogue=catalogue,
        resources=read.get("resources", {}),
        domains={
            **{name: {_PARKED[0]: _PARKED[1]} for name in read.get("parked", ())},
            **{name: dict(_flat(table, ())) for name, table in read.get("domains", {}).items()},
        },
    )


_PARKED = (("profile",), Profile.PARKED.value)


def _flat(table: Mapping[str, object], path: tuple[str, ...]) -> Iterator[tuple[Any, object]]:
    """The values of a table and of the tables in it, by their path."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, (*path, key))
        else:
            yield (*path, key), value


def _domain(name: str, fields: _Fields) -> DomainIntent:
    values = cast(Mapping[tuple[str, ...], Any], fields)

    def word(kind: type[_E], *path: str) -> _E | None:
        return kind(values[path]) if path in values else None

    preset = DmarcIntent()
    options: dict[str, dict[str, Any]] = {}
    for path, value in values.items():
        if path[0] in _DOMAIN_KEYS:
            continue
        mine = options.setdefault(path[0], {"dkim": {}})
        if path[1] == "dkim":
            mine["dkim"][path[2]] = value
        else:
            mine[path[1]] = value
    return DomainIntent(
        name=name,
        profile=word(Profile, "profile"),
        senders=values.get(("senders",), ()),
        spf=word(SpfStage, "spf"),
        dmarc=DmarcIntent(
            target=word(DmarcTarget, "dmarc", "target"),
            alignment=word(DeclaredAlignment, "dmarc", "alignment"),
            rua=values.get(("dmarc", "rua"), ()),
            ruf=values.get(("dmarc", "ruf"), ()),
            min_days=values.get(("dmarc", "min-days"), preset.min_days),
            min_aligned=values.get(("dmarc", "min-aligned"), preset.min_aligned),
            lists=values.get(("dmarc", "lists"), preset.lists),
        ),
        mta_sts_policy=values.get(("mta-sts", "policy")),
        tls_rpt_rua=values.get(("tls-rpt", "rua"), ()),
        receiver=values.get(("mx", "receiver")),
        options={sender: _options(table) for sender, table in options.items()},
        declared=frozenset(".".join(path) for path in values),
    )


def _options(table: dict[str, Any]) -> SenderOptions:
    selectors = (*table["dkim"], *table.get("selectors", ()))
    return SenderOptions(
        dkim=table["dkim"],
        selectors=tuple(dict.fromkeys(selectors)),
        envelope=table.get("envelope"),
        include=table.get("include"),
    )
