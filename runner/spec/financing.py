"""What holding costs: borrowed shares and borrowed money."""

from typing import Annotated

from pydantic import Field

from runner.spec.kind import Spec

__all__ = ["Financing"]

Rate = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]


class Financing(Spec):
    """Charged at the first instant of a session for the calendar days since the one before, by 365 days a year."""

    borrow: Rate = 0.0
    """Cost of a short position per year, as a fraction of its value."""
    debt: Rate = 0.0
    """Cost of negative cash per year, as a fraction."""
