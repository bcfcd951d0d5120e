"""Who is answered: this machine alone, by its own address, browsers that were let in, pages of ours; and never a path."""

import http.client
import json
import os
import socket
import stat
import time
from urllib.parse import quote

import pytest
from served_ui import lanes, made_run, made_sweep, served

from runner.errors import RunError
from runner.live.edge.kill_watch import KILL_FILE
from runner.report.live_status import LiveStatus, leave_status
from runner.ui.keys import draw_keys, leave_address
from runner.ui.message import Request
from runner.ui.server import Server

ID = "pressure/20260105T143000Z-0123abcd"
PAGES = ("/", "/run?id={id}", "/compare?id={id}&id={id}", "/session?id={id}", "/launch", "/help", "/report?id={id}")
POSTS = ("/check", "/start", "/interrupt", "/kill")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    runs = tmp_path_factory.mktemp("runs")
    folder = made_run(runs, status="RUNNING")
    (folder / "journal.sqlite").write_bytes(b"")
    leave_status(folder, LiveStatus(name="n", mode="paper", state="live", written="2026-01-05T14:30:00Z"))
    made_sweep(runs, lanes({"signal.params.a": [1, 2]}, sharpe=[0.1, 0.2]))
    (runs / "secret").write_text("top secret")
    with served(runs) as found:
        yield found


def ask(page, path, *, method="GET", body=None, headers=None, is_let_in=True, host=None):
    """Send one request, and return status, headers and text."""
    connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=30)
    told = {**(page.cookie if is_let_in else {}), **(headers or {})}
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host if host is not None else f"127.0.0.1:{page.port}")
    for name, value in told.items():
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    text = "" if answer.headers["Content-Type"].startswith("text/event") else answer.read().decode(errors="replace")
    connection.close()
    return answer.status, answer.headers, text


def post(page, path, values, *, headers=None, **more):
    """Send what a page of ours would send, with some headers changed; None takes one away."""
    own = {"Origin": page.base, "Content-Type": "application/json", "X-Runner-Key": page.keys.key}
    told = {name: value for name, value in {**own, **(headers or {})}.items() if value is not None}
    return ask(page, path, method="POST", body=json.dumps(values).encode(), headers=told, **more)


def test_i11_only_loopback_is_bound(page):
    """Whoever asks by another address of this machine reaches nobody."""
    with Server(0) as server:
        assert server.server_address[0] == "127.0.0.1"
    with socket.socket() as other:
        other.settimeout(2)
        assert other.connect_ex(("127.0.0.2", page.port)) != 0


def test_i11_a_port_that_is_taken_is_said(page):
    """Somebody else's page must not be taken for ours."""
    with pytest.raises(RunError, match="must be a port that is free"):
        Server(page.port)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "", "0.0.0.0:{port}"])
def test_i12_another_hosts_name_is_misdirected(page, host):
    """A name that was made to point here is answered 421, and no page is shown, not even the door."""
    status, _, text = ask(page, "/", host=host.format(port=page.port))

    assert status == 421
    assert "runner-key" not in text
    assert "pressure" not in text


