"""Schools' rosters: read from files, stored sealed, sent to booths."""
