"""The worlds zones live in: each reads its world into a Zone and writes a Change back.

Imports grammars and rules; nothing of the tool. The modules here serve several worlds.
"""
