"""What mail authentication means: SPF evaluation, DMARC discovery, and what a change alters.

Imports grammars, config and model; no rule, and nothing of how rules are asked.
"""
