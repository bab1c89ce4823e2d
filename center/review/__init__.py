"""Review: the queue, decisions, second reviews, and the checks compared with decisions."""
