"""Venues' adapters: one file each, pure functions from orders to requests and from bytes to replies."""
