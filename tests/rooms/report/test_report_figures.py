"""What the figures of a report say: months, rolling ratios, the spread of returns, costs so far, markets behind a line."""

import re
from itertools import pairwise

import numpy as np
import pytest

from runner.market.tape import Tape
from runner.report.closes import Closes, closes_of
from runner.report.figures.cost_lines import cost_lines_figure
from runner.report.figures.costs import costs_figure
from runner.report.figures.cross_section import MOST, cross_section_figure
from runner.report.figures.distribution import distribution_figure, skewness
from runner.report.figures.exposure import exposure_figure
from runner.report.figures.figure import Timeline, timeline
from runner.report.figures.months import month_returns, months_table
from runner.report.figures.rolling_sharpe import WINDOW, rolling_sharpe_figure
from runner.report.figures.shading import Shading, shaded, shading_of
from runner.report.figures.trades import trades_figure
from runner.report.returns import rolling_sharpe, sharpe
from runner.report.svg import WIDE, Frame

DAY = 86_400_000_000_000


def closes(levels, *, first="2020-01-30"):
    session = (np.datetime64(first, "D").astype(np.int64) + np.arange(len(levels) - 1)).astype(np.int32)
    return Closes(session.astype(np.int64) * DAY, session, np.array(levels, dtype=np.float64))


def test_closes_are_the_last_rows_of_measured_sessions(ledger):
    """Warm-up is left out, and the equity before measuring is what the first return starts from."""
    for ts, worth, measured in ((1, 100.0, False), (2, 110.0, True), (3, 120.0, True), (4, 130.0, True)):
        ledger.worth(ts, worth, measured=measured)

    found = closes_of(ledger.tables().equity, capital=90.0, sessions=np.array([0, 1, 1, 2], dtype=np.int32))

    assert found.levels.tolist() == [100.0, 120.0, 130.0]
    assert found.ts.tolist() == [3, 4]
    assert found.session.tolist() == [1, 2]


def test_months_go_from_close_to_close():
    """January's return starts from the equity before the first session, February's from January's last close."""
    found = month_returns(closes([100.0, 110.0, 121.0, 60.5]))

    assert found == {(2020, 1): pytest.approx(0.21), (2020, 2): pytest.approx(-0.5)}


def test_the_months_of_a_year_come_to_its_return():
    """The last column is what the months make together, and the largest month has the strongest shade."""
    text = months_table(closes([100.0, 110.0, 121.0, 60.5]))

    assert re.findall(r'<td class="([^"]*)">([^<]+)</td>', text) == [
        ("number up-3", "21.0\N{NO-BREAK SPACE}%"),
        ("number down-8", "\N{MINUS SIGN}50.0\N{NO-BREAK SPACE}%"),
        ("number total", "\N{MINUS SIGN}39.5\N{NO-BREAK SPACE}%"),
    ]


def test_a_small_year_is_written_as_its_months_are():
    """Percent throughout, as the headline is, with a decimal more: hundredths of a percent tell the months apart."""
    text = months_table(closes([100.0, 100.1, 100.3, 100.2]))

    found = re.findall(r'<td class="number[^"]*">([^<]+)</td>', text)
    assert len(found) == 3
    assert all(re.fullmatch(r"\N{MINUS SIGN}?0\.[0-9]{2}\N{NO-BREAK SPACE}%", each) for each in found)


def test_there_are_no_months_of_nothing_or_of_ruin():
    """Without sessions, and where equity reached zero on the way, there is no table."""
    assert months_table(closes([100.0])) == ""
    assert months_table(closes([100.0, 0.0, 10.0])) == ""


def test_rolling_sharpe_is_the_sharpe_of_each_window():
    """Every value is that of its own window alone; a window without deviation has none."""
    returns = np.concatenate((np.random.default_rng(1).normal(0.001, 0.01, 40), np.zeros(12)))

    found = rolling_sharpe(returns, window=10, sessions_per_year=252)

    expected = [sharpe(returns[at : at + 10], sessions_per_year=252) for at in range(43)]
    assert found == pytest.approx([np.nan if value is None else value for value in expected], rel=1e-9, nan_ok=True)
    assert expected[-1] is None
    assert rolling_sharpe(returns[:9], window=10, sessions_per_year=252).size == 0


def test_a_rolling_line_needs_more_than_one_window(ledger):
    """Half a year of sessions is one point, and no line."""
    levels = 100.0 + np.cumsum(np.random.default_rng(2).normal(0.0, 1.0, WINDOW + 1))
    for number in range(WINDOW + 1):
        ledger.worth(number * DAY, 100.0)
    time = timeline(ledger.tables().equity)

    short = rolling_sharpe_figure(closes(levels), time, sessions_per_year=252, shading=Shading())
    long = rolling_sharpe_figure(closes([*levels, 101.0, 99.0]), time, sessions_per_year=252, shading=Shading())

    assert short is None
    assert long.heading == f"Sharpe ratio of {WINDOW} sessions"


