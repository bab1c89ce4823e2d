"""What a receipt's code tells a graduate."""
