"""Schools: how many graduates each has announced, whom to ask there, and the versions of its roster."""
