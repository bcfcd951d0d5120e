"""What users read of a verdict."""

from dataclasses import replace

import pytest

from runner.sweeps.statistics.effective_trials import EffectiveTrials
from runner.sweeps.statistics.plateau import Plateau
from runner.sweeps.statistics.superior_ability import SuperiorAbility
from runner.sweeps.statistics.verdict import BestLane, Halvings, Luck, Paths, Verdict, Walk
from runner.sweeps.statistics.words import UNKNOWABLE, words_of

VERDICT = Verdict(
    periods=504,
    periods_per_year=252.0,
    confidence=0.95,
    lanes=48,
    compared=47,
    trials=300,
    effective=EffectiveTrials(8.76, is_at_least=False, lanes=40),
    best=BestLane(25, 0.1, -0.5, 4.0, 0.983, 285.0),
    luck=Luck(300.0, 0.03, 0.084, 0.64, 9_000.0),
    luck_effective=Luck(261.8, 0.03, 0.0828, 0.65, 8_000.0),
    halvings=Halvings(16, 12_870, 0.62, -0.75, 0.4, dominates=False, dominates_averse=True),
    superiority=SuperiorAbility(0.25, 0.08, 0.17, 0.18, 47, 1_000, 3.48),
    plateau=Plateau(25, 0.84, (8, 19), (0.75, 0.4), 12, 0.25),
    anchored=Walk(10, 3, 252, 0.05, 1.19),
    rolling=Walk(1, 1, 252, None, 1.0),
    paths=Paths(5, -0.01, 0.02, 0.03),
)


def said(**changes):
    return " ".join(words_of(replace(VERDICT, **changes))).replace("\N{NO-BREAK SPACE}", " ")


