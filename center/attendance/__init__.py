"""Attendance: who of a school's roster was photographed, by major and class, and who is missing."""
