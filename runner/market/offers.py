"""What a source will give, known before its rows are read: expressions are held against it.

Where the files that would tell are missing or can't be understood, that is a fault of its own, and the offer is the widest
there can be: no second fault follows from it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from runner.market.stated import Stated, completed
from runner.market.streams import MOST_LEVELS, RAW_PRICES, STREAMS, Stream, columns_of
from runner.spec.timezone import Timezone

__all__ = ["EVERYTHING", "Offer", "joined", "offer", "without_hours"]


@dataclass(frozen=True, slots=True)
class Offer:
    """One stream."""

    columns: tuple[str, ...]
    """The columns its rows will have."""
    policies: tuple[Timezone | None, ...] = (None,)
    """What its stamps mean; None is the run's policy. Several sources may each have their own."""


def offer(stream: Stream, levels: int = 0, *, is_adjusted: bool = False, timezone: Timezone | None = None) -> Offer:
    """Return the offer of a stream; `levels` counts a book's, adjusted bars have the traded prices too."""
    raw = RAW_PRICES if is_adjusted and stream == "bars" else ()
    return Offer((*columns_of(stream, levels), *raw), (timezone,))


EVERYTHING: Mapping[Stream, Offer] = MappingProxyType(
    {stream: offer(stream, MOST_LEVELS if stream == "depth" else 0, is_adjusted=True) for stream in STREAMS}
)
"""More than any source gives."""


def joined(offers: Iterable[Mapping[Stream, Offer]]) -> dict[Stream, Offer]:
    """Return what several sources give together: every stream and column that any of them has."""
    given = list(offers)
    whole: dict[Stream, Offer] = {}
    for stream in STREAMS:
        parts = [each[stream] for each in given if stream in each]
        if parts:
            columns = dict.fromkeys(name for part in parts for name in part.columns)
            policies = dict.fromkeys(policy for part in parts for policy in part.policies)
            whole[stream] = Offer(tuple(columns), tuple(policies))
    return whole


def without_hours(offers: Mapping[Stream, Offer], timezone: Timezone) -> frozenset[str]:
    """Return the streams of which some rows have no session hours: their policy names neither calendar nor session.

    Args:
        offers: what the source gives.
        timezone: the run's policy.
    """
    return frozenset(
        stream for stream, each in offers.items() if not all(_has_hours(policy, timezone) for policy in each.policies)
    )


def _has_hours(policy: Timezone | None, timezone: Timezone) -> bool:
    if policy is None:
        return timezone.calendar is not None or timezone.session is not None
    own = completed(policy, timezone)[0] if isinstance(policy, Stated) else policy
    return own.calendar is not None or own.session is not None
