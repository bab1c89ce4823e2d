"""Print sheets: where pictures and captions are placed on paper, the checklist, and the print lock."""
