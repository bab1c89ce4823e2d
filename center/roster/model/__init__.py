"""A roster's file and its rows as values."""
