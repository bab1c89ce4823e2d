"""Constructs the office: its services, staff's pages, the routes for booths."""
