"""Accounts of staff and schools: roles and rights, passwords, logins."""
