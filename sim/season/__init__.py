"""A whole season at a made-up office, from the rosters to the purge, with every file that a school gets."""
