"""The first page of a supervisor: the season in counts, what waits, what is late."""
