"""YAML in which a value is what it looks like: one strict reader, one writer, and the only place that imports PyYAML.

YAML 1.1 turns `9:30` into 570, `NO` into false and `0700` into 448, keeps the last of two equal keys and lets ten lines
of aliases grow into gigabytes. Here each of these is a fault that names the line and says what to write.

`read` makes a `Document` of a text (`reader`), by the rules for plain scalars (`scalar`); `write` is its inverse (`writer`).
"""

from runner.strict_yaml.document import Document, KeyPath, Mark, Problem, key_text
from runner.strict_yaml.reader import CODE_KEYS, MAX_BYTES, MAX_DEPTH, MAX_VALUES, read, reads_environment, too_large
from runner.strict_yaml.writer import write

__all__ = [
    "CODE_KEYS",
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_VALUES",
    "Document",
    "KeyPath",
    "Mark",
    "Problem",
    "key_text",
    "read",
    "reads_environment",
    "too_large",
    "write",
]
