"""Paper prints of a school: makes the sheets, prints them or gives them out, and notes that they were sent."""
