"""What the spec expects at a key path: which model, which family, which field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from runner.spec.kind import Kinds, OfFamily
from runner.spec.run import RunSpec
from runner.spec.sweep import BesideRun
from runner.strict_yaml import KeyPath

__all__ = ["Place", "place_of"]


@dataclass(frozen=True, slots=True)
class Place:
    """What the spec knows about a key path."""

    model: type[BaseModel] | None = None
    """The model of the mapping at the path; None for a single value, a free mapping or an unknown kind."""
    family: str = ""
    """The family whose kinds may stand there; empty where none does."""
    field: FieldInfo | None = None
    """The field the path names, with its description."""
    annotation: Any = None
    """The field's type."""
    beside: type[BaseModel] | None = None
    """The model of keys that may stand in the mapping beside those of a kind."""

    @property
    def keys(self) -> list[str]:
        """The keys the mapping at the path may have."""
        return list(self.fields)

    @property
    def fields(self) -> dict[str, FieldInfo]:
        """The fields behind the keys."""
        models = (model for model in (self.beside, self.model) if model)
        return {key: field for model in models for key, field in model.model_fields.items()}

    @property
    def words(self) -> list[str]:
        """The words the value may be, if it is one of a few."""
        choices = [self.annotation, *get_args(self.annotation)]
        return [str(word) for choice in choices if get_origin(choice) is Literal for word in get_args(choice)]

    @property
    def patterns(self) -> list[str]:
        """The patterns that a text may be held to."""
        marks = _marks(self.annotation, list(self.field.metadata) if self.field else [])
        return [str(mark.pattern) for mark in marks if getattr(mark, "pattern", None)]

    @property
    def most(self) -> float | None:
        """The largest number there may be, None where there is no bound."""
        marks = _marks(self.annotation, list(self.field.metadata) if self.field else [])
        bounds = [bound for mark in marks for name in ("le", "lt") if (bound := getattr(mark, name, None)) is not None]
        return min(bounds, default=None)

    @property
    def is_fraction(self) -> bool:
        """Whether a number there is a share of something."""
        return self.most == 1 or re.search(r"\b(fraction|share)\b", self.description, re.IGNORECASE) is not None

    @property
    def may_be_null(self) -> bool:
        """Whether null may be written."""
        return type(None) in get_args(self.annotation)

    @property
    def description(self) -> str:
        """What the field is for, as its author wrote it."""
        return " ".join((self.field.description or "").split()) if self.field else ""


def place_of(path: KeyPath, values: Mapping[str, Any], kinds: Kinds) -> Place:
    """Return what the spec expects at the path, given the kinds that the values name on the way."""
    place = Place(model=RunSpec, beside=BesideRun)
    here: Any = values
    for key in path:
        here = here.get(key) if isinstance(here, Mapping) else None
        place = _below(place, key, here, kinds)
    return place


def _below(place: Place, key: str | int, value: Any, kinds: Kinds) -> Place:
    field = place.fields.get(str(key))
    if field is not None:
        annotation, metadata = field.annotation, field.metadata
    else:
        annotation, metadata = _item(place.annotation)
    mark = next((mark for mark in metadata if isinstance(mark, OfFamily)), None)
    if mark:
        name = value.get("kind") if isinstance(value, Mapping) else None
        found = kinds.find(mark.family, name) if isinstance(name, str) else None
        return Place(found, mark.family, field, beside=mark.beside)
    return Place(_model(annotation), "", field, annotation)


def _item(annotation: Any) -> tuple[Any, list[Any]]:
    """Return type and metadata of what a mapping or list holds."""
    inner = get_args(annotation)
    if get_origin(annotation) not in {dict, tuple, list} or not inner:
        return None, []
    item = inner[1] if get_origin(annotation) is dict else inner[0]
    metadata: list[Any] = []
    while get_origin(item) is Annotated:
        item, *marks = get_args(item)
        metadata += marks
    return item, metadata


def _marks(annotation: Any, marks: list[Any]) -> list[Any]:
    """Return what a type's annotations say, those inside of unions as well; a field's own are handed in."""
    found = [inner for mark in marks for inner in (mark, *getattr(mark, "metadata", ()))]
    for choice in get_args(annotation) if get_origin(annotation) is not Literal else ():
        found += _marks(choice, list(getattr(choice, "__metadata__", ())))
    return found


def _model(annotation: Any) -> type[BaseModel] | None:
    """Return the model that a value of this type is; a mapping or list of models is none itself."""
    if get_origin(annotation) in {dict, tuple, list}:
        return None
    for choice in (annotation, *get_args(annotation)):
        if isinstance(choice, type) and issubclass(choice, BaseModel):
            return choice
    return None
