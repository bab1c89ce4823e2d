"""The staff desk: staff make photos from a camera's file or a webcam, on a page that this machine serves to its own
browser."""
