"""A market made of numbers: sessions, regimes, one price path per symbol, and the events around it."""
