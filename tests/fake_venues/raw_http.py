"""A server of plain bytes, so that a test may answer as no decent server would, and count what really came."""

import asyncio
import contextlib
import ssl


class RawServer:
    """Hands each request, head and body, to a function that returns the bytes to answer with; None closes, "hang" waits."""

    def __init__(self, answer, tls=None):
        self.answer = answer
        self.tls = tls
        self.seen = []
        self._server = None
        self._talks = []

    async def __aenter__(self):
        context = None
        if self.tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.tls)
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=context)
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def port(self):
        return self._server.sockets[0].getsockname()[1]

    async def _talk(self, reader, writer):
        self._talks.append(asyncio.current_task())
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._turn(reader, writer):
                    pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    async def _turn(self, reader, writer):
        """Take one request; return whether the connection goes on."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = next((int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:")), 0)
        body = await reader.readexactly(length)
        self.seen.append((head, body))
        told = self.answer(len(self.seen), head, body)
        if told == "hang":
            await reader.read()
        if told is None or told == "hang":
            return False
        writer.write(told)
        await writer.drain()
        return True


def ok(body=b"{}", status="200 OK", *headers):
    """Return the bytes of an answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
