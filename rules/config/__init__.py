"""What zonelint.toml can declare: its schema, how it is read, and the profiles of mail services.

Imports grammars alone.
"""
