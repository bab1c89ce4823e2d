"""Whole scenarios in one process."""

from sim.people import cache

# A process of the suite is to stay under 700 MB.
cache.MOST_BYTES = 44_000_000
