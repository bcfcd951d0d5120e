"""Market data one can trust: sources, time-zone policy, quality gate, tape."""
