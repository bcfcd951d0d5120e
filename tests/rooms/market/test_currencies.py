"""Currencies of a universe: what is declared must be one, and nothing is converted."""

from datetime import date

import pytest

from runner.errors import ConfigError
from runner.market.load import load
from runner.market.symbols import universe_faults
from runner.spec.quality import Quality
from runner.spec.universe import Universe
from runner.spec.window import Window
from tests.rooms.market.conftest import Rows


def told(**currencies):
    faults = universe_faults(Universe(symbols=("SPY", "HSBC", "QQQ"), currencies=currencies))
    return [f"{fault.where}: {fault.must}, was {fault.was}" for fault in faults]


@pytest.mark.parametrize("currencies", [{}, {"SPY": "USD"}, {"SPY": "USD", "QQQ": "USD", "HSBC": "USD"}])
def test_one_currency_or_none_declared_is_fine(currencies):
    """What isn't declared isn't checked."""
    assert told(**currencies) == []


def test_two_currencies_are_refused_before_a_row_is_read(bars, daily):
    """Dollars of New York and Hong Kong would be added up; each is named with a symbol."""
    universe = Universe(symbols=("SPY", "HSBC", "QQQ"), currencies={"SPY": "USD", "HSBC": "HKD", "QQQ": "USD"})
    source = Rows(bars([("SPY", date(2024, 1, 2))]))

    with pytest.raises(ConfigError) as caught:
        load(source, universe=universe, window=Window(), timezone=daily, quality=Quality())

    assert str(caught.value).split("\n", 1)[1] == (
        "  universe.currencies: must be one and the same for every symbol of a run, was USD (SPY), HKD (HSBC). Nothing converts "
        "one currency into another, and cash, equity and limits would add them up: run the symbols of each currency on their "
        "own, or convert the prices in the files and declare what they are in then."
    )


def test_a_currency_of_a_symbol_that_is_not_there_is_a_fault():
    """A slip of the keyboard would leave the symbol unchecked, silently."""
    assert told(SPX="USD") == ['universe.currencies.SPX: must be a symbol of the universe, was "SPX"']
