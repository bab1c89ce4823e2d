"""A roster file and its rows as values."""
