"""A verdict in plain words: a sentence for each figure, and what it can't know.

Sharpe ratios are said per year, s √(periods per year), as people quote them; all else as it is in the verdict. What is
undefined is said to be, with the reason.
"""

from collections.abc import Iterator
from math import sqrt

from runner.report.measured import counted
from runner.report.wording import grouped, percent, ratio
from runner.sweeps.statistics.superior_ability import SuperiorAbility
from runner.sweeps.statistics.verdict import BestLane, Halvings, Luck, Verdict, Walk

__all__ = ["words_of"]

FEW_TRIALS = 10
"""Lanes below which the deviation of their Sharpe ratios, and their ranks, are little more than a guess."""
SHORT = 250
"""Periods below which the moments of returns are little more than a guess."""
SURE = 0.95
"""Probability from which on something is called likely; one minus it is the p-value it takes."""
COIN = 0.5
"""Probability of overfitting that choosing by chance has."""
DAY_NS = 86_400 * 10**9
BROAD = 0.5
"""Share of neighbours from which on a top is called broad."""

UNKNOWABLE = (
    "None of these figures knows of trials that were made elsewhere and not recorded, of rules that were thought up because"
    " they were known to have worked on these data, or of a future unlike the record."
)


def words_of(verdict: Verdict, *, called: str = "") -> tuple[str, ...]:
    """Return the sentences, the most general first and what nobody can know last.

    Args:
        verdict: What is said.
        called: What readers know the best lane by; empty for its place among the lanes.
    """
    parts = (_lucky, _halved, _superior, _broad, _walked, _through)
    said = [*_trials(verdict), *_alone(verdict, called)]
    return (*said, *(sentence for part in parts for sentence in part(verdict)), UNKNOWABLE)


def _trials(verdict: Verdict) -> Iterator[str]:
    lanes = counted(max(verdict.lanes, verdict.sampled_from), "lane")
    yield f"The best of {lanes} was chosen, after {counted(verdict.trials, 'trial')} on these data in all."
    if verdict.sampled_from > verdict.lanes:
        yield (
            f"Lanes are compared by a sample of {counted(verdict.lanes, 'lane')}, spread over the sweep and with the best of"
            " it; its effective number is taken for that of the sweep in proportion, which errs to the careful side."
        )
    left = verdict.lanes - verdict.compared
    if left:
        yield f"{counted(left, 'lane')} of them {'has' if left == 1 else 'have'} no unbroken record and can't be compared."
    if verdict.effective and verdict.effective.lanes:
        least = "at least " if verdict.effective.is_at_least else ""
        yield (
            f"By how alike their returns are, the {counted(verdict.effective.lanes, 'lane')} that traded amount to {least}"
            f"{_number(verdict.effective.number)} independent ones; this is an estimate, the true number isn't."
        )
    elif verdict.compared:
        yield "No lane's returns ever differ from period to period, so nothing can be said of them."
    if verdict.compared < FEW_TRIALS:
        yield f"With fewer than {FEW_TRIALS} lanes, what is said of lanes against each other is little more than a guess."
    if verdict.periods < SHORT:
        yield f"The record is short: {counted(verdict.periods, 'period')}, too few to know rare losses by."


def _alone(verdict: Verdict, called: str) -> Iterator[str]:
    best = verdict.best
    if best is None:
        yield "No lane has a metric, so there is no best one."
        return
    named = called or f"Lane {best.lane}"
    if best.sharpe is None:
        yield f"{named} has the highest metric, but no Sharpe ratio: its record is broken, short or still."
        return
    yield (
        f"{named} has the highest metric, and a Sharpe ratio of {_annual(best.sharpe, verdict)} a year over"
        f" {_time(verdict.periods, verdict)}, with skewness {ratio(best.skewness)} and kurtosis {ratio(best.kurtosis)}"
        " (0 and 3 if returns were normal)."
    )
    if best.probabilistic is not None:
        yield (
            f"As if it had been the only trial, its true Sharpe ratio is above zero with a probability of"
            f" {_probability(best.probabilistic)}; returns that come in streaks make that less."
        )
    yield _track_record(best, verdict)


