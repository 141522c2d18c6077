"""How fast zonelint is, beside the tools that read the same files."""
