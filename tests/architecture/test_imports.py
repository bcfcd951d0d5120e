"""Which room may know which: the order of the rooms, one room per library, nothing imported behind a function's back."""

import ast
import sys

import pytest

from tests.architecture.source_tree import imports, modules

ROOMS = (
    "errors",
    "plain_text",
    "once",
    "collector",
    "units",
    "duration",
    "tables",
    "frames",
    "strict_yaml",
    "spec",
    "compiler",
    "signal",
    "market",
    "trading",
    "engine",
    "archive",
    "report",
    "compose",
    "kinds",
    "plugins",
    "prepare",
    "launch",
    "sweeps",
    "live",
    "venue",
    "sessions",
    "ui",
    "",  # the package's face: what `import runner` offers
    "cli",
    "__main__",
)
"""From the bottom up: a room may import itself and the rooms before it."""

LIBRARIES = {
    "aiohttp": (
        "live.edge.rest",
        "venue.server.answers",
        "venue.server.door",
        "venue.server.market_rest",
        "venue.server.market_socket",
        "venue.server.outbox",
        "venue.server.parts",
        "venue.server.private_socket",
        "venue.server.server",
        "venue.server.trading_rest",
    ),
    "backtrader": ("engine.backtrader.library",),
    "bokeh_sampledata": ("market.sources.sample",),
    "distributed": ("sweeps.dask_cluster",),
    "exchange_calendars": ("market.exchange_library",),
    "hydra": ("compose", "cli"),
    "llvmlite": ("compiler.memory", "compiler.target"),
    "mlflow": ("archive.mlflow_log",),
    "msgspec": ("live.feed.dialects",),
    "numba": ("compiler",),
    "numpy": tuple(room for room in ROOMS if room),
    "omegaconf": ("compose", "cli"),
    "optuna": ("sweeps.optuna_search",),
    "pandas": ("frames",),
    "polars": ("market", "archive"),
    "pydantic": (
        "units",
        "spec",
        "market.sources",
        "trading",
        "compose",
        "prepare",
        "live.accounts",
        "live.feeds",
        "venue.server.fault_plan",
    ),
    "requests": ("market.tickdb.transport",),
    "rich": ("report", "sweeps.pages.board", "cli"),
    "websockets": ("live.edge.websocket",),
    "yaml": ("strict_yaml",),
    "yarl": ("live.edge.rest",),
}
"""Third-party library → the places that may import it."""

PARTS = {"pydantic_core": "pydantic"}
"""Modules that are another name of a library in the table."""

INSIDE_FUNCTIONS = {
    (
        "sessions.any_mode",
        "runner.sessions.launch.launch_session",
    ): "sockets and servers take half a second; only who is live pays",
    ("market.exchange_library", "exchange_calendars"): "it brings pandas, half a second; only who names an exchange pays",
    (
        "launch.by_whole",
        "runner.engine.backtrader.run",
    ): "Backtrader is an extra and takes half a second; only who asks for it pays",
    (
        "sweeps.executors",
        "runner.sweeps.dask_cluster.DaskCluster",
    ): "Dask is an extra and takes a second; only who asks for it pays",
    (
        "sweeps.searching",
        "runner.sweeps.optuna_search.OptunaGuide",
    ): "Optuna is an extra and takes a third of a second; only who asks for it pays",
    (
        "cli.mlflow",
        "runner.archive.mlflow_log.log_run",
    ): "MLflow is an extra and takes two seconds; only who asks for it pays",
    ("archive.run", "runner.frames.frame_of"): "pandas takes half a second; only who asks for a frame pays",
    ("sweeps.sweep", "runner.frames.frame_of"): "likewise",
    (
        "sweeps.work",
        "runner.engine.backtrader.run",
    ): "Backtrader is an extra and takes half a second; only who asks for it pays",
}
"""(module, imported name) → why the import may stand inside a function."""

IMPORTING_BY_NAME = {
    "": "the package's face imports a public name when it is first used, so that the command line starts fast",
    "compiler.generated": "a loop written out for the functions it drives is a file of its own, in the user's cache",
    "cli.main": "a verb's module is imported when it is the one asked for",
    "kinds": "every file in a family's folder is a kind, and only the kinds a run names are imported",
    "plugins.imported": "a file of the user's is imported when an expression calls one of its operators",
    "signal.registry": "every file in the folder of operators is an operator, without a list of them anywhere",
}
"""Module that imports by a name it works out → what for."""

EDGES = {
    "archive": "run directories are stamped with the instant, and manifests name machine and environment",
    "compiler.generated": "the user's cache of machine code lies where the environment says",
    "cli": "the terminal, the working directory and the environment are the user's",
    "launch": "stages of a run are timed",
    "sweeps.forecast": "how long a sweep will take is measured on a few of its lanes",
    "sweeps.from_python": "a sweep's folder is stamped with the instant, and threads are as many as there are cores",
    "market.store.edge": "a lock is waited for, and the user's own store lies where the environment says",
    "market.tickdb.edge": "requests are spaced in time, retries are spread by chance, and the key is in the environment",
    "live.edge": "the real doors of a session: time, chance, network, disk, and the kill file",
    "venue.guard": "it takes what it forbids",
    "sessions": "keys of services and alarms are in the environment, and a session begins now",
    "venue.server.edge": "the machine's time that latency and paces are measured by, and a key that nobody can guess",
    "venue.world": "chance is drawn from named streams of one seed; nothing there asks the machine for any",
    "ui": "keys are drawn by chance, pages say how old a status is, and runs that are started are stamped with the instant",
    "report.progress": "a bar on the terminal appears after a second",
}
"""The only places that may ask for the time, for chance or for the environment → what for."""

