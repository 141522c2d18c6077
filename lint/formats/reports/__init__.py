"""Formats of `zonelint reports`: table, JSON, CSV and HTML from one summary.

Imports the evidence and how a screen is written.
"""
