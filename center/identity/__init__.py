"""Questions of flagged shots: who is on the photo, and what else flags ask."""
