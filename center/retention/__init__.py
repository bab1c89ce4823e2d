"""What is kept too long and swept."""
