"""Booths: enrolled, heard of, shut out."""
