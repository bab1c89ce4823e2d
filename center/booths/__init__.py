"""Booths: enrolment, heartbeats, revocation."""
