"""Paper prints: sheets of pictures with captions, the list to check them by, the lock until they may be made."""
