"""The numbers that a venue gives its trades, followed symbol by symbol: a repeated one is known, a missing one noticed."""

__all__ = ["TradeNumbers"]


class TradeNumbers:
    """The latest number of each symbol."""

    def __init__(self, symbols: int, *, are_consecutive: bool) -> None:
        """Begin with none.

        Args:
            symbols: How many there are.
            are_consecutive: Whether a symbol's trades are numbered without gaps.
        """
        self._are_consecutive = are_consecutive
        self._numbers = [0] * symbols
        self._latest = [0] * symbols

    def follow(self, symbol: int, number: int, ts: int) -> tuple[bool, tuple[int, int] | None]:
        """Take the number of a trade; return whether it is new, and between which instants trades before it are missing.

        Args:
            symbol: Whose trade it is.
            number: Above 0.
            ts: When it happened, UTC nanoseconds.
        """
        before = self._numbers[symbol]
        if number <= before:
            return False, None
        is_missing = self._are_consecutive and before and number != before + 1
        missing = (min(self._latest[symbol], ts), ts) if is_missing else None
        self._numbers[symbol], self._latest[symbol] = number, ts
        return True, missing