def _track_record(best: BestLane, verdict: Verdict) -> str:
    if best.track_record is None:
        return "Its Sharpe ratio isn't above zero, so no record of this kind is ever long enough to be sure that it is."
    enough = "the record is long enough" if verdict.periods >= best.track_record else "the record is too short"
    return (
        f"To be {_probability(verdict.confidence)} sure of that, it takes {_time(best.track_record, verdict)} of such"
        f" returns: {enough}, for a single trial."
    )


def _lucky(verdict: Verdict) -> Iterator[str]:
    if verdict.luck is None:
        yield "Fewer than two lanes have a Sharpe ratio, so what luck gives can't be told from how they differ."
        return
    yield _luck(verdict.luck, verdict, f"The best of {counted(verdict.trials, 'trial')} without skill")
    if verdict.luck_effective:
        number = _number(verdict.luck_effective.trials)
        yield _luck(verdict.luck_effective, verdict, f"By the effective number, {number}, the best without skill")
    record = verdict.luck.track_record
    if record is not None:
        yield (
            f"To be {_probability(verdict.confidence)} sure that it is more than luck among so many trials, it takes"
            f" {_time(record, verdict)} of such returns."
        )
    yield (
        "What luck gives is reckoned from how much the lanes of this sweep differ, as if all trials differed as much: lanes"
        " that are all alike set too low a bar."
    )


def _luck(luck: Luck, verdict: Verdict, best: str) -> str:
    shown = f"{best} would be expected to show a Sharpe ratio of {_annual(luck.expected_maximum, verdict)} a year"
    if luck.deflated is None:
        return f"{shown}."
    judged = "more than luck" if luck.deflated >= SURE else "this may be luck"
    return f"{shown}; the true one of this lane is above that with a probability of {_probability(luck.deflated)}: {judged}."


def _halved(verdict: Verdict) -> Iterator[str]:
    found = verdict.halvings
    if found is None:
        yield "The probability of overfitting isn't known: it takes two unbroken lanes, and two periods in every block."
        return
    judged = "no better than chance" if found.overfitting >= COIN else "better than chance"
    yield (
        f"In {percent(found.overfitting)} of {found.combinations:,} ways to halve the record, the lane with the best Sharpe"
        f" ratio in one half was no better than the median in the other (the probability of overfitting): {judged}, which"
        " gives one half with much scatter."
    )
    yield f"In {percent(found.loss)} of them it had a negative Sharpe ratio in the other half."
    yield _degraded(found)
    if found.dominates:
        yield "Choosing by the past was better than taking any lane for everybody who prefers more to less."
    elif found.dominates_averse:
        yield "Choosing by the past was better than taking any lane for everybody who dislikes risk."
    else:
        yield "Choosing by the past was not better than taking any lane for all tastes: it was worse somewhere."


def _degraded(found: Halvings) -> str:
    if found.slope is None:
        return "How performance degrades can't be told: the best lane was as good in every half."
    said = (
        f"For each unit of Sharpe ratio that the best lane had more in one half, it had {ratio(abs(found.slope))}"
        f" {'less' if found.slope < 0.0 else 'more'} in the other"
    )
    return f"{said}; halves of one record lean to less by themselves, as what one has the other lacks."


def _superior(verdict: Verdict) -> Iterator[str]:
    found = verdict.superiority
    if found is None:
        yield "Whether any lane beats doing nothing wasn't tested: the record of the best lane is broken or too short."
        return
    judged = "some lane does" if found.consistent <= 1.0 - SURE else "none is shown to"
    yield (
        f"If no lane beat doing nothing, a best lane like this one would be seen with a probability of"
        f" {_p_value(found.consistent, found)} (Hansen's test; between {_p_value(found.lower, found)} and"
        f" {_p_value(found.upper, found)} by how hopeless lanes count): {judged}."
    )
    yield (
        f"White's reality check says {_p_value(found.reality_check, found)}, from {found.resamples:,} drawn histories in"
        f" blocks of {_number(found.mean_block)} periods; it leans to doubt where wild or hopeless lanes are in the sweep."
    )


