"""What octoDNS ends on in the options of sources, processors and validators.

Of classes of octoDNS 1.22 and of zonelint's own it is known what they take (a test holds the list
to octoDNS's source); of those of other packages nothing. A later octoDNS may have more: a name that
1.22 does not have is told where it is a slip of one that it has, and else not decided.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from zonelint.grammars.dnsname import quote_source
from zonelint.grammars.nearmiss import near_miss
from zonelint.providers.files import Files
from zonelint.providers.octodns.yaml.document import YamlFault
from zonelint.providers.octodns.yaml.names import whole_path
from zonelint.rules.core.found import FailOn

OURS = "zonelint.providers.octodns."
OWN = "zonelint.toml"
MODES = ("block", "propose", "apply")
FAIL_ON = tuple(each.value for each in FailOn)

_PROVIDER = "apply_disabled update_pcent_threshold delete_pcent_threshold strict_supports "
_YAML = (
    "directory! default_ttl enforce_order order_mode populate_should_replace supports_root_ns "
    "split_extension split_catchall shared_filename disable_zonefile escaped_semicolons "
    f"ignore_missing_zones root_ns_warnings {_PROVIDER}"
)
_META = "record_name include_time include_uuid include_version include_provider include_extra ttl"
_FILTERS = [
    (f"octodns.processor.filter.{part}{kind}listFilter", f"{kind.lower()}list! {more}")
    for part, more in (
        *((each, "include_target") for each in ("Type", "Name", "Value")),
        ("NetworkValue", ""),
    )
    for kind in ("Allow", "Reject")
]
OPTIONS: Mapping[str, Mapping[str, str]] = {
    "providers": {
        "octodns.provider.yaml.YamlProvider": _YAML,
        "octodns.provider.yaml.SplitYamlProvider": f"{_YAML} extension",
        "octodns.source.envvar.EnvVarSource": "variable! name! ttl",
        "octodns.source.tinydns.TinyDnsFileSource": "directory! default_ttl",
        **dict.fromkeys((f"{OURS}MailAuthSource", f"{OURS}source.MailAuthSource"), "config codes"),
    },
    "processors": {
        "octodns.processor.acme.AcmeManagingProcessor": "",
        "octodns.processor.acme.AcmeMangingProcessor": "",
        "octodns.processor.arpa.AutoArpa": "ttl populate_should_replace max_auto_arpa inherit_ttl "
        "wildcard_replacement",
        "octodns.processor.clamp.TtlClampProcessor": "min_ttl max_ttl",
        **dict(_FILTERS),
        "octodns.processor.filter.IgnoreRootNsFilter": "",
        "octodns.processor.filter.ExcludeRootNsChanges": "error",
        "octodns.processor.filter.ZoneNameFilter": "error include_target",
        "octodns.processor.meta.MetaProcessor": _META,
        "octodns.processor.ownership.OwnershipProcessor": "txt_name txt_value txt_ttl "
        "should_replace allow_takeover",
        "octodns.processor.restrict.TtlRestrictionFilter": "min_ttl max_ttl allowed_ttls",
        "octodns.processor.spf.SpfDnsLookupProcessor": "",
        "octodns.processor.templating.Templating": "trailing_dots context",
        "octodns.processor.trailing_dots.EnsureTrailingDots": "",
        **dict.fromkeys(
            (f"{OURS}MailAuthProcessor", f"{OURS}processor.MailAuthProcessor"),
            "config mode codes fail_on",
        ),
    },
    "validators": dict.fromkeys(
        (f"{OURS}MailAuthValidator", f"{OURS}validator.MailAuthValidator"),
        "config sets types fail_on",
    ),
}
"""The options that the classes have beside `class`, and processors `lenient`; `!`: they must be
there."""
_LISTS = re.compile(r"\.(Name|Value|NetworkValue)(Allow|Reject)listFilter")
_LONGEST_PATTERN = 1000


class OnlyOctodnsKnows(Exception):
    """A value that a secret handler has."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a provider is told: octoDNS fills in what secrets and the environment have.

    handlers: octoDNS's secret handlers beside `env`.
    """

    id: str
    told: Mapping[str, Any]
    handlers: Collection[str] = ()

    def flag(self, key: str, preset: bool) -> bool:
        """A yes or no. Raises YamlFault."""
        value = self.told.get(key, preset)
        # Any text but that of a zero is true there.
        return self.text(key) not in ("", "0") if isinstance(value, str) else bool(value)

    def given(self, key: str) -> str | None:
        """What an option says; None where it says nothing, or only octoDNS knows."""
        value = self.told.get(key)
        if not isinstance(value, str):
            return None if value is None else str(value)
        try:
            return self.text(key)
        except (YamlFault, OnlyOctodnsKnows):
            return None

    def text(self, key: str, preset: str = "") -> str:
        """A text: `env/NAME`, `env/NAME/preset` or as it stands. Raises YamlFault."""
        value = self.told.get(key)
        text = preset if value is None or value is False else str(value)
        handler, _, rest = text.partition("/")
        if handler in self.handlers:
            raise OnlyOctodnsKnows
        if handler != "env" or not rest:
            return text
        variable, _, default = rest.partition("/")
        value = os.environ.get(variable, default)
        if not value:
            raise YamlFault(
                f"The provider `{self.id}` takes its {key} from the environment variable "
                f"{variable}, which is not set.",
                f"Set {variable}.",
            )
        return value


def names_in(value: Any) -> list[str]:
    """A list of names in the configuration: what octoDNS would refuse is left out."""
    if not isinstance(value, list):
        return []
    return [str(name) for name in value if name is not None and not isinstance(name, dict | list)]


def places_of(path: str, configuration: str) -> list[Path]:
    """Where octoDNS, wherever it is started, may find a file that its configuration names."""
    return [start / path for start in Path(whole_path(configuration)).parents]


def unknown_code(words: Iterable[str]) -> tuple[str, str] | None:
    """The first of some codes that no rule which makes changes has, and what may be meant."""
    from zonelint.rules.core import registry
    from zonelint.rules.core.rule import Fix
    from zonelint.rules.core.selection import meant_code

    known = [rule.code for rule in registry.rules() if rule.fix is not Fix.NONE]
    for word in words:
        if not any(code.startswith(word) for code in known):
            return word, meant_code(word, known) or ""
    return None


def refusals(kind: str, options: Options, at: str, disk: Files) -> Iterator[tuple[str, str]]:
    """What octoDNS ends on in an entry of `providers`, `processors` or `validators`.

    Each with the option that it is about; "" where it is about none. at: the configuration.
    """
    told, written = options.told, str(options.told.get("class", ""))
    is_ours = written.startswith(OURS)
    kind_of = "source" if is_ours and kind == "providers" else kind.removesuffix("s")
    name = f"The {kind_of} `{options.id}`"
    if "class" not in told:
        yield "", f"{name} has no `class`, so octoDNS ends on it. Write which one it is of."
    elif "." not in written:
        why = f"has the class `{quote_source(written)}`, which is in no package"
        yield "class", f"{name} {why}, so octoDNS ends on it. Write its package as well."
    known = OPTIONS[kind].get(written)
    if known is None:
        meant = near_miss(written, OPTIONS[kind])
        why = f"has the class `{quote_source(written)}`, which is not there"
        if meant is not None:
            yield "class", f"{name} {why}, so octoDNS ends on it. Did you mean `{meant}`?"
        return
    words = [*known.split(), *(["lenient"] if kind == "processors" else [])]
    for word in words:
        if word.endswith("!") and word[:-1] not in told:
            yield "", f"{name} has no `{word[:-1]}`, which it needs, so octoDNS ends on it."
    for key, meant in _unknown(kind, told):
        why = f"has the option `{quote_source(key)}`, which it does not take"
        hint = f" Did you mean `{meant}`?" if meant else ""
        if meant or is_ours:
            yield key, f"{name} {why}, so octoDNS ends on it.{hint}"
    if is_ours:
        yield from (("", message) for message in _refused_of_ours(kind_of, options, at, disk))
    wrong = (_refused_ttls, _refused_items, _refused_directory)
    for key, why in (each for find in wrong for each in find(written, told)):
        yield key, f"{name} {why}, so octoDNS ends on it."


def doubts(kind: str, options: Options) -> Iterator[str]:
    """What has to be known of octoDNS: options that a later one may take, and 1.22 ends on."""
    is_ours = str(options.told.get("class", "")).startswith(OURS)
    for key, meant in () if is_ours else _unknown(kind, options.told):
        if not meant:
            yield (
                f"whether octoDNS ends on the option `{quote_source(key)}` of `{options.id}`, "
                "which 1.22 does not take"
            )


def _unknown(kind: str, told: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """The options that a class does not take, each with the one that may be meant."""
    known = OPTIONS.get(kind, {}).get(str(told.get("class", "")))
    words = ["class", "lenient"] if kind == "processors" else ["class"]
    taken = {*words, *(word.removesuffix("!") for word in (known or "").split())}
    for key in sorted(told.keys() - taken) if known is not None else ():
        yield key, near_miss(key, taken)


def _refused_directory(kind: str, told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    is_needed = "directory!" in OPTIONS["providers"].get(kind, "").split()
    if is_needed and not isinstance(told.get("directory", ""), str):
        yield "directory", "has a `directory` that is not a text"


def _refused_ttls(kind: str, told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "TtlClamp" not in kind:
        return
    least, most = told.get("min_ttl", 300), told.get("max_ttl", 86_400)
    for key, value in (("min_ttl", least), ("max_ttl", most)):
        if isinstance(value, str) and "/" not in value:
            yield key, f"has the {key} `{quote_source(value)}`, which is not a number"
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        at = "min_ttl" if "min_ttl" in told else "max_ttl"
        yield at, f"has a min_ttl of {least}, which is more than its max_ttl, {most}"


def _refused_items(kind: str, told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a filter cannot take in the list that it goes by."""
    shape = _LISTS.search(kind)
    key = f"{shape[2].lower()}list" if shape else ""
    listed = told.get(key)
    for item in listed if shape and isinstance(listed, list) else ():
        why = _refused_item(item, shape[1]) if shape else ""
        if why:
            written = "null" if item is None else quote_source(str(item))
            yield key, f"lists `{written}`, which is {why}"


