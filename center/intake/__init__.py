"""Intake: verifies, opens and files envelopes from booths."""
