"""What the best of many lanes is worth: statistics against the luck of choosing."""
