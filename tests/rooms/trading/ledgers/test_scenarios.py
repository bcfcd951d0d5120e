"""Stories of what goes wrong between a decision and its fill: rejections, outages, delays."""

import hashlib

import pytest
from markets import DAY, ended, filled, minutes, tape_of, told, told_of

from runner.trading.fill.next_close import NextClose
from runner.trading.fill.next_vwap import NextVwap
from runner.trading.fill.touch import Touch

FIRST = (10, 10, 10, 10, 1)
QUIET = (10, 10, 10, 10, 0)
WORD = 2**64


def chance(seed, symbol, place):
    """Return the number in [0, 1) at a place of a symbol's SplitMix64 sequence, by its published recipe."""
    key = int.from_bytes(hashlib.sha256(f"{seed}\0{symbol}".encode()).digest()[:8], "little")
    z = (key + 0x9E3779B97F4A7C15 * place) % WORD
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % WORD
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % WORD
    return ((z ^ (z >> 31)) >> 11) / 2**53


def fate(seed, order):
    """Return what an even chance does with an order of A, the first being 1: four numbers belong to each."""
    return "rejected" if chance(seed, "A", 4 * order + 1) < 0.5 else "filled"


def seed_with(*answers):
    """Return the first seed under which A's orders meet these fates, one after another."""
    return next(seed for seed in range(1000) if [fate(seed, n) for n in range(1, len(answers) + 1)] == list(answers))


def test_a_rejected_order_is_tried_again_where_the_rule_still_holds():
    """The first order is rejected at minute 1, the second, asked for by the next bar, is filled."""
    seed = seed_with("rejected", "filled")
    tables = told_of(FIRST, FIRST, QUIET, scenario={"rejection": 0.5}, seed=seed)

    assert ended(tables) == ["rejected", "filled"]
    assert tables.orders["refusal"].tolist() == ["rejected by the venue", ""]
    assert filled(tables) == [(2.0, "buy", 10.0, 10.0)]


def test_a_rejected_order_is_not_tried_again_where_the_rule_is_silent():
    """One bar asked, once."""
    tables = told_of(FIRST, QUIET, QUIET, scenario={"rejection": 0.5}, seed=seed_with("rejected", "rejected"))

    assert ended(tables) == ["rejected"]
    assert filled(tables) == []


def test_an_exit_that_the_venue_rejects_is_asked_for_until_it_passes():
    """Bought by the first order; the second, a sale, is rejected, the third sells."""
    tables = told_of(
        FIRST,
        (10, 10, 10, 10, 2),
        (10, 10, 10, 10, 2),
        QUIET,
        scenario={"rejection": 0.5},
        seed=seed_with("filled", "rejected", "filled"),
    )

    assert ended(tables) == ["filled", "rejected", "filled"]
    assert filled(tables) == [(1.0, "buy", 10.0, 10.0), (3.0, "sell", 10.0, 10.0)]


def test_what_one_symbol_draws_another_does_not_change():
    """A's orders meet the same fate beside a B that trades every minute."""
    bars = {"A": minutes(FIRST, FIRST, FIRST, QUIET)}
    other = {"B": minutes(*[FIRST, (10, 10, 10, 10, 2)] * 3)}
    alone, beside = (
        told({"bars": tape_of("bars", rows)}, scenario={"rejection": 0.5}, seed=7) for rows in (bars, {**other, **bars})
    )

    own = beside.orders["symbol"] == "A"
    assert beside.orders["status"][own].tolist() == ended(alone)


def test_nothing_fills_in_an_outage():
    """The opens of minutes 1 and 2 fall into it; its end, minute 3, doesn't."""
    out = {"outages": [{"start": "1970-01-01T00:01Z", "end": "1970-01-01T00:03Z"}]}
    tables = told_of(FIRST, (11, 11, 11, 11, 0), (12, 12, 12, 12, 0), (13, 13, 13, 13, 0), scenario=out)

    assert filled(tables) == [(3.0, "buy", 10.0, 13.0)]


def test_a_stop_that_an_outage_covers_is_sold_at_what_comes_after():
    """95 is passed while nothing can be sold. The fourth bar opens in the outage, so that nobody knows what of its range came
    after it; the fifth opens at 80."""
    out = {"outages": [{"start": "1970-01-01T00:02Z", "end": "1970-01-01T00:03:30Z"}]}
    bars = [(100, 100, 100, 100, 1), (100, 100, 100, 100, 0), (94, 94, 90, 92, 0), (85, 86, 84, 85, 0), (80, 81, 80, 80, 0)]
    tables = told_of(*bars, scenario=out, exits={"stop_loss": 0.05})

    assert [(at, price) for at, _, _, price in filled(tables)] == [(1.0, 100.0), (4.0, 80.0)]


def outage(start, end):
    """Return a scenario whose venue is out between two instants of the first hour."""
    return {"outages": [{"start": f"1970-01-01T00:{start}Z", "end": f"1970-01-01T00:{end}Z"}]}


LIMIT = {"kind": "limit", "offset": 100.0}
DIPS = [(10, 10, 10, 10, 1), (10, 10, 9, 10, 0), (9.5, 9.5, 9.5, 9.5, 0)]
"""Decided at minute 1 to buy at 9.9; the bar of minutes 1 to 2 goes down to 9, the next one opens at 9.5."""


