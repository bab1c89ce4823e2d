"""Tables that somebody else made: workbooks and CSV files, read in a process of their own."""
