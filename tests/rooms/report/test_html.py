import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest

from runner.market.tape import Tape
from runner.report.figures import MOST_SYMBOLS
from runner.report.html import ReportInput, render
from runner.report.metrics import metrics
from runner.spec import Kind, RunSpec

DAY = 86_400_000_000_000
HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"
VOID = {"meta", "img", "br", "hr", "link", "input"}
SHAPES = {"line", "rect", "path"}


class AnyKind:
    """Knows one kind of every family, without parameters."""

    def names(self, _family):
        return ["any"]

    def find(self, _family, _name):
        return Kind


class Page(HTMLParser):
    """Elements of a page in order, with their attributes, the element they stand in, and their own text."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.open = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        element = {
            "tag": tag,
            "attributes": dict(attributes),
            "path": [e["tag"] for e in self.open],
            "text": "",
            "inner": [],
        }
        self.elements.append(element)
        for outer in self.open:
            outer["inner"].append(tag)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open, f"closes {tag} that isn't open"
        assert self.open[-1]["tag"] == tag, f"closes {tag} inside {self.open[-1]['tag']}"
        self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def all(self, tag):
        return [element for element in self.elements if element["tag"] == tag]

    def texts(self, tag):
        return [element["text"] for element in self.all(tag)]


def spec(symbols):
    kind = {"kind": "any"}
    values = dict.fromkeys(("data", "sizing", "fill", "slippage", "fees"), kind)
    values |= {
        "universe": {"symbols": [f"S{i}" for i, _ in enumerate(symbols)]},
        "timezone": {"zone": "America/New_York", "stamp": "close", "interval": "1d"},
        "signal": {"long": {"enter": "close > 1", "exit": "close < 1"}},
        "mode": {"kind": "backtest"},
    }
    return RunSpec.of(values, AnyKind())


def bars(symbols, count):
    ts = np.arange(1, count + 1, dtype=np.int64) * DAY
    rows = len(symbols)
    return Tape(
        symbols=tuple(symbols),
        ts=np.tile(ts, rows),
        opened=np.tile(ts - 1, rows),
        session=np.tile(np.arange(count, dtype=np.int32), rows),
        symbol=np.repeat(np.arange(rows, dtype=np.int32), count),
        columns={"close": 100.0 + np.tile(np.sin(np.arange(count)), rows)},
        offsets=np.arange(rows + 1, dtype=np.int64) * count,
    )


def run_of(ledger, symbols, *, count=30, name="pressure"):
    tables = ledger.tables()
    sessions = (tables.equity["ts"] // DAY).astype(np.int32)
    return ReportInput(
        name=name,
        spec=spec(symbols),
        spec_yaml="name: pressure\nseed: 0\n",
        metrics=metrics(tables, capital=100_000.0, sessions_per_year=252, sessions=sessions),
        quality={
            "rows": 30,
            "checks": {
                "missing": {"policy": "keep", "count": 1, "symbols": {}, "first": [{"symbol": "AAA", "close": np.nan}]}
            },
            "notes": ["prices are adjusted"],
        },
        manifest={"status": "DONE", "result_digest": "ab" * 32, "argv": ["runner", "a b"], "data": {"x.csv": "cd" * 32}},
        tables=tables,
        tape=bars(symbols, count),
        symbols=tuple(symbols),
    )


def traded(ledger, symbols, *, count=30):
    """Five days of warm-up, then each symbol is bought once and sold once."""
    for day in range(1, count + 1):
        ledger.worth(day * DAY, 100_000.0 + 10 * (day % 7), gross=100.0, measured=day > 5)
    for symbol in symbols:
        ledger.order(10 * DAY, symbol, "buy", 1.0)
        ledger.order(20 * DAY, symbol, "sell", 1.0)
        ledger.fill(10 * DAY + 1, symbol, "buy", 1.0, 100.0, slippage=0.1, fee=1.0)
        ledger.fill(20 * DAY + 1, symbol, "sell", 1.0, 101.0, slippage=0.1, fee=1.0)
        ledger.position(10 * DAY + 1, symbol, 1.0, 100.0)
        ledger.position(20 * DAY + 1, symbol, 0.0, np.nan, 1.0)
    return ledger


@pytest.fixture
def run(ledger):
    traded(ledger, ["AAA", "BBB"])
    ledger.order(21 * DAY, "AAA", "buy", 1.0, status="rejected", refusal="not enough cash")
    ledger.order(30 * DAY, "AAA", "buy", 1.0, status="unfilled")
    ledger.order(29 * DAY, "AAA", "buy", 1.0, status="expired")
    ledger.order(29 * DAY, "AAA", "buy", 1.0, status="cancelled")
    ledger.refuse(22 * DAY, "BBB", "gross_exposure", 9.0, 1.0)
    return run_of(ledger, ["AAA", "BBB"])


@pytest.fixture
def empty_run(ledger):
    return run_of(ledger, ["AAA"], count=0)


@pytest.fixture
def hostile_run(ledger):
    traded(ledger, [HOSTILE])
    ledger.order(21 * DAY, HOSTILE, "buy", 1.0, status="rejected", refusal=HOSTILE)
    ledger.refuse(22 * DAY, HOSTILE, HOSTILE, 9.0, 1.0)
    quiet = run_of(ledger, [HOSTILE], name=HOSTILE)
    bad = {
        HOSTILE: HOSTILE,
        "notes": [HOSTILE],
        "checks": {HOSTILE: {HOSTILE: HOSTILE}},
        "more": {HOSTILE: [{"a": HOSTILE}]},
    }
    return replace(quiet, spec_yaml=HOSTILE, quality=bad, manifest={"status": HOSTILE, "argv": [HOSTILE], **bad})


@pytest.fixture(params=["run", "empty_run", "hostile_run"])
def page_text(request):
    return render(request.getfixturevalue(request.param))


def test_page_is_well_formed_and_structured(page_text):
    """Every element closes; one first-level heading; levels go down one at a time; language and policy are declared."""
    page = Page(page_text)

    levels = [int(element["tag"][1]) for element in page.elements if re.fullmatch(r"h[1-6]", element["tag"])]
    assert page.open == []
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.all("html")[0]["attributes"] == {"lang": "en"}
    policy = {
        "http-equiv": "Content-Security-Policy",
        "content": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    }
    assert policy in [element["attributes"] for element in page.all("meta")]


def test_page_loads_and_runs_nothing(page_text):
    """No script, no handler, no address: the file is complete and offline."""
    page = Page(page_text)

    active = {"script", "img", "iframe", "link", "object", "embed", "form", "a", "base"}
    assert [element["tag"] for element in page.elements if element["tag"] in active] == []
    names = {name for element in page.elements for name in element["attributes"]}
    assert [name for name in names if name.startswith("on") or name in {"src", "href", "xlink:href"}] == []
    assert not re.search(r"https?:|//[a-z]|url\(|@import", page_text)


def test_tables_and_drawings_say_what_they_are(page_text):
    """Every table has a caption and headers with a scope; every drawing has a role, a title and a description of its own."""
    page = Page(page_text)

    for table in page.all("table"):
        assert table["inner"][0] == "caption"
    assert all("scope" in cell["attributes"] for cell in page.all("th"))
    identities = [element["attributes"]["id"] for element in page.elements if "id" in element["attributes"]]
    assert len(identities) == len(set(identities))
    for drawing in page.all("svg"):
        assert drawing["attributes"]["role"] == "img"
        assert drawing["inner"][:2] == ["title", "desc"]
        assert set(drawing["attributes"]["aria-labelledby"].split()) <= set(identities)


def test_no_reader_sees_an_undefined_value_of_the_language(page_text):
    """Undefined figures are words, in the text and in the drawings."""
    page = Page(page_text)

    body = page.texts("body")[0]
    assert not re.search(r"\b(None|NaN|nan|inf|null|True|False)\b", body)
    drawn = " ".join(str(element["attributes"]) for element in page.elements if element["tag"] in SHAPES | {"text", "svg"})
    assert not re.search(r"nan|inf", drawn)


def test_hostile_text_is_shown_and_stays_text(hostile_run):
    """A run, a symbol, a reason or a note full of markup is printed letter for letter."""
    page = Page(render(hostile_run))

    assert page.texts("h1") == [HOSTILE]
    assert page.texts("pre") == [HOSTILE]
    assert f"Trades: {HOSTILE}" in page.texts("h3")
    assert sum(HOSTILE in cell for cell in page.texts("td") + page.texts("th")) >= 8


def test_same_input_gives_the_same_bytes(run):
    """Nothing but the input decides the page."""
    assert render(run) == render(run)


def test_page_tells_what_happened(run):
    """Figures, reasons, quality, provenance and spec are all there, in words for people."""
    page = Page(render(run))

    text = page.texts("main")[0]
    for expected in (
        "not enough cash",
        "the data ended first",
        "the time in force was over",
        "a rule or an exit took them back",
        "gross_exposure",
        "prices are adjusted",
        "symbol: AAA, close: n/a",
        run.spec.hash,
        "ab" * 32,
        "runner 'a b'",
        "x.csv",
        "name: pressure",
        "100.0\N{NO-BREAK SPACE}%",
        "1970-01-07 to 1970-01-31",
    ):
        assert expected in text


def test_costs_are_listed_by_symbol_with_their_sum(ledger):
    """The dearest symbol comes first and the last row is the sum; 2.2 on 201 traded are 109.45 bps."""
    traded(ledger, ["AAA"])
    ledger.fill(25 * DAY, "BBB", "buy", 10.0, 100.0, slippage=20.0, fee=5.0)
    ledger.charge(26 * DAY, "BBB", 3.0)
    ledger.charge(26 * DAY, "", 4.0)

    page = Page(render(run_of(ledger, ["AAA", "BBB"])))

    costs = next(table for table in page.all("table") if "Costs by symbol" in table["text"])
    cells = [line for line in costs["text"].splitlines() if line.strip()]
    assert cells[2:] == [
        "BBB11,000.0020.005.003.0028.00280.00",
        "Borrowed money00.000.000.004.004.00n/a",
        "AAA2201.000.202.000.002.20109.45",
        "All31,201.0020.207.007.0034.20284.76",
    ]


def test_six_symbols_are_drawn_and_the_others_counted(ledger):
    """Symbols that traded are drawn before those that didn't, and a note says how many are left out."""
    names = [f"N{index}" for index in range(8)]
    traded(ledger, ["N7", "N3"])

    page = Page(render(run_of(ledger, names)))

    headings = [heading for heading in page.texts("h3") if heading.startswith("Trades")]
    assert headings == [f"Trades: {name}" for name in ("N3", "N7", "N0", "N1", "N2", "N4")]
    assert len(headings) == MOST_SYMBOLS
    assert any("2 of the 8 symbols aren't drawn." in caption for caption in page.texts("figcaption"))


