"""What staff's pages share: sessions, rights, layout, texts, static files. Nothing is loaded from other sites."""