def _broad(verdict: Verdict) -> Iterator[str]:
    top = verdict.plateau
    if top is None:
        return
    for away, (number, share) in enumerate(zip(top.neighbours, top.shares, strict=True), start=1):
        within = f"within {counted(away, 'place')} of the best lane"
        if share is None:
            yield f"There are no lanes {within}, so nothing tells what a parameter a little off would do."
        else:
            judged = "a broad top" if share >= BROAD else "a narrow one"
            yield f"Of {counted(number, 'lane')} {within}, {percent(share)} keep up with it: {judged}."
    yield (
        f"The plateau around it has {counted(top.region, 'lane')}, {percent(top.region_share)} of the sweep; a coarse grid"
        " can make it look broader or narrower than it is."
    )


def _walked(verdict: Verdict) -> Iterator[str]:
    for walk, said in ((verdict.anchored, "all the past"), (verdict.rolling, "the latest past")):
        if walk is not None:
            yield _walk(walk, said, verdict)
    if verdict.anchored is None and verdict.rolling is None:
        yield f"Nothing was walked forward: no windows were given, or the record is too short for them{_beyond(verdict)}."
    elif verdict.purged_ns or verdict.embargo_ns:
        yield (
            f"Before each test {_days(verdict.purged_ns)} don't teach, in which nineteen of twenty trades of any lane were"
            f" over (purged), and {_days(verdict.embargo_ns)} more (embargoed)."
        )


def _walk(walk: Walk, said: str, verdict: Verdict) -> str:
    sharpe = "no Sharpe ratio" if walk.sharpe is None else f"a Sharpe ratio of {_annual(walk.sharpe, verdict)} a year"
    return (
        f"Always trading the lane with the best Sharpe ratio in {said}, over {counted(walk.windows, 'window')} with"
        f" {counted(walk.lanes, 'different lane')}, had {sharpe} and made 1 into {ratio(walk.growth)} in"
        f" {_time(walk.periods, verdict)}; changing lanes was free."
    )


def _through(verdict: Verdict) -> Iterator[str]:
    paths = verdict.paths
    if paths is None:
        yield f"No paths were put together: the record is too short{_beyond(verdict)}, or its instants aren't known."
        return
    low, middle, high = (_annual(value, verdict) for value in (paths.lowest, paths.median, paths.highest))
    yield (
        f"On {counted(paths.number, 'path')} through the record, each always by the lane with the best one on other rows,"
        f" the Sharpe ratio was {low} to {high} a year, {middle} in the middle; those rows lie on both sides of the ones"
        " that are traded."
    )


def _beyond(verdict: Verdict) -> str:
    """Return by what a record is shortened, if it is."""
    if not verdict.purged_ns:
        return ""
    return f" once the {_days(verdict.purged_ns)} are purged that it takes for nineteen of twenty trades of any lane to end"


def _days(nanoseconds: int) -> str:
    return f"{grouped(nanoseconds / DAY_NS, digits=1)} days"


def _annual(sharpe: float, verdict: Verdict) -> str:
    return ratio(sharpe * sqrt(verdict.periods_per_year))


def _time(periods: float, verdict: Verdict) -> str:
    years = periods / verdict.periods_per_year
    return f"{counted(round(periods), 'period')} ({grouped(years, digits=1)} years)"


def _number(value: float) -> str:
    return grouped(value, digits=1)


def _p_value(value: float, found: SuperiorAbility) -> str:
    """Return a p-value, which so many drawn histories can't tell from any lower one when none of them reached it."""
    return f"at most {_probability(value)}" if value <= 1.0 / (found.resamples + 1) else _probability(value)


def _probability(value: float) -> str:
    """Return a probability that is never said to be 0 or 1, which no statistic can know."""
    if value < 0.0005:
        return f"less than {percent(0.001)}"
    return f"more than {percent(0.999)}" if value > 0.9995 else percent(value)