def test_skewness_is_that_of_the_definition():
    """Against a value worked out by hand: of (0, 0, 0, 1) it is 2 / √3."""
    assert skewness(np.array([0.0, 0.0, 0.0, 1.0])) == pytest.approx(2 / np.sqrt(3))
    assert skewness(np.array([0.5, 0.5])) is None


def test_a_distribution_counts_every_session_that_moved():
    """Heights add up to the sessions, whatever lies outside; sessions without a change are told, not drawn."""
    returns = np.concatenate((np.random.default_rng(3).normal(0.0, 0.01, 200), [0.9, 0.0, 0.0]))
    figure = distribution_figure(closes([100.0, *(100.0 * np.cumprod(1 + returns))]))

    heights = [
        float(value) for value in re.findall(r'<rect class="(?:gain|fall)"[^>]* height="([^"]+)"', figure.drawings[0])
    ]
    tallest = max(heights)
    counts = [height * (1.05 * _most(returns)) / (WIDE.height - WIDE.font - 14 - 8) for height in heights]
    assert tallest > 0
    assert sum(counts) == pytest.approx(201, rel=0.01)
    assert figure.caption.startswith("201 sessions from")
    assert "2 without any change aren't counted" in figure.caption


def _most(returns):
    """Count the tallest bar anew, from the edges that the module's docstrings promise."""
    moved = returns[returns != 0]
    reach = min(np.abs(moved).max(), 5.0 * moved.std() + abs(moved.mean()))
    half = min(41, max(8, int(np.ceil(2 * np.sqrt(moved.size))))) // 2
    edges = np.linspace(-reach, reach, 2 * half + 1)
    return np.histogram(np.clip(moved, -reach, reach), edges)[0].max()


def test_few_sessions_have_no_shape():
    """Ten returns are no distribution."""
    assert distribution_figure(closes(100.0 + np.arange(11.0))) is None


def test_exposure_is_a_share_of_equity(ledger):
    """Half the equity held on every other bar is a quarter on average; net is told only where it differs."""
    ledger.worth(DAY, 100.0, gross=50.0)
    ledger.worth(2 * DAY, 100.0)
    equity = ledger.tables().equity

    figure = exposure_figure(equity, timeline(equity))

    assert "25.0\N{NO-BREAK SPACE}% of equity on average and 50.0\N{NO-BREAK SPACE}% at most" in figure.caption
    assert "net exposure" not in figure.caption


def test_mean_exposure_is_that_of_the_metrics(ledger):
    """Rows of the warm-up are drawn and never counted: the caption says the mean that the table of results has."""
    ledger.worth(DAY, 100.0, measured=False)
    ledger.worth(2 * DAY, 100.0, gross=50.0)
    equity = ledger.tables().equity

    figure = exposure_figure(equity, timeline(equity))

    assert "50.0\N{NO-BREAK SPACE}% of equity on average" in figure.caption


def test_net_exposure_is_drawn_where_something_is_short(ledger):
    """A short of half the equity is below zero as net, above zero as gross."""
    ledger.worth(DAY, 100.0, gross=50.0, net=-50.0)
    ledger.worth(2 * DAY, 100.0)
    equity = ledger.tables().equity

    figure = exposure_figure(equity, timeline(equity))

    assert "net exposure" in figure.caption
    assert 'class="loss dashed"' in figure.drawings[0]


def test_nothing_held_has_no_exposure(ledger):
    """An empty area isn't drawn."""
    ledger.worth(DAY, 100.0)
    equity = ledger.tables().equity

    assert exposure_figure(equity, timeline(equity)) is None


def test_costs_add_up_to_what_was_paid(ledger):
    """The end of the area is all that was paid, of every sort."""
    ledger.worth(DAY, 100.0)
    ledger.worth(9 * DAY, 100.0)
    ledger.fill(2 * DAY, "AAA", "buy", 1.0, 100.0, slippage=2.0, fee=3.0)
    ledger.charge(3 * DAY, "", 5.0)
    tables = ledger.tables()

    figure = costs_figure(tables, timeline(tables.equity))

    assert figure.caption.startswith("Paid in all 10.00: slippage 2.00, fees 3.00, financing 5.00.")


def test_free_runs_have_no_costs(ledger):
    """Nothing was paid, so nothing is drawn."""
    ledger.worth(DAY, 100.0)
    tables = ledger.tables()

    assert costs_figure(tables, timeline(tables.equity)) is None


