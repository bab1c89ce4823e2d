"""Who was photographed on campus before: the crews' lists, without which every missing list would be wrong."""
