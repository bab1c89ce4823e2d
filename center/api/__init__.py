"""The interface for booths: `docs/wire.md` as a web application."""
