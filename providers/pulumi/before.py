"""The state before an update: an exported stack that `[pulumi] before` names.

The engine shows a policy what will be, and nothing of what was: a record that goes, a phase that is
left out. What `pulumi stack export` wrote down in front of the update tells it. Whether anybody
has deployed since it does not tell: so its age is told with every finding about a change.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from zonelint.providers.documents import decoded, table_in, tables_in
from zonelint.rules.config.intent import Intent

from ..files import DISK
from ..resources.plans import LARGEST_PLAN, PlanError
from ..resources.zones import ResourceZone
from .plans import preview
from .plans.document import is_preview, is_pulumi

_HOW = "`pulumi stack export --file {}` in front of the update writes it"
_LONG = timedelta(days=1)
"""After this it is told that somebody else may have deployed since."""


class BeforeError(Exception):
    """A state before that cannot be used. The message says what to do."""


@dataclass(frozen=True, slots=True)
class StackBefore:
    """What was deployed before. path: its file; written: when that was.

    deployed: when the stack was last changed then, where the file says so.
    stacks: the stack and project that its resources are of.
    made: names of the zones that it makes.
    numbers: those of its stand-ins for zones.
    """

    path: str
    written: datetime
    deployed: datetime | None = None
    zones: Sequence[ResourceZone] = ()
    stacks: frozenset[str] = frozenset()
    made: frozenset[str] = frozenset()
    numbers: Mapping[object, int] = field(default_factory=dict)

    def age(self, now: datetime | None = None) -> str:
        """How old it is, in words."""
        past = _spell((now or datetime.now(UTC)) - self.written)
        if self.deployed is None:
            return f"written {past} ago"
        return f"written {past} ago, when the last update was of {self.deployed:%Y-%m-%d %H:%M} UTC"

    def is_old(self, now: datetime | None = None) -> bool:
        """Whether much may have been deployed since."""
        return (now or datetime.now(UTC)) - self.written > _LONG

    def need_same_stack(self, urns: Iterable[str]) -> None:
        """Raises BeforeError where it is another stack than that of these resources."""
        now = {_stack_of(urn) for urn in urns}
        if now and self.stacks and not now & self.stacks:
            raise BeforeError(
                f"{self.path}, the state before, is that of {', '.join(sorted(self.stacks))}, and "
                f"this is {', '.join(sorted(now))}: {_HOW.format(self.path)}"
            )


def read_before(path: Path, shown: str, intent: Intent) -> StackBefore:
    """The exported stack at a path. shown: the path for messages. Raises BeforeError."""
    what = f"{shown}, the state before"
    try:
        document = json.loads(decoded(DISK.read(path, LARGEST_PLAN)))
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if not is_pulumi(document) or is_preview(document):
            raise BeforeError(f"{what}, is not an exported stack: {_HOW.format(shown)}")
        plan = preview.read(document, shown, intent)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BeforeError(f"{what}, cannot be read ({reason}): {_HOW.format(shown)}") from None
    except (ValueError, RecursionError):
        raise BeforeError(f"{what}, is not an exported stack: {_HOW.format(shown)}") from None
    except PlanError as error:
        raise BeforeError(f"{what}: {error}") from None
    deployment = document["deployment"]
    urns = (each.get("urn") for each in tables_in(deployment.get("resources")))
    return StackBefore(
        shown,
        written,
        _deployed(deployment),
        plan.after,
        frozenset(_stack_of(urn) for urn in urns if isinstance(urn, str)),
        plan.made,
        plan.numbers,
    )


def _deployed(deployment: Mapping[str, Any]) -> datetime | None:
    """When the state was last changed, by its manifest."""
    time = table_in(deployment.get("manifest")).get("time")
    try:
        found = datetime.fromisoformat(str(time))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo is not None else None


def _stack_of(urn: str) -> str:
    """`urn:pulumi:STACK::PROJECT::TYPE::NAME` as `STACK of PROJECT`."""
    head, _, rest = urn.removeprefix("urn:pulumi:").partition("::")
    return f"{head} of {rest.partition('::')[0]}"


def _spell(past: timedelta) -> str:
    minutes = max(int(past.total_seconds() // 60), 0)
    units = ((24 * 60, "day"), (60, "hour"), (1, "minute"))
    size, unit = next((each for each in units if minutes >= each[0]), units[-1])
    return f"{minutes // size} {unit}{'' if minutes // size == 1 else 's'}"
