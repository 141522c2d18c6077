"""The languages of mail authentication and their trees; imports nothing else of the project."""
