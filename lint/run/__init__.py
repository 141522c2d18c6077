"""How a run goes: configuration, sources, judging, by one process or several.

Imports everything below; nothing of commands or formats but the report.
"""
