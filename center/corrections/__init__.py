"""Corrections: the school's form (勘误反馈表), its term of 20 working days, and what staff did about each case."""
