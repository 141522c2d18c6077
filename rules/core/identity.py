"""Which zone is meant, where several may have one name."""

from __future__ import annotations

from typing import NamedTuple


class ZoneId(NamedTuple):
    """A zone is what is served somewhere: its name, its view, its provider and the zone's id there.

    `id` is a handle where the provider's own is not known, and the root document where nothing
    says where the zone is published.
    """

    name: str
    view: str = ""
    provider: str = ""
    id: str = ""

    def __str__(self) -> str:
        """What tells it from other zones of its name."""
        return " ".join(part for part in (self.view, self.provider, self.id) if part)


NOWHERE = ZoneId(".")
"""The zone of a finding that was made by hand, without one."""
