"""The JSON Schema of the configuration, for editors: keys complete, typos are underlined, hovering shows what a key is for.

1. `_Definitions` writes the schema of each model and of each kind, as pydantic has it; a field of a family refers to the
   family, which is one of its kinds, told apart by `kind`.
2. `_eased` makes it a schema of files: composing merges mappings, so a file may say any part of them and no key is required,
   and what the strict reader takes for a value to come (`???`, `${key}`) may stand for any value.
3. `whole_schema` is for files that speak of the whole run (`config.yaml`, experiments), `part_schema` for the options of a
   group; both may begin with a list of `defaults`.

What is accepted here can still be refused by Runner, which sees the composed whole: a schema of files knows too little of
what they are composed with.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, get_origin

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from runner.compose.checks import REFUSED_HYDRA_KEYS
from runner.compose.schema import place_of
from runner.spec.kind import Kinds, OfFamily, Spec
from runner.spec.run import RunSpec
from runner.spec.sweep import BesideRun
from runner.strict_yaml import KeyPath

__all__ = ["DIALECT", "Schema", "part_schema", "whole_schema"]

Schema = dict[str, Any]

DIALECT = "http://json-schema.org/draft-07/schema#"
"""What editors know best."""
REFER = "#/definitions/"
OPEN = "value_to_come"
CHOSEN = "defaults"
FAMILY = "x-family"
"""Stands for a reference until pydantic, which knows no references but its own, is done."""
LEFT_OPEN: Schema = {
    "description": "A value to come: ??? must be given where the file is used, ${key} is another key's value.",
    "type": "string",
    "pattern": r"^\?\?\?$|\$\{",
}
DEFAULTS: Schema = {
    "description": "Files this one builds on: one `- group: option` for each, and `_self_` where its own keys come in.",
    "type": "array",
    "items": {
        "anyOf": [
            {"type": "string"},
            {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": {"type": ["string", "null", "array"], "items": {"type": "string"}},
            },
        ]
    },
}
BEGINNING: Schema = {"defaults": {"$ref": f"{REFER}{CHOSEN}"}}
"""Keys that a file may begin with, and no mapping within it."""
RUNS: Schema = {"description": "Folder that run directories go to; not part of what a run is.", "type": "string"}
NAMELESS: Schema = {"description": "null takes the name of the signal option.", "type": "null"}


def whole_schema(kinds: Kinds) -> Schema:
    """Return the schema of a file whose keys begin at the top: `config.yaml`, or one with `# @package _global_`."""
    definitions = _Definitions(kinds)
    beside = definitions.of(BesideRun, "beside")["properties"]
    schema = _with_keys(definitions.of(RunSpec, "run"), {**beside, "runs": RUNS, "hydra": _hydra()})
    schema["properties"]["name"] = {"anyOf": [schema["properties"]["name"], NAMELESS]}
    return _document("The configuration of a run", _with_keys(_eased(schema), BEGINNING), definitions)


def part_schema(path: KeyPath, kinds: Kinds) -> Schema | None:
    """Return the schema of a group's options, None if the spec has no such place.

    Args:
        path: Where the options' keys go: `("slippage",)`, or `("signal", "params")`.
        kinds: Looks up the classes behind `kind`.
    """
    definitions = _Definitions(kinds)
    place = place_of(path, {}, kinds)
    if place.family:
        choices = [_with_keys(each, BEGINNING) for each in definitions.choices(place.family)]
        return _document(place.description, {"type": "object", "oneOf": choices}, definitions)
    if place.model is not None and get_origin(place.annotation) is not dict:
        schema = _eased(definitions.of(place.model, path[-1]))
    elif place.annotation is not None:
        schema = _eased(definitions.of_type(place.annotation, str(path[-1])))
    else:
        return None
    return _document(place.description, _with_keys(schema, BEGINNING), definitions)


class _Generator(GenerateJsonSchema):
    """Pydantic's generator, which takes a family's validator for a reference to the family."""

    def function_plain_schema(self, schema: core_schema.PlainValidatorFunctionSchema) -> Schema:
        """Return a reference for the validator of a family."""
        owner = getattr(schema["function"]["function"], "__self__", None)
        if not isinstance(owner, OfFamily):
            return super().function_plain_schema(schema)
        return {FAMILY: _name(owner.family, owner.beside)}


def _name(family: str, beside: type[Spec] | None) -> str:
    return family if beside is None else f"{family}.with.{beside.__module__}.{beside.__name__}"


class _Definitions:
    """Schemas that others refer to, found as they are needed."""

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds
        self.found: dict[str, Schema] = {}

    def of(self, model: type[BaseModel], name: str | int) -> Schema:
        """Return a model's schema; the models within it become definitions below its name."""
        schema = model.model_json_schema(ref_template=f"{REFER}{name}.{{model}}", schema_generator=_Generator)
        self.keep(schema, str(name))
        for field in model.model_fields.values():
            self.meet(field.annotation, field.metadata)
        return schema

    def of_type(self, annotation: Any, name: str) -> Schema:
        """Return the schema of a type that is no model."""
        schema = TypeAdapter(annotation).json_schema(ref_template=f"{REFER}{name}.{{model}}", schema_generator=_Generator)
        self.keep(schema, name)
        self.meet(annotation, [])
        return schema

    def keep(self, schema: Schema, name: str) -> None:
        """Take the definitions out of a schema."""
        inner = schema.pop("$defs", {})
        self.found |= {f"{name}.{model}": _eased(each) for model, each in inner.items()}

    def meet(self, annotation: Any, metadata: list[Any]) -> None:
        """Define every family that a type speaks of, however deep."""
        for mark in (*metadata, *getattr(annotation, "__metadata__", ())):
            if isinstance(mark, OfFamily):
                self.define(mark)
        if isinstance(annotation, type) and issubclass(annotation, Spec):
            for field in annotation.model_fields.values():
                self.meet(field.annotation, field.metadata)
        for part in getattr(annotation, "__args__", ()):
            self.meet(part, [])

    def define(self, mark: OfFamily) -> None:
        """Define a family as a choice of its kinds."""
        name = _name(mark.family, mark.beside)
        if name in self.found:
            return
        self.found[name] = {}  # known from here on: a kind may hold others of its family
        choices = self.choices(mark.family)
        if mark.beside is not None:
            more = _eased(self.of(mark.beside, name))["properties"]
            choices = [_with_keys(each, more) for each in choices]
        self.found[name] = {"type": "object", "oneOf": choices}

    def choices(self, family: str) -> list[Schema]:
        """Return the finished schema of each kind of a family, and one of a mapping that leaves the kind to another file."""
        kinds = []
        for name in self.kinds.names(family):
            kind = self.kinds.find(family, name)
            if kind is not None:  # one of the user's may be broken, which the lookup tells
                kinds.append({**_eased(self.of(kind, f"{family}.{name}")), "title": name, "required": ["kind"]})
        return [*kinds, _without_kind(kinds)]


