"""Which graduates are done, for their school."""