def clock(name, returns, *, is_own=False):
    costs = [
        {"cost_scale": scale, "total_return": value} for scale, value in zip((0.0, 1.0, 2.0, 4.0), returns, strict=True)
    ]
    return {"fill": name, "is_own": is_own, "optimistic": None, "costs": costs}


def test_results_by_costs_are_a_line_per_clock():
    """The run's own clock is the bold one; points without a result are passed over."""
    fills = [clock("next_open", (0.3, 0.2, 0.1, -0.1), is_own=True), clock("next_close", (0.3, None, 0.1, 0.0))]

    figure = cost_lines_figure({"fills": fills})

    paths = dict(re.findall(r'<path class="([^"]+)" d="M([^"]+)"', figure.drawings[0]))
    assert {name: len(points.split()) for name, points in paths.items()} == {"series bold": 4, "price": 3}
    assert cost_lines_figure({"fills": [clock("next_open", (0.3, None, None, None), is_own=True)]}) is None


def test_symbols_stand_from_best_to_worst():
    """Of very many symbols the best and the worst are drawn, and the others counted."""
    rows = [{"symbol": f"S{number}", "profit": float(number - 10)} for number in range(MOST + 7)]

    figure = cross_section_figure(rows)

    assert f"{MOST + 7 - 11} of {MOST + 7} symbols made a profit" in figure.caption
    assert "7 in the middle aren't drawn." in figure.caption
    assert figure.drawings[0].count("<rect") == MOST
    assert cross_section_figure(rows[:1]) is None


def tape_of(prices):
    count = len(prices)
    ts = np.arange(1, count + 1, dtype=np.int64) * DAY
    return Tape(
        symbols=("AAA",),
        ts=ts,
        opened=ts - 1,
        session=np.arange(count, dtype=np.int32),
        symbol=np.zeros(count, dtype=np.int32),
        columns={"close": np.array(prices, dtype=np.float64)},
        offsets=np.array([0, count], dtype=np.int64),
    )


def test_a_bear_market_is_shaded_from_the_session_after_it_began():
    """A fall of a quarter on the third day is known at its close: the fourth day is the first one shaded."""
    found = shading_of(tape_of([100, 100, 75, 74, 73, 100, 101]))

    assert found.bear == ((4 * DAY, 7 * DAY),)


def test_stretches_too_near_to_tell_apart_are_one():
    """A thousand sessions that alternate are drawn as one band, and a page stays small."""
    frame = Frame(WIDE, 0, 100, 0, 2_000, 0.0, 1.0)

    drawn = shaded(frame, Shading(bear=tuple((at, at + 1) for at in range(0, 2_000, 2)), high=((0, 10), (1_000, 1_100))))

    bear, wild = re.findall(r'<path class="\w+" d="([^"]+)"', drawn)
    assert (bear.count("M"), wild.count("M")) == (1, 2)


def test_no_rows_have_no_market():
    """A run without data has nothing behind its lines."""
    assert shading_of(tape_of([])) == Shading()


@pytest.mark.parametrize(
    ("stream", "columns", "word"),
    [
        ("bars", ("close",), "Close of A"),
        ("trades", ("price",), "Price of A"),
        ("depth", ("bid_price_0", "ask_price_0"), "Middle of bid and offer of A"),
    ],
)
def test_what_is_drawn_is_called_what_it_is(ledger, stream, columns, word):
    """A book has no close."""
    ledger.fill(2, "A", "buy", 1.0, 100.0)
    ts = np.arange(1, 4, dtype=np.int64)
    tape = Tape(("A",), ts, ts, np.zeros(3, np.int32), np.zeros(3, np.int32), dict.fromkeys(columns, 100.0 + ts),
                np.array([0, 3]), stream=stream)  # fmt: skip

    found = trades_figure(tape, ledger.tables().fills, Timeline(1, 3, None), symbol="A", key="a")

    assert found.caption.startswith(f"{word} with 1 buy and 0 sells.")


def test_exposure_holds_until_it_changes(ledger):
    """A position that was opened on Monday isn't half held on Sunday: between two rows the line goes across, then up."""
    for ts, gross in ((1, 0.0), (9, 50.0), (10, 50.0)):
        ledger.worth(ts, 100.0, gross=gross)

    drawn = exposure_figure(ledger.tables().equity, Timeline(1, 10, None)).drawings[0]

    (line,) = re.findall(r'<path class="series" d="M([^"]+)"', drawn)
    corners = [tuple(map(float, each.split(","))) for each in line.replace("L", " ").split()]
    assert all(one[0] == other[0] or one[1] == other[1] for one, other in pairwise(corners))
    assert len({y for _, y in corners}) == 2
