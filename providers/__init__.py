"""The worlds zones live in: each reads its world into a Zone and writes a Change back."""
