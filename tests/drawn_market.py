"""A small market on several clocks, for the laws of graphs: three symbols, six sessions, bars with holes, irregular depth.

A symbol may have several rows of depth at one instant.
"""

from types import SimpleNamespace

import numpy as np

from runner.signal.push import PushedRow
from runner.signal.sheet import Events, Sessions, Sheet, Surroundings

MINUTE = 60 * 10**9
DAY = 86_400 * 10**9
BARS = ("open", "high", "low", "close", "volume")
DEPTH = tuple(f"{side}_{what}_{level}" for side in ("bid", "ask") for what in ("price", "size") for level in range(3))
FIRST_DAY = 10
SYMBOLS = 3


def market(seed, *, sessions=6, bars=78, depth=60, undefined=0.01):
    """Return tapes by stream and what surrounds them, drawn from a seed."""
    rng = np.random.default_rng(seed)
    days = np.arange(FIRST_DAY, FIRST_DAY + sessions, dtype=np.int32)
    opens = days.astype(np.int64) * DAY + 9 * 60 * MINUTE
    hours = Sessions(days, opens, opens + 5 * bars * MINUTE)
    tapes = {
        "bars": _tape(rng, BARS, undefined, [_regular(rng, opens, bars) for _ in range(SYMBOLS)], hours),
        "depth": _tape(rng, DEPTH, undefined, [_irregular(rng, opens, depth, bars) for _ in range(SYMBOLS)], hours),
    }
    events = [np.sort(rng.integers(opens[0], opens[-1], size=count)) for count in (3, 0, 6)]
    around = Surroundings(
        {"bars": [hours] * SYMBOLS, "depth": [hours] * SYMBOLS},
        {"earnings": Events(np.array([0, 3, 3, 9]), np.concatenate(events))},
        {"sector": np.array([0.0, 1.0, 0.0])},
    )
    return tapes, around


def _regular(rng, opens, bars):
    return np.concatenate([o + 5 * MINUTE * (np.arange(bars) + 1)[rng.random(bars) < 0.9] for o in opens])


def _irregular(rng, opens, rows, bars):
    return np.concatenate([_bunched(rng, 5 * bars, rows) * MINUTE + o + MINUTE for o in opens])


def _bunched(rng, minutes, rows):
    """Return ascending minutes, about every third of which is that of the row before."""
    drawn = np.sort(rng.integers(0, minutes, size=rows))
    return drawn[np.maximum.accumulate(np.where(rng.random(rows) < 1 / 3, 0, np.arange(rows)))]


def _tape(rng, columns, undefined, stamps, hours):
    ts = np.concatenate(stamps)
    offsets = np.append(0, np.cumsum([each.size for each in stamps]))
    session = hours.days[np.searchsorted(hours.close_ns, ts)].astype(np.int32)
    values = {name: 100 + rng.normal(size=ts.size).cumsum() for name in columns}
    for column in values.values():
        column[rng.random(ts.size) < undefined] = np.nan
    return SimpleNamespace(ts=ts, session=session, offsets=offsets, columns=values)


def sheets_of(tapes, around):
    """Return the sheets that `evaluate` reads."""
    return {clock: Sheet.of(clock, tape, around) for clock, tape in tapes.items()}


def instants(tapes):
    """Yield the rows of every instant, in the order of time, as a session is given them."""
    found = {}
    for clock, tape in tapes.items():
        for symbol in range(tape.offsets.size - 1):
            for row in range(tape.offsets[symbol], tape.offsets[symbol + 1]):
                ts = int(tape.ts[row])
                values = {name: float(column[row]) for name, column in tape.columns.items()}
                found.setdefault(ts, []).append(PushedRow(clock, symbol, ts, int(tape.session[row]), values))
    return [found[ts] for ts in sorted(found)]


def cut(tapes, ts):
    """Return the tapes without the rows that are known after an instant."""
    return {clock: _cut(tape, ts) for clock, tape in tapes.items()}


def _cut(tape, ts):
    kept = tape.ts <= ts
    counts = [int(kept[a:b].sum()) for a, b in zip(tape.offsets, tape.offsets[1:], strict=False)]
    return SimpleNamespace(
        ts=tape.ts[kept],
        session=tape.session[kept],
        offsets=np.append(0, np.cumsum(counts)),
        columns={name: column[kept] for name, column in tape.columns.items()},
    )
