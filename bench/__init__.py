"""Programs that measure speed and memory; `make bench` runs them."""
