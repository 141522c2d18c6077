"""The repository as rules see it: zones, their subjects, and what DNS answers.

Imports grammars and config.
"""
