"""What aggregate reports (RFC 9990) prove: evidence, readiness for the next phase, replay.

Imports grammars, config, model and mail.
"""
