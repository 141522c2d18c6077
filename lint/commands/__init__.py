"""The commands of the command line, one module each.

Imports everything; nothing imports them but the main module, by name.
"""
