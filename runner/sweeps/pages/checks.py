"""What a newcomer should believe of the best lane: eight questions with yes, no, or nobody can tell, and one headline.

The thresholds are customs, not laws: 95 % for what is called sure, one half for what is called most. That the best lane of
one half of the record is below the middle in the other is what chance does half of the time; a fifth is asked for here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from runner.report.measured import counted
from runner.report.wording import change, grouped, percent, ratio
from runner.sweeps.pages.columns import label_of_metric
from runner.sweeps.pages.judged import Judged
from runner.sweeps.statistics import Verdict

__all__ = ["CHOSEN_BY", "Check", "by_sharpe", "checks_of", "headline_of"]

CHOSEN_BY = "sharpe"
"""What tests choose lanes by that choose among them, whatever ranks them: it is what their statistics are stated for."""

SURE = 0.95
MOST_OVERFITTING = 0.2
HALF = 0.5


@dataclass(frozen=True, slots=True)
class Check:
    """One question asked of the best lane."""

    question: str
    answer: bool | None
    """None where the record, the grid or the data can't tell."""
    words: str
    """What was found, in one sentence."""


def checks_of(judged: Judged) -> tuple[Check, ...]:
    """Return all questions with their answers; none where there is no best lane to ask them of."""
    verdict = judged.verdict
    if verdict is None or verdict.best is None:
        return ()
    return (
        _luck(verdict, judged),
        _halves(verdict, judged),
        _superior(verdict, judged),
        _neighbours(verdict),
        _walks(verdict, judged),
        *_of_sensitivity(judged),
    )


def headline_of(judged: Judged, checks: tuple[Check, ...]) -> str:
    """Return what to believe, in one sentence."""
    if judged.verdict is None:
        return "No lane was done, so there is nothing to judge."
    if judged.verdict.best is None:
        metric = judged.finished.sweep.metric
        return f"No lane has a {metric}, so there is no best one: the record may be too short for it, or nothing was traded."
    told = [check for check in checks if check.answer is not None]
    if not told:
        return "The record and the grid are too small to judge the best lane: take what it shows for a guess."
    passed = sum(check.answer is True for check in told)
    score = f"it passes {passed} of {counted(len(told), 'test')}"
    return f"{_belief(checks, are_all=len(told) == len(checks))}: {score}. Only new data can tell more."


def by_sharpe(judged: Judged, what: str = "the Sharpe ratio") -> str:
    """Return a sentence where lanes are ranked by something else than a test goes by; empty where they aren't."""
    sweep = judged.finished.sweep
    if (sweep.metric, sweep.direction) == (CHOSEN_BY, "maximise"):
        return ""
    least = "the least " if sweep.direction == "minimise" else ""
    return f" Lanes are ranked by {least}{label_of_metric(sweep.metric)} here; this goes by {what}."


def _belief(checks: tuple[Check, ...], *, are_all: bool) -> str:
    answers = [check.answer for check in checks]
    if answers[0] is False:
        return "The best lane may well be luck"
    if answers[1] is False or answers[4] is False:
        return "The best lane was chosen well for the past, and not for what came after"
    if False in answers:
        return "The best lane holds in part"
    return "The best lane holds on this record" if are_all else "The best lane holds as far as can be told"


def _luck(verdict: Verdict, judged: Judged) -> Check:
    question = "Is it more than luck?"
    luck, best = verdict.luck, verdict.best
    if luck is None or luck.deflated is None or best is None or best.sharpe is None:
        return Check(
            question, None, "Luck can't be told from skill: that takes two lanes with unbroken records that differ."
        )
    words = (
        f"The best of {counted(round(luck.trials), 'trial')} without any skill would show a Sharpe ratio of"
        f" {ratio(luck.expected_maximum * judged.annual)} a year; this lane shows {ratio(best.sharpe * judged.annual)}, and"
        f" its true one is above that with a probability of {_probability(luck.deflated)}."
    )
    return Check(question, luck.deflated >= SURE, words)


def _halves(verdict: Verdict, judged: Judged) -> Check:
    question = "Does choosing carry over?"
    found = verdict.halvings
    if found is None:
        return Check(question, None, "Halves of the record can't be compared: there are too few lanes or sessions.")
    words = (
        f"The lane with the best Sharpe ratio in one half of the record is no better than the middle of all in the other"
        f" half in {percent(found.overfitting)} of the ways to halve it; by chance it would be in half of them."
        f"{by_sharpe(judged)}"
    )
    return Check(question, found.overfitting < MOST_OVERFITTING, words)


