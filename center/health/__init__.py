"""How the office itself is: database, photo store, keys, disk, shots that wait to be opened, backups."""
