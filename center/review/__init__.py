"""Staff's work on the queue: claim, look, decide, undo; second looks; the checks held against decisions."""
