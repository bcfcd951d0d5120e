"""What a newcomer needs: the words, the order in which to do things, and how to read a result."""

from html import escape

from runner.report.markup import section
from runner.ui.frame import framed
from runner.ui.message import Response

__all__ = ["guide_page"]

STEPS = (
    "Start a run: keep the default, or choose an experiment, and press the button. It takes seconds.",
    "Open it in the list of runs. The five verdicts come first: they say whether the figures below can be believed.",
    "Change one value, run again, tick both runs in the list and compare them: what differs is shaded.",
    "When one value matters, sweep it in a terminal: runner -m signal.params.lookback=5,10,20. It appears in the list.",
    "Watch a paper session before any real one. Its kill switch is on its page; runner panic does the same in a terminal.",
)
WORDS = {
    "run": "One strategy on some data, from beginning to end, with everything it takes to get the same result again.",
    "sweep": "Many runs that differ in a few values: its lanes. Its verdict says what to believe of the best one.",
    "session": "A run on a live feed, with simulated fills (paper) or a real broker (live).",
    "spec": "The whole run as YAML, every default written out.",
    "Sharpe ratio": "Mean return over its deviation, a year. Above 1 is good, above 3 is usually a mistake.",
    "drawdown": "How far equity is below its highest value so far.",
    "basis point": "A hundredth of a percent; bps for short.",
    "regime": "Bull or bear market, usual or high volatility, by the prices of the run's own symbols.",
}
KEYS = {
    "Tab": "goes to the next link, field or button; with Shift to the one before.",
    "Enter": "follows a link or presses a button; in a filter it shows what matches.",
    "Escape": "closes a question without answering it.",
}


def guide_page() -> Response:
    """Return the page of help."""
    return framed(
        "Help",
        "<h1>Help</h1>",
        section("The first hour", f"<ol>{''.join(f'<li>{escape(step)}</li>' for step in STEPS)}</ol>"),
        section("Words", _list(WORDS)),
        section("Keys", _list(KEYS)),
        section(
            "Safety",
            "<p>This page is served to this machine alone, and to browsers that were let in by the address that runner ui"
            " printed. It loads nothing from elsewhere and works without a network. Nothing changes by looking: runs start,"
            " and sessions stop, only by the buttons that say so.</p>",
        ),
        here="/help",
    )


def _list(words: dict[str, str]) -> str:
    items = (f"<dt><strong>{escape(word)}</strong></dt><dd>{escape(told)}</dd>" for word, told in words.items())
    return f"<dl>{''.join(items)}</dl>"
