"""How a run goes: configuration, sources, judging, by one process or several.

Several either read a part each and know of the others what they tell and answer (`workers`), or are
forked with all zones in hand (`shares`); `processes` starts them, `packing` is how they report.
Imports everything below; nothing of commands or formats but the report.
"""
