"""Long work in the background: asked for in a page or a command, done by a process of its own, seen on a page."""