def test_i12_both_names_of_loopback_are_known(page):
    """`localhost` is this machine too."""
    assert ask(page, "/", host=f"localhost:{page.port}")[0] == 200


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": None},
        {"Origin": "http://127.0.0.1:1"},
        {"X-Runner-Key": None},
        {"X-Runner-Key": "guess"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_i13_nothing_changes_for_another_sites_request(page, path, headers):
    """Without our origin and the page's key every POST is 403, cookie or not."""
    status, _, _ = post(page, path, {"id": ID, "confirm": ID, "yaml": "", "number": "1"}, headers=headers)

    assert status == 403
    assert not (page.runs / ID / KILL_FILE).exists()


@pytest.mark.parametrize("path", POSTS)
def test_i13_nothing_changes_without_the_cookie(page, path):
    """The key alone isn't enough."""
    assert post(page, path, {"id": ID, "confirm": ID}, is_let_in=False)[0] == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_i13_a_form_of_another_site_cannot_speak_json(page, kind):
    """The content types that forms may send unasked are refused."""
    assert post(page, "/kill", {"id": ID, "confirm": ID}, headers={"Content-Type": kind})[0] == 415
    assert not (page.runs / ID / KILL_FILE).exists()


@pytest.mark.parametrize("path", POSTS)
def test_i13_get_changes_nothing(page, path):
    """What changes something has no GET at all."""
    assert ask(page, f"{path}?id={quote(ID)}&confirm={quote(ID)}")[0] == 404
    assert not (page.runs / ID / KILL_FILE).exists()


@pytest.mark.parametrize("path", PAGES)
def test_i13_looking_leaves_the_folders_as_they_are(page, path):
    """No page writes into a run directory."""
    before = {path: path.stat().st_mtime_ns for path in (page.runs / "pressure").rglob("*")}

    assert ask(page, path.format(id=quote(ID)))[0] in {200, 404}

    assert {path: path.stat().st_mtime_ns for path in (page.runs / "pressure").rglob("*")} == before


@pytest.mark.parametrize("path", ["/session-events?id={id}", "/launch-events?number=1", "/run?id={id}"])
@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_i13_streams_and_pages_are_not_for_other_sites(page, path, headers):
    """Another site's page can't listen to a session, cookie or not."""
    assert ask(page, path.format(id=quote(ID)), headers=headers)[0] == 403


def test_i13_nobody_is_allowed_in_by_a_header(page):
    """No answer tells a browser to share it with other origins."""
    _, headers, _ = ask(page, "/")

    assert "Access-Control-Allow-Origin" not in headers
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_i13_other_methods_are_refused(page, method):
    """A preflight gets no permission either."""
    assert ask(page, "/kill", method=method)[0] == 405


def test_i14_every_start_has_keys_of_its_own():
    """Nothing is the same twice, short, or told by accident."""
    one, other = draw_keys(), draw_keys()

    every = {one.token, one.cookie, one.key, other.token, other.cookie, other.key}
    assert len(every) == 6
    assert min(map(len, every)) >= 43
    assert one.token not in repr(one)


def test_i14_the_address_is_for_its_owner_alone(tmp_path):
    """The file is 0600 whatever the mask, and one that is there already is left alone."""
    path = tmp_path / "address"
    mask = os.umask(0)
    try:
        leave_address(path, "http://127.0.0.1:1/#x")
    finally:
        os.umask(mask)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        leave_address(path, "other")
    assert path.read_text() == "http://127.0.0.1:1/#x\n"


@pytest.mark.parametrize("path", PAGES[1:])
def test_i14_without_the_cookie_there_is_only_the_door(page, path):
    """Every page but the door is 403, and the door shows nothing of the runs."""
    assert ask(page, path.format(id=quote(ID)), is_let_in=False)[0] == 403
    status, _, text = ask(page, "/", is_let_in=False)
    assert (status, "pressure" in text, page.keys.key in text) == (200, False, False)


def test_i14_the_token_is_exchanged_for_a_cookie_scripts_cannot_read(page):
    """A wrong token sets nothing; the right one a cookie that stays with this site."""
    wrong = post(page, "/login", {"token": "guess"}, is_let_in=False)
    right = post(page, "/login", {"token": page.keys.token}, is_let_in=False)

    assert wrong[1]["Set-Cookie"] is None
    assert json.loads(wrong[2]) == {"ok": False}
    assert right[1]["Set-Cookie"] == f"runner-{page.port}={page.keys.cookie}; HttpOnly; SameSite=Strict; Path=/"


def test_i14_the_token_is_no_cookie_and_no_key(page):
    """Each key opens one thing: the address that is printed can't be replayed as a header."""
    assert ask(page, "/help", is_let_in=False, headers={"Cookie": f"runner-{page.port}={page.keys.token}"})[0] == 403
    assert post(page, "/check", {}, headers={"X-Runner-Key": page.keys.cookie})[0] == 403


@pytest.mark.parametrize("path", PAGES)
def test_i15_every_page_forbids_what_is_not_ours(page, path):
    """Scripts of our own files alone; a report, which anybody may have made, is a page of nobody's."""
    status, headers, text = ask(page, path.format(id=quote(ID)))
    if status == 404:
        return
    policy = headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src 'self';" in policy
    assert "<script>" not in text
    assert " style=" not in text


def test_i15_a_report_reaches_nothing(page):
    """Whatever script somebody put into a report has no origin, no cookies and no network."""
    (page.runs / ID / "report.html").write_text("<script>fetch('/')</script>")
    try:
        policy = ask(page, f"/report?id={quote(ID)}")[1]["Content-Security-Policy"]
    finally:
        (page.runs / ID / "report.html").unlink()

    assert policy.startswith("sandbox allow-scripts; default-src 'none';")
    assert "allow-same-origin" not in policy
    assert "connect-src" not in policy


ELSEWHERE = (
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e/secret",
    "..\\..\\secret",
    "/etc/passwd",
    "pressure/../secret",
    "pressure/..",
    "pressure/.",
    "./" + ID,
    ID + "/",
    ID + "/manifest.json",
    ID + "\x00",
    ".",
    "",
    "secret",
)


@pytest.mark.parametrize("path", ["/run", "/report", "/sweep", "/session", "/session-events"])
@pytest.mark.parametrize("asked", ELSEWHERE)
def test_i16_an_id_is_looked_up_and_never_a_path(page, path, asked):
    """What isn't in the index, letter for letter, isn't there, however it is written."""
    status, _, text = ask(page, f"{path}?id={quote(asked, safe='%')}")

    assert status == 404
    assert "top secret" not in text
    assert "root:" not in text


@pytest.mark.parametrize(
    "path",
    ["/../../etc/passwd", "/static/../site.py", "/static/%2e%2e/site.py", "/static/", "/static/keys.py", "//etc/passwd"],
)
def test_i16_a_path_is_one_of_ours(page, path):
    """Paths aren't mapped to files: there is a table of them."""
    assert ask(page, path)[0] in {403, 404}


def test_i16_a_link_leads_nowhere(page):
    """A file of a run that is a link to somewhere else isn't read."""
    report = page.runs / ID / "report.html"
    report.symlink_to(page.runs / "secret")
    try:
        status, _, text = ask(page, f"/report?id={quote(ID)}")
    finally:
        report.unlink()

    assert (status, "top secret" in text) == (404, False)


def test_i16_only_names_of_experiments_are_composed(page):
    """An experiment is one of those that are there; anything else is 404."""
    assert ask(page, f"/launch?experiment={quote('../../secret')}")[0] == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Content-Length": "1000001"}, 413), ({"Content-Length": "x"}, 400), ({"Transfer-Encoding": "chunked"}, 411)],
)
def test_what_comes_in_is_limited(page, headers, status):
    """A body is refused by what it says of itself, before any of it is read."""
    told = {"Origin": page.base, "X-Runner-Key": page.keys.key, "Content-Type": "application/json", **headers}

    assert ask(page, "/check", method="POST", headers=told)[0] == status


