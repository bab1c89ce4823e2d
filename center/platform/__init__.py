"""What every task of the office stands on: faults, configuration, clock, database, photo store, keys. Knows no task."""
