"""Keys that are legal and would do nothing: refused where somebody wrote them, passed over where they are defaults."""

import pytest

from runner.compose import Origin, compose
from runner.compose.ineffective import ineffective_faults
from runner.compose.validate import spec_of
from runner.kinds import FolderKinds

TYPED = Origin("command line")
FILED = Origin("conf/order/mine.yaml", 3)
TARGET = {"long": None, "short": None, "target": "where(close > open, 1, 0)"}


@pytest.fixture(scope="module")
def spec():
    composed = compose()
    return spec_of(composed.values, kinds=FolderKinds())


def changed(spec, **sections):
    """Return a run with other keys in some sections."""
    return spec.model_copy(update={name: getattr(spec, name).model_copy(update=keys) for name, keys in sections.items()})


@pytest.mark.parametrize(
    ("sections", "refused"),
    [
        ({"order": {"offset": 5.0}}, "order.offset"),
        ({"order": {"price": "close"}}, "order.price"),
        ({"order": {"tick": 0.01}}, "order.tick"),
        ({"order": {"through": 0.01}}, "order.through"),
        ({"order": {"kind": "stop", "through": 0.01}}, "order.through"),
        ({"order": {"kind": "limit", "price": "close", "offset": 5.0}}, "order.offset"),
        ({"order": {"kind": "limit"}, "signal": TARGET}, "order.kind"),
        ({"order": {"kind": "limit", "offset": 5.0, "tick": 0.01, "through": 0.01}}, None),
        ({"order": {"kind": "stop", "price": "close", "tick": 0.01}}, None),
        ({"order": {"through": 0.01}, "exits": {"take_profit": 0.1}}, None),
        ({"order": {"volume_share": 0.1, "lot": 5.0, "time_in_force": "session"}}, None),
        ({"signal": TARGET}, None),
    ],
)
def test_a_key_without_effect_is_refused(spec, sections, refused):
    """What a sort of order has no use for is a fault at its key; what it uses is none."""
    faults = ineffective_faults(changed(spec, **sections))

    assert [fault.where for fault in faults] == ([] if refused is None else [refused])


def test_defaults_that_are_written_out_are_no_mistake(spec):
    """A spec.yaml, and an option file that lists everything, say nothing by naming a default."""
    assert ineffective_faults(spec) == []
    assert ineffective_faults(spec, {"order.offset": FILED, "order.price": FILED}) == []


def test_a_default_that_is_typed_is_meant(spec):
    """Who types an offset of 10 wants one; who types null wants none."""
    typed = {"order.offset": TYPED, "order.price": TYPED, "order.kind": TYPED}

    (fault,) = ineffective_faults(spec, typed)

    assert (fault.where, fault.was) == ("order.offset", "10")


@pytest.mark.parametrize("sections", [{"mode": {"kind": "replay"}}, {"engine": {"kind": "backtrader"}}])
def test_sensitivity_that_cannot_be_had_is_refused_only_to_who_asks_for_it(spec, sections):
    """It is on by default, so that leaving it out is no mistake."""
    run = changed(spec, **sections)

    assert ineffective_faults(run, {"report.sensitivity": FILED}) == []
    assert [fault.where for fault in ineffective_faults(run, {"report.sensitivity": TYPED})] == ["report.sensitivity"]
