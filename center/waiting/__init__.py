"""Take a number (取号): the office's own queue on busy days, without names."""
