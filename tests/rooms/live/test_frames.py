"""Texts that are cut out of what was received: a connection says what the library's own says, however the bytes come."""

import asyncio

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed
from websockets.frames import DATA_OPCODES, Close, Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri
from websockets.utils import accept_key

from runner.live.edge.frames import head_of, whole_texts
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


def begun(kind, most_waiting=None):
    """Return a connection of a kind that has asked for a handshake, its line, and the answer."""
    protocol = ClientProtocol(parse_uri("ws://127.0.0.1/"), max_size=MOST)
    connection = kind(protocol, ping_interval=None, max_queue=most_waiting)
    wire = Wire()
    connection.connection_made(wire)
    connection.request = protocol.connect()
    protocol.send_request(connection.request)
    connection.send_data()
    wire.sent.clear()
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
    return connection, wire, head + accept_key(protocol.key).encode() + b"\r\n\r\n"


def opened(kind, most_waiting=None):
    """Return a connection of a kind whose handshake is over, and its line."""
    connection, wire, answer = begun(kind, most_waiting)
    connection.data_received(answer)
    assert connection.protocol.state is State.OPEN
    return connection, wire


texts = st.one_of(
    st.binary(max_size=140),
    st.sampled_from([b"", b"a" * 125, b"b" * 126, b"c" * 65_535, b"d" * 65_536, b"e" * (MOST + 1), "häh".encode()]),
    # What looks like frames.
    st.sampled_from([b"\x81", b"\x81\x01x", b"\x81\x00" * 70, b"\x88\x00", b"\x89\x02hi"]),
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


async def heard(kind, data, cuts, farewell):
    """Return the messages that come of what is received, what is answered to it, and how the connection ends.

    It is received in pieces; before one of them, by its number, the connection says farewell.
    """
    connection, wire, answer = begun(kind)
    for number, chunk in enumerate(pieces(answer, cuts) + pieces(data, cuts) if cuts != [] else [answer + data]):
        if number == farewell and connection.protocol.state is State.OPEN:
            connection.protocol.send_close(1000)
            connection.send_data()
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


def pieces(data, cuts):
    """Cut some bytes, at places or, given None, between any two of them."""
    cuts = range(1, len(data)) if cuts is None else sorted(cut for cut in cuts if cut < len(data))
    return [data[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True) if end > begin]


@given(spoken(), st.one_of(st.lists(st.integers(0, 1_000), max_size=6), st.none()), st.integers(0, 8))
@LAW
def test_messages_are_the_librarys_however_the_bytes_come(data, cuts, farewell):
    """The handshake's answer, whole texts, parts, pings, farewells of either side, frames that are too long or break the rules.

    Cut into pieces anywhere, also behind the head of a frame.
    """
    cuts = cuts if cuts is not None or len(data) < 2_000 else [5]

    found, expected = (asyncio.run(heard(kind, data, cuts, farewell)) for kind in (Reading, ClientConnection))

    assert found == expected


def test_what_a_ping_says_is_no_message():
    """Its head comes alone, and what it says begins like a text."""

    async def told():
        connection, wire = opened(Reading)
        for chunk in (b"\x89\x04", b"\x81\x02hi", Frame(Opcode.TEXT, b"x").serialize(mask=False)):
            connection.data_received(chunk)
        return connection.at_hand(), unmasked(wire.sent)

    assert asyncio.run(told()) == ([b"x"], [(0x8A, b"\x81\x02hi")])


def test_a_text_that_is_not_all_there_is_heard_while_we_say_farewell():
    """What comes of it afterwards isn't taken for a frame of its own, so that the other side's farewell is understood."""

    async def told():
        connection, _ = opened(Reading)
        spoken = Frame(Opcode.TEXT, b"some text").serialize(mask=False)
        connection.data_received(spoken[:5])
        connection.protocol.send_close(1000)
        connection.data_received(spoken[5:] + Frame(Opcode.CLOSE, Close(1001, "").serialize()).serialize(mask=False))
        connection.eof_received()
        connection.connection_lost(None)
        found = await connection.recv(decode=False)
        with pytest.raises(ConnectionClosed) as closed:
            await connection.recv(decode=False)
        return found, closed.value.rcvd.code

    assert asyncio.run(told()) == (b"some text", 1001)


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
        (b"", ([], 0)),
        (b"\x81", ([], 0)),
        (b"\x81\x01a\x81\x02b", ([b"a"], 3)),
        (b"\x81\x7e\x00", ([], 0)),
        (b"\x81\x01a\x89\x00\x81\x01b", ([b"a"], 3)),
        (b"\x01\x01a", ([], 0)),
        (b"\x81\x81abcdx", ([], 0)),
        (b"\x81\x7e\x00\x09123456789", ([], 0)),
        (b"\x81\x7f" + bytes(7) + b"\x01a", ([], 0)),
    ],
)
def test_whole_texts_are_cut_out_of_the_front(data, expected):
    """Up to the first frame that is something else, too long, or not all there yet."""
    assert whole_texts(data, 0, 8) == expected


@given(
    st.sampled_from(Opcode),
    st.booleans(),
    st.sampled_from([0, 1, 125, 126, 65_535, 65_536]),
    st.booleans(),
    st.binary(max_size=3),
)
def test_the_end_of_a_frame_is_known_by_its_head(opcode, fin, size, mask, before):
    """Where the library's own ends, whatever comes before it; unknown until its head is all there."""
    assume(opcode in DATA_OPCODES or (fin and size <= 125))
    made = Frame(opcode, bytes(size), fin).serialize(mask=mask)
    head = len(made) - size - 4 * mask

    heads = [head_of((before + made)[: len(before) + count], len(before), 65_535) for count in range(head + 1)]

    is_text = opcode is Opcode.TEXT and fin and not mask and size <= 65_535
    ends_message = None if opcode in {Opcode.CLOSE, Opcode.PING, Opcode.PONG} else fin
    assert heads == [None] * head + [(len(before) + len(made), is_text, ends_message)]
