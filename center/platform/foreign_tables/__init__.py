"""Tables made by others: workbooks and CSV files, read in a process of their own."""
