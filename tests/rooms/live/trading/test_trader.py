"""A trader takes instants at once as it takes them one by one, also where one of them breaks something."""

from typing import Literal

import pytest
from markets import pipeline_of, tape_of

from runner.engine import arriving
from runner.engine.arriving import Arriving
from runner.errors import KindError
from runner.live.feed.instant import Instant
from runner.live.trading.again import Collected, again
from runner.live.trading.decisions import DECISIONS, DecisionLog, read_decisions
from runner.live.trading.trader import Trader
from runner.signal.push import PushedRow
from runner.signal.sheet import Surroundings
from runner.trading.fill.touch import Touch
from runner.trading.sizing.units import Units
from runner.trading.slippage import Slippage

SIGNAL = {"nodes": {"pressure": "pressure_ratio(1)"}, "long": {"enter": "pressure > 1", "exit": "pressure < 1"}}
TAPES = {"depth": tape_of("depth", {"A": ()}, 1)}
COLUMNS = {"depth": tuple(TAPES["depth"].columns)}


def price(p, quantity, reference, given):
    return reference + p[int(reference) - 10]


class Cheap(Slippage):
    """Has no number for a price of 11."""

    kind: Literal["cheap"] = "cheap"
    price = staticmethod(price)

    def numbers(self):
        return (0.0,)


def books(count):
    """Return books that lean to the buyers and to the sellers in turn; the offer is 11 from the seventh on."""
    found = []
    for k in range(count):
        values = {
            "bid_price_0": 9.0,
            "bid_size_0": 1.0 + 2 * (k % 2 == 0),
            "ask_price_0": 10.0 + (k >= 6),
            "ask_size_0": 2.0,
        }
        found.append(Instant(60 + k, (PushedRow("depth", 0, 60 + k, 0, values),), serial=k + 1))
    return found


def engine(**sections):
    pipeline = pipeline_of(TAPES, signal=SIGNAL, sizing=Units(units=1.0), fill=Touch(), **sections)
    return Arriving(pipeline, ("A",), COLUMNS, Surroundings())


def lines(instants, several, **sections):
    """Return the lines of a trader that takes instants so many at once, and whether something broke."""
    out = Collected()
    trader = Trader(engine(**sections), out)
    try:
        for at in range(0, len(instants), several):
            trader.instants(instants[at : at + several])
    except KindError:
        return out.lines, True
    return out.lines, False


@pytest.mark.parametrize("sections", [{}, {"slippage": Cheap()}], ids=["ours", "their own"])
def test_instants_at_once_leave_the_lines_of_one_by_one(sections):
    """Each instant's own, in their order; what a user's function breaks at isn't there, and everything before it is."""
    expected = lines(books(12), 1, **sections)

    assert [lines(books(12), several, **sections) for several in (5, 12)] == [expected] * 2
    assert expected[1] == bool(sections)
    assert sum(line[0] == "k" for line in expected[0]) > 4


def test_a_process_that_died_while_it_wrote_instants_taken_at_once_is_gone_on_from(tmp_path):
    """Cut off anywhere: told again what stands there, and given the instants that don't, it comes to every line."""
    instants = books(12)
    by_serial = {each.serial: each.rows for each in instants}
    log = DecisionLog(tmp_path)
    Trader(engine(), log).instants(instants)
    log.close()
    whole = (tmp_path / DECISIONS).read_bytes()

    for cut in range(0, len(whole), 41):
        (tmp_path / DECISIONS).write_bytes(whole[:cut])
        log, out = DecisionLog(tmp_path), Collected()
        trader = Trader(engine(), out)
        lines = list(read_decisions(tmp_path))
        found = again(lines, trader, out, lambda _, serial: by_serial[serial])
        trader.lines = log
        for line in found.left:
            log.add(line)
        if found.instants < len(instants):
            trader.instants(instants[found.instants :])
        log.close()

        assert found.divergence is None
        assert (tmp_path / DECISIONS).read_bytes() == whole, f"cut off after {cut} bytes"


def test_what_a_venue_reports_is_compiled_before_a_session_begins(monkeypatch):
    """Compiling it at the first fill would keep the session waiting for seconds."""
    made = []
    for name in ("compiled_filled", "compiled_ended"):
        monkeypatch.setattr(arriving, name, lambda name=name: made.append(name))

    Arriving(pipeline_of(TAPES, signal=SIGNAL, fill=Touch()), ("A",), COLUMNS, Surroundings(), reported=True)

    assert made == ["compiled_filled", "compiled_ended"]
