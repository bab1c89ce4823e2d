"""Measures how often the booth's vision errs: on labelled portraits, on drawn graduates, and on faulty pictures that we
make of both."""
