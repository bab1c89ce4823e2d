"""How the booth's own small network is taught: maintainers' commands (`scripts/train-ears`, docs/accuracy.md)."""
