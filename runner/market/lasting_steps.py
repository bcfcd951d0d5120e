"""Prices that step to another level and stay there, as a split or another unit makes them and news doesn't.

A crash and a split look alike at first: half of the price is gone. What tells them apart:

| | split, unit | crash, rally |
|---|---|---|
| where | between two rows | often during one |
| volume | that of the days around, but for the ratio | far above that of the days before and after |
| afterwards | the new level, quietly | wild days, and part of the way back |

`lasting` holds candidates against all three. Below `LEAST` moves are too common to be told from splits, but for the two
ratios splits have there; from it on nothing knows the usual ratios of splits.
"""

import numpy as np

from runner.market.batch import BEGINS, Batch
from runner.market.usual_moves import CANDIDATES, Codes, Floats, Marks, Rows, moves_around, moves_of_symbol

__all__ = [
    "LEAST",
    "LEAST_SMALL",
    "LEAST_UNHEARD",
    "WIDTH",
    "after_hole",
    "is_news",
    "is_rescaled",
    "lasting",
    "stays",
]

LEAST = 1.4
"""Ratio of two prices, the larger to the smaller, from which on a step may be one of these."""
SMALL = (5 / 4, 4 / 3)
"""Ratios of splits below that, looked at where prices fall between two sessions and volume is known: nobody makes four
shares of five, and good news of a quarter overnight exists."""
NEAR_SMALL = 0.02
"""How near to them a bar must open at most, as a fraction."""
LEAST_SMALL = min(SMALL) / (1 + NEAR_SMALL)
"""Least ratio that is near to one of them."""
WIDTH = 10.0
"""How many usual moves a step must be at least."""
LEAST_UNHEARD = 2.5
"""Least ratio where no volume bears witness: Apple closed at 1/2.077 on 2000-09-29, and nobody had split it."""
LEAST_CALM = 1.9
"""The same where prices are so calm that the step is `WIDTH_CALM` usual moves, and no night lies in it."""
WIDTH_CALM = 100.0
"""Apple's was 29."""
HALF_WAY = 0.5
"""Share of a step, on a scale of ratios, that is neither level."""
BEHIND = 20
"""Rows behind a step that are looked at."""
STAYS = 3
"""Rows there must be at the new level, the first included."""
NEWS = 3.0
"""Times the volume of the sessions around it that a session of news has at least."""
SESSIONS = 20
"""Sessions on either side whose volume is compared with."""
FEWEST = 5
"""Sessions with volume that bear witness."""
UNSURE = 0.5
"""Neither news nor none: see `is_news`."""
LEAST_UNSURE = 4.0
"""Least ratio where that is so: a crash of three quarters in one night needs more volume than that."""


def lasting(batch: Batch, at: Rows) -> Rows:
    """Return those of the rows, of bars, at which the price steps to another level and stays.

    1. The step is at least `LEAST` as a ratio of closes, or opens a session near to a ratio of `SMALL`, and `WIDTH` usual
       moves, those of the symbol and those around it.
    2. It lies between two bars: the bar opens nearer to the new level. The first bar of an intraday session, which may
       hold a trade reported late, isn't asked.
    3. The row before the last one was at the old level too, and of the next `BEHIND` rows, `STAYS` or more, none comes back
       by half.
    4. The session isn't one of news (`is_news`). Where that isn't sure, the ratio is at least `LEAST_UNSURE`. Where volume
       says nothing, it is at least `LEAST_UNHEARD`, or `LEAST_CALM` and `WIDTH_CALM` usual moves, unless it lies between
       intraday sessions: a night isn't a minute.
    5. No hole of more than `reuse_sessions` weekdays lies before it: that is another check's.
    """
    price = batch.frame["close"].to_numpy()
    codes = batch.frame["symbol"].to_physical().to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.exp(np.abs(np.log(price[at] / price[at - 1])))
    is_step = (ratio >= LEAST) | _is_small(batch, at)
    at, ratio = at[is_step], ratio[is_step]
    if at.size == 0:
        return at
    width = (ratio - 1) / np.maximum(moves_of_symbol(price, codes, at), moves_around(price, codes, at))
    kept = (width > WIDTH) & _between_rows(batch, at) & stays(price, codes, at) & ~after_hole(batch, at)
    at, ratio, width = at[kept], ratio[kept], width[kept]
    calm = (ratio >= LEAST_CALM) & (width >= WIDTH_CALM) & ~_opens_session(batch, at)
    news = is_news(batch, at)
    unheard, unsure = np.isnan(news), news == UNSURE
    found: Rows = at[np.select([unheard, unsure], [calm | (ratio >= LEAST_UNHEARD), ratio >= LEAST_UNSURE], news == 0)]
    return found


