"""The audit log: entries that say who did what to what and when, chained by hashes."""
