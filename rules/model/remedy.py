"""What the user can do so that a rule can decide."""

from __future__ import annotations

from collections.abc import Sequence

from zonelint.grammars.zone import ELSEWHERE, NOT_NAMED_YET, UNREAD
from zonelint.rules.core.rule import Needs, Rule

_LOCK = "run 'zonelint lock'"


def remedy(rule: Rule, missing: Sequence[str]) -> str:
    """What to do about what is missing, as the end of a sentence; empty where nothing helps."""
    if missing and all(each == UNREAD for each in missing):
        return "mend what could not be read; what other sources add stays unseen"
    if missing and all(each in (ELSEWHERE, NOT_NAMED_YET) for each in missing):
        if NOT_NAMED_YET in missing:
            return ""
        return "declare the domain in zonelint.toml if all of its records are here"
    terms = [each for each in missing if "%" in each]
    if terms and len(terms) == len(missing):
        return "that is another name for every message, so no lock can hold it"
    if Needs.DNS in rule.needs:
        return _LOCK
    names = any(each.endswith(".") for each in missing)
    if Needs.REPORTS in rule.needs:
        others = any(not each.endswith(".") for each in missing)
        reports = "name the folder of DMARC reports in zonelint.toml"
        return " and ".join([_LOCK] * names + [reports] * (others or not names))
    if Needs.INTENT in rule.needs:
        return (f"{_LOCK}, or " if names else "") + "declare it in zonelint.toml"
    return _LOCK if names else ""
