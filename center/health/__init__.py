"""The health of the office itself: database, photo store, keys, disk, shots that wait to be opened, backups."""
