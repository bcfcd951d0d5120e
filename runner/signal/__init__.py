"""Named expressions become a graph of compiled operators."""
