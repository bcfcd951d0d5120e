"""Time zones: a stamp that is taken for another instant knows the future, or comes too late.

- fail: more than a twentieth of the rows of a stream lie outside the hours: most likely a wrong zone.
- warn: nothing holds the stamps against the hours of a market; rows outside them are kept; stamps without a zone are read as
  wall-clock time, some of which came twice or never; or a year has another number of sessions than declared.
- pass: none of these.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from runner.report.metrics import Metrics
from runner.report.remarks import LEAST_YEARS, MOST_APART, MOST_OUTSIDE
from runner.report.scorecard.row import FAIL, PASSED, WARN, Row
from runner.report.wording import count
from runner.spec.run import RunSpec
from runner.spec.timezone import Timezone

__all__ = ["time_zones"]

MISTAKE = "time zones"
QUESTION = "Is every stamp what it is taken for?"
STAMPS = {
    "session": "the date of a session",
    "open": "the open of a bar",
    "close": "the close of a bar",
    "event": "the instant of an event",
}


def time_zones(spec: RunSpec, quality: Mapping[str, Any], metrics: Metrics) -> Row:
    """Return the verdict on what stamps mean, by the policy and by what the quality gate counted."""
    policy = spec.timezone
    streams = {name: report for name, report in quality.items() if isinstance(report, Mapping) and "rows_read" in report}
    outside, doubts = tuple(_outside(streams)), tuple(_doubts(policy, metrics))
    evidence = (_policy(policy), *_counts(streams), *outside, *doubts)
    return Row(MISTAKE, QUESTION, FAIL if outside else WARN if doubts else PASSED, evidence)


def _policy(policy: Timezone) -> str:
    hours = f"calendar {policy.calendar}" if policy.calendar else "no calendar"
    if policy.session is not None:
        hours = f"hours {policy.session.open} to {policy.session.close}"
    return (
        f"A stamp is {STAMPS[policy.stamp]} in {policy.zone}; {hours}; stamps without a zone: {_word(policy.naive)};"
        f" times that came twice: {_word(policy.ambiguous)}; times that never were: {_word(policy.nonexistent)}."
    )


def _word(policy: str) -> str:
    return "refused" if policy == "error" else policy


def _counts(streams: Mapping[str, Any]) -> Iterator[str]:
    for name, report in streams.items():
        checks = report.get("checks", {})
        wrong = {each: checks[each]["count"] for each in ("unsorted", "duplicate", "conflict", "gap") if each in checks}
        told = ", ".join(f"{count(number)} {each}" for each, number in wrong.items())
        left = report.get("left_out", {}).get("out_of_session", 0)
        yield (
            f"{count(report['rows_kept'])} of {count(report['rows_read'])} rows of the {name} were used,"
            f" {count(left)} lay outside the hours{f'; {told}' if told else ''}."
        )


def _outside(streams: Mapping[str, Any]) -> Iterator[str]:
    for name, report in streams.items():
        left, read = report.get("left_out", {}).get("out_of_session", 0), report["rows_read"]
        if left > MOST_OUTSIDE * read:
            yield f"More than {MOST_OUTSIDE:.0%} of the {name} lay outside the hours: is {name} really in this zone?"


def _doubts(policy: Timezone, metrics: Metrics) -> Iterator[str]:
    if policy.calendar is None and policy.session is None:
        yield "Nothing holds the stamps against the hours of a market: name timezone.calendar or timezone.session."
    if policy.out_of_session == "keep":
        yield "Rows outside the hours are kept (timezone.out_of_session: keep)."
    if policy.naive == "localize" and (policy.ambiguous != "error" or policy.nonexistent != "error"):
        yield "Stamps without a zone are read as wall-clock time, and those that clocks made twice or skipped are guessed."
    sessions, years = metrics.get("sessions"), metrics.get("years")
    if isinstance(sessions, int) and isinstance(years, float) and years >= LEAST_YEARS:
        found, declared = sessions / years, policy.sessions_per_year
        if abs(found - declared) > MOST_APART * declared:
            yield f"A year has {found:.0f} sessions in the data, and {declared} by timezone.sessions_per_year."
