"""What staff's pages share: sessions, rights, layout, words, static files. Nothing is loaded from elsewhere."""
