"""Passes: for some days, a booth opens for exactly one person: a late appointment, a correction, the last days."""
