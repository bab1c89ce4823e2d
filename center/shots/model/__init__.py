"""A shot and its data as values. Pure."""
