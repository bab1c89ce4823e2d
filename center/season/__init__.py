"""The season as the office keeps it: window, hours, dates of their own, calendar years; who changed it."""
