"""One small file for each command: arguments in, a call of a service, results out."""
