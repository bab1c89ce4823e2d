"""What the office writes for others: workbooks and encrypted archives, the same bytes for the same content."""
