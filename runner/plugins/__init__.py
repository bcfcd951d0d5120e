"""The user's own operators: Python files in `strategies/` whose operators expressions may call by name.

1. `files` reads the files of the folders, `declared` finds the operators each one makes, without running it.
2. `operators` is all that an expression may call, shipped and own; a file is imported when one of its operators is called.
3. `imported` runs a file's code, once per content; `sound` looks at the operators it made.
4. `machine_code` compiles those that a graph uses, so that what the compiler refuses is a fault of the file and line.

His own kinds of slippage, sizing and the like are found by `declared_kinds`; `kinds` are all that may be chosen, and
`kind_trial` tries those that a run has. `unread` are the files that aren't Python, of use where a name is missed.
"""

from runner.plugins.files import Folder, PluginFile, default_folders
from runner.plugins.kinds import OwnKinds
from runner.plugins.machine_code import machine_code_faults
from runner.plugins.operators import PluginOperators
from runner.plugins.strategies import OwnStrategy, own_strategy

__all__ = [
    "Folder",
    "OwnKinds",
    "OwnStrategy",
    "PluginFile",
    "PluginOperators",
    "default_folders",
    "machine_code_faults",
    "own_strategy",
]
