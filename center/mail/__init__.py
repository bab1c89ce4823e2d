"""Messages to schools by the office's own mail server: of deliveries, settled corrections and letters."""