def is_news(batch: Batch, at: Rows) -> Floats:
    """Return 1 for each row, of bars, whose session has far more volume than those around it, 0 if not, NaN if unknown.

    Shares of before and after a split count differently, so the session must stand out from both. Where fewer than `FEWEST`
    sessions behind it have volume, those before it are held against it as shares and as money: a split multiplies the
    shares, news both. `UNSURE`: only the shares stand out. Unknown: no volume, or too few sessions with any on both sides.
    """
    if at.size == 0:
        return np.empty(0)
    before, session, after = _volumes(batch, at)
    close = batch.frame["close"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        money = session * close[at] / close[at - 1]
    stands_out = session > NEWS * np.fmax(before, after)
    is_unsure = stands_out & np.isnan(after) & ~(money > NEWS * before)
    is_unknown = np.isnan(session) | (np.isnan(before) & np.isnan(after))
    return np.select([is_unknown, is_unsure], [np.nan, UNSURE], stands_out.astype(np.float64))


def is_rescaled(batch: Batch, at: Rows) -> Marks:
    """Return whether volume, of bars, went more than half of the way at each row that the price went, the other way.

    A split multiplies the one and divides the other; pence for pounds leave volume as it was. False where it isn't known.
    """
    if at.size == 0:
        return np.zeros(0, np.bool_)
    before, session, after = _volumes(batch, at)
    close = batch.frame["close"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        way = -np.log(np.where(np.isnan(after), session, after) / before) / np.log(close[at] / close[at - 1])
    found: Marks = way > HALF_WAY
    return found


def _volumes(batch: Batch, at: Rows) -> tuple[Floats, Floats, Floats]:
    """Return the usual volume of the sessions before each row's, its own, and the usual one behind it; NaN if unknown."""
    codes = batch.frame["symbol"].to_physical().to_numpy()
    day = batch.frame["session"].to_physical().to_numpy()
    begins = batch.frame[BEGINS].to_numpy() | np.concatenate([[True], day[1:] != day[:-1]])
    firsts = np.flatnonzero(begins)
    traded = np.add.reduceat(np.nan_to_num(batch.frame["volume"].to_numpy()), firsts)
    traded[traded <= 0] = np.nan
    owner = codes[firsts]
    session = np.searchsorted(firsts, at, side="right") - 1
    before, after = (_usual_volume(traded, owner, session, side) for side in (-1, 1))
    return before, traded[session], after


def _usual_volume(traded: Floats, owner: Codes, session: Rows, side: int) -> Floats:
    """Return the median volume of the symbol's sessions on one side, NaN where too few have any."""
    found = np.full(session.size, np.nan)
    offsets = side * np.arange(1, SESSIONS + 1)
    for first in range(0, session.size, CANDIDATES):
        some = session[first : first + CANDIDATES, None]
        rows = np.clip(some + offsets, 0, traded.size - 1)
        same = (rows == some + offsets) & (owner[rows] == owner[some])
        nearby = np.where(same, traded[rows], np.nan)
        heard = np.count_nonzero(~np.isnan(nearby), axis=1) >= FEWEST
        found[first : first + CANDIDATES][heard] = np.nanmedian(nearby[heard], axis=1)
    return found


def _is_small(batch: Batch, at: Rows) -> Marks:
    """Return whether each bar is the first of its session, opens lower by nearly a ratio of `SMALL`, and doesn't come back.

    The first of several bars may open with a trade reported late; there the close counts as well.
    """
    opens, closes = batch.frame["open"].to_numpy(), batch.frame["close"].to_numpy()
    day = batch.frame["session"].to_physical().to_numpy()
    near = np.log1p(min(batch.quality.split_tolerance, NEAR_SMALL))
    with np.errstate(divide="ignore", invalid="ignore"):
        opened, closed = (np.log(closes[at - 1] / price[at]) for price in (opens, closes))
    is_near = [np.logical_or.reduce([np.abs(step - np.log(each)) <= near for each in SMALL]) for step in (opened, closed)]
    stays = closed > HALF_WAY * opened
    found: Marks = (day[at] != day[at - 1]) & stays & (is_near[0] | (is_near[1] & _opens_session(batch, at)))
    return found


def _between_rows(batch: Batch, at: Rows) -> Marks:
    """Return whether each bar opens nearer to its close than to the close before, or is the first of an intraday session."""
    opens, closes = batch.frame["open"].to_numpy(), batch.frame["close"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        way = np.log(opens[at] / closes[at - 1]) / np.log(closes[at] / closes[at - 1])
    found: Marks = (way > HALF_WAY) | _opens_session(batch, at)
    return found


def _opens_session(batch: Batch, at: Rows) -> Marks:
    """Return whether each row is the first of several of one session; a daily bar is the only one."""
    codes = batch.frame["symbol"].to_physical().to_numpy()
    day = batch.frame["session"].to_physical().to_numpy()
    following = np.minimum(at + 1, codes.size - 1)
    is_intraday = (following > at) & (codes[following] == codes[at]) & (day[following] == day[at])
    found: Marks = is_intraday & (day[at - 1] != day[at])
    return found


def after_hole(batch: Batch, at: Rows) -> Marks:
    """Return whether so many weekdays lie between each row and the one before that the ticker may be another's."""
    day = batch.frame["session"].to_numpy()
    found: Marks = np.busday_count(day[at - 1], day[at]) - 1 > batch.quality.reuse_sessions
    return found


def stays(price: Floats, codes: Codes, at: Rows) -> Marks:
    """Return whether the row before the last one is at the old level, if there is one, and those behind at the new one."""
    found = np.zeros(at.size, np.bool_)
    offsets = np.array([-2, *range(BEHIND + 1)])
    for first in range(0, at.size, CANDIDATES):
        some = at[first : first + CANDIDATES, None]
        rows = np.clip(some + offsets, 0, price.size - 1)
        same = (rows == some + offsets) & (codes[rows] == codes[some])
        with np.errstate(divide="ignore", invalid="ignore"):
            nearby = np.log(np.where(same, price[rows], np.nan) / price[some - 1])
        way = nearby / nearby[:, 1:2]
        away = ~(way[:, 1:] <= HALF_WAY)  # nobody knows where an unknown price is
        enough = np.count_nonzero(~np.isnan(way[:, 1:]), axis=1) >= STAYS
        found[first : first + CANDIDATES] = ~(way[:, 0] > HALF_WAY) & away.all(axis=1) & enough
    return found
