"""Reads one YAML document, strictly, and says everything that is wrong with it at once.

1. `read` decodes the bytes (UTF-8; a byte order mark and CRLF are nobody's fault) and refuses more than `MAX_BYTES`.
2. The safe loader's *events* are read, never its objects: tags, anchors and aliases are seen and refused, nothing expands.
3. `whole` joins values that commas cut in braces.
4. `_Builder` makes plain dicts, lists and scalars of the events, remembering where each stood, and collects every fault.

Why faults *and* a value: the rest of a configuration is still worth checking, so a scalar that was refused keeps its text,
and the path of the fault is remembered in `Problem.path` so that nobody complains about it twice.
"""

import re
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import yaml

from runner.errors import Fault
from runner.strict_yaml.cut import CutValue, whole
from runner.strict_yaml.document import Document, KeyPath, Mark, Problem, key_text
from runner.strict_yaml.scalar import Scalar, Trap, resolve
from runner.strict_yaml.syntax import syntax_words

__all__ = ["CODE_KEYS", "MAX_BYTES", "MAX_DEPTH", "MAX_VALUES", "read", "reads_environment", "too_large"]

MAX_BYTES = 1_048_576
"""Largest document that is read."""

MAX_DEPTH = 32
"""Deepest nesting of mappings and lists."""

MAX_VALUES = 20_000
"""Most keys and values a document may hold."""

MAX_PROBLEMS = 25
"""Most faults that are told of one document; more would hide the first."""

CODE_KEYS = frozenset({*(f"_{word}_" for word in ("target", "partial", "args", "recursive", "convert")), "()", "class"})
"""Keys by which a configuration could name Python: those Hydra instantiates by, and those of logging's `dictConfig`."""

_ENVIRONMENT = re.compile(r"\$\{.*?\b(oc\s*\.\s*)?env\s*:", re.DOTALL)
_WIDEST_EXCERPT = 160


def read(text: str | bytes, name: str) -> Document:
    """Read one YAML document whose top is a mapping; `name` is what faults call the file.

    Never raises for what the text says: all that is wrong is in the document's `problems`.
    """
    size = len(text.encode(errors="surrogatepass") if isinstance(text, str) else text)
    if size > MAX_BYTES:
        return too_large(size, name)
    try:
        decoded = text.decode() if isinstance(text, bytes) else text
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        was = f"the byte 0x{error.object[error.start]:02x} in line {line}"
        return _unreadable(Fault(name, "must be UTF-8 text", was, "Save the file as UTF-8.", f"{name}:{line}"))
    return _read_text(decoded.removeprefix("\ufeff"), name)


def too_large(size: int, name: str) -> Document:
    """Return the document a text of more than `MAX_BYTES` bytes is: nothing but its fault."""
    write = "Keep data in data files and name those here."
    return _unreadable(Fault(name, "must be at most 1 MiB", f"{size / MAX_BYTES:.1f} MiB", write))


def reads_environment(text: str) -> bool:
    """Return whether the text asks OmegaConf for an environment variable, however it is spaced or nested."""
    return _ENVIRONMENT.search(text) is not None


def _read_text(text: str, name: str) -> Document:
    builder = _Builder(name, text)
    try:
        builder.build(whole(yaml.parse(text, Loader=yaml.SafeLoader)))
    except _GivenUpError:
        pass
    except yaml.MarkedYAMLError as error:
        builder.refuse_syntax(error)
    except yaml.reader.ReaderError as error:
        builder.refuse_character(error)
    return builder.document()


def _unreadable(fault: Fault) -> Document:
    return Document({}, problems=(Problem((), fault),), is_readable=False)


class _GivenUpError(Exception):
    """The rest of the text isn't worth reading; the reason is among the problems."""


