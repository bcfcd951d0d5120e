"""What the laws are tried over: a law that is never shown an odd history proves little."""

import numpy as np
import pytest

from runner.signal.laws import broken_laws
from runner.signal.laws.drawn import FLAVOURS, drawn, drawn_parameters
from runner.signal.operator import Input, Number, Rows, Window, operator
from runner.signal.registry import operators

BOOK = tuple(f"{side}_{what}_{level}" for side in ("bid", "ask") for what in ("price", "size") for level in (0, 1))
CLOCK = ("@known", "@session", "@since_open")


@operator("open", "high", "low", "close", "volume", "group", Input("is_on", "boolean"), columns=lambda: (*BOOK, *CLOCK))
def everything(state, x, p):
    """0, of all there is to read."""
    return 0.0


def history(flavour, counts=(400, 0, 300), *, is_even=False, seed=1):
    return drawn(everything, (), np.random.default_rng(seed), counts=counts, flavour=flavour, is_even=is_even)


def by_name(found):
    return dict(zip([*(each.name for each in everything.inputs), *BOOK, *CLOCK], found.columns, strict=True))


@pytest.mark.parametrize("flavour", ["plain", "offset"])
def test_what_an_operator_is_made_for_is_in_order(flavour):
    """Bars hold their prices, the book isn't crossed, sizes are positive, groups are shared, booleans are true or false."""
    columns = by_name(history(flavour))

    assert (columns["high"] >= np.maximum(columns["open"], columns["close"])).all()
    assert (columns["low"] <= np.minimum(columns["open"], columns["close"])).all()
    assert (columns["low"] > 0.0).all()
    assert (columns["bid_price_1"] < columns["bid_price_0"]).all()
    assert (columns["bid_price_0"] < columns["ask_price_0"]).all()
    assert (columns["ask_price_0"] < columns["ask_price_1"]).all()
    assert all((columns[name] > 0.0).all() for name in ("volume", "bid_size_0", "ask_size_1"))
    assert set(columns["group"].tolist()) == {0.0, 1.0, 2.0}
    assert set(columns["is_on"].tolist()) == {0.0, 1.0}


def test_clocks_ascend_with_holes_shared_instants_and_sessions():
    """Uneven rows leave seconds out and share others, within a symbol and between symbols; sessions change on the way."""
    found = history("plain")
    first, _, last = (found.known[part] for part in found.parts)

    assert {0.0, 1e6, 5e6} <= set(np.diff(first).tolist())
    assert (np.diff(first) >= 0.0).all()
    assert np.intersect1d(first, last).size > 0
    assert np.unique(found.session).size > 10
    assert (by_name(found)["@since_open"] < 17.0).all()


def test_a_wild_history_has_everything_that_is_odd():
    """NaN, both infinities, -0, numbers that swallow others, in numbers; NaN in booleans."""
    columns = by_name(history("wild"))
    opened = columns["open"]

    assert np.isnan(opened).any()
    assert {np.inf, -np.inf, 1e17, 1e300} <= set(opened[~np.isnan(opened)].tolist())
    assert np.signbit(opened[opened == 0.0]).any()
    assert np.isnan(columns["is_on"]).any()
    assert set(columns["is_on"][~np.isnan(columns["is_on"])].tolist()) == {0.0, 1.0}


def test_every_flavour_but_the_wild_one_is_defined():
    """An undefined value in a plain history would excuse an operator."""
    for flavour in FLAVOURS:
        columns = history(flavour).columns

        assert all(np.isfinite(column).all() for column in columns) == (flavour != "wild")


def test_parameters_are_drawn_within_their_bounds_and_at_them():
    """Every value is one the operator allows; bounds themselves come up, and windows of time back to the open."""
    parameters = (
        Window("lookback", least=2),
        Rows("rows"),
        Number("q", least=0.0, most=1.0),
        Number("width", least=0.0, above=True),
    )
    made = operator("x", parameters=parameters)(everything_of_four)

    rows = np.array([drawn_parameters(made, "row", np.random.default_rng(seed)) for seed in range(60)])
    spans = np.array([drawn_parameters(made, "span", np.random.default_rng(seed)) for seed in range(60)])

    assert all(each.fault("", value) is None for row in rows.tolist() for each, value in zip(parameters, row, strict=True))
    assert rows[:, :2].min(axis=0).tolist() == [2.0, 1.0]
    assert {0.0, 1.0} <= set(rows[:, 2].tolist())
    assert 0.0 in spans[:, 0]


def everything_of_four(state, x, p):
    """0."""
    return 0.0


def test_a_sound_operator_breaks_no_law_and_a_seed_decides_all():
    """One seed gives one history, another another; what is sound is sound whatever comes up."""
    one, same, other = history("plain", seed=1), history("plain", seed=1), history("plain", seed=2)

    assert all(a.tobytes() == b.tobytes() for a, b in zip(one.columns, same.columns, strict=True))
    assert one.columns[0].tobytes() != other.columns[0].tobytes()
    assert broken_laws(operators()["mean"], np.random.default_rng(9), rounds=7) == ()
