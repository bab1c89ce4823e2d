"""Messages to schools through the office's own mail server: about deliveries, closed corrections and letters."""
