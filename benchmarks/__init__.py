"""How fast zonelint is, beside the tools that read the same files, and beside an older zonelint.

Everything is asked of command lines, zonelint too, so that any checkout can be measured.
"""
