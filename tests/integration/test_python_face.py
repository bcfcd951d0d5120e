"""The Python face, for notebooks and scripts."""

import pytest

import runner


def test_a_spec_runs_and_reads_back(tmp_path):
    """configure, run and load; frames have stamps in UTC."""
    spec = runner.configure(["universe=apple", "window.start=2012-01-01"])

    run = runner.run(spec, runs=tmp_path)
    again = runner.load(run.path)

    assert again.status == "DONE"
    assert again.result_digest == run.result_digest
    assert str(again.fills["ts"].dt.tz) == "UTC"
    assert again.equity["equity"].iloc[-1] == again.metrics["final_equity"]
    assert set(again.orders.columns) >= {"order", "ts", "symbol", "side", "quantity", "reason", "status", "refusal"}


def test_overrides_and_a_spec_of_them_are_the_same_run(tmp_path):
    """Whichever way it is asked for."""
    words = ["universe=apple", "window.start=2012-01-01"]

    one = runner.run(overrides=words, runs=tmp_path)
    two = runner.run(runner.configure(words), runs=tmp_path)

    assert (one.spec_hash, one.result_digest) == (two.spec_hash, two.result_digest)


@pytest.mark.parametrize(
    ("update", "message"),
    [
        ({"capital": -5.0}, "capital: must be"),
        ({"capitl": 5.0}, "Did you mean capital?"),
        ({"name": "../../evil"}, "name: must"),
        ({"seed": "x"}, "seed: must"),
        ({"capital": float("nan")}, "capital: must"),
        ({"universe": "apple"}, "universe: must"),
        ({"window": None}, "window: must"),
    ],
)
def test_a_spec_changed_behind_pydantics_back_is_checked_again(tmp_path, update, message):
    """model_copy lets anything through; a run doesn't."""
    spec = runner.configure(["universe=apple"]).model_copy(update=update)

    with pytest.raises(runner.ConfigError, match=message.replace("?", r"\?")):
        runner.run(spec, runs=tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_mistaken_arguments_are_named(tmp_path):
    """One text for the list, overrides for the spec."""
    with pytest.raises(TypeError, match="must be a list of texts"):
        runner.run(overrides="slippage=none")
    with pytest.raises(TypeError, match="spec must be a RunSpec, was str"):
        runner.run("slippage=none")
    with pytest.raises(ValueError, match="a spec or overrides, not both"):
        runner.run(runner.configure(), overrides=["slippage=none"])
    with pytest.raises(runner.RunError, match=r"Run again with report=full"):
        runner.run(overrides=["universe=apple", "window.start=2012-01-01"], runs=tmp_path).signals  # noqa: B018 - reading is the test
