"""Backups of the office and their restoration."""
