"""The audit: who did what to what and when, chained by hash."""
