"""A whole season at a made-up office, from rosters to the purge, with every file a school gets."""
