"""The core that all tasks around a photo share: what a shot can become, whose it is, what was found and decided."""
