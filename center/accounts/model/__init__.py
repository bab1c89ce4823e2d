"""The rules of accounts as values: who may do what, when a login is let in."""
