"""Envelopes from booths: verified, opened, filed."""