class _Builder:
    """Turns the events of one document into values."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.lines = text.splitlines()
        self.marks: dict[KeyPath, Mark] = {}
        self.problems: list[Problem] = []
        self.value: dict[str, Any] = {}
        self.is_readable = True
        self.count = 0

    def document(self) -> Document:
        return Document(self.value, MappingProxyType(self.marks), tuple(self.problems), self.is_readable)

    def build(self, events: Iterator[Any]) -> None:
        """Build the value of the only document there may be."""
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.refuse((), event, "must hold one document", "a second one after ---", "Use one file for each.")
                    raise _GivenUpError
            elif isinstance(event, yaml.NodeEvent):
                self._top(event, events)
        if documents == 0:
            write = "Write a key and its value, or {} to say nothing on purpose."
            self._refuse_all(Fault(self.name, "must hold at least one key", "empty", write))

    def refuse(self, path: KeyPath, event: Any, must: str, was: str = "", write: str = "") -> None:
        """Say what is wrong with the value at the path; a fault about the whole document leaves it unreadable."""
        mark = _mark(event)
        if len(self.problems) >= MAX_PROBLEMS:
            self._refuse_all(
                Fault(self.name, "must be mended so far before the rest is read", "", "", f"{self.name}:{mark.line}")
            )
            raise _GivenUpError
        where = key_text(path) or self.name
        self.problems.append(Problem(path, Fault(where, must, was, write, f"{self.name}:{mark.line}:{mark.column}")))
        self.is_readable &= bool(path)

    def refuse_syntax(self, error: yaml.MarkedYAMLError) -> None:
        """Say where the text stops being YAML, and show the line."""
        is_at_end = "stream" in str(error.problem)
        mark = (error.context_mark if is_at_end else error.problem_mark) or error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        must, write = syntax_words(str(error.problem))
        shown = self.lines[line] if line < len(self.lines) else ""
        excerpt = f"{shown.replace(chr(9), '→')}\n{' ' * column}^" if len(shown) <= _WIDEST_EXCERPT else ""
        self._refuse_all(Fault(self.name, must, "", write, f"{self.name}:{line + 1}:{column + 1}", excerpt))

    def refuse_character(self, error: yaml.reader.ReaderError) -> None:
        """Say which character isn't text."""
        line = self.text[: error.position].count("\n") + 1
        code = error.character if isinstance(error.character, int) else ord(error.character)
        was = f"the control character U+{code:04X}"
        self._refuse_all(Fault(self.name, "must be printable text", was, "Remove the character.", f"{self.name}:{line}"))

    def _refuse_all(self, fault: Fault) -> None:
        self.problems.append(Problem((), fault))
        self.is_readable = False

    def _top(self, event: Any, events: Iterator[Any]) -> None:
        if isinstance(event, yaml.MappingStartEvent):
            self._refuse_anchor_and_tag(event, ())
            self._mapping(self.value, events, ())
            return
        kind = "a list" if isinstance(event, yaml.SequenceStartEvent) else "a single value"
        self.refuse((), event, "must be a mapping at the top", kind, "Write lines of `key: value`.")
        raise _GivenUpError

    def _mapping(self, into: dict[str, Any], events: Iterator[Any], path: KeyPath) -> None:
        lines: dict[str, int] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                return
            key = self._key(event, events, path)
            line = _mark(event).line
            if key in lines:
                was = f"in line {lines[key]} and again in line {line}"
                self.refuse((*path, key), event, "must stand only once", was, "Keep one of the two.")
            lines[key] = line
            into[key] = self._node(next(events), events, (*path, key), event)

    def _list(self, events: Iterator[Any], path: KeyPath) -> list[Any]:
        items: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._node(event, events, (*path, len(items)), event))
        return items

    def _node(self, event: Any, events: Iterator[Any], path: KeyPath, key: Any) -> Any:
        """Return the value that begins with the event; a mapping or list is marked where its key stands."""
        self._count(event)
        if isinstance(event, yaml.AliasEvent):
            self.refuse(path, event, "must not be an alias", f"*{event.anchor}", "Write the value out.")
            return None
        self._refuse_anchor_and_tag(event, path)
        if isinstance(event, yaml.ScalarEvent):
            self.marks[path] = _mark(event)
            return self._scalar(event, path)
        if len(path) >= MAX_DEPTH:
            self.refuse((), event, f"must be nested at most {MAX_DEPTH} levels deep", "deeper here", "Flatten the file.")
            raise _GivenUpError
        self.marks[path] = _mark(key)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(events, path)
        value: dict[str, Any] = {}
        self._mapping(value, events, path)
        return value

    def _key(self, event: Any, events: Iterator[Any], path: KeyPath) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            write = "Write one word before the colon."
            self.refuse((*path, "?"), event, "must be text before the colon", "a list, mapping or alias", write)
            if not isinstance(event, yaml.AliasEvent):
                self._node(event, events, (*path, "?"), event)
            return "?"
        self._count(event)
        key = self._text(event, path)
        self._refuse_anchor_and_tag(event, (*path, key))
        self._check_key(event, (*path, key))
        return key

    def _check_key(self, event: Any, path: KeyPath) -> None:
        key, is_plain = str(path[-1]), event.implicit[0]
        value = resolve(key) if is_plain else key
        if key == "<<" and is_plain:
            self.refuse(path, event, "must not merge another mapping", "<<", "Write the keys out, or use a defaults list.")
        elif key in CODE_KEYS:
            write = "Remove it; a model is chosen by its kind, e.g. `kind: fixed_bps`."
            self.refuse(path, event, "must not stand in a configuration, because configurations can't run code", key, write)
        elif isinstance(value, Trap):
            self.refuse(path, event, value.must, key, f'Quote the key: "{key}".')
        elif not isinstance(value, str):
            self.refuse(path, event, "must be text before the colon", key or "nothing", f'Quote the key: "{key or "name"}".')

    def _text(self, event: Any, path: KeyPath) -> str:
        """Return the scalar's text, without the halves of characters that escapes can leave behind."""
        text = str(event.value)
        whole = text.encode("utf-8", "replace").decode()
        if whole != text:
            self.refuse(path, event, "must be made of whole characters", "half a character", "Write the character itself.")
        return whole

    def _scalar(self, event: Any, path: KeyPath) -> Scalar:
        text = self._text(event, path)
        if reads_environment(text):
            write = "Where a secret is needed, give the variable's name; Runner reads it when it connects."
            self.refuse(
                path, event, "must not read environment variables, because every run records its values", text, write
            )
            return text
        if isinstance(event, CutValue):
            write = f"Write {_in_quotes(text)} with the quotes, or write each key on a line of its own, without braces."
            self.refuse(path, event, "must be quoted, because in braces a comma ends the value", text, write)
            return text
        value = resolve(text) if event.implicit[0] else text
        if isinstance(value, Trap):
            self.refuse(path, event, value.must, text, value.write)
            return text
        return value

    def _count(self, event: Any) -> None:
        self.count += 1
        if self.count > MAX_VALUES:
            write = "Keep data in data files and name those here."
            self.refuse((), event, f"must hold at most {MAX_VALUES} keys and values", "more", write)
            raise _GivenUpError

    def _refuse_anchor_and_tag(self, event: Any, path: KeyPath) -> None:
        if event.anchor is not None:
            self.refuse(path, event, "must not have an anchor", f"&{event.anchor}", "Remove it, and write values out.")
        if event.tag is not None:
            shown = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.refuse(path, event, "must not have a tag", shown, "Remove the tag; quote the value if it is text.")


def _mark(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


def _in_quotes(text: str) -> str:
    """Return a plain text in the quotes that it doesn't hold itself."""
    return f"'{text}'" if '"' in text else f'"{text}"'
