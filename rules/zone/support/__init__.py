"""What the rules about the zone share; no module here is a rule.

Imports what rules import, and no rule.
"""
