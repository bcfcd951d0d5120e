"""Drives a pipeline over a tape."""
