"""Decisions are made again line by line, and the first that isn't what it was is named."""

import pytest

from runner.live.trading.again import Collected, again
from runner.live.trading.decisions import instant_digest, told_rows
from runner.signal.push import PushedRow


class Parrot:
    """Stands where a trader does: to each instant it answers with the close of every row."""

    def __init__(self, out):
        self.out = out
        self.lives = 0
        self.reported = []

    def begin(self):
        self.lives += 1

    def instant(self, ts, rows, serial):
        self.out.add(["i", serial, ts, "…"])
        for row in rows:
            self.out.add(["k", 0, row.columns["close"]])

    def report(self, report, execution):
        self.reported.append((report.quantity, execution))
        self.out.add(["k", 1, report.quantity])


def bar(close):
    return PushedRow("bars", 0, 60, 3, {"close": close}, 0)


def told(serial, *closes):
    return ["i", serial, 60, told_rows([bar(close) for close in closes])]


def replayed(lines, recorded=None):
    out = Collected()
    return again(lines, Parrot(out), out, recorded or (lambda _life, _serial: None))


def test_the_same_answers_are_the_same():
    """Orders are counted, and so is everything else."""
    report = ["r", 61, 3, 0, 1, 2.0, 5.0, 0.0, 0, 5, "x1"]

    found = replayed([["life", 1], told(1, 5.0, 6.0), ["k", 0, 5.0], ["k", 0, 6.0], report, ["k", 1, 2.0]])

    assert found.divergence is None
    assert (found.instants, found.reports, found.answers, found.orders) == (1, 1, 3, 2)


@pytest.mark.parametrize(
    ("lines", "number", "was", "now"),
    [
        ([told(1, 5.0), ["k", 0, 5.5]], 2, ["k", 0, 5.5], ["k", 0, 5.0]),
        ([told(1, 5.0), ["k", 0, 5.0], ["k", 0, 6.0]], 3, ["k", 0, 6.0], None),
        ([told(1, 5.0), told(2, 6.0)], 2, told(2, 6.0), ["k", 0, 5.0]),
        ([["?", 1]], 1, ["?", 1], None),
    ],
    ids=["another answer", "one too many", "one missing", "no line of ours"],
)
def test_the_first_difference_is_named(lines, number, was, now):
    """By its line, as it was and as it is now."""
    found = replayed(lines).divergence

    assert (found.line, found.was, found.now) == (number, was, now)


def test_answers_that_were_never_written_are_left():
    """Its process died before: whoever goes on has to write them first."""
    found = replayed([told(1, 5.0, 6.0), ["k", 0, 5.0]])

    assert found.divergence is None
    assert found.left == (["k", 0, 6.0],)


def test_rows_that_aren_t_told_are_the_recording_s():
    """They must be those of the digest."""
    rows = [bar(5.0)]
    lines = [["life", 1], ["i", 4, 60, instant_digest(rows)], ["k", 0, 5.0]]

    same = replayed(lines, lambda life, serial: rows if (life, serial) == (1, 4) else None)
    other = replayed(lines, lambda _life, _serial: [bar(5.5)])

    assert same.divergence is None
    assert "others in the recording" in other.divergence.what
    assert "doesn't have" in replayed(lines).divergence.what
