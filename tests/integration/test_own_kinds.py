"""Kinds of one's own as a user meets them: a file in `strategies/`, a file in `conf/`, a command, an exit code."""

import hashlib
import json

import pytest

from tests.command import runner

SMALL = ("universe=apple", "window.start=2012-01-01")

MINE = """
from typing import Literal

from runner.trading.slippage import Slippage
from runner.units import Bps


def _price(p, quantity, reference, given):
    cost = abs(reference) * p[0] * 1e-4
    return reference + cost if quantity > 0.0 else reference - cost


class Mine(Slippage):
    kind: Literal["mine"] = "mine"
    bps: Bps = 2.5

    price = staticmethod(_price)

    def numbers(self):
        return (self.bps,)
"""


def own(folder, text):
    (folder / "strategies").mkdir()
    (folder / "strategies" / "mine.py").write_text(text.lstrip("\n"), encoding="utf-8")
    (folder / "conf" / "slippage").mkdir(parents=True)
    (folder / "conf" / "slippage" / "mine.yaml").write_text("kind: mine\nbps: 2.5\n", encoding="utf-8")
    return folder


def manifest(done, folder):
    assert done.returncode == 0, done.stderr
    run = folder / done.stdout.strip().splitlines()[-1]
    return run, json.loads((run / "manifest.json").read_text())


def test_a_slippage_of_ones_own_is_chosen_by_its_word_and_kept_with_the_run(tmp_path):
    """The fills are those of the shipped kind that computes the same; a replay agrees; its file lies beside the results."""
    own(tmp_path, MINE)

    run, mine = manifest(runner(*SMALL, "slippage=mine", cwd=tmp_path), tmp_path)
    _, live = manifest(runner(*SMALL, "slippage=mine", "mode=replay", cwd=tmp_path), tmp_path)
    _, shipped = manifest(runner(*SMALL, "slippage=fixed_bps", cwd=tmp_path), tmp_path)

    assert mine["result_digest"] == live["result_digest"] == shipped["result_digest"]
    assert mine["plugins"] == {"mine.py": hashlib.sha256((run / "plugins" / "mine.py").read_bytes()).hexdigest()}
    assert shipped["plugins"] == {}


@pytest.mark.parametrize(
    ("text", "other", "expected"),
    [
        (
            MINE.replace("reference + cost if", "reference - cost if"),
            "timezone.zone=Nowhere/Land",
            "strategies/mine.py:12: mine must never improve the price",
        ),
        (
            MINE.replace("p[0]", "p[1]"),
            "timezone.zone=Nowhere/Land",
            "strategies/mine.py:8: mine must stay inside the numbers",
        ),
        (
            MINE + "\n    def expressions(self):\n        return 1 / 0\n",
            "timezone.zone=Nowhere/Land",
            "strategies/mine.py:22: expressions of mine must not raise, was ZeroDivisionError",
        ),
        (MINE.replace("Slippage):", "Slippage)"), "sizing.share=-1", "strategies/mine.py:12: must be Python"),
        (MINE.replace("import Bps", "import Bsp"), "sizing.share=-1", "strategies/mine.py:4: must run when it is imported"),
    ],
)
def test_a_mistake_is_told_with_file_and_line_beside_every_other_fault(tmp_path, text, other, expected):
    """Exit code 2, no traceback, no run directory."""
    own(tmp_path, text)

    done = runner("slippage=mine", other, cwd=tmp_path)

    assert done.returncode == 2
    assert expected in done.stderr
    assert other.partition("=")[0] in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "runs").exists()


def test_a_kind_that_nobody_defines_is_unknown_with_ones_own_among_the_known(tmp_path):
    """A slip of the keyboard finds its neighbour in the user's file."""
    own(tmp_path, MINE)

    done = runner("slippage=none", "slippage.kind=mien", cwd=tmp_path)

    assert done.returncode == 2
    assert "slippage.kind: must name a kind of slippage" in done.stderr
    assert "Did you mean mine" in done.stderr


def test_an_index_that_the_data_lead_astray_ends_the_run_at_its_line(tmp_path):
    """Exit code 2 and the line, under each way to run; what was begun is marked as failed."""
    astray = (
        "    cost = abs(reference) * p[0] * 1e-4\n    cost += p[int(given[2])] if given[2] == round(given[2]) else 0.0\n"
    )
    own(tmp_path, MINE.replace("    cost = abs(reference) * p[0] * 1e-4\n", astray))

    for words in ([], ["mode=replay"], ["engine=backtrader"]):
        done = runner(*SMALL, "slippage=mine", *words, cwd=tmp_path)

        assert done.returncode == 2
        assert "strategies/mine.py:9: _price of mine must not raise while it runs, was IndexError: index " in done.stderr
        assert "is out of bounds for axis 0 with size 1, in p[int(given[2])]" in done.stderr
        assert "Traceback" not in done.stderr
    statuses = [json.loads(path.read_text())["status"] for path in tmp_path.glob("runs/*/*/manifest.json")]
    assert statuses == ["FAILED"] * 3


def test_an_unknown_word_names_the_file_that_could_not_be_read(tmp_path):
    """It may define it."""
    own(tmp_path, MINE.replace("Slippage):", "Slippage)"))

    done = runner("slippage=none", "slippage.kind=other", cwd=tmp_path)

    assert done.returncode == 2
    assert "slippage.kind: must name a kind of slippage" in done.stderr
    assert "strategies/mine.py:12: must be Python; it may hold other" in done.stderr


@pytest.mark.parametrize(
    ("choice", "text"),
    [("fees=ticket", "`kind: ticket`"), ("risk=losing_streak", "`rules: {losing_streak: {kind: losing_streak}}`")],
)
def test_a_kind_that_no_file_of_the_configuration_names_is_told_how_to_get_one(tmp_path, choice, text):
    """The first thing that is tried with a kind of one's own; what is told works."""
    group, _, name = choice.partition("=")

    done = runner(choice, cwd=tmp_path)
    (tmp_path / "conf" / group).mkdir(parents=True)
    (tmp_path / "conf" / group / f"{name}.yaml").write_text(text.strip("`"))
    mended = runner(*SMALL, choice, cwd=tmp_path)

    assert done.returncode == 2
    assert (
        f"{group}: must name a file of {group}/, was {name}. Write {text} into a file conf/{group}/{name}.yaml"
        in done.stderr
    )
    assert mended.returncode == 0, mended.stderr


def test_one_word_for_two_kinds_names_both(tmp_path):
    """An example that was copied and not renamed inside stands beside the one that Runner comes with."""
    own(tmp_path, MINE.replace('"mine"', '"tick"'))

    done = runner("slippage=mine", "slippage.kind=tick", cwd=tmp_path)

    assert done.returncode == 2
    assert (
        "must be the only kind of slippage of its name, was tick in strategies/mine.py:12 and packaged strategies/tick"
        in done.stderr
    )