def test_too_long_an_address_is_refused(page):
    """Nobody's filter has ten thousand signs."""
    assert ask(page, "/?q=" + "x" * 10_000)[0] == 414


def test_too_many_fields_are_refused(page):
    """A query has a few fields."""
    assert ask(page, "/?" + "&".join(f"a{number}=1" for number in range(300)))[0] == 400


def test_a_cookie_of_another_port_is_another_cookie():
    """Cookies are shared among the ports of a machine; the first of a name is the one that counts."""
    request = Request("GET", "/", headers={"cookie": "runner-1=a; runner-2=b; runner-1=c; broken"})

    assert request.cookies == {"runner-1": "a", "runner-2": "b", "broken": ""}


def test_the_kill_switch_wants_the_sessions_own_name(page):
    """Confirmed by anything else nothing happens; by its name the kill file is left, for good."""
    path = page.runs / ID / KILL_FILE

    assert post(page, "/kill", {"id": ID, "confirm": "yes"})[0] == 409
    assert not path.exists()
    assert post(page, "/kill", {"id": ID, "confirm": ID})[0] == 200
    assert path.read_text() == "runner ui: kill switch\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def until_listed(page, run):
    """Wait until a run is in the list, which is made anew every two seconds."""
    end = time.monotonic() + 30
    while ask(page, f"/run?id={run}")[0] == 404:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_session_that_is_over_has_no_kill_switch(page):
    """Nothing is left to stop, and a file more in its folder would break its seal."""
    folder = made_run(page.runs, "over", mode="live")
    (folder / "journal.sqlite").write_bytes(b"")
    over = f"over/{folder.name}"
    until_listed(page, over)

    assert 'id="kill"' not in ask(page, f"/session?id={over}")[2]
    assert post(page, "/kill", {"id": over, "confirm": over})[0] == 409
    assert not (folder / KILL_FILE).exists()


def test_a_backtest_has_no_kill_switch(page):
    """There is no session to stop in a folder without one."""
    made_run(page.runs, stamp="20260105T143001Z-0123abcd")
    other = "pressure/20260105T143001Z-0123abcd"

    assert post(page, "/kill", {"id": other, "confirm": other})[0] == 404
    assert not (page.runs / other / KILL_FILE).exists()
