"""Who was photographed on campus before: the crews' lists, needed to know which graduates are missing."""
