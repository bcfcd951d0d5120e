"""Values with a `kind`: how a run names one of several models without naming Python.

A family (slippage, sizing, data …) is a folder; a kind is one file in it, and the file's name is the word users write.
`RunSpec` doesn't import the kinds: it is handed a `Kinds` lookup when it is validated, so a new file is a new kind and
nothing else is edited.
"""

import sys
import traceback
from collections.abc import Iterable
from typing import Any, ClassVar, Protocol

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from runner.errors import did_you_mean

__all__ = ["Kind", "Kinds", "OfFamily", "Spec"]


class Spec(BaseModel):
    """A frozen, strict value of the configuration: unknown keys, coerced types, NaN and infinity are refused."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        validate_default=True,
    )


class Kind(Spec):
    """A value whose `kind` names the file it was defined in."""

    written_in: ClassVar[str] = ""
    """File and line of a kind that a user wrote, as messages call them; empty for those that Runner brings."""

    kind: str
    """The kind's name: the name of its file."""


class Kinds(Protocol):
    """Looks up the class behind a family and a kind."""

    def names(self, family: str) -> Iterable[str]:
        """Return the kinds the family knows."""

    def find(self, family: str, name: str) -> type[Kind] | None:
        """Return the class of a kind, or None if the family doesn't know the name."""

    def having(self, family: str, key: str) -> Iterable[str]:
        """Return the kinds of a family that have a key, as far as that is known without running anybody's code."""


class OfFamily:
    """Annotation that validates a mapping with a `kind` into the class the family's folder holds for it."""

    beside: type[Spec] | None = None
    """Keys that may stand in the mapping beside those of the kind; None for no others."""

    def __init__(self, family: str, *, is_optional: bool = False) -> None:
        """Name the family whose kinds are accepted, and say whether null stands for none of them."""
        self.family = family
        self.is_optional = is_optional

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema pydantic validates and writes the field with."""
        schema = core_schema.with_info_plain_validator_function(
            self._validate,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda kind: kind.model_dump()),
        )
        return core_schema.nullable_schema(schema) if self.is_optional else schema

    def _validate(self, value: Any, info: ValidationInfo) -> Kind:
        if isinstance(value, Kind):
            return value
        if not isinstance(value, dict):
            raise PydanticCustomError("kind_mapping", "must be a mapping with a kind", {"family": self.family})
        kinds: Kinds | None = info.context
        if kinds is None:
            raise PydanticCustomError("kind_context", "must be validated with a lookup of kinds")
        name = value.get("kind")
        found = kinds.find(self.family, name) if isinstance(name, str) else None
        if found is None:
            hint = did_you_mean(str(name), kinds.names(self.family))
            raise PydanticCustomError("kind_unknown", "must name a kind of {family}", {"family": self.family, "hint": hint})
        try:
            return found.model_validate(value, context=kinds)
        except ValidationError:
            raise
        except Exception as error:
            if not found.written_in:
                raise
            raise PydanticCustomError(
                "kind_raises", "must not raise while it is checked", {"hint": _hint(found, error)}
            ) from error


def _hint(kind: type[Kind], error: Exception) -> str:
    """Return where a user's kind raised an error, and which."""
    shown = kind.written_in.rpartition(":")[0]
    path = getattr(sys.modules.get(kind.__module__), "__file__", None)
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    said = " ".join(str(error).split()).rstrip(".")
    at = f"{shown}:{lines[-1]}" if lines else kind.written_in
    return f"Mend {at}: {type(error).__name__}{': ' if said else ''}{said}."
