"""What a session needs from outside of its configuration, looked at before anything is read or written.

Keys, the address of alarms, and the plan of what goes wrong at the embedded venue; all faults are told at once.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from runner.errors import ConfigError, Fault, RunnerError
from runner.live.accounts import Broker
from runner.live.accounts.embedded import Embedded as EmbeddedAccount
from runner.live.feeds.alpaca import Alpaca
from runner.live.feeds.embedded import Embedded
from runner.live.feeds.tickdb import Tickdb
from runner.sessions.alarms import webhook_of
from runner.spec.run import RunSpec
from runner.venue.server.fault_plan import read_plan

__all__ = ["expect_ready"]


def expect_ready(spec: RunSpec, environment: Mapping[str, str]) -> None:
    """Hold a session to everything it will need.

    Raises:
        ConfigError: A variable isn't set, an address of alarms can't be used, or the plan of faults isn't one.
    """
    faults = [
        Fault(where, "must name a variable that is set", variable, f"Set the environment variable {variable} to the key.")
        for where, variable in _variables(spec)
        if not environment.get(variable)
    ]
    try:
        webhook_of(None if spec.session is None else spec.session.alert_url, environment)
    except RunnerError as error:
        faults += error.faults
    if isinstance(spec.feed, Embedded) and spec.feed.faults is not None:
        try:
            read_plan(Path(spec.feed.faults))
        except RunnerError as error:
            faults += error.faults
    if faults:
        raise ConfigError(faults)


def _variables(spec: RunSpec) -> Iterator[tuple[str, str]]:
    """Yield where a variable is named, and its name."""
    feed, broker = spec.feed, spec.broker
    if isinstance(feed, Embedded) and feed.base_url is not None:
        yield "feed.key_env", feed.key_env
    if isinstance(feed, Tickdb | Alpaca):
        yield "feed.key", feed.key
    if isinstance(feed, Alpaca):
        yield "feed.secret", feed.secret
    if isinstance(broker, Broker) and not (isinstance(broker, EmbeddedAccount) and broker.base_url is None):
        for _, variable in broker.service().credentials.variables:
            yield f"broker ({broker.kind})", variable
