"""Who is on a flagged shot, and what else its flags ask."""