CLOCKS = {"time", "random", "secrets", "uuid"}
"""Modules of the standard library whose answers differ from call to call."""

OUTSIDE = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("os", "environ"),
    ("os", "getenv"),
    ("os", "urandom"),
    ("np", "random"),
    ("numpy", "random"),
}
"""(object, attribute) pairs that reach for time, chance or the environment."""

CODE_MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "runpy"}
"""Modules that turn data into running code."""


def room_of(name):
    """Return the room of a dotted name below `runner`."""
    return name.split(".")[0]


def room_imported(target):
    """Return the room an imported `runner…` name belongs to; a name that is no room comes from the package's face."""
    first = room_of(target.removeprefix("runner").removeprefix("."))
    return first if first in ROOMS else ""


def names_the_package_only(module):
    """Return whether a module uses of `runner` itself nothing but its file and its version."""
    return all(attribute.startswith("__") for (owner, attribute), _ in _attributes(module) if owner == "runner")


def test_every_module_lies_in_a_room():
    """A module outside the listed rooms would escape every rule below."""
    strays = [str(module.path) for module in modules() if room_of(module.name) not in ROOMS]

    assert strays == []


def test_imports_go_down():
    """A room knows itself and the rooms before it, never one after it."""
    upward = [
        f"{found.module.at(found.node)} imports {found.target}"
        for found in imports()
        if found.target.split(".")[0] == "runner"
        and ROOMS.index(room_imported(found.target)) > ROOMS.index(room_of(found.module.name))
        and not (found.target == "runner" and names_the_package_only(found.module))
    ]

    assert upward == []


def test_every_library_stays_in_its_room():
    """A third-party library is imported only where the table says, and only if the table names it; types cost nothing."""
    astray = []
    for found in (each for each in imports() if not each.is_for_types):
        library = found.target.split(".")[0]
        library = PARTS.get(library, library)
        if (
            library != "runner"
            and library not in sys.stdlib_module_names
            and not found.module.is_in(LIBRARIES.get(library, ()))
        ):
            astray.append(f"{found.module.at(found.node)} imports {found.target}")

    assert astray == []


def test_imports_stand_at_the_top():
    """An import inside a function hides a dependency: each one is listed with its reason, and the list holds no other."""
    inside = {(found.module.name, found.target) for found in imports() if found.inside is not None}

    assert set(INSIDE_FUNCTIONS) == inside


def test_importing_by_name_is_rare():
    """An import whose target is worked out escapes the rules above: each such place is listed with its reason."""
    by_name = {module.name for module in modules() for node in ast.walk(module.tree) if _is_import_by_name(node)}

    assert set(IMPORTING_BY_NAME) == by_name


def test_time_chance_and_environment_stay_at_the_edges():
    """Below the edges the same input gives the same output, so nothing there may look at the clock."""
    reaching = [
        f"{found.module.at(found.node)} imports {found.target}"
        for found in imports()
        if found.target.split(".")[0] in CLOCKS and not found.module.is_in(EDGES)
    ]
    for module in modules():
        if not module.is_in(EDGES):
            reaching += [f"{module.at(node)} uses {'.'.join(pair)}" for pair, node in _attributes(module) if pair in OUTSIDE]

    assert reaching == []


def test_i7_no_data_is_ever_run_as_code():
    """Nothing evaluates text, unpickles, loads YAML with constructors, instantiates by name or unpacks archives blindly."""
    running = [
        f"{found.module.at(found.node)} imports {found.target}"
        for found in imports()
        if found.target.split(".")[0] in CODE_MODULES or found.target.split(".")[-1] in {"instantiate", "get_class"}
    ]
    for module in modules():
        running += [f"{module.at(node)} calls {name}" for name, node in _dangerous(module.tree)]

    assert running == []


@pytest.mark.parametrize(
    "text",
    [
        "eval('1')",
        "exec('x')",
        "__import__('os')",
        "yaml.load(x)",
        "tar.extractall()",
        "cfg['_target_']",
        "yaml.unsafe_load(x)",
    ],
)
def test_the_search_for_dangerous_calls_finds_them(text):
    """The test above would be worth nothing if it looked past what it looks for."""
    found = list(_dangerous(ast.parse(text)))

    assert len(found) == 1


def _is_import_by_name(node):
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "exec_module"))


def _attributes(module):
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", None)
            yield (name, node.attr), node


def _dangerous(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"eval", "exec", "__import__"}:
            yield node.func.id, node
        elif isinstance(node, ast.Attribute) and _is_unsafe(node):
            yield node.attr, node
        elif isinstance(node, ast.Constant) and node.value == "_target_":
            yield "_target_", node


def _is_unsafe(node):
    is_yaml = isinstance(node.value, ast.Name) and node.value.id == "yaml"
    return node.attr == "extractall" or (is_yaml and node.attr in {"load", "unsafe_load", "full_load", "load_all"})
