"""Instructions: what is in force for a booth, in the form that booths read: the season, passes, a release."""
