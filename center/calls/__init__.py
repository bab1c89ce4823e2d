"""Calls for help from booths, and staff's answers."""
