"""What a sweep shows when it has run: leaderboard, verdict, `sweep.html`.

    finished_pages(folder, finished)   writes `verdict.json` and `sweep.html`
    show(console, judged, folder)      prints leaderboard, failures, verdict, and the folder last

| file | what |
|---|---|
| finished | the sweep as it is handed in |
| ranking, sample, scales | which lanes are best, which are compared, how axes are ordered and called |
| judged | the verdict, and what is drawn beside it |
| checks, account | what to believe, and every figure with its meaning |
| board, columns, failures | the terminal |
| page, style, brushing | the page |
| heat_maps, slices, parallel, cloud, spread | its figures; groups and small serve them |
"""

import json
from pathlib import Path

from runner.archive.files import write_text
from runner.sweeps.pages.account import verdict_json
from runner.sweeps.pages.board import show
from runner.sweeps.pages.finished import Finished
from runner.sweeps.pages.judged import Judged, judged
from runner.sweeps.pages.page import render

__all__ = ["PAGE", "VERDICT", "Finished", "Judged", "finished_pages", "show"]

PAGE = "sweep.html"
VERDICT = "verdict.json"


def finished_pages(folder: Path, finished: Finished) -> Judged:
    """Judge a sweep, write `verdict.json` and `sweep.html` into its folder, and return the verdict for `show`."""
    found = judged(finished)
    write_text(folder / VERDICT, json.dumps(verdict_json(found), indent=2, allow_nan=False) + "\n")
    write_text(folder / PAGE, render(found))
    return found
