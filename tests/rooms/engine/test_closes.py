"""The last prices of sessions stand for all rows in what a report says of the market."""

import numpy as np
import pytest
from drawn_runs import markets
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from streamed import cut

from runner.engine import closes as module
from runner.engine.closes import Closes
from runner.report.regimes import market_of
from runner.trading.marks import marks


def last_marks(tape):
    """Return each symbol's last price."""
    price = marks(tape)
    rows = [price[a:b][np.isfinite(price[a:b])] for a, b in zip(tape.offsets, tape.offsets[1:], strict=False)]
    return [each[-1] if each.size else None for each in rows]


@given(tapes=markets(), data=st.data(), least=st.sampled_from([0, 5, 4096]))
@settings(max_examples=100, deadline=None)
def test_index_last_prices_and_sessions_are_those_of_all_rows(tapes, data, least):
    """However the rows are cut, and whenever sessions are gone through."""
    tape = next(iter(tapes.values()))
    assume(tape.rows)
    ends = data.draw(st.sets(st.sampled_from(np.unique(tape.ts).tolist()), max_size=8).map(sorted))

    kept = Closes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "LEAST", least)
        for part in cut(tape, ends):
            kept.add(part)

    one, other = market_of(tape), market_of(kept.tape)
    assert one.sessions.tolist() == other.sessions.tolist()
    assert one.levels.tobytes() == other.levels.tobytes()
    assert last_marks(tape) == last_marks(kept.tape)
    for code in range(len(tape.symbols)):
        own = tape.session[tape.offsets[code] : tape.offsets[code + 1]]
        left = kept.tape.session[kept.tape.offsets[code] : kept.tape.offsets[code + 1]]
        assert np.unique(own).tolist() == np.unique(left).tolist()
    assert kept.tape.rows <= 3 * sum(np.unique(tape.session).size for _ in tape.symbols)
