"""The office's rules as values: what a shot can become, who may do what, what is kept of it. Pure."""
