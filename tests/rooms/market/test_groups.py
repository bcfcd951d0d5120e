"""Groupings of the universe: a symbol is in one group of each at most."""

from runner.market.groups import group_faults
from runner.spec.universe import Universe


def told(**groups):
    faults = group_faults(Universe(symbols=("AAPL", "IBM", "FB"), groups=groups))
    return [f"{fault.where}: {fault.must}, was {fault.was}" for fault in faults]


def test_a_grouping_may_leave_symbols_out_and_another_may_cut_them_differently():
    """Each grouping stands alone."""
    assert told(sector={"tech": ("AAPL", "IBM")}, age={"old": ("IBM",), "young": ("AAPL", "FB")}) == []


def test_a_member_must_be_a_symbol_of_the_universe():
    """A slip of the keyboard would leave the symbol without a group, silently."""
    assert told(sector={"tech": ("APPL", "IBM")}) == [
        'universe.groups.sector.tech: must name symbols of the universe, was "APPL"'
    ]


def test_a_symbol_must_not_be_in_two_groups_or_twice_in_one():
    """Which of the two would be its own nobody could say."""
    assert told(sector={"tech": ("AAPL", "IBM"), "old": ("IBM", "FB", "FB")}) == [
        'universe.groups.sector: a symbol must be in one group, was "IBM" in tech and old',
        'universe.groups.sector: a symbol must be in one group, was "FB" in old and old',
    ]
