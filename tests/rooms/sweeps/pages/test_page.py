"""The page of a sweep: everything on it, sound, escaped, small enough, and the verdict beside it."""

import json
import re
import time
import xml.etree.ElementTree as ET
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import numpy as np
import pytest
from finished_sweeps import HOSTILE, axis, finished, sensitivity

from runner.spec.sweep import Sweep
from runner.sweeps.pages import PAGE, VERDICT, finished_pages
from runner.sweeps.pages.account import items_of, verdict_json
from runner.sweeps.pages.brushing import SCRIPT
from runner.sweeps.pages.checks import checks_of, headline_of
from runner.sweeps.pages.judged import judged
from runner.sweeps.pages.page import render

SHAPES = {
    "no axis": [],
    "one axis": [axis("a", range(7))],
    "a choice": [axis("slippage", ["none", "fixed_bps"], is_choice=True)],
    "six axes": [axis(f"signal.params.p{each}", [1, 2]) for each in range(5)] + [axis("fees", ["x", "y"], is_choice=True)],
}


class Tags(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def svgs(page):
    return [ET.fromstring(found) for found in re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)]


@pytest.mark.parametrize("axes", SHAPES.values(), ids=SHAPES)
def test_any_grid_has_a_sound_page(axes):
    """Drawings are well-formed, no number is missing, names of drawings are unique."""
    page = render(judged(finished(axes, sensitivity=sensitivity())))

    drawings = svgs(page)
    assert drawings
    assert not re.search(r'="[^"]*\b(?:nan|inf)\b', page)
    names = [attributes["id"] for _, attributes in Tags(page).found if "id" in attributes]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("sessions", [0, 1, 2, 13])
@pytest.mark.filterwarnings("ignore:Mean of empty slice", "ignore:Degrees of freedom", "ignore:invalid value")
def test_short_records_have_a_page_that_says_so(sessions):
    """Nothing is drawn or judged from less than it needs."""
    whole = finished(
        [axis("a", [1, 2])],
        returns=np.random.default_rng(1).normal(0, 0.01, (2, sessions)),
        metrics={"total_return": [0.1, 0.2]},
    )

    page = render(judged(whole))

    assert "No lane has a sharpe" in page


def test_a_sweep_of_failures_says_what_failed(tmp_path):
    """Without a lane that is done there is no verdict, and the errors stand there."""
    whole = finished([axis("a", [1, 2])], failed=[0, 1], errors={0: "no cash", 1: "no cash"})

    found = finished_pages(tmp_path, whole)

    assert found.verdict is None
    assert "No lane was done" in (tmp_path / PAGE).read_text()
    told = json.loads((tmp_path / VERDICT).read_text())
    assert (told["failed"], told["done"], told["sharpe"], told["best_trial"]) == (2, 0, None, None)


def test_text_from_outside_is_inert():
    """Axis values, errors, names and metrics can't become markup, a control of anything, or half a letter."""
    axes = [axis(HOSTILE, [HOSTILE, "b"]), axis("c", [1, 2, 3])]
    whole = finished(axes, failed=[1], errors={1: HOSTILE}, name=HOSTILE, market=HOSTILE)

    page = render(judged(whole))

    tags = Tags(page).found
    assert [tag for tag, _ in tags].count("script") == 1
    assert not [tag for tag, _ in tags if tag in {"img", "iframe", "a", "link"}]
    assert not [key for _, attributes in tags for key in attributes if key.startswith("on")]
    assert page.encode("utf-8", "strict")
    assert not set("\x1b\u202e") & set(page)
    assert "alert(1)" in page


def test_only_our_script_may_run():
    """The policy names the one script by its hash, and the script holds nothing of the sweep."""
    page = render(judged(finished(SHAPES["one axis"])))

    policy = next(attributes["content"] for tag, attributes in Tags(page).found if attributes.get("http-equiv"))
    script = re.search(r"<script>(.*?)</script>", page, flags=re.DOTALL)[1]
    assert f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" in policy
    assert "default-src 'none'" in policy
    assert script == SCRIPT
    assert "http" not in script


def test_the_same_sweep_gives_the_same_page():
    """No clock, no chance."""
    assert render(judged(finished(SHAPES["one axis"]))) == render(judged(finished(SHAPES["one axis"])))


