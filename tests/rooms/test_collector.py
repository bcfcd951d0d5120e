"""The collector of cycles leaves alone what a session found there, and is as it was afterwards."""

import gc

import pytest

from runner.collector import collected_seldom


def looked():
    return gc.get_threshold()[0], gc.get_freeze_count()


def failed(during):
    """Fail while nothing is collected."""
    with collected_seldom():
        during.append(looked())
        raise KeyError


def test_what_was_there_isnt_gone_through_and_everything_is_as_before_at_the_end():
    """Even if the session ends badly; and what somebody else set aside stays set aside."""
    gc.unfreeze()
    seldom, during = looked()[0], []

    with pytest.raises(KeyError):
        failed(during)
    after = looked()
    gc.freeze()
    with collected_seldom():
        during.append(looked())
    kept = looked()
    gc.unfreeze()

    assert all(often > seldom and frozen > 0 for often, frozen in during)
    assert after == (seldom, 0)
    assert kept[0] == seldom
    assert kept[1] > 0
