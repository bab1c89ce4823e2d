"""What the office keeps: rows, photos, keys, and the operations on them, each one transaction."""
