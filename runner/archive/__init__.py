"""Run directories: created exclusively, written completely, read back."""
