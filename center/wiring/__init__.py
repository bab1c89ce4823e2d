"""The office put together: its services, staff's pages, the routes for booths."""
