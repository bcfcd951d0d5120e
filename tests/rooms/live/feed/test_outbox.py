"""Instants in line: bounded, the newest books first, and nothing left out without a word."""

from hypothesis import given
from hypothesis import strategies as st

from runner.live.feed.instant import Instant, Touch
from runner.live.feed.outbox import Outbox, kept, merged
from runner.signal.push import PushedRow

FLEETING = ("depth", "quotes")


def instant(serial, clock, symbol, price=1.0, gapped=()):
    row = PushedRow(clock, symbol, serial, 0, {"x": price})
    return Instant(serial, (row,), (Touch(symbol, serial, price),), gapped, serial)


def queued(instants, *, most=1_000, behind=0, at=lambda number: number):
    box, dropped = Outbox(most, behind), []
    for number, each in enumerate(instants):
        box.put(each, at(number), dropped.append)
    return box, dropped


def emptied(box):
    return box.take(len(box))


def test_who_keeps_up_gets_everything():
    """As it was."""
    told = [instant(n, "depth", n % 2) for n in range(1, 50)]
    box, taken = Outbox(1_000, 10), []
    for n, each in enumerate(told):
        box.put(each, n, None)
        taken += box.take(1)

    assert taken == told


def test_who_is_behind_gets_the_newest_book_of_each_symbol():
    """Once the first has waited too long; until then a burst is handed on whole."""
    burst, dropped = queued([instant(n, "depth", n % 2) for n in range(1, 9)], behind=10)
    late, left_out = queued([instant(n, "depth", n % 2) for n in range(1, 9)], behind=3)

    assert (len(burst), dropped) == (8, [])
    assert [each.serial for each in emptied(late)] == [7, 8]
    assert left_out == [2, 1, 3, 5, 4, 6]


def test_bars_and_trades_are_never_superseded():
    """Each of them counts."""
    box, dropped = queued([instant(n, clock, 0) for n, clock in enumerate(["bars", "trades"] * 20, start=1)])

    assert (len(box), dropped) == (40, [])


def test_a_full_line_loses_the_oldest_and_says_so():
    """Its symbols are gapped in the next instant."""
    box, dropped = queued([instant(n, "trades", n % 3) for n in range(1, 8)], most=4)

    found = emptied(box)
    assert dropped == [1, 2, 3]
    assert [each.serial for each in found] == [4, 5, 6, 7]
    assert found[0].gapped == (0, 1, 2)
    assert found[1].gapped == ()
    assert box.overrun == 3


def test_best_prices_of_what_is_left_out_go_with_the_next():
    """The newest of each symbol; the next instant's own are newer."""
    first, second, third = instant(1, "depth", 0, 1.0, (5,)), instant(2, "depth", 1, 2.0), instant(3, "bars", 0, 3.0)

    found = merged([first, second], third)

    assert [(touch.symbol, touch.bid_price) for touch in found.quotes] == [(0, 3.0), (1, 2.0)]
    assert (found.gapped, found.rows, found.serial) == ((5,), third.rows, 3)


@given(
    told=st.lists(
        st.tuples(st.sampled_from(["depth", "quotes", "trades", "bars"]), st.integers(0, 2), st.integers(0, 3)), max_size=40
    ),
    most=st.integers(1, 12),
    behind=st.integers(0, 20),
)
def test_what_was_left_out_can_be_left_out_again(told, most, behind):
    """Whoever takes whenever: the numbers that were left out make the same instants of all that were made."""
    made = [instant(n, clock, symbol, float(n)) for n, (clock, symbol, _) in enumerate(told, start=1)]
    box, dropped, taken = Outbox(most, behind), [], []
    for n, (each, (_, _, takes)) in enumerate(zip(made, told, strict=True)):
        box.put(each, n, dropped.append)
        taken += [each for _ in range(takes) for each in box.take(1)]
        assert len(box) <= most

    taken += emptied(box)

    assert taken == list(kept(made, frozenset(dropped)))
    assert [each.serial for each in taken] == sorted(set(range(1, len(made) + 1)) - set(dropped))
    assert box.superseded + box.overrun == len(dropped)
