"""A state as one canonical JSON text and back: the journal's anchor, and how two states are compared.

`parse(text(state))` is the same state, and two states are the same exactly if their texts are.
"""

import json
from collections import deque
from dataclasses import astuple, fields
from typing import Any

from runner.live.events import canonical
from runner.live.model import (
    Account,
    Execution,
    ForeignOrder,
    Instrument,
    Order,
    Permission,
    Position,
    Recent,
    SessionState,
    State,
    Status,
)

__all__ = ["parse", "text"]

PLAIN = (
    "swept_to_ns",
    "intents",
    "last_integer",
    "day",
    "orders_today",
    "previous_close",
    "day_open",
    "equity",
    "peak",
    "has_lost_too_much",
    "killed",
    "config",
    "code",
    "boots",
    "opened_at_ns",
    "late_fills",
    "denials",
    "frozen",
    "marks",
)
"""Fields of a state that are JSON as they are."""


def text(state: State) -> str:
    """Return the one text of a state; instruments are not in it, they are the journal's head."""
    found: dict[str, object] = {name: getattr(state, name) for name in PLAIN}
    found["session"] = state.session
    found["permission"] = state.permission
    found["orders"] = [[getattr(order, name) for name in ORDER] for order in state.orders.values()]
    found["executions"] = state.executions
    found["busted"] = sorted(state.busted)
    found["foreign"] = {key: astuple(each) for key, each in state.foreign.items()}
    found["positions"] = {key: astuple(each) for key, each in state.positions.items()}
    found["accounts"] = {key: astuple(each) for key, each in state.accounts.items()}
    found["recent"] = list(state.recent)
    found["rejects"] = list(state.rejects)
    found["repeats"] = state.repeats
    return canonical(found)


def parse(body: str, instruments: dict[str, Instrument]) -> State:
    """Return the state of a text that `text` wrote; raise ValueError, KeyError or TypeError for any other."""
    found: dict[str, Any] = json.loads(body)
    state = State(instruments, **{name: found[name] for name in PLAIN})
    state.session = SessionState(found["session"])
    if found["permission"] is not None:
        reason, adjusts, absent = found["permission"]
        state.permission = Permission(reason, adjusts, tuple(absent))
    for line in found["orders"]:
        order = Order(**dict(zip(ORDER, line, strict=True)))
        order.status = Status(order.status)
        order.venue_ids = tuple(order.venue_ids)
        state.orders[order.coid] = order
        state.by_venue_id.update(dict.fromkeys(order.venue_ids, order.coid))
        if order.status.is_live:
            state.live[order.coid] = order
    state.executions = {key: Execution._make(line) for key, line in found["executions"].items()}
    state.busted = set(found["busted"])
    state.foreign = {key: ForeignOrder(*line) for key, line in found["foreign"].items()}
    state.positions = {key: Position(*line) for key, line in found["positions"].items()}
    state.accounts = {key: Account(*line) for key, line in found["accounts"].items()}
    state.recent = deque((Recent._make(line) for line in found["recent"]), maxlen=state.recent.maxlen)
    state.rejects = deque(found["rejects"], maxlen=state.rejects.maxlen)
    state.repeats = {key: (signal, count) for key, (signal, count) in found["repeats"].items()}
    return state


ORDER = tuple(each.name for each in fields(Order))
