"""Delivers approved photos to their schools: packs, numbered supplements, and notes of who received them."""
