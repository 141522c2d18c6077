"""What the rules about DKIM share; no module here is a rule.

Imports what rules import, and no rule.
"""
