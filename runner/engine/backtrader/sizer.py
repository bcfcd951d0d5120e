"""The run's sizing, for a strategy of the user's."""

from typing import Any

from runner.engine.backtrader.library import bt

__all__ = ["Sizer"]


class Sizer(bt.Sizer):  # type: ignore[misc]
    """The run's sizing, for orders without a size: the units of a full position at the last price and the equity now."""

    def _getsizing(self, comminfo: Any, cash: float, data: Any, isbuy: bool) -> float:  # noqa: ARG002, FBT001 - Backtrader's
        units: float = self.broker.costs.units(data.row, self.broker.getvalue(), data.close[0], 1.0)
        return max(0.0, units)
