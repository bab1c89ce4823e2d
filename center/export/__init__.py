"""The season as signed files without a person in it, and their recount by a reader that knows nothing of the office."""
