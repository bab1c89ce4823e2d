"""The season as signed files without personal data, and their recount by a reader that uses none of
the office's code."""
