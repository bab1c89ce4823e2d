"""What all tasks around a photo share: a shot's states, its person, check results, decisions."""
