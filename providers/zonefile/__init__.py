"""Zone files: found, read with what they include, and edited octet by octet.

Imports grammars, rules and the bounded reading of files.
"""
