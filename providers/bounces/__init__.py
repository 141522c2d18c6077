"""Bounces: reports of delivery failure read as mail or as pasted text, and what they mean.

Imports grammars and rules; nothing of the other worlds.
"""
