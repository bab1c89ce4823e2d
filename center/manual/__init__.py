"""The manual for clerks and schools as a page. Its text and pictures are those of `docs` (links in this folder)."""
