"""A session is whole in its directory: sealed, and replayed to the bit without the data it was made from.

One session with a broker is run on the embedded venue and then looked at, tampered with and replayed.
"""

import json
import shutil

import pytest

from runner.archive.seal import broken_seals
from runner.errors import RunError
from runner.live.feed.inputs import Input, packed, unpacked
from runner.report.live_status import read_status
from runner.sessions.replay import replay
from tests.command import runner
from tests.market_of_three import WORDS, write_market


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """The directory of a session that is over; its data are gone."""
    folder = tmp_path_factory.mktemp("session")
    write_market(folder / "market.csv")
    done = runner("mode=live", *WORDS, "session.sessions=15", cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "market.csv").unlink()
    (found,) = (folder / "runs").glob("*/*")
    assert "certificate" in done.stdout
    return found


@pytest.fixture
def copy(session, tmp_path):
    """The same directory, to be tampered with."""
    return shutil.copytree(session, tmp_path / "name" / session.name)


def test_a_session_is_replayed_without_its_data(session):
    """Instants out of the recording, decisions, and the orders of the journal."""
    found = replay(session)

    assert found.is_same
    assert found.instants == 15
    assert found.intents
    assert found.passed.orders > 0


def test_every_byte_is_sealed(session):
    """The recording, the journal and the status among them, and replaying changes none of them."""
    replay(session)

    sealed = set(json.loads((session / "seal.json").read_text())["files"])
    named = {"feed/000001.feed", "journal.sqlite", "decisions.jsonl", "status.json", "session.json"}
    assert broken_seals(session) == []
    assert named <= sealed


def test_only_the_owner_may_look(session):
    """Whatever the session left."""
    open_to_others = [path.name for path in session.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]

    assert open_to_others == []


def test_the_last_status_is_that_of_a_session_that_ended(session):
    """With what it holds, and how its lines were."""
    status = read_status(session)

    assert status.state == "closed"
    assert {each.name for each in status.connections} == {"market data 1", "own orders", "requests"}
    assert [line.text for line in status.log if line.text.startswith("filled")]
    assert "no record" not in (session / "scorecard.json").read_text()
    assert "From the backtest to the session" in (session / "report.html").read_text()


def test_a_decision_that_was_changed_is_found(copy):
    """By its line, as it was and as it is now."""
    path = copy / "decisions.jsonl"
    lines = path.read_text().splitlines()
    number = next(at for at, line in enumerate(lines) if line.startswith('["k",0'))
    order = json.loads(lines[number])
    order[7] += 1.0
    lines[number] = json.dumps(order, separators=(",", ":"))
    path.write_text("\n".join(lines) + "\n")

    found = replay(copy).passed.divergence

    assert found.line == number + 1
    assert found.was[7] == found.now[7] + 1.0


def test_a_price_that_was_changed_in_the_recording_is_found(copy):
    """At the instant of its bar."""
    path = copy / "feed" / "000001.feed"
    records = [each for each in unpacked(path.read_bytes()) if isinstance(each, Input)]
    at = next(
        k for k, each in enumerate(records) if each.kind == "text" and b'"trade"' in each.body and b'"price"' in each.body
    )
    body = json.loads(records[at].body)
    deal = body["data"]["trades"][0] if "trades" in body["data"] else body["data"]
    deal["price"] = type(deal["price"])(float(deal["price"]) + 1)
    records[at] = records[at]._replace(body=json.dumps(body).encode())
    path.write_bytes(b"".join(map(packed, records)))

    found = replay(copy)

    assert not found.is_same
    assert (found.instant.life, found.instant.serial) == (1, 1)


def test_an_order_that_nothing_led_to_is_found(copy):
    """The reach of market orders is another: every price in the journal is then none that the decisions lead to."""
    path = copy / "spec.yaml"
    text = path.read_text()
    assert "reach: 0.05" in text
    path.write_text(text.replace("reach: 0.05", "reach: 0.04"))

    found = replay(copy)

    assert found.unlike.number == 1
    assert found.unlike.now.price != found.unlike.was.price
    assert found.unlike.now.lots == found.unlike.was.lots


def test_what_is_missing_can_t_be_asked(copy):
    """Nor what is no session."""
    (copy / "history.json").unlink()

    with pytest.raises(RunError, match=r"history\.json"):
        replay(copy)


def test_the_command_prints_a_certificate(session):
    """Exit code 0 if all is the same, 2 if it can't be asked."""
    same = runner("replay", str(session), cwd=session.parent)
    none = runner("replay", "nothing-of-that-name", cwd=session.parent)

    assert (same.returncode, none.returncode) == (0, 2)
    assert same.stdout.splitlines()[-1] == "The same to the bit: instants, decisions and orders."
