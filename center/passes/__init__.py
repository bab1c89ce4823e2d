"""Passes: the booth opens for exactly one person, for some days: a late appointment, a correction, the last days."""
