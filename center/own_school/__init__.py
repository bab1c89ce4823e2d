"""What a school does itself: follows its progress, compares photos with names, downloads its packs, marks mistakes."""
