"""Every figure of a verdict under the name others script against, as people read it, and what it means in one sentence.

The same list makes `verdict.json` and the table of the page, so that neither knows a figure the other doesn't. A figure that
is undefined is None. Sharpe ratios are a year's, probabilities and shares are 0 to 1, lengths are sessions, and lanes are
numbered as in `trials.parquet`, from 1.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from runner.report.wording import UNDEFINED, change, count, grouped, percent, plain, ratio
from runner.sweeps.pages.apart import rankings_of, told_apart
from runner.sweeps.pages.checks import CHOSEN_BY, by_sharpe, checks_of, headline_of
from runner.sweeps.pages.columns import label_of_metric, value_text
from runner.sweeps.pages.judged import Judged
from runner.sweeps.pages.legible import legible
from runner.sweeps.statistics import Verdict, words_of
from runner.sweeps.statistics.verdict import Luck, Walk

__all__ = ["Item", "items_of", "sentences_of", "verdict_json"]

FORMAT = 1
"""Version of `verdict.json`; a name never changes its meaning within one."""
DAY_NS = 86_400 * 10**9

Value = float | int | str | bool | None


@dataclass(frozen=True, slots=True)
class Item:
    """One figure."""

    group: str
    name: str
    label: str
    value: Value
    text: str
    """The value as people read it."""
    meaning: str


def items_of(judged: Judged) -> tuple[Item, ...]:
    """Return every figure, group by group; those of a verdict that couldn't be made are None."""
    return tuple(_Writer(judged).all())


def verdict_json(judged: Judged) -> dict[str, Any]:
    """Return what `verdict.json` holds: plain figures by name, then sentences and tables."""
    finished = judged.finished
    checks = checks_of(judged)
    best = judged.ranking.best
    of_best = [] if best is None else zip(finished.axes, finished.run_places[best].tolist(), strict=True)
    found = finished.sensitivity or {}
    return {
        "format": FORMAT,
        "name": finished.name,
        "market": finished.market,
        "metric": finished.sweep.metric,
        "direction": finished.sweep.direction,
        "chosen_by": CHOSEN_BY,
        "headline": headline_of(judged, checks),
        **{item.name: item.value for item in items_of(judged)},
        "best_overrides": [axis.override(place) for axis, place in of_best],
        "checks": [{"question": each.question, "answer": each.answer, "words": each.words} for each in checks],
        "words": list(sentences_of(judged)),
        "ranked_apart": list(rankings_of(judged)),
        "ranked_apart_since": told_apart(judged) or None,
        "years": found.get("years"),
        "markets": found.get("regimes"),
        "symbols": found.get("symbols"),
    }


def sentences_of(judged: Judged) -> tuple[str, ...]:
    """Return the verdict in full sentences; none where no lane is done."""
    if judged.verdict is None:
        return ()
    best = judged.ranking.best
    named = "" if best is None else judged.lane_text(best)
    words = words_of(judged.verdict, called=f"{named[:1].upper()}{named[1:]}")
    said = by_sharpe(
        judged, "the Sharpe ratio in halves, walks and paths, and by mean return over its deviation in Hansen's test"
    )
    about = [each for each in (told_apart(judged), said.strip()) if each]
    return (*about, *words)


