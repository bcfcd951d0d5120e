"""The square-root law of market impact."""

from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from runner.signal.operator import ValueType
from runner.spec.signal import Expression
from runner.trading.slippage import GIVEN, Slippage

__all__ = ["SquareRoot"]


def _price(p, quantity, reference, given):
    volatility, volume = given[GIVEN], given[GIVEN + 1]
    if not (volatility >= 0.0 and volume > 0.0):
        return reference * np.nan
    cost = abs(reference) * min(p[0] * volatility * np.sqrt(abs(quantity) / volume), 1.0)
    return reference + cost if quantity > 0.0 else reference - cost


class SquareRoot(Slippage):
    """Price = reference × (1 ± coefficient × volatility × √(|quantity| / volume)).

    The square-root law: Almgren, Thum, Hauptmann & Li, "Direct estimation of equity market impact" (2005), who fit an
    exponent of 0.6; Tóth et al., "Anomalous price impact and the critical nature of liquidity in financial markets",
    Physical Review X 1 (2011), with a coefficient of about one.

    Volatility and volume must be of one length of time, whichever it is: volatility grows as the root of time does, so
    those of a row do as well as those of a day. Both are taken at the symbol's last row before the fill. One that is
    undefined, or a volume of zero, leaves the cost undefined: what would open a position is rejected then, what closes one
    waits. A cost is never more than the price.
    """

    kind: Literal["square_root"] = "square_root"
    coefficient: Annotated[float, Field(ge=0, le=1_000, allow_inf_nan=False)] = 1.0
    """Cost of trading the volume of one length of time, in volatilities of that length."""
    volatility: Expression = "std(returns(close), 20)"
    """Volatility per row, as a fraction of the price."""
    volume: Expression = "mean(volume, 20)"
    """Usual volume per row, in units."""

    price = staticmethod(_price)

    def numbers(self) -> tuple[float, ...]:
        """Return the coefficient."""
        return (self.coefficient,)

    def expressions(self) -> Mapping[str, tuple[str, ValueType]]:
        """Return volatility and volume."""
        return {"volatility": (self.volatility, "number"), "volume": (self.volume, "number")}
