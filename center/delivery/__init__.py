"""Delivers approved photos to their schools: makes packs and numbered supplements, and notes who received them."""
