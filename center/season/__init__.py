"""The season at the office: window, hours, exceptions, calendar years, and who changed them."""
