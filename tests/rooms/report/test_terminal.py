import io

import pytest
from rich.console import Console

from runner.report.terminal import leaderboard, results_table, sensitivity_table

METRICS = {
    "total_return": 12.5,
    "cagr": -0.041,
    "sharpe": None,
    "sortino": 0.73,
    "calmar": 0.25,
    "max_drawdown": -0.217,
    "max_drawdown_sessions": 703,
    "turnover": 1_234.5,
    "exposure": 0.713,
    "trades": 12_345,
    "hit_rate": 0.641,
    "costs_paid": 1_234_567.89,
    "slippage_share": 0.919,
}


def printed(table, width=80):
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(table)
    return console.file.getvalue()


def lane(sharpe, status="DONE", **axes):
    return {"total_return": 0.1, "sharpe": sharpe, "max_drawdown": -0.2, "trades": 3, "status": status, **axes}


def test_results_fit_eighty_columns_uncut():
    """Every figure is printed in full, the undefined one as a word."""
    text = printed(results_table(METRICS, "pressure"))

    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80
    assert "…" not in text
    figures = (
        "1,250.0",
        "−4.1",
        "n/a",
        "0.73",
        "0.25",
        "−21.7",
        "703",
        "1,234.50",
        "71.3",
        "12,345",
        "64.1",
        "1,234,567.89",
        "91.9",
    )
    assert [figure for figure in figures if figure not in text] == []


def test_a_short_run_says_so_where_it_has_no_figure_a_year():
    """Some minutes have a return in basis points; growth and ratios a year would be noise."""
    short = {**METRICS, "years": 1 / 365.25, "total_return": 0.00012, "cagr": None, "sharpe": None, "hit_rate": None}

    lines = printed(results_table(short, "minutes")).splitlines()

    assert "1.2\N{NO-BREAK SPACE}bps" in lines[1]
    assert [line.split("  ")[0] for line in lines if "too short" in line] == ["CAGR", "Sharpe"]
    assert "n/a" in next(line for line in lines if "Hit rate" in line)


def test_lanes_too_short_for_a_sharpe_are_ranked_by_return():
    """Without a ratio the highest return is the best lane, and the column says why there is none."""
    rows = [{**lane(None, x=earned), "total_return": earned, "years": 0.01} for earned in (0.0001, 0.0003, 0.0002)]

    text = printed(leaderboard(rows, ["x"]))

    places = [text.index(f"{earned}\N{NO-BREAK SPACE}bps") for earned in ("3.0", "2.0", "1.0")]
    assert places == sorted(places)
    assert text.count("too short") == 3


def test_names_are_shown_as_they_are_written():
    """Square brackets in a name are text, not styling."""
    assert "[red]x[/red]" in printed(results_table(METRICS, "[red]x[/red]"))
    assert "[bold]" in printed(leaderboard([lane(1.0, a="[bold]")], ["a"]))


def test_lanes_are_ranked_by_sharpe_with_the_undefined_and_the_failed_last():
    """A failed lane comes last whatever its Sharpe, an undefined Sharpe after every number."""
    rows = [lane(9.0, "FAILED", a="failed"), lane(None, a="undefined"), lane(0.5, a="low"), lane(2.0, a="high")]

    text = printed(leaderboard(rows, ["a"]))

    places = [text.index(name) for name in ("high", "low", "undefined", "failed")]
    assert places == sorted(places)


@pytest.mark.parametrize(("is_less_better", "order"), [(False, ("even", "calm", "wild")), (True, ("wild", "calm", "even"))])
def test_lanes_go_by_the_metric_that_is_asked_for(is_less_better, order):
    """Calmar instead of Sharpe, the most or the least first, in a column of its own; the undefined still last."""
    calmar = {"wild": 0.1, "calm": 0.5, "even": 0.9, "none": None}
    rows = [{**lane(1.0, a=name), "calmar": value} for name, value in calmar.items()]

    text = printed(leaderboard(rows, ["a"], metric="calmar", is_less_better=is_less_better))

    places = [text.index(name) for name in (*order, "none")]
    assert places == sorted(places)
    assert "Calmar ratio" in text


def test_twenty_lanes_are_shown_and_the_others_counted():
    """A long sweep ends with its best lanes and the number that are left out."""
    rows = [lane(float(-index), a=f"lane{index:02d}") for index in range(23)]

    text = printed(leaderboard(rows, ["a"]))

    assert "lane19" in text
    assert "lane20" not in text
    assert "and 3 more lanes" in text
    assert "more lane" not in printed(leaderboard(rows[:20], ["a"]))


def test_axes_are_headed_by_their_last_part_where_it_is_unambiguous():
    """Two axes that end alike keep their whole path."""
    row = lane(1.0, **{"signal.params.lookback": 5, "slippage.bps": 2.5, "fees.bps": 1})

    text = printed(leaderboard([row], ["signal.params.lookback", "slippage.bps", "fees.bps"]), width=120)

    assert "signal.params" not in text
    assert all(head in text for head in ("lookback", "slippage.bps", "fees.bps"))


def test_clocks_and_costs_fit_eighty_columns_with_the_own_clock_marked():
    """A line per clock, the run's own and the flattering one marked, and what the slippage may be."""
    returns = [{"cost_scale": scale, "total_return": 1_234.5678 - scale} for scale in (0.0, 1.0, 2.0, 4.0)]
    found = {
        "break_even_bps": 12.34,
        "fills": [
            {"fill": "next_open", "is_own": True, "optimistic": None, "costs": returns},
            {"fill": "same_close", "is_own": False, "optimistic": "gone", "costs": returns},
        ],
    }

    lines = printed(sensitivity_table(found)).splitlines()

    assert max(len(line.rstrip()) for line in lines) <= 80
    assert [line.split()[:2] for line in lines[1:3]] == [["›", "next_open"], ["·", "same_close"]]
    assert "(optimistic)" in lines[2]
    assert all(head in lines[0] for head in ("0× costs", "1× costs", "2× costs", "4× costs"))
    assert lines[3].split()[-2:] == ["12.3", "bps"]
    assert printed(sensitivity_table({**found, "break_even_bps": None})).split("Break-even slippage")[1].split() == ["n/a"]
