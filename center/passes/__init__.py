"""Passes: for some days, booths open for exactly one person, because of a late appointment, a correction or the last
days.
"""
