"""What booths talk to: `docs/wire.md` as a web application."""
