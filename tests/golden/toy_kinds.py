"""Kinds with fixed content for the corpus of mistakes: the real ones grow, and messages list all that are known."""

from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field

from runner.spec.kind import Kind
from runner.units import Bps, Count, Fraction, Positive


class Sample(Kind):
    kind: Literal["sample"] = "sample"


class Csv(Kind):
    kind: Literal["csv"] = "csv"
    path: str
    """File or folder the bars are read from."""


class Units(Kind):
    kind: Literal["units"] = "units"
    units: Count = 1
    """Shares per position, a whole number."""


class NextOpen(Kind):
    kind: Literal["next_open"] = "next_open"


class Free(Kind):
    kind: Literal["none"] = "none"


class FixedBps(Kind):
    kind: Literal["fixed_bps"] = "fixed_bps"
    bps: Bps = 2.5
    """Cost of every fill in basis points of the reference price."""


class VolumeShare(Kind):
    kind: Literal["volume_share"] = "volume_share"
    limit: Annotated[float, Field(gt=0, le=1)] = 0.1
    """Largest share of a bar's volume that one order may take."""
    impact: Positive = 0.1
    """Price impact of taking the whole bar."""


class PositionLimit(Kind):
    kind: Literal["position_limit"] = "position_limit"
    share: Fraction
    """Largest value of one position as a share of equity."""


FAMILIES = MappingProxyType(
    {
        "data": {"csv": Csv, "sample": Sample},
        "fees": {"none": Free},
        "fill": {"next_open": NextOpen},
        "risk": {"position_limit": PositionLimit},
        "sizing": {"units": Units},
        "slippage": {"fixed_bps": FixedBps, "none": Free, "volume_share": VolumeShare},
    }
)


class ToyKinds:
    """A lookup over the classes above."""

    def names(self, family):
        return list(FAMILIES[family])

    def find(self, family, name):
        return FAMILIES[family].get(name)

    def having(self, family, key):
        return [name for name, kind in FAMILIES[family].items() if key in kind.model_fields]
