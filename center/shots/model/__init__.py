"""A shot and what is known of it as values. Pure."""
