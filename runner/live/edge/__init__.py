"""The real doors: this machine's clock and chance, the journal in SQLite, the kill file, the operator's terminal."""
