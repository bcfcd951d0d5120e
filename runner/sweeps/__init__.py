"""Sweeps: many lanes of one strategy at once, and what their best is worth."""
