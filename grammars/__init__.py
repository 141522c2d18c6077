"""The languages of mail authentication and their trees, and the zone that records stand in.

Imports nothing else of the project.
"""
