"""No reconnect: a line that breaks unseen leaves a strategy trading on prices that are none.

A backtest and a replay read files, so there the question waits for the session that trades; what can be said is whether a
rule refuses old prices. Of a session: fail where a line is down, warn where nothing broke yet, so that nothing is proved;
pass where lines broke and came back.
"""

from runner.report.live_status import LiveStatus
from runner.report.measured import counted
from runner.report.scorecard.row import FAIL, NOT_APPLICABLE, PASSED, WARN, Row, Verdict
from runner.report.wording import age_text
from runner.spec.run import RunSpec

__all__ = ["no_reconnect", "reconnects"]

MISTAKE = "no reconnect"
QUESTION = "What happens when the line breaks?"
STALE = "stale_data"


def no_reconnect(spec: RunSpec) -> Row:
    """Return the verdict on a run that isn't live, or whose session said nothing."""
    rules = [f"{name} ({rule.model_dump().get('max_age')})" for name, rule in spec.risk.rules.items() if rule.kind == STALE]
    guard = (
        f"Prices that are too old are refused by risk.rules.{', '.join(rules)}."
        if rules
        else "No rule of risk refuses old prices; a live session has a limit of its own on the age of quotes, always."
    )
    if spec.mode.kind in {"backtest", "replay"}:
        files = (
            f"mode={spec.mode.kind} reads data={spec.data.kind} from beginning to end: no line can break before mode=paper."
        )
        return Row(MISTAKE, QUESTION, NOT_APPLICABLE, (files, guard))
    return Row(MISTAKE, QUESTION, WARN, ("The session left no record of its connections.", guard))


def reconnects(status: LiveStatus) -> Row:
    """Return the verdict on a live session, from what it says of its connections."""
    if not status.connections:
        return Row(MISTAKE, QUESTION, WARN, ("The session says nothing of its connections.",))
    again = sum(each.reconnects for each in status.connections)
    down = [each.name for each in status.connections if each.state != "open" and status.state != "closed"]
    told = [
        f"{each.name}: {each.state}, opened again {counted(each.reconnects, 'time')},"
        f" {counted(each.gaps, 'gap')} caught up with."
        for each in status.connections
    ]
    oldest = max((age for age in status.staleness.values() if age is not None), default=None)
    if oldest is not None:
        limit = "" if status.stale_after is None else f"; older than {age_text(status.stale_after)} refuses orders"
        told.append(f"The oldest quote is {age_text(oldest)} old{limit}.")
    verdict: Verdict = FAIL if down else PASSED if again else WARN
    if not again and not down:
        told.append("Nothing broke so far, so nothing is proved.")
    return Row(MISTAKE, QUESTION, verdict, tuple(told))
