"""The operator's word that the next session may take the latch off, left in the journal.

1. The word is a line of the journal like any other (`Permit`), so it can't be lost, forged or come twice.
2. The next session reads it when it restores the journal, before its own first line uses it up (`fold`): it is good for one
   start, whether that start gets as far as taking the latch off or not. A latch set after it takes it back.
3. That session does everything a recovery does, and only then takes the latch off (`recovery`, `Session`).
"""

from runner.errors import Fault, RunError
from runner.live.events import Permit
from runner.live.journal import Journal, restore
from runner.live.model import Instrument, Permission, State, Status
from runner.live.ports import Clock, Disk

__all__ = ["permit"]


async def permit(disk: Disk, clock: Clock, instruments: dict[str, Instrument], asked: Permission) -> State:
    """Leave the operator's word in a journal that no session has open; return what the journal knows.

    Raises:
        RunError: there is nothing to resume, or an order is said to be absent whose fate the journal knows.
        Quarantined: the journal isn't what was written.
        DiskFailed: the word can't be kept.
    """
    journal = Journal(disk, clock, restore(disk, instruments))
    expect_resumable(journal.state, asked)
    await disk.commit([journal.stamped(Permit(*asked))])
    return journal.state


def expect_resumable(state: State, asked: Permission) -> None:
    """Hold the operator's word to what the journal knows; raise RunError with everything that is wrong about it."""
    unknown = [coid for coid, order in state.live.items() if order.status is Status.UNKNOWN and not order.is_acked]
    faults = [
        Fault("--absent", "must name orders whose fate nobody knows", coid, f"They are: {', '.join(unknown) or 'none'}.")
        for coid in asked.absent
        if coid not in unknown
    ]
    if state.killed is None and not state.frozen:
        faults.append(Fault("resume", "must be of a session that is latched or has frozen an instrument", "neither"))
    if faults:
        raise RunError(faults)
