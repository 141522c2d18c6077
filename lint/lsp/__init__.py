"""The language server: what `zonelint check` says, in the editor and of the unsaved text.

Imports everything below, how a run goes, changes and formats.
"""
