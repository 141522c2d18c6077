"""What the rules about SPF share; no module here is a rule.

Imports what rules import, and no rule.
"""
