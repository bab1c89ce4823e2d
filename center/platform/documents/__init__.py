"""What the office writes for others: workbooks, paper and encrypted archives; the same content gives the same bytes."""
