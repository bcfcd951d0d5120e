"""What a session was told and answered is on the disk line by line, and whole whatever happened to its process."""

import math

import numpy as np
import pytest

from runner.live.trading.decisions import (
    DECISIONS,
    DecisionLog,
    instant_digest,
    instant_digests,
    read_decisions,
    report_of,
    rows_of,
    told_rows,
)
from runner.signal.cells import CellNames, Cells
from runner.signal.push import PushedRow

ROW = PushedRow("bars", 0, 60, 3, {"open": 1.5, "close": 0.1 + 0.2, "volume": math.nan}, 0)


def test_lines_come_back_as_they_were_written(tmp_path):
    """Also numbers that have no short decimal form."""
    log = DecisionLog(tmp_path)
    log.add(["life", 1])
    log.add(["k", 0, 0.1 + 0.2, None])
    log.close()

    assert list(read_decisions(tmp_path)) == [["life", 1], ["k", 0, 0.1 + 0.2, None]]
    assert (tmp_path / DECISIONS).stat().st_mode & 0o777 == 0o600


def test_a_line_that_was_cut_off_is_taken_away(tmp_path):
    """A process that died while it wrote has told nobody of that line."""
    (tmp_path / DECISIONS).write_text('["life",1]\n["i",1,60,"ab')

    log = DecisionLog(tmp_path)
    log.add(["life", 2])
    log.close()

    assert list(read_decisions(tmp_path)) == [["life", 1], ["life", 2]]


def test_a_line_that_is_cut_off_isn_t_read(tmp_path):
    """It may be half of another one."""
    (tmp_path / DECISIONS).write_text('["life",1]\n["life",2')

    assert list(read_decisions(tmp_path)) == [["life", 1]]


def test_what_is_no_list_is_refused(tmp_path):
    """Somebody else wrote it."""
    (tmp_path / DECISIONS).write_text('{"life": 1}\n')

    with pytest.raises(ValueError, match="life"):
        list(read_decisions(tmp_path))


def test_rows_come_back_to_the_bit():
    """What isn't known is null in between."""
    (back,) = rows_of(told_rows([ROW]))

    moments = (back.clock, back.symbol, back.ts, back.session, back.opened)
    assert moments == (ROW.clock, ROW.symbol, ROW.ts, ROW.session, ROW.opened)
    assert back.columns["close"] == 0.1 + 0.2
    assert math.isnan(back.columns["volume"])


def test_a_digest_tells_rows_apart():
    """By any value, and not by the order in which columns are named."""
    other = ROW._replace(columns={**ROW.columns, "open": 1.5 + 2**-52})
    turned = ROW._replace(columns=dict(reversed(list(ROW.columns.items()))))

    assert instant_digest([other]) != instant_digest([ROW])
    assert instant_digest([turned]) == instant_digest([ROW])


def test_values_side_by_side_have_the_digest_of_the_same_values_by_name():
    """In a block of rows or one by one, at instants of one row or of several: a recording is held to it either way."""
    called = CellNames(("bid", "ask", "size"))
    block = np.array([[1.5, math.nan, 0.1 + 0.2], [-0.0, 2.0, 1e300], [7.0, 8.0, 9.0]])
    found = [PushedRow("depth", k, 60 + k, 3, Cells(called, block, k)) for k in range(3)]
    plain = [row._replace(columns=dict(row.columns)) for row in found]

    expected = [instant_digest([row]) for row in plain]

    assert instant_digests([[row] for row in found]) == expected
    assert [instant_digest([row]) for row in found] == expected
    assert instant_digests([found, plain[:1]]) == [instant_digest(plain), expected[0]]


def test_a_report_comes_back():
    """An end has no price."""
    found = report_of(["r", 60, 3, 1, 7, 0.0, None, 0.0, 0, 5, ""])

    assert (found.ts, found.session, found.symbol, found.order, found.how) == (60, 3, 1, 7, 5)
    assert math.isnan(found.price)


def test_a_disk_that_refused_is_never_written_to_again(tmp_path, monkeypatch):
    """Lines behind a hole would be those of another session: what stands there is what came before it."""
    log = DecisionLog(tmp_path)
    log.add(["life", 1])
    log.flush()

    def full(*_):
        raise OSError(28, "no space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("os.write", full)
        log.add(["i", 1, 60, "ab"])
        with pytest.raises(OSError, match="no space"):
            log.flush()
    log.add(["i", 2, 61, "cd"])
    with pytest.raises(OSError, match="no space"):
        log.flush(force=True)
    log.close()

    assert list(read_decisions(tmp_path)) == [["life", 1]]
