"""The two network doors of an account, with its credentials from the environment.

Credentials are looked up by name, held as `Secret`s, and handed to what signs requests and introduces streams; whoever opens
the doors never has them in hand. All that are missing or can't be sent are told at once, by their names.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from runner.errors import ConfigError, Fault
from runner.live.accounts import Broker
from runner.live.edge.rest import HttpRest
from runner.live.edge.signing import HmacQuery, KeyHeaders, Signer, expect_sendable, hmac_of
from runner.live.edge.websocket import Introduction, WebSockets
from runner.live.ports import Clock
from runner.live.private_stream import PrivateStream
from runner.live.profile import MS
from runner.live.service import Credentials, Scheme
from runner.market.tickdb.secret import Secret

__all__ = ["Doors", "doors_of"]


@dataclass(frozen=True, slots=True)
class Doors:
    """The REST and stream ports of one account."""

    rest: HttpRest
    stream: PrivateStream

    async def close(self) -> None:
        """Close both."""
        await self.stream.close()
        await self.rest.close()


def doors_of(broker: Broker, environment: Mapping[str, str], clock: Clock) -> Doors:
    """Return the doors of an account; nothing is connected yet.

    Args:
        broker: names addresses and variables.
        environment: where the variables are looked up; a venue that makes up its own key adds it here.
        clock: stamps what is signed, and times the stream.

    Raises:
        ConfigError: a variable is unset or holds what can't be sent, an address can't be used, or isn't known.
    """
    service = broker.service()
    secrets = _secrets(service.credentials, environment)
    sockets = WebSockets(service.stream, lambda: _introduction(service.credentials.scheme, secrets, clock))
    rest = HttpRest(service.rest, _signer(service.credentials.scheme, secrets, clock))
    return Doors(rest, PrivateStream(sockets, service.manners, clock))


def _secrets(credentials: Credentials, environment: Mapping[str, str]) -> dict[str, Secret]:
    faults = [
        Fault(variable, "must be set: it holds credentials of the account", "", f"Set the environment variable {variable}.")
        for _, variable in credentials.variables
        if not environment.get(variable)
    ]
    if faults:
        raise ConfigError(faults)
    expect_sendable({variable: Secret(environment[variable]) for _, variable in credentials.variables})
    return {name: Secret(environment[variable]) for name, variable in credentials.variables}


def _signer(scheme: Scheme, secrets: Mapping[str, Secret], clock: Clock) -> Signer:
    if scheme is not Scheme.BINANCE:
        return KeyHeaders(secrets)
    (header,) = (name for name in secrets if name != "secret")
    return HmacQuery(header, secrets[header], secrets["secret"], clock)


def _introduction(scheme: Scheme, secrets: Mapping[str, Secret], clock: Clock) -> Introduction:
    """Say who we are; made anew for every opening."""
    told = tuple(secrets.values())
    match scheme:
        case Scheme.HEADERS:
            return Introduction(headers=tuple(secrets.items()))
        case Scheme.ALPACA:
            key, secret = told
            data = {"key_id": key.reveal(), "secret_key": secret.reveal()}
            said = {"action": "authenticate", "data": data}
        case Scheme.BINANCE:
            key, secret = told
            params: dict[str, object] = {"apiKey": key.reveal(), "timestamp": clock.utc_ns() // MS}
            signed = "&".join(f"{name}={value}" for name, value in sorted(params.items()))
            params["signature"] = hmac_of(secret, signed)
            said = {"id": "subscribe", "method": "userDataStream.subscribe.signature", "params": params}
    return Introduction(messages=(Secret(json.dumps(said)),), secrets=told)
