"""Paper prints: sheets of pictures with captions, the checklist for them, and the print lock."""
