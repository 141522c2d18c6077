"""What the rules about the roll-out share; no module here is a rule.

Imports what rules import, and no rule.
"""
