"""Changes: what --fix and propose write, and what --against compares.

Imports everything below, and how a run goes.
"""
