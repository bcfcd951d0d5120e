"""The market's time never runs ahead of what was told, and never goes back."""

from hypothesis import given
from hypothesis import strategies as st

from runner.venue.server.clock import MarketClock
from runner.venue.server.exact import amount_text, money_text, number_text, sizes, units

MS = 1_000_000


class Machine:
    """A machine whose time is moved by hand."""

    def __init__(self):
        self.now = 5 * MS

    def mono_ns(self):
        return self.now


def test_it_stops_before_what_was_not_told():
    """By speed it stands just before the next instant, however late that is told."""
    machine = Machine()
    clock = MarketClock(machine, 1_000)

    clock.run(10.0, 1_050)
    seen = []
    for step in (1, 2, 1, 50):
        machine.now += step * MS
        seen.append((clock.utc_ns() - 1_000 * MS, clock.now_ms()))

    assert seen == [(10 * MS, 1_010), (30 * MS, 1_030), (40 * MS, 1_040), (50 * MS - 1, 1_049)]


@given(st.lists(st.tuples(st.sampled_from(["stand", "run"]), st.integers(0, 500), st.floats(0.1, 100), st.integers(0, 30))))
def test_it_never_goes_back(moves):
    """Whatever is asked of it and however the machine's time goes on, each reading is at or after the one before."""
    machine = Machine()
    clock = MarketClock(machine, 100)
    last = clock.utc_ns()

    for what, at_ms, rate, passed in moves:
        if what == "stand":
            clock.stand(at_ms)
        else:
            clock.run(rate, at_ms)
        machine.now += passed * MS
        now = clock.utc_ns()
        assert now >= last
        last = now


@given(st.floats(min_value=1e-12, max_value=1e15))
def test_text_reads_back_to_the_same_bits(value):
    """A number's text is plain decimal and means exactly the number."""
    text = number_text(value)

    assert float(text) == value
    assert set(text) <= set("0123456789.")


def test_units_are_exact_or_nearest():
    """Prices are rounded to the nearest eighth decimal, sizes never up; what isn't known is nothing."""
    assert (units(0.1), units(1e-8), units(0.123456785), units(0.1234567850000001)) == (
        10_000_000,
        1,
        12_345_678,
        12_345_679,
    )
    assert (sizes(0.999999999), sizes(float("nan")), sizes(-1.0)) == (99_999_999, 0, 0)
    assert (amount_text(-150_000_000), amount_text(0), money_text(1), money_text(-(10**18))) == (
        "-1.5",
        "0",
        "0.000000000000000001",
        "-1",
    )