class _Writer:
    """Writes the figures down, group by group."""

    def __init__(self, judged: Judged) -> None:
        self._judged = judged
        self._verdict: Verdict | None = judged.verdict
        self._group = ""

    def all(self) -> Iterator[Item]:
        """Yield every figure."""
        for group, part in (
            ("The sweep", self._sweep),
            ("The best lane alone", self._alone),
            ("Against luck", self._luck),
            ("Against the other half of the record", self._halves),
            ("Against doing nothing", self._superior),
            ("Its neighbours", self._plateau),
            ("Its costs, years and symbols", self._sensitivity),
            ("Chosen by the past only", self._walks),
        ):
            self._group = group
            yield from part()

    def _item(self, name: str, label: str, value: Value, write: Callable[[Any], str], meaning: str) -> Item:
        if isinstance(value, float) and not np.isfinite(value):
            value = None
        return Item(self._group, name, label, value, UNDEFINED if value is None else write(value), meaning)

    def _footing(self) -> str | None:
        return next(iter(rankings_of(self._judged)), None)

    def _annual(self, sharpe: float | None) -> float | None:
        return None if sharpe is None else sharpe * self._judged.annual

    def _sweep(self) -> Iterator[Item]:
        judged, verdict = self._judged, self._verdict
        done = int(judged.ranking.done.sum())
        effective = verdict.effective if verdict else None
        number = effective.number if effective else None
        yield self._item("lanes", "Lanes", judged.ranking.done.size, count, "Combinations that were run.")
        yield self._item("done", "Done", done, count, "Lanes that have a result.")
        yield self._item("failed", "Failed", judged.ranking.done.size - done, count, "Lanes that ended with an error.")
        yield self._item("not_run", "Not run", judged.finished.not_run, count, "Lanes the sweep was interrupted before.")
        yield self._item(
            "rankings",
            "Rankings",
            len(judged.ranking.footings),
            count,
            "Sets of lanes that can be ranked among themselves: over the same sessions, with the same costs and fills.",
        )
        yield self._item(
            "judged", "Judged", judged.lanes, count, "Lanes of the ranking that the verdict is on, that of the best lane."
        )
        yield self._item(
            "judged_by",
            "… what they share",
            self._footing(),
            str,
            "What tells these lanes from those of other rankings.",
        )
        yield self._item(
            "compared", "Compared", judged.compared.size, count, "Lanes whose returns are compared, spread over the sweep."
        )
        yield self._item(
            "trials",
            "Trials",
            judged.trials,
            count,
            "Everything ever tried on these data: each is one more chance to be lucky.",
        )
        yield self._item(
            "effective_trials",
            "Effective trials",
            number,
            _tenths,
            "How many independent lanes the compared ones amount to; near copies count once.",
        )
        yield self._item(
            "effective_trials_is_at_least",
            "… at least",
            effective.is_at_least if effective else None,
            plain,
            "Whether there may be more of them than the search could find.",
        )
        yield self._item(
            "sessions", "Sessions", judged.finished.instants.size, count, "Sessions that judged lanes are measured by."
        )
        yield self._item(
            "sessions_per_year",
            "Sessions a year",
            judged.finished.periods_per_year,
            plain,
            "As declared; makes ratios yearly.",
        )

    def _alone(self) -> Iterator[Item]:
        judged, verdict = self._judged, self._verdict
        row, best = judged.ranking.best, verdict.best if verdict else None
        results, metric = judged.finished.results, judged.finished.sweep.metric
        yield self._item(
            "best_lane",
            "Lane",
            None if row is None else int(results.number[row]) + 1,
            plain,
            "Its number in trials.parquet and in the terminal, from 1.",
        )
        yield self._item(
            "best_trial",
            "Trial",
            None if row is None else legible(results.trial[row]),
            str,
            "What `runner materialise` makes its run directory from.",
        )
        yield self._item(
            "best_metric",
            f"Its {label_of_metric(metric)}",
            None if row is None else float(judged.ranking.metric[row]),
            partial(value_text, metric),
            "What lanes are ranked by; the best of many always looks better than it is.",
        )
        yield self._item(
            "sharpe",
            "Sharpe ratio",
            self._annual(best.sharpe) if best else None,
            ratio,
            "Mean return over its deviation, a year, over the sessions that all lanes share.",
        )
        yield self._item(
            "skewness",
            "Skewness",
            best.skewness if best else None,
            ratio,
            "Below 0 its losses are rarer and larger than its gains; 0 for normal returns.",
        )
        yield self._item(
            "kurtosis",
            "Kurtosis",
            best.kurtosis if best else None,
            ratio,
            "Above 3, extreme days are more common than normal.",
        )
        yield self._item(
            "probabilistic_sharpe",
            "Sharpe above zero",
            best.probabilistic if best else None,
            percent,
            "Probability that its true Sharpe ratio is above zero, had it been the only trial.",
        )
        yield self._item(
            "minimum_track_record",
            "Record it takes",
            best.track_record if best else None,
            count,
            "Sessions it takes to be 95 % sure of that; undefined where no record is long enough.",
        )

    def _luck(self) -> Iterator[Item]:
        verdict = self._verdict
        yield from self._luck_of(verdict.luck if verdict else None, "", "", "the true number of trials")
        yield from self._luck_of(
            verdict.luck_effective if verdict else None, "_effective", ", effective", "the effective number of trials"
        )

    def _luck_of(self, luck: Luck | None, ending: str, mark: str, by: str) -> Iterator[Item]:
        yield self._item(
            f"expected_maximum_sharpe{ending}",
            f"Luck alone{mark}",
            self._annual(luck.expected_maximum) if luck else None,
            ratio,
            f"Sharpe ratio a year that the best lane would show if none had skill, by {by}.",
        )
        yield self._item(
            f"deflated_sharpe{ending}",
            f"Deflated Sharpe{mark}",
            luck.deflated if luck else None,
            percent,
            "Probability that the best lane's true Sharpe ratio is above that; 95 % is custom.",
        )
        yield self._item(
            f"deflated_track_record{ending}",
            f"Record it takes{mark}",
            luck.track_record if luck else None,
            count,
            "Sessions it takes to be 95 % sure of that; undefined where the ratio isn't above it.",
        )

    def _halves(self) -> Iterator[Item]:
        found = self._verdict.halvings if self._verdict else None
        yield self._item(
            "overfitting_probability",
            "Probability of overfitting",
            found.overfitting if found else None,
            percent,
            "How often the lane with the best Sharpe ratio in one half of the record is no better than the middle in the"
            " other; chance: half.",
        )
        yield self._item(
            "overfitting_combinations",
            "Halvings",
            found.combinations if found else None,
            count,
            "Ways to halve the record that were looked at.",
        )
        yield self._item(
            "overfitting_loss",
            "Loss in the other half",
            found.loss if found else None,
            percent,
            "How often that lane had a negative Sharpe ratio in the other half.",
        )
        yield self._item(
            "overfitting_slope",
            "Slope",
            found.slope if found else None,
            ratio,
            "Sharpe ratio in the other half for each unit more in the first; below 0 the better it looked the worse it did.",
        )
        yield self._item(
            "choosing_dominates",
            "Choosing beats chance",
            found.dominates if found else None,
            plain,
            "Whether taking the best Sharpe ratio of one half is better in the other for everybody who prefers more.",
        )
        yield self._item(
            "choosing_dominates_averse",
            "… for the cautious",
            found.dominates_averse if found else None,
            plain,
            "Whether it is for everybody who also dislikes risk.",
        )

    def _superior(self) -> Iterator[Item]:
        found = self._verdict.superiority if self._verdict else None
        yield self._item(
            "spa_p",
            "Hansen's test",
            found.consistent if found else None,
            percent,
            "Probability of a best lane as good as this, by mean return over its deviation, if none were better than doing"
            " nothing; 5 % or less is custom.",
        )
        yield self._item(
            "spa_p_lower",
            "… lower",
            found.lower if found else None,
            percent,
            "The same, too quick to believe: a lower bound.",
        )
        yield self._item(
            "spa_p_upper",
            "… upper",
            found.upper if found else None,
            percent,
            "The same, too slow to believe: an upper bound.",
        )
        yield self._item(
            "reality_check_p",
            "White's reality check",
            found.reality_check if found else None,
            percent,
            "The same by an older test, which wild or hopeless lanes lead to doubt.",
        )

    def _plateau(self) -> Iterator[Item]:
        top = self._verdict.plateau if self._verdict else None
        is_less = self._judged.finished.sweep.direction == "minimise"
        level = None if top is None else -top.level if is_less else top.level
        write = partial(value_text, self._judged.finished.sweep.metric)
        yield self._item("plateau_level", "Level", level, write, "What a lane must reach to keep up: the best less a tenth.")
        for away in (1, 2):
            steps = f"{away} step{'s' if away > 1 else ''}"
            yield self._item(
                f"plateau_neighbours_{away}",
                f"Within {steps}",
                top.neighbours[away - 1] if top else None,
                count,
                f"Lanes whose values are at most {steps} away on every axis with an order.",
            )
            yield self._item(
                f"plateau_share_{away}",
                "… that keep up",
                top.shares[away - 1] if top else None,
                percent,
                "Share of them that reach the level; a lone peak among bad neighbours is seldom real.",
            )
        yield self._item(
            "plateau_region",
            "Plateau",
            top.region if top else None,
            count,
            "Lanes reached from the best without leaving the level.",
        )
        yield self._item(
            "plateau_region_share", "… of the sweep", top.region_share if top else None, percent, "Their share of all lanes."
        )

    def _sensitivity(self) -> Iterator[Item]:
        found = self._judged.finished.sensitivity or {
            "break_even_bps": None,
            "fills": [],
            "years": [],
            "regimes": [],
            "symbols": [],
        }
        costs = {row["cost_scale"]: row["total_return"] for each in found["fills"][:1] for row in each["costs"]}
        years = [row["total_return"] for row in found["years"] if row["total_return"] is not None]
        markets = {row["market"]: row["total_return"] for row in found["regimes"]}
        profits = [row["profit"] for row in found["symbols"]]
        is_known = self._judged.finished.sensitivity is not None
        yield self._item(
            "break_even_bps",
            "Break-even slippage, bps",
            found["break_even_bps"],
            _tenths,
            "Further cost on all that is traded that would use up the whole profit.",
        )
        yield self._item(
            "return_at_twice_the_costs",
            "Return at twice the costs",
            costs.get(2.0),
            change,
            "Total return with slippage, fees and financing doubled.",
        )
        yield self._item("years_judged", "Years", len(years) if is_known else None, count, "Calendar years with a return.")
        yield self._item(
            "years_with_profit",
            "Years with a profit",
            sum(value > 0 for value in years) if is_known else None,
            count,
            "How many of those it gained in.",
        )
        for market, label in (
            ("bull", "bull markets"),
            ("bear", "bear markets"),
            ("usual_volatility", "usual volatility"),
            ("high_volatility", "high volatility"),
        ):
            meaning = f"Its sessions in {label} one after another, by the mean of its symbols."
            yield self._item(f"return_in_{market}", f"Return in {label}", markets.get(market), change, meaning)
        total = sum(profits)
        yield self._item(
            "largest_symbol_share",
            "Share of the best symbol",
            max(profits) / total if total > 0 else None,
            percent,
            "How much of the profit one symbol brought; undefined without a profit.",
        )

    def _walks(self) -> Iterator[Item]:
        verdict, walk = self._verdict, self._judged.walk
        for name, length, meaning in (
            ("train", walk.train_ns if walk else None, "Days that a lane is chosen by; all the past where it is anchored."),
            ("test", walk.test_ns if walk else None, "Days that it is traded for before the next choice."),
            (
                "purge",
                walk.span_ns if walk else None,
                "Days before a test that don't teach: in so many 19 of 20 trades of any compared lane were over.",
            ),
            ("embargo", walk.embargo_ns if walk else None, "Days more left out between the two, so that nothing leaks."),
        ):
            days = None if length is None else length / DAY_NS
            label = {"purge": "Days purged", "embargo": "Days embargoed"}.get(name, f"Days to {name}")
            yield self._item(f"walk_{name}_days", label, days, _tenths, meaning)
        yield from self._walk("anchored", verdict.anchored if verdict else None, "all the past")
        yield from self._walk("rolling", verdict.rolling if verdict else None, "the latest past")
        paths = verdict.paths if verdict else None
        yield self._item(
            "paths",
            "Paths",
            paths.number if paths else None,
            count,
            "Ways through the record, each always by the lane with the best Sharpe ratio on other rows.",
        )
        for name, value in (
            ("lowest", paths.lowest if paths else None),
            ("median", paths.median if paths else None),
            ("highest", paths.highest if paths else None),
        ):
            yield self._item(
                f"paths_sharpe_{name}",
                f"… {name} Sharpe",
                self._annual(value),
                ratio,
                f"The {name} Sharpe ratio a year of those paths; their spread shows how much hangs on what one trained by.",
            )

    def _walk(self, name: str, walk: Walk | None, by: str) -> Iterator[Item]:
        label = name.capitalize()
        yield self._item(
            f"walk_{name}_windows",
            f"{label} windows",
            walk.windows if walk else None,
            count,
            f"Choices made by the Sharpe ratio in {by}.",
        )
        yield self._item(
            f"walk_{name}_lanes", f"{label} lanes", walk.lanes if walk else None, count, "Different lanes that were chosen."
        )
        yield self._item(
            f"walk_{name}_sharpe",
            f"{label} Sharpe",
            self._annual(walk.sharpe) if walk else None,
            ratio,
            f"Sharpe ratio a year of always trading the lane with the best one in {by}; changing lanes is free.",
        )
        yield self._item(
            f"walk_{name}_growth", f"{label} growth", walk.growth if walk else None, ratio, "What 1 became by it."
        )


def _tenths(value: float) -> str:
    return grouped(value, digits=1)
