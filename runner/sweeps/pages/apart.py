"""What is said where lanes of one sweep can't be ranked against each other."""

import numpy as np

from runner.report.measured import counted
from runner.sweeps.pages.judged import Judged

__all__ = ["rankings_of", "told_apart"]


def told_apart(judged: Judged) -> str:
    """Return why there are several rankings, and which of them is judged; empty where there is one."""
    footings, order = judged.finished.footings, judged.ranking.footings
    if footings is None or not judged.is_told_apart:
        return ""
    records = len({footings.records[footing] for footing in order})
    whys, judged_ones = [], []
    if records > 1:
        whys.append(f"they are measured over {counted(records, 'different period')}")
        judged_ones.append("the longest period")
    if len(order) > records:
        whys.append("they assume different costs or fills, and no lane is better for assuming less")
        judged_ones.append("the assumptions by which lanes earned least")
    return (
        f"Lanes are ranked in {counted(len(order), 'ranking')}, since {' and since '.join(whys)};"
        f" the first, of {' and '.join(judged_ones)}, is judged."
    )


def rankings_of(judged: Judged) -> tuple[str, ...]:
    """Return what the lanes of each ranking have in common, `bps 5, measured 2010-01-04 to 2012-12-31, 755 sessions`.

    The first is the one that is judged; none where all lanes can be ranked against each other.
    """
    footings = judged.finished.footings
    if footings is None or not judged.is_told_apart:
        return ()
    groups, firsts = np.unique(judged.ranking.group, return_index=True)
    found = []
    for group, row in zip(groups.tolist(), firsts.tolist(), strict=True):
        if group < 0:
            continue
        period = footings.periods[judged.ranking.footings[group]]
        values = [f"{scale.name} {scale.labels[judged.positions[row, scale.place]]}" for scale in judged.apart]
        measured = f"measured {period.first} to {period.last}, {counted(period.sessions, 'session')}"
        found.append(", ".join([*values, measured]))
    return tuple(found)
