"""The edge of the store: what a service may still add or change is asked for again, and only that."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.market.store import Store
from tests.rooms.market.store.service import Service

DAY = 86_400 * 10**9
HOUR = DAY // 24


class Late(Service):
    """Publishes a bar `lag` after it is over, an hour after it began; nothing trades in `closed`, and values may be corrected."""

    def __init__(self, *, lag=0, closed=(0, 0), restated=False):
        super().__init__(restated=restated)
        self.lag, self.closed, self.corrected = lag, closed, {}
        self.clock = 0

    def over(self):
        return self.clock - HOUR + 1

    def fetch(self, symbol, start_ns, end_ns, on_progress):
        self.asked.append((symbol, start_ns, end_ns))
        stamps = [at for at in range(-(-start_ns // HOUR) * HOUR, end_ns, HOUR) if at + HOUR + self.lag <= self.clock]
        stamps = [at for at in stamps if not self.closed[0] <= at < self.closed[1]]
        closes = [self.corrected.get(at, float(at // HOUR)) for at in stamps]
        on_progress(end_ns)
        timestamp = pl.Series(stamps, dtype=pl.Int64).cast(pl.Datetime("ns", "UTC"))
        return pl.DataFrame(
            {
                "symbol": pl.repeat(symbol, len(stamps), eager=True, dtype=pl.String),
                "timestamp": timestamp,
                "close": pl.Series(closes, dtype=pl.Float64),
                "volume": pl.repeat(float("nan"), len(stamps), eager=True, dtype=pl.Float64),
            }
        )

    def fill(self, store, at, *, start=0, end=None):
        """Fill up to what is over at an instant; return what was done and the hours then held."""
        self.clock = at
        window = (start, self.over() if end is None else end)
        filled = store.fill(self, "A", window, now=lambda: at)
        frame = store.read(self.fetch_key("A"), window).frame
        return filled, (frame["timestamp"].dt.epoch("ns") // HOUR).to_list(), frame["close"].to_list()


def test_bars_published_late_leave_no_hole(tmp_path):
    """What was over and not there yet is asked for again, until it is there."""
    store, service = Store(tmp_path), Late(lag=3 * HOUR)

    _, early, _ = service.fill(store, 10 * HOUR)
    _, later, _ = service.fill(store, 14 * HOUR)
    _, last, _ = service.fill(store, 17 * HOUR, end=14 * HOUR)

    assert early == list(range(7))
    assert later == list(range(11))
    assert last == list(range(14))


def test_a_day_published_behind_a_long_weekend_is_no_hole(tmp_path):
    """Silence isn't believed before a week is over, whatever was asked meanwhile."""
    store, service = Store(tmp_path), Late(lag=100 * HOUR)

    for at in range(24, 168, 12):
        service.fill(store, at * HOUR)

    assert service.fill(store, 168 * HOUR)[1] == list(range(68))


def test_a_bar_corrected_later_is_fetched_again_and_counted(tmp_path):
    """The last one, and any that was over for less than a day; the rows that didn't change aren't counted."""
    store, service = Store(tmp_path), Late()
    first, _, _ = service.fill(store, 40 * HOUR)

    service.corrected = {30 * HOUR: 7.5, 39 * HOUR: 8.5}
    second, hours, closes = service.fill(store, 41 * HOUR)

    assert (first.changed, second.changed) == (0, 2)
    assert hours == list(range(41))
    assert (closes[30], closes[39]) == (7.5, 8.5)
    assert closes[:30] == [float(at) for at in range(30)]


def test_a_bar_taken_back_is_counted(tmp_path):
    """What the service no longer has isn't held any more."""
    store, service = Store(tmp_path), Late()
    service.fill(store, 40 * HOUR)

    service.closed = (35 * HOUR, 36 * HOUR)
    filled, hours, _ = service.fill(store, 41 * HOUR)

    assert filled.changed == 1
    assert hours == [at for at in range(41) if at != 35]


def test_only_the_edge_is_asked_for_again(tmp_path):
    """A day after their end bars with others behind them are settled; after a week so is the rest, and nothing is asked."""
    store, service = Store(tmp_path), Late()
    service.fill(store, 100 * HOUR)

    held, _, _ = service.fill(store, 100 * HOUR)
    _, start, end = service.asked[-1]
    assert (start, end) == (75 * HOUR + 1, 99 * HOUR + 1)
    assert sum(piece.rows for piece in held.held) == 100

    service.fill(store, 267 * HOUR, end=99 * HOUR + 1)
    asked = len(service.asked)
    assert store.missing(service.fetch_key("A"), (0, 99 * HOUR + 1)) == [(99 * HOUR, 99 * HOUR + 1)]
    service.fill(store, 268 * HOUR, end=99 * HOUR + 1)
    assert len(service.asked) == asked + 1
    service.fill(store, 269 * HOUR, end=99 * HOUR + 1)
    assert len(service.asked) == asked + 1


def test_rows_beside_what_was_fetched_again_stay(tmp_path):
    """A shorter window fetches its own edge again; another process that was about to read the longer one still can."""
    store, service = Store(tmp_path), Late()
    service.fill(store, 40 * HOUR)
    longer = (0, 39 * HOUR + 1)

    service.fill(store, 40 * HOUR, end=30 * HOUR)

    frame = store.read(service.fetch_key("A"), longer).frame
    assert (frame["timestamp"].dt.epoch("ns") // HOUR).to_list() == list(range(40))


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_whenever_it_is_asked_the_store_ends_with_what_the_service_has(data, tmp_path_factory):
    """Any lag below a week, any windows at any moments: at the end every row that was published is there, once."""
    store = Store(tmp_path_factory.mktemp("store"))
    service = Late(lag=data.draw(st.integers(0, 160)) * HOUR, closed=(50 * HOUR, 90 * HOUR))
    moments = sorted(data.draw(st.lists(st.integers(2, 400), min_size=1, max_size=8)))

    for moment in moments:
        over = moment * HOUR - HOUR + 1
        start = data.draw(st.integers(0, over - 1))
        service.fill(store, moment * HOUR, start=start, end=data.draw(st.integers(start + 1, over)))
    _, hours, _ = service.fill(store, 600 * HOUR, end=400 * HOUR)

    assert hours == [at for at in range(400) if not 50 <= at < 90]


def test_prices_restated_as_a_whole_are_no_corrections(tmp_path):
    """Adjusted prices change with every dividend; the whole window is fetched anew and nothing is counted."""
    store, service = Store(tmp_path), Late(restated=True)
    service.fill(store, 40 * HOUR)
    service.corrected = {3 * HOUR: 1.0}

    filled, _, closes = service.fill(store, 41 * HOUR)

    assert (filled.changed, closes[3]) == (0, 1.0)
    assert service.asked[-1] == ("A", 0, 40 * HOUR + 1)