def test_buys_and_sells_differ_without_colour(run):
    """A buy is a triangle pointing up with its base below the tip, a sell one pointing down."""
    page = Page(render(run))

    buys = [path["attributes"]["d"] for path in page.all("path") if path["attributes"]["class"] == "buy"]
    sells = [path["attributes"]["d"] for path in page.all("path") if path["attributes"]["class"] == "sell"]
    assert len(buys) == len(sells) == 4
    assert all(re.fullmatch(r"M[\d.]+,[\d.]+l5\.0,8\.5h-10\.0z", shape) for shape in buys)
    assert all(re.fullmatch(r"M[\d.]+,[\d.]+l5\.0,-8\.5h-10\.0z", shape) for shape in sells)


def test_warm_up_is_shaded_where_there_is_one(ledger, make_ledger):
    """The stretch before measuring is shaded and named; a run measured from its first bar has none."""
    cold = Page(render(run_of(traded(ledger, ["AAA"]), ["AAA"])))
    warm = make_ledger()
    warm.worth(1 * DAY, 100_000.0)
    warm.worth(2 * DAY, 100_000.0)

    assert "warm-up" in cold.texts("text")
    assert "warm-up" not in Page(render(run_of(warm, ["AAA"]))).texts("text")


def test_long_series_keep_their_extremes_in_a_small_page(ledger):
    """Twenty thousand bars are drawn with some 1,500 points, and a crash of a single bar is still there."""
    count = 20_000
    for day in range(1, count + 1):
        ledger.worth(day * DAY, 100_000.0)
    ledger.equity[12_345] = (12_346 * DAY, 50_000.0, 50_000.0, 0.0, 0.0, True)

    text = render(run_of(ledger, ["AAA"], count=count))
    page = Page(text)

    line = next(path["attributes"]["d"] for path in page.all("path") if path["attributes"]["class"] == "series")
    heights = [float(point.split(",")[1]) for point in line[1:].split()]
    assert len(heights) <= 1_500
    assert sum(height > min(heights) + 100 for height in heights) == 1
    assert len(text) < 300_000


def test_one_bar_can_be_drawn(ledger):
    """The shortest run has figures without a range, and they are still drawn."""
    ledger.worth(DAY, 100_000.0)

    page = Page(render(run_of(ledger, ["AAA"], count=1)))

    assert {"Months", "Equity", "Drawdown", "Positions", "Trades: AAA"} == set(page.texts("h3"))
