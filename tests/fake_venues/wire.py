"""Bytes in, bytes out: what every fake venue's dialect shares."""

import json
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass
class Asked:
    """One request as it came over the wire."""

    method: str
    path: str
    query: dict
    raw_query: str
    body: bytes
    headers: dict
    """Names in lower case."""

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def form(self):
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True, strict_parsing=True))


def asked(method, target, headers, body):
    parts = urlsplit(target)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    lowered = {name.lower(): value for name, value in headers}
    return Asked(method, unquote(parts.path), query, parts.query, body or b"", lowered)


@dataclass
class Reply:
    status: int
    body: bytes
    headers: tuple = ()


def reply(status, told, **headers):
    return Reply(status, b"" if told is None else json.dumps(told).encode(), _named(headers))


def _named(headers):
    return tuple((name.replace("_", "-"), value) for name, value in headers.items())
