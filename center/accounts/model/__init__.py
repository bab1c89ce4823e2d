"""The rules of accounts as values: roles and rights, passwords, lock-out."""