def _refused_item(item: Any, part: str) -> str:
    if part == "NetworkValue":
        try:
            ip_network(item)
        except ValueError:
            return "not a network"
    elif not isinstance(item, str):
        return "not a text"
    elif item[:1] == "/" and not is_pattern(item[1:-1]):
        return "not a regular expression"
    return ""


def is_pattern(value: Any) -> bool:
    """Whether a value is a regular expression; a long one is taken for one."""
    try:
        return len(value) > _LONGEST_PATTERN or bool(re.compile(value))
    except (re.error, OverflowError, RecursionError, TypeError):
        return False


def _refused_of_ours(kind: str, options: Options, at: str, disk: Files) -> Iterator[str]:
    """What octoDNS ends on of the options of a part of ours; of what only it knows, nothing."""
    name = f"The {kind} `{options.id}`"
    mode = options.given("mode") if kind == "processor" else None
    if mode is not None and mode not in MODES:
        words = ", ".join(MODES)
        yield f"{name} has the mode `{mode}`, so octoDNS ends on it. Write one of {words}."
    fail_on = options.given("fail_on") if kind != "source" else None
    if fail_on is not None and fail_on not in FAIL_ON:
        words = ", ".join(FAIL_ON)
        yield f"{name} has the fail_on `{fail_on}`, so octoDNS ends on it. Write one of {words}."
    told = options.told.get("codes") if kind != "validator" else None
    codes = [options.given("codes")] if isinstance(told, str) else told
    unknown = unknown_code(code.upper() for code in names_in(codes))
    if unknown is not None:
        word, meant = unknown
        hint = f" Did you mean {meant}?" if meant else ""
        yield (
            f"{name} has the code {word}, but no rule with it makes changes, so octoDNS ends on it."
            f"{hint}"
        )
    config = options.given("config") or OWN
    if config != OWN and not any(disk.exists(file) for file in places_of(config, at)):
        yield (
            f"{name} reads {config}, which is not in the folder of this configuration nor in one "
            "above it, so octoDNS ends on it. Write its path from the folder where octoDNS is "
            "started."
        )
