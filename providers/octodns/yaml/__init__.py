"""octoDNS YAML: found, read with every value's place, and edited in place.

Imports grammars, rules and zone files; octoDNS itself is not needed.
"""
