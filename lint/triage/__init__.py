"""Triage of a bounce: what it means, what explains it, what to do, whom to write to.

Imports everything below, and formats.
"""
