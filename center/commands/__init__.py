"""One small file a command: arguments in, an office asked, results out."""
