"""The staff desk: a photo from a camera file or webcam, on a page that this machine serves to its own browser."""
