"""The embedded venue: market data and trading over loopback sockets, driven by a tape."""
