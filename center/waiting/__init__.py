"""Queue of numbers (取号): the office's own queue on busy days, without names."""
