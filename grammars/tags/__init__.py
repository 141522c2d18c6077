"""The languages that are lists of tags: DMARC, DKIM, MTA-STS, TLS reports and BIMI.

One grammar for the list, one module a language. Imports nothing but this floor.
"""
