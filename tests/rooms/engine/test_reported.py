"""What a venue reports moves the kernel's books, however small the parts in which it comes."""

import pytest
from markets import MINUTE, minutes, pipeline_of, tape_of

from runner.engine.arriving import Arriving, Report
from runner.signal.push import PushedRow
from runner.signal.sheet import Surroundings
from runner.trading.sizing.units import Units


@pytest.mark.parametrize(("lot", "parts"), [(0.1, 1_000), (0.001, 97), (1e-5, 1_000)])
def test_an_order_that_fills_in_many_parts_ends_with_the_last(lot, parts):
    """Sums of binary numbers miss the whole by their roundings: what is left then is nothing that anybody could fill."""
    bars = {"bars": tape_of("bars", {"A": minutes((9.0, 9.0, 9.0, 9.0, 1.0))})}
    tape = bars["bars"]
    pipeline = pipeline_of(bars, capital=1e6, sizing=Units(units=parts * lot))
    engine = Arriving(pipeline, ("A",), {"bars": tuple(tape.columns)}, Surroundings(), reported=True)
    row = {name: float(column[0]) for name, column in tape.columns.items()}
    engine.over([PushedRow("bars", 0, MINUTE, 0, row, 0)])
    (order,) = engine.working()

    for part in range(parts):
        assert engine.working(), f"it ended after {part} parts"
        engine.filled(Report(2 * MINUTE, 0, 0, order.order, lot, 9.0))

    assert engine.working() == []
    assert engine.position(0) == pytest.approx(parts * lot)
