"""Every process of a session has a recording of its own, in its place."""

from runner.live.edge.feed_files import FeedFiles, feed_files
from runner.live.feed.inputs import HEARD, Input, packed
from runner.live.feed.plan import Plan
from runner.live.feed.recording import Recording, head
from runner.sessions.lives import record_missing
from runner.spec.timezone import Timezone

PLAN = Plan(("ABC",), ("trades",), events=Timezone(zone="UTC", stamp="event"))


def heads(part):
    return head(PLAN, part)


def recorded(folder, said):
    files = FeedFiles(folder, heads)
    files.put(packed(Input(HEARD, 1, 5, 5, said)))
    files.close()


def test_a_process_that_recorded_nothing_has_an_empty_recording(tmp_path):
    """The third process finds its own recording third, though the second died before it began one."""
    recorded(tmp_path, b"first")
    record_missing(tmp_path, 2, heads)
    recorded(tmp_path, b"third")

    said = [[each.body for each in recording.inputs] for recording in Recording.read(feed_files(tmp_path))]

    assert said == [[b"first"], [], [b"third"]]


def test_nothing_is_added_where_none_is_missing(tmp_path):
    """Also of a recording of several files, and of one whose last file was never begun."""
    files = FeedFiles(tmp_path, heads, most_bytes=10)
    files.put(packed(Input(HEARD, 1, 5, 5, b"one")))
    files.close()
    (tmp_path / "000009.feed").write_bytes(b"")
    before = list(feed_files(tmp_path))

    record_missing(tmp_path, 1, heads)

    assert list(feed_files(tmp_path)) == before
    assert len(before) > 1


def test_the_first_process_has_nothing_to_look_at(tmp_path):
    """No folder, no recording, none missing."""
    record_missing(tmp_path / "feed", 0, heads)

    assert list(tmp_path.iterdir()) == []
