"""The live room: what happens to an order from the wish to the proof, and what survives when the process does not.

One asyncio loop owns all state. Inputs become events, `apply(state, event)` folds them, everything else reads that state.
The outside (time, chance, network, disk, alarm, kill file) is reached through `runner.live.ports` alone, so that a
simulated world can stand in for all of it.
"""
