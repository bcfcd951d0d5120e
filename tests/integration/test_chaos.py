"""What is true at the venue after a session was killed again and again while everything went wrong."""

import json
from collections import Counter, defaultdict
from decimal import Decimal

import polars as pl
import pytest

from runner.live.edge.sqlite_disk import SqliteDisk
from runner.live.journal import restore
from runner.live.money import ATTO
from runner.live.setup import instruments_of
from tests.canary import CANARY, forms_of
from tests.chaos import LIMITS, Chaos, run_chaos
from tests.long import IS_LONG

KEY = f"{CANARY}-of-chaos"
CHAOS = (
    Chaos(symbols=50, minutes=60, kills=20, stalls=5, seconds=1_500.0, key=KEY)
    if IS_LONG
    else Chaos(symbols=8, minutes=15, kills=3, stalls=0, key=KEY)
)

pytestmark = pytest.mark.timeout(CHAOS.seconds + 120)


@pytest.fixture(scope="module")
def chaos(tmp_path_factory):
    """All of it, once; nothing else may fail than what is planned."""
    found = run_chaos(CHAOS, tmp_path_factory.mktemp("chaos"))
    assert found.code == 0, found.said
    return found


@pytest.fixture(scope="module")
def journal(chaos):
    """The session's own books, out of its journal."""
    disk = SqliteDisk(chaos.folder)
    try:
        return restore(disk, instruments_of(disk.head()))[0]
    finally:
        disk.close()


def lines(chaos):
    return [json.loads(line) for line in (chaos.folder / "decisions.jsonl").read_text().splitlines()]


def signed(fill):
    return Decimal(fill["quantity"]) * (1 if fill["side"] == "buy" else -1)


def test_it_was_chaos(chaos):
    """It was killed as often as planned, things did go wrong, and it traded in spite of that."""
    processes = json.loads((chaos.folder / "session.json").read_text())["processes"]

    assert chaos.kills == CHAOS.kills
    # One that was killed while it read what the others did never began.
    assert 1 < processes <= CHAOS.kills + 1
    assert sum(chaos.truth["faults"].values()) > CHAOS.minutes
    assert len(chaos.truth["fills"]) >= CHAOS.symbols
    assert chaos.truth["is_over"]


def test_every_order_was_sent_once(chaos, journal):
    """Every order at the venue is one of the journal's, under an id of its own; none of them fills more than was decided."""
    ids = Counter(order["client_order_id"] for order in chaos.truth["orders"])
    decided = {line[2]: abs(line[7]) for line in lines(chaos) if line[0] == "k" and line[1] == 0}
    filled = defaultdict(Decimal)
    for fill in chaos.truth["fills"]:
        filled[journal.orders[fill["client_order_id"]].signal] += Decimal(fill["quantity"])

    assert set(ids.values()) == {1}
    assert ids.keys() <= journal.orders.keys()
    assert {order: quantity for order, quantity in filled.items() if float(quantity) > decided[order]} == {}


def test_no_execution_is_lost_or_counted_twice(chaos, journal):
    """Venue, journal and decisions know the same executions, each once."""
    at_the_venue = Counter(fill["exec_id"] for fill in chaos.truth["fills"])
    told = Counter(line[10] for line in lines(chaos) if line[0] == "r" and line[5])

    assert told == at_the_venue
    assert set(journal.executions) == set(at_the_venue)
    assert set(at_the_venue.values()) == {1}


def test_positions_and_cash_are_the_venues(chaos, journal):
    """In the journal exactly, and in the tables of the run to the rounding of floats."""
    held = {symbol: Decimal(each) for symbol, each in chaos.truth["positions"].items()}
    ours = {
        symbol: position.lots * journal.instruments[symbol].lot
        for symbol, position in journal.positions.items()
        if position.lots
    }
    fills = pl.read_parquet(chaos.folder / "fills.parquet")
    units = pl.col("quantity") * pl.when(pl.col("side") == "buy").then(1.0).otherwise(-1.0)
    sums = fills.group_by("symbol").agg(
        units.sum().alias("held"), (-units * pl.col("price") - pl.col("fee")).sum().alias("cash")
    )
    in_tables = {row["symbol"]: row["held"] for row in sums.to_dicts() if row["held"]}

    assert ours == held
    assert Decimal(journal.accounts["USD"].cash) / ATTO == Decimal(chaos.truth["cash"])
    assert in_tables == {symbol: float(each) for symbol, each in held.items()}
    assert 100_000.0 + sums["cash"].sum() == pytest.approx(float(chaos.truth["cash"]), abs=1e-6)


def test_limits_held_at_the_venue(chaos):
    """After every fill, what was ordered, held of one symbol, and held altogether was within its limit, at the last prices."""
    limits = {name: bound(CHAOS) for name, bound in LIMITS.items()}
    held, last = defaultdict(Decimal), {}
    worst = dict.fromkeys(limits, Decimal(0))
    for fill in chaos.truth["fills"]:
        symbol = fill["symbol"]
        held[symbol] += signed(fill)
        last[symbol] = Decimal(fill["price"])
        values = {name: abs(quantity * last[name]) for name, quantity in held.items()}
        now = {
            "order_value": Decimal(fill["quantity"]) * last[symbol],
            "position_value": max(values.values()),
            "gross_value": sum(values.values()),
        }
        worst = {name: max(worst[name], value) for name, value in now.items()}

    assert {name: value for name, value in worst.items() if value > limits[name]} == {}
    assert worst["gross_value"] > limits["gross_value"] // 2


def test_its_decisions_come_out_again(chaos):
    """Made again from what it was told, across all its processes, every decision is the same to the bit."""
    certificate = json.loads((chaos.folder / "certificate.json").read_text())

    assert (certificate["equal"], certificate["divergence"]) == (True, None)
    assert certificate["reports"] >= len(chaos.truth["fills"])


def test_i1_no_secret_was_written(chaos):
    """Neither as it is nor in any of its usual disguises is the key in a file or on the terminal, in any case of letters."""
    written = {str(path): path.read_bytes() for path in chaos.folder.parents[2].rglob("*") if path.is_file()}
    written["terminal"] = chaos.said.encode()

    found = {(name, form) for name, content in written.items() for form in forms_of(KEY) if form.lower() in content.lower()}
    assert found == set()
    assert len(written) > 20
