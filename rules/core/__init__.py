"""What a rule is, how rules are chosen and asked, and what becomes of their findings.

Imports grammars, config and model; knows no rule by its name.
"""
