"""Check before you travel: a public page that judges a phone picture in the browser; the picture stays on the phone."""
