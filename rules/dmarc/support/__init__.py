"""What the rules about DMARC share; no module here is a rule.

Imports what rules import, and no rule.
"""
