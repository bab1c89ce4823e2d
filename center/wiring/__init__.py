"""Constructs the office: its services, staff's pages, and the routes for booths."""
