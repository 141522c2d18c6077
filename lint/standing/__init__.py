"""How a domain stands: what is published of what is written, and its records at a glance.

Imports the run beside it, and the floors below.
"""
