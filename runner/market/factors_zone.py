"""In which zone factors of corporate actions count days: that of the stamps, if a source doesn't say another.

A source isn't told the run's time-zone policy, so `zoned` writes the zone into those that adjust by factors, parts of a
combined source included. Another zone than the policy's is for stamps within the day. A daily stamp names one date: read by
another clock it would take the factors of the day before or after, and every split would come a day early or late.
"""

from dataclasses import replace

import numpy as np

from runner.duration import DAY
from runner.errors import ConfigError, Fault
from runner.market.source import Source
from runner.market.sources.combined import Combined
from runner.market.stream_files import StreamFiles
from runner.market.wall_clock import same_clock
from runner.spec.timezone import Timezone

__all__ = ["zoned"]

ALL_YEAR = np.arange(0, 68 * 365 * DAY, 28 * DAY, dtype=np.int64)
"""Instants in every month from 1970 on."""


def zoned(source: Source, timezone: Timezone) -> Source:
    """Return the source with a zone wherever it needs one; raises ConfigError for days counted by two clocks."""
    if isinstance(source, Combined):
        return _parts_zoned(source, timezone)
    if not isinstance(source, StreamFiles) or source.adjust != "factors":
        return source
    if source.factors_zone is None:
        return source.model_copy(update={"factors_zone": timezone.zone})
    if timezone.stamp == "session" and not same_clock(ALL_YEAR, source.factors_zone, timezone.zone):
        write = "Write factors_zone: null: a daily bar has the factors of the date its stamp names."
        must = f"must be null, or timezone.zone ({timezone.zone}), with stamp: session"
        raise ConfigError(Fault("data.factors_zone", must, source.factors_zone, write))
    return source


def _parts_zoned(source: Combined, timezone: Timezone) -> Combined:
    parts, faults = {}, []
    for name, part in source.parts.items():
        try:
            held = zoned(part.source, part.timezone or timezone) if isinstance(part.source, Source) else part.source
        except ConfigError as error:
            faults += [replace(fault, where=fault.where.replace("data", f"data.parts.{name}", 1)) for fault in error.faults]
            continue
        parts[name] = part.model_copy(update={"source": held})
    if faults:
        raise ConfigError(faults)
    return source.model_copy(update={"parts": parts})
