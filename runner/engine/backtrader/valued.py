"""What the account is worth at every instant at which a row is known."""

from typing import Any

from runner.engine.backtrader.library import bt

__all__ = ["Valued"]


class Valued(bt.Analyzer):  # type: ignore[misc]
    """Writes equity, cash and exposure into the broker's ledger."""

    params: Any = (("progress", None),)

    def start(self) -> None:
        """Begin before the first row."""
        self._seen = dict.fromkeys(self.datas, 0)
        self.started: int | None = None
        """Instant at which the strategy was asked to decide for the first time."""

    def prenext(self) -> None:
        """Write a line while the strategy's indicators warm up."""
        self._write()

    def nextstart(self) -> None:
        """Write a line, and remember that the strategy decides from here on."""
        self.started = self._write()

    def next(self) -> None:
        """Write a line."""
        self._write()

    def _write(self) -> int | None:
        came = [data for data in self.datas if len(data) > self._seen[data] and data.is_known]
        self._seen = {data: len(data) for data in self.datas}
        if not came:
            return None
        broker = self.strategy.broker
        held = ((data, broker.getposition(data).size) for data in self.datas)
        exposures = [size * data.close[0] for data, size in held if size]
        instant: int = broker.known(came[0])
        broker.ledger.valued(instant, broker.getvalue(), broker.getcash(), exposures)
        if self.p.progress is not None:
            self.p.progress(len(came))
        return instant
