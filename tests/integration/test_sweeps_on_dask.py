"""Sweeps on a Dask cluster: the same trials and digests as on threads, also where processes are killed."""

import os
import signal
from contextlib import closing

import pytest

pytest.importorskip("distributed", reason="the extra dask isn't installed")

from distributed import LocalCluster

from runner.compose import Configurations
from runner.errors import RunError
from runner.sweeps.asking import plan_sweep
from runner.sweeps.dask_cluster import DaskCluster
from runner.sweeps.local import Local
from runner.sweeps.running import Running
from runner.sweeps.survey import surveyed
from tests.command import runner

ANY = "127.0.0.1:0"
"""A port that nobody else has."""
NOW = 1_800_000_000 * 10**9
OWN = """
from runner.signal import operator


@operator("x")
def double(state, x, p):
    '''2 · x.'''
    return 2.0 * x[0]
"""
WORDS = (
    "data=generated",
    "data.interval=15min",
    "data.end='2024-01-05'",
    "universe.symbols=[A,B]",
    "slippage=none,fixed_bps",
    "order=limit,market",
    "order.price=close,null",
    "signal.params.lookback=range(5,15)",
    "signal.nodes.smooth='0.5 * mean(double(pressure), lookback)'",
)


@pytest.fixture
def planned(tmp_path, monkeypatch):
    """A sweep of eighty lanes, twenty of which can't run, in a folder with an operator of the user's own."""
    (tmp_path / "strategies").mkdir()
    (tmp_path / "strategies" / "own.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    return plan_sweep(WORDS, Configurations(working_directory=tmp_path))


def ran(planned, executor, runs, on_progress=lambda _: None):
    """Run a sweep with nothing known before, and return what tells its results apart."""
    running = Running(planned, surveyed(planned, now=NOW), runs)
    running.lay_out()
    assert running.missing == 60
    with executor:
        running.run(executor, on_progress)
    results, _ = running.results()
    assert running.missing == 0
    return results.number.tolist(), results.trial, results.status, results.digest, results.metrics


def test_a_killed_process_loses_no_lane_and_changes_no_digest(planned, tmp_path):
    """One process is killed at the start and the one that holds all else later: the table is that of threads."""
    expected = ran(planned, Local(2), tmp_path / "local")
    cluster = DaskCluster(2)
    victims = list(cluster._client.run(os.getpid).values())
    told = []

    def killing(share):
        told.append(share)
        if len(told) in {1, 4}:
            os.kill(victims.pop(), signal.SIGKILL)

    found = ran(planned, cluster, tmp_path / "dask", killing)

    assert found == expected
    assert expected[2].count("DONE") == 60
    assert not victims
    assert len(told) > 4
    assert told == sorted(told)


def test_two_clusters_of_one_machine_are_out_of_each_others_way():
    """Nothing of ours listens where Dask usually does, and nothing beyond this machine: neither warns of the other."""
    with DaskCluster(1) as one, DaskCluster(1) as other:
        servers = [each._client.cluster.scheduler.http_server for each in (one, other)]

    assert {server.address for server in servers} == {"127.0.0.1"}
    assert 8787 not in {server.port for server in servers}


def test_a_scheduler_that_runs_already_takes_batches_and_goes_on_afterwards(planned, tmp_path):
    """Its workers are used as they are, and nothing of the sweep is left on them."""
    expected = ran(planned, Local(2), tmp_path / "local")
    cluster = LocalCluster(
        n_workers=1, threads_per_worker=2, dashboard_address=ANY, host="127.0.0.1", local_directory=str(tmp_path / "far")
    )
    with closing(cluster):
        found = ran(planned, DaskCluster(2, cluster.scheduler_address), tmp_path / "dask")
        with DaskCluster(2, cluster.scheduler_address) as again:
            plugins = again._client.run(lambda dask_worker: list(dask_worker.plugins))

    assert found == expected
    assert [len([name for name in each if name.startswith("runner-")]) for each in plugins.values()] == [1]


def test_another_file_of_the_user_on_the_workers_is_refused(planned, tmp_path):
    """They were started somewhere else: the fault says which file, and what to do."""
    cluster = LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=ANY, host="127.0.0.1", local_directory=str(tmp_path / "far")
    )
    with closing(cluster), cluster.get_client() as client:
        client.run(os.chdir, str(tmp_path / "far"))
        with pytest.raises(RunError) as error:
            ran(planned, DaskCluster(1, cluster.scheduler_address), tmp_path / "dask")

    assert "strategies/own.py: must be on tcp://127.0.0.1:" in str(error.value)
    assert "as it is here, was missing. Copy the folder strategies/" in str(error.value)


def test_a_scheduler_that_is_not_there_is_said(monkeypatch):
    """The address, and what to write instead."""
    monkeypatch.setattr("runner.sweeps.dask_cluster.PATIENCE", 0.5)
    with pytest.raises(RunError) as error:
        DaskCluster(1, "tcp://127.0.0.1:9")

    assert "sweep.scheduler: must be the address of a Dask scheduler that answers and has workers" in str(error.value)


def test_the_command_sweeps_on_a_cluster(tmp_path):
    """`sweep=dask` from the command line: a table, a verdict, no word of what happens below, no file of it left."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    words = ("-m", *WORDS[:5], "signal.params.lookback=5,10", "sweep=dask", "sweep.workers=1")
    done = runner(*words, cwd=tmp_path, TMPDIR=str(scratch))

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "-sweep-" in done.stdout
    assert not list(scratch.glob("runner-*"))
