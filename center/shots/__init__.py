"""What is common to all tasks that work on a photo: a shot's states, its person, check results, decisions."""
