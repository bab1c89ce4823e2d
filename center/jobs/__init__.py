"""Background jobs: requested on a page or by a command, done by a process of its own, shown on a page."""
