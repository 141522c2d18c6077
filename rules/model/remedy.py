"""What the user can do so that a rule can decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zonelint.grammars.zone import ELSEWHERE, NOT_NAMED_YET, UNREAD, UNSEEN
from zonelint.rules.core.rule import Needs, Rule
from zonelint.rules.model.answers import UNANSWERED

REPORTS = "DMARC reports"
"""What is missing where nobody has told zonelint of any."""
_FOLDER = "name the folder of DMARC reports in zonelint.toml"
UNSET = "which is not set ("
"""What is said of a variable without a value, before the place where it is declared."""
_LOCK = "run 'zonelint lock'"
ASK_AGAIN = "'zonelint lock' asks again"


def lock_helps(missing: Iterable[str]) -> bool:
    """Whether DNS can be asked for something of what is missing."""
    return any((m.endswith(".") and "%" not in m) or UNANSWERED in m for m in missing)


def remedy(rule: Rule, missing: Sequence[str]) -> str:
    """What to do about what is missing, as the end of a sentence; empty where nothing helps."""
    if missing and all(each == UNREAD for each in missing):
        return "correct what could not be read; what other sources add is not seen"
    if missing and all(each in (ELSEWHERE, NOT_NAMED_YET) for each in missing):
        if NOT_NAMED_YET in missing:
            return ""
        return "declare the domain in zonelint.toml if all of its records are here"
    if any(UNSET in each for each in missing):
        return "--var and --var-file give values to variables"
    if any(UNSEEN in each for each in missing):
        return "add its zone to the other view, or 'zonelint lock --update NAME' resolves it"
    terms = [each for each in missing if "%" in each]
    if terms and len(terms) == len(missing):
        return "that is another name for every message, so no lock can hold it"
    if missing and all(UNANSWERED in each for each in missing):
        return ASK_AGAIN
    names = any(each.endswith(".") for each in missing)
    if Needs.DNS in rule.needs:
        return _LOCK if names else ""
    if Needs.REPORTS in rule.needs:
        asks = REPORTS in missing or not missing
        return " and ".join([_LOCK] * names + [_FOLDER] * asks)
    if Needs.INTENT in rule.needs and (names or not missing):
        return (f"{_LOCK}, or " if names else "") + "declare it in zonelint.toml"
    return _LOCK if names else ""
