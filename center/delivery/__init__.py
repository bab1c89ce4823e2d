"""Approved photos to their schools: packs, numbered supplements, receipts of handing over."""
