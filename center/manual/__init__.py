"""The manual for clerks and schools as a page. Its text and pictures are in `docs`; this folder has links to them."""
