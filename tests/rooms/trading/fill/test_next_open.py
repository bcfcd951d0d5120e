"""Fill at the open of the symbol's next bar."""

from drawn import tape_of

from runner.trading.fill.next_open import NextOpen


def test_rows_fill_at_their_open():
    """A row fills what waits for it at its opening instant and price."""
    tape = tape_of({"A": [(0, 5, 10.0, 11.0), (5, 10, 12.0, 13.0)]})

    clock = NextOpen().clock({"bars": tape}, "bars")

    assert clock.first.tolist() == [0, 5 * 60 * 10**9]
    assert clock.buy.first.tolist() == clock.sell.first.tolist() == [10.0, 12.0]
