"""Background jobs: a page or a command requests them, a separate process does them, and a page shows them."""
