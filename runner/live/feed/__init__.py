"""Market data of a live session: from what connections carry to the instants that are decided on."""
