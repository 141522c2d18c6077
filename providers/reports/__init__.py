"""Aggregate reports as they arrive: archives, mails and XML, read into evidence.

Imports grammars and rules.
"""
