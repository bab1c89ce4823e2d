"""Figures and charts of review as values. Pure."""
