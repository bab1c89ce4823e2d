"""Schools' rosters: read from files, kept sealed, fed to booths."""
