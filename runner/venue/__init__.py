"""The deterministic world: an exchange, a network, a disk and time itself, all drawn from one seed."""
