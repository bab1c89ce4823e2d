"""Deleting what is not needed any more."""
