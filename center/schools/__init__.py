"""Schools: how many graduates each has announced, whom to ask there, and how its roster came about."""
