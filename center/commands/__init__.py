"""One small file for each command: it reads arguments, calls a service and prints the results."""
