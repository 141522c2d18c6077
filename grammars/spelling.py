"""How a source writes names and texts, for what people are told: here a zone file does.

A provider that writes them otherwise has a spelling of its own, so that nobody is told of final
dots where names are absolute, and a long text is shown cut as the provider wants it.
"""

from __future__ import annotations


class Spelling:
    """The spelling of a zone file (RFC 1035 §5.1).

    owner_dots, target_dots: whether a final dot keeps a name from being one in the zone. split:
    how a text over 255 octets is to be written.
    """

    owner_dots = True
    target_dots = True
    split = (
        'Split the text into strings of 255 octets at most, as in ( "…" "…" ); who reads the '
        "record joins them."
    )

    def owner(self, name: str) -> str:
        """How an absolute owner is to be written."""
        return name

    def value(self, type: str, rdata: str) -> str:
        """How rdata in presentation format is to be written."""
        return rdata


ZONE_FILE = Spelling()
