"""`runner simulate` as a user meets it."""

import pytest

from tests.command import runner


def test_seeds_are_simulated_and_summed_up(tmp_path):
    """Worlds, lives, orders and faults are told, and that no promise was broken; the exit code is 0."""
    done = runner("simulate", "--seeds", "3", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "3, " in done.stdout
    assert "per second" in done.stdout
    assert "broken promises" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--seeds", "many"), "--seeds: must be a whole number from 1"),
        (("--seeds", "0"), "--seeds: must be a whole number from 1"),
        (("--first", "-1"), "--first"),
        (("--sedes", "3"), "Did you mean --seeds"),
        (("signal=pressure_bars",), "must be a flag of runner simulate"),
    ],
)
def test_what_can_not_be_simulated_is_a_fault(tmp_path, words, told):
    """A wrong flag ends with exit code 2 and says what to write."""
    done = runner("simulate", *words, cwd=tmp_path)

    assert done.returncode == 2
    assert told in done.stderr


def test_its_flags_are_explained(tmp_path):
    """The help names every flag."""
    said = runner("simulate", "--help", cwd=tmp_path).stdout

    assert all(flag in said for flag in ("--seeds", "--first", "--crash-points"))
