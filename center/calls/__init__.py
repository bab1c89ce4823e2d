"""Calls for help from booths, and the lines that staff answer."""
