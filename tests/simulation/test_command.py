"""What `runner simulate` says of a world that breaks a promise."""

from runner.cli import simulate
from tests.simulation.mutants.all_mutants import MUTANTS

BUG = next(mutant for mutant in MUTANTS if mutant.name == "sent_before_durable")


def test_a_broken_promise_is_told_with_its_seed_and_trace(capsys):
    """The seed, the promise and the end of the trace are printed; the exit code is 1."""
    with BUG.planted():
        code = simulate.run(["--seeds", "2", "--first", "0"])

    said = capsys.readouterr().out
    assert code == 1
    assert "! seed 0: S4: " in said
    assert "send place /v1/orders" in said
    assert "broken promises" in said


def test_places_to_die_are_named(capsys, monkeypatch):
    """With `--crash-points` each step is a world of its own, and a broken one is told by seed and step."""
    monkeypatch.setattr(simulate, "crash_points", lambda _: 2)
    with BUG.planted():
        code = simulate.run(["--seeds", "1", "--first", "6", "--crash-points"])

    said = capsys.readouterr().out
    assert code == 1
    assert "! seed 6 killed at step 0: S4: " in said
    assert "! seed 6 killed at step 1: S4: " in said
