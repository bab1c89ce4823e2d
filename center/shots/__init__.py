"""What all tasks share that work on a photo: a shot's states, its person, check results, decisions."""
