"""The section of the report that says what a result depends on."""

import re
from html.parser import HTMLParser

import pytest

from runner.report.sensitivity_page import sensitivity_section

HOSTILE = "<script>alert('x')</script>"


class Words(HTMLParser):
    """Cells of the tables row by row, and which elements there are."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.tags, self.inside = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes).get("class")))
        self.inside.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.inside.pop() == tag

    def handle_data(self, data):
        if self.inside and self.inside[-1] in {"td", "th"}:
            self.rows[-1][-1] += data


def part(name, value, **more):
    figures = {"sessions": 250, "profit": 1_000.0, "total_return": 0.1, "market_return": -0.2, "sharpe": None}
    return {name: value, **figures, "trades": 4, "hit_rate": 0.25, **more}


def whole(*, symbols=3, name="S{}", years=(2020, 2021)):
    costs = [
        {
            "cost_scale": scale,
            "total_return": 0.1 - scale / 100,
            "sharpe": 0.5,
            "max_drawdown": -0.1,
            "trades": 8,
            "break_even_bps": None,
        }
        for scale in (0.0, 1.0, 2.0, 4.0)
    ]
    each = [
        {"symbol": name.format(number), "profit": float(number), "share": 0.0, "trades": 2, "hit_rate": 0.5}
        for number in range(symbols)
    ]
    return {
        "break_even_bps": 12.345,
        "fills": [
            {"fill": "next_open", "is_own": True, "optimistic": None, "jump": None, "costs": costs},
            {"fill": "same_close", "is_own": False, "optimistic": name.format("gone"), "jump": None, "costs": costs},
        ],
        "left_out": {name.format("touch"): "no quotes"},
        "years": [part("year", year, max_drawdown=-0.05 * place) for place, year in enumerate(years)],
        "regimes": [part("market", market) for market in ("bull", "bear", "usual_volatility", "high_volatility")],
        "turns": 3,
        "symbols": each,
    }


def test_every_part_has_its_rows():
    """Clocks by costs, the costs of the run's own clock, years, markets, and the symbols with their sum."""
    rows = Words(sensitivity_section(whole())).rows

    space = "\N{NO-BREAK SPACE}"
    assert ["next_open (this run)", f"10.0{space}%", f"9.0{space}%", f"8.0{space}%", f"6.0{space}%"] in rows
    assert ["same_close (optimistic)", "0.50", "0.50", "0.50", "0.50"] in rows
    assert ["2×", f"8.0{space}%", "0.50", f"−10.0{space}%", "8", "n/a"] in rows
    money = ("1,000.00", "4", f"25.0{space}%")
    assert ["2021", "250", f"10.0{space}%", f"−20.0{space}%", "n/a", f"−5.0{space}%", *money] in rows
    assert ["High volatility", "250", f"10.0{space}%", f"−20.0{space}%", "n/a", *money] in rows
    assert ["All", "3.00", f"0.0{space}%", "6", f"50.0{space}%"] in rows


def test_break_even_is_said_in_words():
    """With its figure, or why there is none."""
    assert "12.3 bps of further cost" in sensitivity_section(whole())
    assert "No extra cost leads to a result of zero" in sensitivity_section({**whole(), "break_even_bps": None})
    limited = {**whole(), "break_even_bps": None}
    limited["fills"][0]["jump"] = "4 trades were made"
    assert "There is no break-even slippage: 4 trades were made, so that" in sensitivity_section(limited)


def test_the_symbols_that_mattered_most_are_named_and_the_rest_summed():
    """Of 30 symbols 20 have rows of their own, the largest profit first, and ten one together."""
    rows = [row for row in Words(sensitivity_section(whole(symbols=30))).rows if row[0].startswith(("S", "10 others"))]

    assert [row[0] for row in rows if row[0] != "Symbol"] == [f"S{n}" for n in range(29, 9, -1)] + ["10 others"]
    assert rows[-1][1:4] == ["45.00", "0.0\N{NO-BREAK SPACE}%", "20"]


@pytest.mark.parametrize(("years", "drawings"), [((), 0), ((2020,), 0), ((2020, 2021), 2)])
def test_years_are_drawn_where_there_are_two(years, drawings):
    """A bar for every year in both widths; a single year is told by its table."""
    page = sensitivity_section(whole(years=years))

    found = re.findall(r'<svg[^>]*aria-labelledby="years-.*?</svg>', page, re.DOTALL)
    assert len(found) == drawings
    assert sum(drawing.count('class="gain"') for drawing in found) == drawings * len(years)


def test_names_from_outside_stay_text():
    """A symbol or a clock full of markup is written letter for letter."""
    page = sensitivity_section(whole(name=HOSTILE + "{}"))

    assert not any(tag == "script" for tag, _ in Words(page).tags)
    assert re.search(r"&lt;script&gt;", page)
