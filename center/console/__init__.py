"""What staff see: pages made on the server, their few scripts and styles served from here, nothing from elsewhere."""
