"""How the booth's voice is made and measured: maintainers' commands (`scripts/voice`); the booth plays files."""