@pytest.mark.parametrize(
    ("start", "end", "fills"),
    [
        ("00:30", "01", [(2.0, "buy", 10.0, 9.9)]),
        ("01:20", "01:40", [(2.0, "buy", 10.0, 9.5)]),
        ("01:40", "02", [(2.0, "buy", 10.0, 9.5)]),
        ("02", "02:30", []),
        ("02:30", "03", [(2.0, "buy", 10.0, 9.9)]),
    ],
)
def test_a_bar_that_an_outage_touches_fills_nothing_that_waits(start, end, fills):
    """Nobody knows whether its low came while the venue was there. One that ends as the bar opens doesn't touch it; one that
    begins as the bar ends does, as no fill is stamped with an instant of an outage."""
    assert filled(told_of(*DIPS, scenario=outage(start, end), order=LIMIT)) == fills


def test_an_outage_inside_a_bar_leaves_its_open_alone():
    """The bar opened ten seconds before: who takes what there is had it by then, and the stop that its range would reach waits."""
    bars = [(100, 100, 100, 100, 1), (100, 100, 90, 96, 0), (96, 96, 96, 96, 0), (94, 94, 94, 94, 0)]
    tables = told_of(*bars, scenario=outage("01:10", "01:20"), exits={"stop_loss": 0.05})

    assert filled(tables) == [(1.0, "buy", 10.0, 100.0), (3.0, "sell", 10.0, 94.0)]


@pytest.mark.parametrize(("fill", "at"), [(NextClose(), 2.0), (NextVwap(), 3.0)])
def test_a_close_is_of_one_instant_and_a_typical_price_of_a_whole_bar(fill, at):
    """The outage lies inside the bar of minutes 1 to 2, whose close comes after it; its average was made in it as well."""
    assert [fill[0] for fill in filled(told_of(*DIPS, scenario=outage("01:20", "01:40"), fill=fill))] == [at]


@pytest.mark.parametrize(("life", "status"), [("session", "expired"), ("ioc", "expired"), ("gtc", "filled")])
def test_an_order_does_not_outlive_an_outage_that_lasts_for_its_session(life, status):
    """Decided on the first day; all of the second is out; the third would fill."""
    days = [minutes(FIRST), minutes(QUIET, QUIET, start=DAY), minutes(QUIET, QUIET, start=2 * DAY)]
    out = {"outages": [{"start": "1970-01-02T00:00Z", "end": "1970-01-02T23:00Z"}]}
    tape = tape_of("bars", {"A": [bar for day in days for bar in day]})

    assert ended(told({"bars": tape}, scenario=out, order={"time_in_force": life})) == [status]


def test_an_order_whose_session_passes_in_an_outage_stands_in_nobodys_way():
    """It is over as the third day opens, still in the outage, so that the rule may ask again at that day's first close."""
    days = [minutes(FIRST), minutes(QUIET, QUIET, start=DAY), minutes(FIRST, QUIET, start=2 * DAY)]
    out = {"outages": [{"start": "1970-01-02T00:00Z", "end": "1970-01-03T00:00:30Z"}]}
    tape = tape_of("bars", {"A": [bar for day in days for bar in day]})

    tables = told({"bars": tape}, scenario=out, order={"time_in_force": "session"})

    assert ended(tables) == ["expired", "filled"]
    assert filled(tables) == [(2 * DAY + 1, "buy", 10.0, 10.0)]


def test_a_delay_lets_a_market_order_miss_the_next_open():
    """30 seconds after minute 1 the bar has opened; the order meets the open of minute 2."""
    tables = told_of(FIRST, (11, 11, 11, 11, 0), (12, 12, 12, 12, 0), scenario={"latency": "30s"})

    assert filled(tables) == [(2.0, "buy", 10.0, 12.0)]


def test_a_limit_that_arrives_within_a_bar_does_not_see_what_that_bar_did():
    """The bar's low may have come before the order did; the next bar's counts."""
    bars = [(100, 100, 100, 100, 1), (100, 100, 98, 100, 0), (100, 100, 98.5, 100, 0)]
    order = {"kind": "limit", "offset": 100.0}

    assert filled(told_of(*bars, scenario={"latency": "30s"}, order=order)) == [(3.0, "buy", 10.0, 99.0)]


@pytest.mark.parametrize("seed", range(4))
def test_jitter_is_drawn_evenly_per_order_and_added_to_the_delay(seed):
    """The first order has the second of the symbol's numbers; it meets the first quote after minute 1 and the delay."""
    quotes = {"A": [(t / 10, 10.0, 5.0, 11.0, 5.0) for t in range(1, 100)]}
    bars = {"A": minutes(FIRST)}
    tapes = {"bars": tape_of("bars", {"A": [*bars["A"], (8, 9, *QUIET)]}), "quotes": tape_of("quotes", quotes)}
    wait = 1 + 0.5 + 6 * chance(seed, "A", 2)

    tables = told(tapes, scenario={"latency": "30s", "jitter": "6min"}, fill=Touch(), seed=seed)

    ((at, *_),) = filled(tables)
    assert at == pytest.approx(next(t / 10 for t in range(1, 100) if t / 10 >= wait))
