"""Measures how often the booth's vision errs on labelled portraits, on drawn graduates, and on pictures made faulty."""
