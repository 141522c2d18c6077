"""Master files (RFC 1035 §5): text into records and faults, each with its place.

Imports the zone model and the names of this floor, nothing else.
"""

from zonelint.grammars.masterfile.reader import MasterZone, read

__all__ = ["MasterZone", "read"]