def test_the_table_holds_the_best_lanes_in_their_order():
    """Best first, numbered from 1, failed lanes left out."""
    metrics = {"sharpe": [0.5, 2.0, None, 1.0], "total_return": [0.1, 0.2, 0.3, 0.4]}
    page = render(judged(finished([axis("a", [1, 2, 3, 4])], metrics=metrics, failed=[3])))

    table = page[page.index("All lanes that were done") :]
    assert re.findall(r'<tr><th scope="row">(\d+)</th>', table)[:3] == ["2", "1", "3"]


def test_hundred_thousand_lanes_make_a_light_page_soon():
    """A page that is too heavy to open shows nothing; the time is bounded with room for a machine that is busy."""
    axes = [axis(f"p{each}", range(size)) for each, size in enumerate((10, 10, 10, 10, 10))]
    lanes = 100_000
    returns = np.resize(np.random.default_rng(3).normal(0, 0.01, 99_991), (lanes, 40))
    metrics = {"sharpe": np.random.default_rng(4).normal(0, 1, lanes).tolist(), "total_return": [0.1] * lanes}
    found = judged(finished(axes, returns=returns, metrics=metrics, failed=range(0, lanes, 50)))

    began = time.perf_counter()
    page = render(found)

    assert len(page.encode()) < 5_000_000
    assert time.perf_counter() - began < 10.0
    assert found.compared.size <= 1_000


def test_every_figure_is_in_the_file_and_on_the_page_with_its_meaning():
    """Page and file know the same figures, and each is explained in a sentence."""
    found = judged(finished(SHAPES["one axis"], sensitivity=sensitivity()))
    items, told, page = items_of(found), verdict_json(found), render(found)

    names = [item.name for item in items]
    assert len(names) == len(set(names))
    assert set(names) <= set(told)
    assert all(item.meaning.endswith(".") for item in items)
    assert page.count('class="meaning"') >= len(items)
    json.dumps(told, allow_nan=False)


def test_figures_of_the_verdict_are_those_reckoned_plainly():
    """Ratios are a year's; what comes from the single run is handed on."""
    whole = finished(SHAPES["one axis"], sensitivity=sensitivity())

    told = verdict_json(judged(whole))

    own = whole.results.returns[told["best_lane"] - 1]
    ratios = [each.mean() / each.std(ddof=1) for each in whole.results.returns]
    assert told["sharpe"] == pytest.approx(max(ratios) * 252**0.5)
    assert told["sharpe"] == pytest.approx(own.mean() / own.std(ddof=1) * 252**0.5)
    assert told["best_overrides"] == [f"a={told['best_lane'] - 1}"]
    assert (told["break_even_bps"], told["years_with_profit"], told["years_judged"]) == (7.25, 1, 2)
    assert (told["return_in_bear"], told["largest_symbol_share"]) == (-0.02, 0.8)
    assert told["return_at_twice_the_costs"] == pytest.approx(0.04)
    assert told["trials"] == 14


def test_luck_is_said_to_be_luck_and_skill_isnt():
    """The headline goes by what was found."""
    noise = judged(finished([axis("a", range(40))], seed=5))
    draw = np.random.default_rng(6).normal(0.0, 0.01, (40, 500))
    draw[18:23] += 0.004
    skill = judged(finished([axis("a", range(40))], returns=draw, sensitivity=sensitivity()))

    assert "may well be luck" in headline_of(noise, checks_of(noise))
    assert [check.answer for check in checks_of(skill)[:3]] == [True, True, True]
    assert "luck" not in headline_of(skill, checks_of(skill))


def test_a_sample_counts_all_lanes_it_stands_for():
    """Comparing fewer lanes doesn't make a sweep smaller: its trials and its plateau are those of all lanes."""
    axes = [axis("a", range(60)), axis("b", range(50))]
    found = judged(finished(axes, sessions=40))

    assert (found.verdict.lanes, found.verdict.sampled_from, found.compared.size) == (1_000, 3_000, 1_000)
    assert found.verdict.luck.trials == 6_000
    assert found.compared[0] == found.ranking.best
    assert sum(found.verdict.plateau.neighbours) <= 8 + 24
    assert found.verdict.plateau.lane == found.ranking.best


def test_another_metric_has_the_threshold_among_sharpe_ratios():
    """What luck alone shows is a Sharpe ratio, so it never stands among returns."""
    page = render(judged(finished(SHAPES["one axis"], sweep=Sweep(metric="total_return"))))

    returns = page[page.index("<h3>Distribution of Return") : page.index("<h3>Distribution of Sharpe")]
    sharpes = page[page.index("<h3>Distribution of Sharpe") :]
    assert "luck alone" not in returns
    assert "luck alone" in sharpes
