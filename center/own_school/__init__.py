"""What a school does itself: sees how far it is, checks photos beside names, takes its packs, says what is wrong."""
