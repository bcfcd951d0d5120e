"""What a service says of its stamps, put together with what the run says of their market.

A service that documents its stamps knows the zone they are in, what they name and how long a bar is. It doesn't know what
the run wants: its hours, its calendar, what becomes of rows outside of them. `completed` takes each from the one who knows.
Where both speak of zone or calendar and disagree, neither is believed: one of them means another market.
"""

from runner.errors import Fault
from runner.spec.timezone import Timezone

__all__ = ["Stated", "completed", "overruled"]

AGREED = ("zone", "calendar")
"""What source and run must say alike, where both say it."""


class Stated(Timezone):
    """A policy of which only the fields that were written count; the run's policy gives the rest."""

    def written(self) -> dict[str, object]:
        """Return the fields that count, in the order of the policy's own."""
        return {name: getattr(self, name) for name in Timezone.model_fields if name in self.model_fields_set}


def completed(stated: Stated, declared: Timezone) -> tuple[Timezone, list[Fault]]:
    """Return the declared policy with what the source states in it, and a fault for each contradiction."""
    written = stated.written()
    faults = [
        Fault(
            f"timezone.{name}",
            f"must be what the source says itself, {written[name]}",
            f'"{said}"',
            f'Write timezone.{name}: "{written[name]}", or choose the timezone option of that market.',
        )
        for name in AGREED
        if name in written and (said := getattr(declared, name)) not in {None, written[name]}
    ]
    return declared.model_copy(update=written), faults


def overruled(stated: Stated, declared: Timezone) -> tuple[str, ...]:
    """Return a note of what the source states otherwise than the declared policy, none where both say the same."""
    differing = [
        f"{name} {_word(value)} (the run's timezone says {_word(said)})"
        for name, value in stated.written().items()
        if (said := getattr(declared, name)) != value
    ]
    return (f"stamps mean what the source says: {', '.join(differing)}",) if differing else ()


def _word(value: object) -> str:
    return "null" if value is None else str(value)
