"""Settlement: how many people each school pays for, letters with the amount, what was paid."""
