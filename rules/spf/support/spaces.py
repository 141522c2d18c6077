"""Networks that add up to every address there is."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from zonelint.grammars.spf.record import Mechanism, Qualifier
from zonelint.rules.model.subjects import Spf


def counts(term: Mechanism, spf: Spf) -> bool:
    """Whether the term lets hosts send: it passes, and stands in front of ``all``."""
    last = spf.ast.all
    return term.qualifier is Qualifier.PASS and (last is None or term.start < last.start)


def whole_spaces(spf: Spf) -> Iterator[list[Mechanism]]:
    """For each address family that is passed as a whole, the networks that together do it.

    Networks that another one holds are not among them.
    """
    for version in (4, 6):
        passed = [
            term
            for term in spf.ast.mechanisms
            if term.network is not None and term.network.version == version and counts(term, spf)
        ]
        networks = [term.network for term in passed if term.network is not None]
        kept = list(ipaddress.collapse_addresses(networks))  # type: ignore[type-var]
        if len(kept) == 1 and kept[0].prefixlen == 0:
            alone = [term for term in passed if term.network == kept[0]]
            yield alone[:1] or passed
