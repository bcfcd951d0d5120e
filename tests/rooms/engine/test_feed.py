"""Windows of several streams brought together into stretches."""

import numpy as np
import pytest
from markets import minutes, tape_of
from streamed import cut

from runner.engine.feed import stretches
from runner.errors import DataError

MINUTE = 60_000_000_000
FLAT = (10.0, 11.0, 9.0, 10.0, 1.0)


def bars(count, start=0.0, length=1.0):
    return [(start + place * length, start + (place + 1) * length, *FLAT) for place in range(count)]


def seconds(count, step=0.1):
    return [(step * (place + 1), 9.99, 5.0, 10.01, 5.0) for place in range(count)]


def sources(tapes, **ends):
    return {stream: cut(tape, [int(end * MINUTE) for end in ends.get(stream, ())]) for stream, tape in tapes.items()}


def test_every_row_is_new_once_and_stretches_ascend():
    """Two symbols' bars and quotes in windows that end elsewhere: put together, the new rows are all rows in order."""
    tapes = {
        "bars": tape_of("bars", {"A": bars(30), "B": bars(9, 2.5, 3.0)}),
        "quotes": tape_of("quotes", {"A": seconds(250), "B": seconds(40)}),
    }

    found = list(stretches(sources(tapes, bars=[4, 9, 22], quotes=[1, 2, 3.3, 17]), "bars", longest={"bars": 3 * MINUTE}))

    assert len(found) > 3
    assert [each.until for each in found] == sorted({each.until for each in found})
    for stream, tape in tapes.items():
        for code in range(2):
            new = [each.new(stream) for each in found]
            ts = np.concatenate([part.ts[part.offsets[code] : part.offsets[code + 1]] for part in new])
            assert ts.tolist() == tape.ts[tape.offsets[code] : tape.offsets[code + 1]].tolist()
        assert all(each.new(stream).ts.max(initial=0) <= each.until for each in found)


def test_a_stretch_ends_before_the_last_decision_that_is_there():
    """As long as more may come: so whatever is due before it may be done. The last stretch has the rest."""
    tapes = {"bars": tape_of("bars", {"A": bars(9)})}

    found = list(stretches(sources(tapes, bars=[3, 6]), "bars"))

    assert [(each.new("bars").ts // MINUTE).tolist() for each in found] == [[1, 2], [3, 4, 5], [6, 7, 8], [9]]
    assert [each.goes_on for each in found] == [True, True, True, False]


def test_no_more_is_held_than_windows_and_a_row_of_each_symbol():
    """Of a thousand windows of ten rows a stretch never has more than two windows and what stays of the rows before."""
    tapes = {"quotes": tape_of("quotes", {"A": seconds(10_000), "B": seconds(10_000)})}

    held = [each.tapes["quotes"].rows for each in stretches(sources(tapes, quotes=range(1, 1_000)), "quotes")]

    assert len(held) > 900
    assert max(held) <= 2 * 20 + 2


def test_a_stream_that_goes_on_after_the_last_decision_is_not_piled_up():
    """Quotes of a thousand minutes after the last bar are let go as they come."""
    tapes = {"bars": tape_of("bars", {"A": bars(3)}), "quotes": tape_of("quotes", {"A": seconds(10_000)})}

    found = list(stretches(sources(tapes, quotes=range(1, 1_000)), "bars"))

    assert max(each.tapes["quotes"].rows for each in found) <= 60
    assert [each.goes_on for each in found].count(True) < 5
    assert sum(each.new("quotes").rows for each in found) == 10_000


def test_bars_longer_than_any_before_are_refused_where_they_would_have_filled_earlier():
    """A bar of ten minutes that opened before what was decided already; told of its length beforehand, all is well."""
    tapes = {"bars": tape_of("bars", {"A": bars(12), "B": [(5.0, 15.0, *FLAT)]})}

    with pytest.raises(DataError, match="opened at 1970-01-01T00:05"):
        list(stretches(sources(tapes, bars=[4, 8, 12]), "bars"))

    told = stretches(sources(tapes, bars=[4, 8, 12]), "bars", longest={"bars": 10 * MINUTE})
    assert sum(each.new("bars").rows for each in told) == 13


def test_windows_that_do_not_ascend_are_refused():
    """A row that is known no later than one of the window before."""
    early, late = (tape_of("bars", {"A": minutes(FLAT, FLAT, start=start)}) for start in (0.0, 1.0))

    with pytest.raises(DataError, match=r"engine\.window: must cut the data"):
        list(stretches({"bars": iter([late, early])}, "bars"))
