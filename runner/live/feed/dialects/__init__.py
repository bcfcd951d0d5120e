"""Venues' languages: one file each, pure functions between text and messages."""
