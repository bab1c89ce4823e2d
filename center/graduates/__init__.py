"""The state of graduates, for their school."""
