"""`runner venue` as a user meets it."""

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys

import aiohttp
import pytest

from runner.cli.venue import run
from runner.errors import RunnerError
from tests.command import runner

SHORT = ('universe.symbols=["AAPL"]', 'window.start="2012-01-03"', 'window.end="2012-01-12"')


def started(tmp_path, *words, **environment):
    """Start the verb; return the process and the addresses it prints."""
    process = subprocess.Popen(
        [sys.executable, "-m", "runner", "venue", *words],
        cwd=tmp_path,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    lines = [process.stdout.readline().split(maxsplit=1) for _ in range(5)]
    return process, {name: rest.strip() for name, rest in lines}


def test_a_tape_is_played_to_its_end_and_the_truth_is_told(tmp_path):
    """By speed it ends by itself: exit code 0, the truth as JSON, nothing else left behind."""
    done = runner("venue", *SHORT, "--speed", "1e8", "--truth", "truth.json", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert (truth["is_over"], truth["cash"], truth["orders"]) == (True, "100000", [])
    assert [path.name for path in tmp_path.iterdir()] == ["truth.json"]
    assert "instants" in done.stdout


def test_it_serves_with_the_key_in_a_file_until_it_is_stopped(tmp_path):
    """The key is in a file of its owner's alone and not on the terminal; an order lives on until the stop, which is no failure."""
    process, said = started(tmp_path, *SHORT, "--from", "2012-01-09", "--key-file", "key", "--truth", "truth.json")
    try:
        path = tmp_path / "key"
        key = path.read_text().strip()
        answers = asyncio.run(_order(said["rest"], key))
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)

    assert process.returncode == 0, err
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key not in out + err + str(said)
    assert answers == (5 - 1, "open")
    assert [order["client_order_id"] for order in json.loads((tmp_path / "truth.json").read_text())["orders"]] == ["mine"]


async def _order(address, key):
    """Ask for the days so far, and leave an order resting."""
    async with aiohttp.ClientSession(headers={"X-API-Key": key}) as session:
        async with session.get(f"{address}/v1/market/kline", params={"symbol": "AAPL", "interval": "1d"}) as answer:
            days = (await answer.json())["data"]["klines"]
        async with session.get(f"{address}/v1/time") as answer:
            now = (await answer.json())["data"]["market_ns"]
        fields = {
            "symbol": "AAPL",
            "side": "buy",
            "quantity": "1",
            "price": "1.00",
            "client_order_id": "mine",
            "sent_at_ns": now,
        }
        async with session.post(f"{address}/v1/trade/place", json=fields) as answer:
            return len(days), (await answer.json())["data"]["status"]


def test_the_key_may_come_from_the_environment(tmp_path):
    """Then no file is written, and the same key opens the venue after a restart."""
    process, said = started(tmp_path, *SHORT, "--key-env", "MY_KEY", MY_KEY="a-key-of-mine")
    try:
        answers = asyncio.run(_order(said["rest"], "a-key-of-mine"))
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)

    assert (process.returncode, answers[1]) == (0, "open")
    assert "MY_KEY" in said["key"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--port", "99999"), "--port: must be a port"),
        (("--speed", "0"), "--speed: must be market seconds"),
        (("--speed", "nan"), "--speed: must be market seconds"),
        (("--speed", "2", "--lockstep"), "--lockstep: must stand without --speed"),
        (("--from", "tomorrow"), "--from: must be a session date"),
        (("--faults", "none.yaml"), "none.yaml: must be a file"),
        (("--fee-bps", "-1"), "--fee-bps"),
        (("--key-env", "NOT_SET_ANYWHERE"), "--key-env: must name a variable"),
        (("--sped", "2"), "Did you mean --speed"),
        (("universe.symbols=[]",), "universe.symbols"),
    ],
)
def test_what_can_not_be_served_is_a_fault(tmp_path, monkeypatch, capsys, words, told):
    """A wrong flag or configuration ends with exit code 2 and says what to write; nothing is left behind."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(RunnerError) as error:
        run(list(words))

    assert error.value.exit_code == 2
    assert told in str(error.value)
    assert capsys.readouterr().out == ""
    assert list(tmp_path.iterdir()) == []


def test_its_flags_are_explained(tmp_path):
    """The help names every flag."""
    said = runner("venue", "--help", cwd=tmp_path).stdout

    for flag in ("--port", "--speed", "--lockstep", "--from", "--faults", "--truth", "--key-file", "--key-env", "--stay"):
        assert flag in said