def _superior(verdict: Verdict, judged: Judged) -> Check:
    question = "Does any lane beat doing nothing?"
    found = verdict.superiority
    if found is None:
        return Check(question, None, "That wasn't tested: the best lane's record is broken or too short.")
    words = (
        f"If no lane did, a best one as good as this would still turn up with a probability of"
        f" {_probability(found.consistent)} (Hansen's test).{by_sharpe(judged, 'mean return over its deviation')}"
    )
    return Check(question, found.consistent <= 1.0 - SURE, words)


def _neighbours(verdict: Verdict) -> Check:
    question = "Do its neighbours agree?"
    top = verdict.plateau
    if top is None or top.shares[0] is None:
        return Check(question, None, "It has no neighbours: no axis with an order has a value next to its own.")
    words = (
        f"Of {counted(top.neighbours[0], 'lane')} one step away, {percent(top.shares[0])} are within a tenth of it; a real"
        " effect seldom vanishes when a parameter is off by one step."
    )
    return Check(question, top.shares[0] >= HALF, words)


def _walks(verdict: Verdict, judged: Judged) -> Check:
    question = "Would choosing as one goes have paid?"
    walks = [(verdict.anchored, "all the past"), (verdict.rolling, "the latest past")]
    told = [f"{ratio(walk.growth)} by {said}" for walk, said in walks if walk is not None]
    if not told:
        purged = " for how long positions are held" if verdict.purged_ns else ""
        return Check(question, None, f"Nothing was walked forward: the record is too short{purged}.")
    words = (
        f"Always trading the lane with the best Sharpe ratio so far would have made 1 into {' and '.join(told)},"
        f" changing lanes for free.{by_sharpe(judged)}"
    )
    return Check(question, all(walk is None or walk.growth > 1.0 for walk, _ in walks), words)


def _of_sensitivity(judged: Judged) -> Iterator[Check]:
    found = judged.finished.sensitivity
    questions = ("Does it survive twice the costs?", "Did most years bring a profit?", "Is it more than one symbol?")
    if found is None:
        for question in questions:
            yield Check(question, None, "That wasn't asked; a run of the lane alone tells.")
        return
    yield _costs(questions[0], found)
    years = [row["total_return"] for row in found["years"] if row["total_return"] is not None]
    won = sum(value > 0 for value in years)
    said = f"{won} of {counted(len(years), 'calendar year')} had a profit." if years else "No year's return is defined."
    yield Check(questions[1], won > HALF * len(years) if len(years) > 1 else None, said)
    yield _symbols(questions[2], found)


def _costs(question: str, found: dict[str, object]) -> Check:
    fills: list[dict[str, list[dict[str, float | None]]]] = found["fills"]  # type: ignore[assignment]
    double = next((row["total_return"] for row in fills[0]["costs"] if row["cost_scale"] == 2.0), None)
    if double is None:
        return Check(question, None, "Its return at twice the costs is undefined.")
    break_even = found["break_even_bps"]
    further = (
        f", and its profit would be used up by {grouped(break_even, digits=1)} bps more on all that is traded"
        if isinstance(break_even, float)
        else ""
    )
    return Check(question, double > 0, f"At twice the costs it returns {change(double)}{further}.")


def _symbols(question: str, found: dict[str, object]) -> Check:
    rows: list[dict[str, float]] = found["symbols"]  # type: ignore[assignment]
    profits = [row["profit"] for row in rows]
    total = sum(profits)
    if len(profits) < 2 or total <= 0:
        why = "There was one symbol only." if len(profits) < 2 else "There was no profit to share among symbols."
        return Check(question, None, why)
    share = max(profits) / total
    words = f"The symbol that brought most brought {percent(share)} of the profit of {counted(len(profits), 'symbol')}."
    return Check(question, share < HALF, words)


def _probability(value: float) -> str:
    """Return a probability that is never said to be 0 or 1, which no statistic can know."""
    if value < 0.0005:
        return f"less than {percent(0.001)}"
    return f"more than {percent(0.999)}" if value > 0.9995 else percent(value)