def _without_kind(kinds: list[Schema]) -> Schema:
    """Return the schema of a mapping without a kind, which may have the keys of any; from finished schemas of kinds."""
    found: dict[str, list[Schema]] = {}
    for kind in kinds:
        for key, schema in kind["properties"].items():
            if key != "kind" and schema not in found.setdefault(key, []):
                found[key].append(schema)
    keys = {key: each[0] if len(each) == 1 else {"anyOf": each} for key, each in found.items()}
    description = "Keys of the kind that another file names."
    return {
        "title": "(kind from elsewhere)", "description": description, "type": "object",
        "properties": {**deepcopy(keys), "kind": LEFT_OPEN}, "additionalProperties": False,
    }  # fmt: skip


def _with_keys(schema: Schema, keys: Mapping[str, Schema]) -> Schema:
    """Return a mapping's schema with further keys."""
    return {**schema, "properties": {**keys, **schema.get("properties", {})}}


def _hydra() -> Schema:
    """Return the schema of Hydra's own node: anything but what Runner refuses."""
    schema: Schema = {"description": "Hydra's own settings.", "type": "object"}
    for key, write in REFUSED_HYDRA_KEYS.items():
        inner = schema
        for part in key.split(".")[1:]:
            inner = inner.setdefault("properties", {}).setdefault(part, {})
        inner |= {"description": f"Must not be set. {write}", "not": {}}
    return schema


def _document(title: str, schema: Schema, definitions: _Definitions) -> Schema:
    """Return a whole document with the definitions that it refers to."""
    head: Schema = {"$schema": DIALECT, "title": _unwrapped(title)}
    known = {OPEN: LEFT_OPEN, CHOSEN: DEFAULTS, **definitions.found}
    used: dict[str, Schema] = {}
    waiting = list(_references(schema))
    while waiting:
        name = waiting.pop()
        if name not in used:
            used[name] = known[name]
            waiting.extend(_references(used[name]))
    return {
        **head,
        **{key: value for key, value in schema.items() if key != "title"},
        "definitions": dict(sorted(used.items())),
    }


def _references(schema: Any) -> Iterator[str]:
    """Yield the names of the definitions a schema refers to."""
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].removeprefix(REFER)
        for inner in schema.values():
            yield from _references(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _references(inner)


# --- from a schema of values to a schema of files --------------------------------------------------------------------


def _eased(schema: Schema) -> Schema:
    """Return a schema for what a file may say: required keys aside, with values to come, unknown keys refused."""
    eased = {key: value for key, value in schema.items() if key not in {"title", "required"}}
    if FAMILY in eased:
        eased["$ref"] = f"{REFER}{eased.pop(FAMILY)}"
    if "description" in eased:
        eased["description"] = _unwrapped(eased["description"])
    if "anyOf" in eased:
        eased["anyOf"] = [_eased(each) for each in eased["anyOf"]]
    if "items" in eased:
        eased["items"] = _open(_eased(eased["items"]))
    for inside in ("properties", "patternProperties"):
        if inside in eased:
            eased[inside] = {key: _value(key, each) for key, each in eased[inside].items()}
    if isinstance(eased.get("additionalProperties"), dict):
        eased["additionalProperties"] = _open(_eased(eased["additionalProperties"]))
    elif "patternProperties" in eased:
        eased["additionalProperties"] = False
    return eased


def _value(key: str, schema: Schema) -> Schema:
    """Return the schema of a key's value."""
    eased = _eased(schema)
    return eased if key == "kind" and "const" in schema else _open(eased)


def _open(schema: Schema) -> Schema:
    """Return a schema that a value to come fits as well."""
    to_come = {"$ref": f"{REFER}{OPEN}"}
    outside: Schema = {key: schema[key] for key in ("description", "default") if key in schema}
    inside = {key: value for key, value in schema.items() if key not in outside}
    if to_come in inside.get("anyOf", ()):
        return schema
    choices = inside["anyOf"] if inside.keys() == {"anyOf"} else [inside]
    return {**outside, "anyOf": [*choices, to_come]}


def _unwrapped(text: str) -> str:
    """Return a text whose paragraphs are lines, as editors show it; lists keep theirs."""
    return re.sub(r"(?<!\n)\n *(?!\n| *[0-9]+\. | *- )", " ", text.strip())
