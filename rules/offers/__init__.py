"""Changes before anybody is offered them: made in memory, judged, and left out where they do harm.

It imports the other rooms of this floor.
"""
