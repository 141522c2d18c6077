"""SPF records (RFC 7208 §12): the grammar, its tree, and what is said about a term that it refuses.

Imports nothing but this floor.
"""