def test_every_figure_has_its_sentence():
    """The whole verdict, word by word; ratios a year are the ratio per period times √252."""
    assert [sentence.replace("\N{NO-BREAK SPACE}", " ") for sentence in words_of(VERDICT)] == [
        "The best of 48 lanes was chosen, after 300 trials on these data in all.",
        "1 lane of them has no unbroken record and can't be compared.",
        "By how alike their returns are, the 40 lanes that traded amount to 8.8 independent ones; this is an estimate, the true number isn't.",
        "Lane 25 has the highest metric, and a Sharpe ratio of 1.59 a year over 504 periods (2.0 years), with skewness −0.50 and kurtosis 4.00 (0 and 3 if returns were normal).",
        "As if it had been the only trial, its true Sharpe ratio is above zero with a probability of 98.3 %; returns that come in streaks make that less.",
        "To be 95.0 % sure of that, it takes 285 periods (1.1 years) of such returns: the record is long enough, for a single trial.",
        "The best of 300 trials without skill would be expected to show a Sharpe ratio of 1.33 a year; the true one of this lane is above that with a probability of 64.0 %: this may be luck.",
        "By the effective number, 261.8, the best without skill would be expected to show a Sharpe ratio of 1.31 a year; the true one of this lane is above that with a probability of 65.0 %: this may be luck.",
        "To be 95.0 % sure that it is more than luck among so many trials, it takes 9,000 periods (35.7 years) of such returns.",
        "What luck gives is reckoned from how much the lanes of this sweep differ, as if all trials differed as much: lanes that are all alike set too low a bar.",
        "In 62.0 % of 12,870 ways to halve the record, the lane with the best Sharpe ratio in one half was no better than the median in the other (the probability of overfitting): no better than chance, which gives one half with much scatter.",
        "In 40.0 % of them it had a negative Sharpe ratio in the other half.",
        "For each unit of Sharpe ratio that the best lane had more in one half, it had 0.75 less in the other; halves of one record lean to less by themselves, as what one has the other lacks.",
        "Choosing by the past was better than taking any lane for everybody who dislikes risk.",
        "If no lane beat doing nothing, a best lane like this one would be seen with a probability of 17.0 % (Hansen's test; between 8.0 % and 18.0 % by how hopeless lanes count): none is shown to.",
        "White's reality check says 25.0 %, from 1,000 drawn histories in blocks of 3.5 periods; it leans to doubt where wild or hopeless lanes are in the sweep.",
        "Of 8 lanes within 1 place of the best lane, 75.0 % keep up with it: a broad top.",
        "Of 19 lanes within 2 places of the best lane, 40.0 % keep up with it: a narrow one.",
        "The plateau around it has 12 lanes, 25.0 % of the sweep; a coarse grid can make it look broader or narrower than it is.",
        "Always trading the lane with the best Sharpe ratio in all the past, over 10 windows with 3 different lanes, had a Sharpe ratio of 0.79 a year and made 1 into 1.19 in 252 periods (1.0 years); changing lanes was free.",
        "Always trading the lane with the best Sharpe ratio in the latest past, over 1 window with 1 different lane, had no Sharpe ratio and made 1 into 1.00 in 252 periods (1.0 years); changing lanes was free.",
        "On 5 paths through the record, each always by the lane with the best one on other rows, the Sharpe ratio was −0.16 to 0.48 a year, 0.32 in the middle; those rows lie on both sides of the ones that are traded.",
        UNKNOWABLE,
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"compared": 5}, "With fewer than 10 lanes, what is said of lanes against each other is little more than a guess."),
        ({"periods": 60}, "The record is short: 60 periods, too few to know rare losses by."),
        (
            {"effective": EffectiveTrials(2_000.0, is_at_least=True, lanes=9_000)},
            "amount to at least 2,000.0 independent ones",
        ),
        ({"effective": EffectiveTrials(0.0, is_at_least=False, lanes=0)}, "No lane's returns ever differ"),
        ({"best": None}, "No lane has a metric, so there is no best one."),
        ({"best": BestLane(7, None, None, None, None, None)}, "Lane 7 has the highest metric, but no Sharpe ratio"),
        (
            {"best": BestLane(7, -0.1, 0.0, 3.0, 0.2, None)},
            "isn't above zero, so no record of this kind is ever long enough",
        ),
        ({"best": BestLane(7, 0.01, 0.0, 3.0, 0.6, 27_000.0)}, "(107.1 years) of such returns: the record is too short"),
        ({"best": BestLane(7, 0.9, 0.0, 3.0, 0.999_99, 9.0)}, "with a probability of more than 99.9 %;"),
        ({"luck": None}, "Fewer than two lanes have a Sharpe ratio"),
        ({"luck": Luck(300.0, 0.03, 0.08, 0.96, 400.0)}, "with a probability of 96.0 %: more than luck."),
        ({"luck": Luck(300.0, 0.03, 0.08, None, None)}, "expected to show a Sharpe ratio of 1.27 a year."),
        ({"halvings": None}, "The probability of overfitting isn't known"),
        ({"superiority": None}, "Whether any lane beats doing nothing wasn't tested"),
        (
            {"superiority": SuperiorAbility(0.3, 1 / 1_001, 1 / 1_001, 0.002, 47, 1_000, 3.0)},
            "with a probability of at most 0.1 % (Hansen's test; between at most 0.1 % and 0.2 % by how hopeless lanes count): some lane does.",
        ),
        ({"plateau": Plateau(1, 0.1, (0,), (None,), 1, 0.5)}, "There are no lanes within 1 place of the best lane"),
        ({"anchored": None, "rolling": None}, "Nothing was walked forward"),
        ({"paths": None}, "No paths were put together"),
    ],
)
def test_what_can_not_be_known_is_said(changes, sentence):
    """Few lanes, short records and undefined figures are told with their reason instead of left out."""
    assert sentence not in said()
    assert sentence in said(**changes)


@pytest.mark.parametrize(
    ("halvings", "sentence"),
    [
        (Halvings(8, 70, 0.1, 0.5, 0.0, dominates=True, dominates_averse=True), "0.50 more in the other"),
        (Halvings(8, 70, 0.1, None, 0.0, dominates=True, dominates_averse=True), "as good in every half"),
        (Halvings(8, 70, 0.1, 0.5, 0.0, dominates=True, dominates_averse=True), "everybody who prefers more to less"),
        (
            Halvings(8, 70, 0.1, 0.5, 0.0, dominates=False, dominates_averse=False),
            "not better than taking any lane for all tastes",
        ),
        (
            Halvings(8, 70, 0.1, 0.5, 0.0, dominates=False, dominates_averse=False),
            "better than chance, which gives one half",
        ),
    ],
)
def test_halvings_are_told_as_they_are(halvings, sentence):
    """Good halvings are told as plainly as bad ones."""
    assert sentence in said(halvings=halvings)


def test_no_figure_is_left_without_a_sentence():
    """Each part of the verdict changes what is said when it changes."""
    changed = {
        "trials": 301,
        "confidence": 0.9,
        "periods_per_year": 365.0,
        "anchored": Walk(9, 3, 252, 0.05, 1.19),
        "rolling": Walk(2, 1, 252, None, 1.0),
        "luck_effective": Luck(200.0, 0.03, 0.0828, 0.65, 8_000.0),
        "paths": Paths(6, -0.01, 0.02, 0.03),
    }

    for name, value in changed.items():
        assert said(**{name: value}) != said()
