"""What the order path may not contain: floats, ways around its doors, tasks nobody holds, swallowed errors, sets in charge."""

import ast

import pytest

from tests.architecture.source_tree import modules

OUTSIDE_THE_DOORS = {
    "concurrent",
    "multiprocessing",
    "random",
    "requests",
    "secrets",
    "select",
    "signal",
    "socket",
    "sqlite3",
    "subprocess",
    "threading",
    "time",
    "uuid",
}
"""Modules that reach the machine: only the real doors may import them."""

DOORS = {
    "live.edge": "the real doors",
    "venue.world": "chance in named streams of one seed",
    "venue.guard": "it takes what it forbids",
    "venue.server": "it is the other side of real sockets, in a thread and a time of its own",
}
"""Place → why it may import them."""

WAYS_AROUND = {
    "run_in_executor",
    "to_thread",
    "call_later",
    "call_at",
    "wait_for",
    "timeout",
    "timeout_at",
    "get_event_loop",
}
"""Names that wait or run outside the clock's door."""

WAYS_AROUND_ALLOWED = {
    ("venue.loop", "run_in_executor"): "it refuses",
}
"""(module, name) → why it stands there."""

BROAD = {
    "venue.server.door": "a request never takes the venue with it; the peer is told that it failed",
    "venue.server.venue": "what ends the venue's thread is raised in the thread that started it",
    "live.edge": "a door that must not raise turns every failure into its one answer",
    "live.session": "a strategy, or a part of the session, that fails latches it: the last place that can cancel what is out",
    "live.tasks": "likewise",
    "sessions.sitting": "whatever breaks is raised again, when everything that is out has been cancelled",
    "sessions.hours": "a session whose hours nobody keeps is ended by what broke",
    "sessions.onlooker": "whoever looks on, and fails, isn't looked to any more",
    "sessions.watch": "what goes wrong in looking on rings the alarm, and doesn't reach the session that is looked at",
    "venue.simulation": "whatever ends a process is a finding",
}
"""Place → why it may catch everything."""


MARKET_SIDE = {
    "live.feed": "market data are numbers as venues tell them; its one wait lets others take their turn",
    "live.feeds": "words of the configuration",
    "live.trading": "where the kernel's numbers become whole ticks and lots, and fills become numbers again",
    "venue.server": "the other side of real sockets, in a thread and a time of its own",
}
"""Place → what it is, beside the path of an order: no order is kept, sent or proved there."""


def order_path(*, with_doors=True):
    """Yield the modules an order passes through, and those of the world that proves them."""
    for module in modules():
        is_beside = module.is_in(MARKET_SIDE)
        if module.is_in(("live", "venue")) and not is_beside and (with_doors or not module.is_in(DOORS)):
            yield module


def all_live():
    """Yield these and what is beside them."""
    return (module for module in modules() if module.is_in(("live", "venue", "sessions")))


def outside(tree):
    """Yield every import of a module that reaches the machine."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        yield from (node for name in names if name.split(".")[0] in OUTSIDE_THE_DOORS)


def ways_around(tree):
    """Yield (name, node) of everything that waits or runs outside the clock's door."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in WAYS_AROUND:
            yield node.attr, node
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in WAYS_AROUND:
            yield node.name, node
        elif isinstance(node, ast.Attribute) and node.attr == "sleep" and ast.unparse(node.value) == "asyncio":
            yield "asyncio.sleep", node


def floats(tree):
    """Yield every binary floating-point number."""
    for node in ast.walk(tree):
        if (isinstance(node, ast.Constant) and isinstance(node.value, float)) or (
            isinstance(node, ast.Name) and node.id == "float"
        ):
            yield node


def unheld_tasks(tree):
    """Yield every task that is made and not kept: the collector may take it while it runs."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            name = ast.unparse(node.value.func)
            if name.endswith(("create_task", "ensure_future")) and not name.startswith(("group.", "tasks.")):
                yield node


def broad_handlers(tree):
    """Yield every handler that catches all there is and doesn't raise again."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = "" if node.type is None else ast.unparse(node.type)
        is_broad = node.type is None or {"Exception", "BaseException"} & set(caught.strip("()").split(", "))
        if is_broad and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node)):
            yield node


def sets_in_charge(tree):
    """Yield every loop over a set: its order is that of the hash seed."""
    for node in ast.walk(tree):
        iterated = [node.iter] if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension) else []
        for each in iterated:
            is_set = isinstance(each, ast.Set | ast.SetComp) or (
                isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id in {"set", "frozenset"}
            )
            if is_set:
                yield each


def test_only_the_doors_reach_the_machine():
    """No clock, chance, thread, socket or file of the machine is in reach of the order path."""
    found = [module.at(node) for module in order_path(with_doors=False) for node in outside(module.tree)]

    assert found == []


def test_all_waiting_is_through_the_clock():
    """A timer that isn't on the clock's door can't be repeated; each exception is listed with its reason."""
    found = {
        (module.name, name): module.at(node)
        for module in order_path()
        if not module.is_in(("live.edge", "venue.server"))
        for name, node in ways_around(module.tree)
    }

    assert set(found) == set(WAYS_AROUND_ALLOWED), found


def test_no_float_touches_an_order():
    """Prices, quantities and money are whole numbers or decimals, and nothing near them is binary."""
    found = [
        module.at(node)
        for module in order_path()
        if module.is_in(("live",)) and not module.is_in(("live.edge",))
        for node in floats(module.tree)
    ]

    assert found == []


def test_every_task_is_held():
    """The result of making a task is kept somewhere."""
    assert [module.at(node) for module in all_live() for node in unheld_tasks(module.tree)] == []


def test_nothing_is_swallowed():
    """Who catches everything raises again; each exception is listed with its reason."""
    found = [module.at(node) for module in all_live() if not module.is_in(BROAD) for node in broad_handlers(module.tree)]

    assert found == []


def test_no_check_vanishes_in_production():
    """`assert` is gone under `python -O`; the order path has its own `invariant`."""
    found = [module.at(node) for module in order_path() for node in ast.walk(module.tree) if isinstance(node, ast.Assert)]

    assert found == []


def test_no_set_decides_an_order():
    """What is iterated has an order that doesn't depend on the hash seed."""
    assert [module.at(node) for module in all_live() for node in sets_in_charge(module.tree)] == []


def test_the_live_room_does_not_know_the_world():
    """What trades imports nothing of what simulates."""
    found = [
        module.at(node)
        for module in order_path()
        if module.is_in(("live",))
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("runner.venue")
    ]

    assert found == []


@pytest.mark.parametrize(
    ("search", "text"),
    [
        (outside, "import time"),
        (outside, "from threading import Thread"),
        (ways_around, "asyncio.wait_for(x, 1)"),
        (ways_around, "asyncio.sleep(1)"),
        (floats, "x = 0.1"),
        (floats, "float(x)"),
        (unheld_tasks, "asyncio.create_task(x)"),
        (unheld_tasks, "loop.create_task(x)"),
        (broad_handlers, "try:\n    x\nexcept Exception:\n    pass"),
        (broad_handlers, "try:\n    x\nexcept:\n    pass"),
        (sets_in_charge, "for x in {1, 2}: pass"),
        (sets_in_charge, "[x for x in set(y)]"),
    ],
)
def test_each_search_finds_what_it_looks_for(search, text):
    """A rule that matches nothing would let everything pass."""
    assert len(list(search(ast.parse(text)))) == 1
