"""The language server: what ``zonelint check`` says, in the editor and of the unsaved text."""
