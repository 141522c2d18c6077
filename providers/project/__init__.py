"""The one loader: from paths, or zones that a host hands over, to zones and what holds for each.

Every front asks it. Imports the readers beside it, and of the rules configuration and model.
"""
