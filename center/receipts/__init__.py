"""The public state of a receipt."""
