"""What the rules about mail transport share; no module here is a rule.

Imports what rules import, and no rule.
"""
