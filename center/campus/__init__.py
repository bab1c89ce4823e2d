"""Who was photographed on campus before: the photographers' lists, needed to know which graduates are missing."""
