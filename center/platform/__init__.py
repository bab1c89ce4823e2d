"""What every task uses: faults, configuration, clock, database, photo store, keys. It knows no task."""
