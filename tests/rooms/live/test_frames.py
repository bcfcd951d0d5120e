"""Texts that are cut out of what was received: a connection says what the library's own says, however the bytes come."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from runner.live.edge.frames import whole_texts
from runner.live.edge.websocket import Reading
from tests.long import many

LAW = settings(max_examples=many(60, 1_000), deadline=None)
MOST = 70_000


class Wire(asyncio.Transport):
    """A line that remembers what was sent, and whether anybody wants to read."""

    def __init__(self):
        super().__init__()
        self.sent = []
        self.is_reading = True

    def write(self, data):
        self.sent.append(bytes(data))

    def write_eof(self):
        self.sent.append(None)

    def can_write_eof(self):
        return True

    def close(self):
        self.is_reading = False

    abort = close

    def set_write_buffer_limits(self, high=None, low=None):
        pass

    def pause_reading(self):
        self.is_reading = False

    def resume_reading(self):
        self.is_reading = True


def opened(kind, most_waiting=None):
    """Return a connection of a kind whose handshake is over, and its line."""
    protocol = ClientProtocol(parse_uri("ws://127.0.0.1/"), state=State.OPEN, max_size=MOST)
    connection = kind(protocol, ping_interval=None, max_queue=most_waiting)
    wire = Wire()
    connection.connection_made(wire)
    connection.response = "the answer to the handshake"
    return connection, wire


texts = st.one_of(
    st.binary(max_size=140),
    st.sampled_from([b"", b"a" * 125, b"b" * 126, b"c" * 65_535, b"d" * 65_536, b"e" * (MOST + 1), "häh".encode()]),
)


@st.composite
def spoken(draw):
    """Draw frames as a server sends them: mostly whole texts, in between whatever else there is."""
    made = b""
    for _ in range(draw(st.integers(0, 8))):
        kind = draw(st.sampled_from(["text"] * 6 + ["binary", "ping", "pong", "parts", "close", "broken"]))
        data = draw(texts)
        if kind == "parts":
            with_ping = Frame(Opcode.PING, b"?").serialize(mask=False) if draw(st.booleans()) else b""
            made += Frame(Opcode.TEXT, data, fin=False).serialize(mask=False) + with_ping
            made += Frame(Opcode.CONT, b"!").serialize(mask=False)
        elif kind == "close":
            made += Frame(Opcode.CLOSE, Close(1001, "").serialize()).serialize(mask=False)
        elif kind == "broken":
            made += draw(st.sampled_from([b"\x83\x00", b"\x81\x81abcd!", b"\xc1\x01x", b"\x80\x01x"]))
        else:
            opcode = {"text": Opcode.TEXT, "binary": Opcode.BINARY, "ping": Opcode.PING, "pong": Opcode.PONG}[kind]
            made += Frame(opcode, data if opcode in {Opcode.TEXT, Opcode.BINARY} else data[:125]).serialize(mask=False)
    return made


async def heard(kind, chunks):
    """Return the messages that come of what is received, what is answered to it, and how the connection ends."""
    connection, wire = opened(kind)
    for chunk in chunks:
        connection.data_received(chunk)
    connection.eof_received()
    connection.connection_lost(None)
    found = []
    try:
        while True:
            if isinstance(connection, Reading):
                found += connection.at_hand()
            found.append(await connection.recv(decode=False))
    except ConnectionClosed as error:
        return found, unmasked(wire.sent), error.rcvd, error.sent


def unmasked(sent):
    """Return the frames that a client sent, without the masks, of which each has its own."""
    found, data, at = [], b"".join(each for each in sent if each), 0
    while at < len(data):
        size = data[at + 1] & 127
        mask, body = data[at + 2 : at + 6], data[at + 6 : at + 6 + size]
        found.append((data[at], bytes(each ^ mask[k % 4] for k, each in enumerate(body))))
        at += 6 + size
    return found


@given(spoken(), st.data())
@LAW
def test_messages_are_the_librarys_however_the_bytes_come(data, drawn):
    """Whole texts, parts, pings, farewells, frames that are too long or break the rules, cut into pieces anywhere."""
    cuts = sorted(drawn.draw(st.lists(st.integers(0, len(data)), max_size=6)))
    chunks = [data[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True) if end > begin]

    found, expected = (asyncio.run(heard(kind, chunks)) for kind in (Reading, ClientConnection))

    assert found == expected


def test_who_takes_nothing_is_read_from_no_more():
    """Beyond what may wait the line isn't read, and again once enough was taken."""

    async def told():
        connection, wire = opened(Reading, most_waiting=4)
        connection.data_received(Frame(Opcode.TEXT, b"x").serialize(mask=False) * 5)
        before = wire.is_reading
        taken = connection.at_hand()
        return before, taken, wire.is_reading

    assert asyncio.run(told()) == (False, [b"x"] * 5, True)


def test_what_is_no_text_is_left_in_line():
    """Whoever receives it ends the connection over it; what came before it is handed out."""

    async def told():
        connection, _ = opened(Reading)
        connection.data_received(b"".join(Frame(Opcode.TEXT, each).serialize(mask=False) for each in (b"a", b"\xff", b"b")))
        return connection.at_hand(), connection.at_hand(), await connection.recv(decode=False), connection.at_hand()

    assert asyncio.run(told()) == ([b"a"], [], b"\xff", [b"b"])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ([], 0, True)),
        (b"\x81", ([], 0, True)),
        (b"\x81\x01a\x81\x02b", ([b"a"], 3, True)),
        (b"\x81\x7e\x00", ([], 0, True)),
        (b"\x81\x01a\x89\x00\x81\x01b", ([b"a"], 3, False)),
        (b"\x01\x01a", ([], 0, False)),
        (b"\x81\x81abcdx", ([], 0, False)),
        (b"\x81\x7e\x00\x09123456789", ([], 0, False)),
    ],
)
def test_whole_texts_are_cut_out_of_the_front(data, expected):
    """Up to the first frame that is something else, too long, or not all there yet."""
    assert whole_texts(data, 8) == expected
