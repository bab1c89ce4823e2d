"""Retention: deletes what is not needed any more."""
