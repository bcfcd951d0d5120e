"""The shipped JSON Schemas: up to date, sound, pointed at by every file, as lenient as the strict reader, and no more."""

import json
import re
from copy import deepcopy
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from runner.compose.schema_files import schema_files, schemas
from runner.kinds import FolderKinds
from runner.plugins import OwnKinds, default_folders
from runner.spec import RunSpec
from runner.spec.signal import RESERVED
from runner.strict_yaml import read
from tests.architecture.shipped import BESIDE, CONF
from tests.architecture.source_tree import ROOT

FILES = sorted(CONF.rglob("*.yaml"))
FOLDER = CONF / ".schema"
LINE = re.compile(r"# yaml-language-server: \$schema=(\S+)")


@cache
def read_schema(uri):
    return Resource(json.loads(Path(url2pathname(urlsplit(uri).path)).read_text("utf-8")), DRAFT7)


def schema_of(path):
    """Return a reference to the schema that a file names in its first line."""
    found = LINE.fullmatch(path.read_text("utf-8").splitlines()[0])
    return {"$ref": (path.parent / found[1]).resolve().as_uri()}


def says(path):
    """Return what a file says, read strictly."""
    document = read(path.read_bytes(), path.name)
    assert document.faults == ()
    return document.value


def faults(path, value):
    return [
        error.message
        for error in Draft7Validator(schema_of(path), registry=Registry(retrieve=read_schema)).iter_errors(value)
    ]


def mappings(value, path=()):
    """Yield the path of every mapping with keys, the lists they lie in aside."""
    if isinstance(value, dict):
        yield path
        for key, inner in value.items():
            yield from mappings(inner, (*path, key))


def free(path, file):
    """Return whether keys are names of the user's own there."""
    group = file.relative_to(CONF).parts[0]
    whole = path if group in {"config.yaml", "experiment"} else (group, *path)
    names = {("signal", "params"), ("signal", "nodes"), ("risk", "rules"), ("events",), ("universe", "lives")}
    names |= {
        ("engine", "params"),
        ("universe", "groups"),
        ("universe", "groups", *whole[2:3]),
        ("data", "parts"),
        ("sweep", "axes"),
    }
    return whole in names or whole[:1] == ("hydra",) or "defaults" in whole


def name_of(path):
    return path.relative_to(CONF).as_posix()


def test_the_shipped_schemas_are_up_to_date():
    """What `runner schema --write` would write is what lies there: run it in the checkout after a change of the spec."""
    kinds = OwnKinds(FolderKinds(), default_folders(ROOT / "strategies"))
    found = {name: json.loads(json.dumps(schema)) for name, schema in schema_files(schemas((), kinds)).items()}

    assert {path.stem: json.loads(path.read_text("utf-8")) for path in FOLDER.iterdir()} == found


def test_every_mapping_of_a_run_has_a_schema():
    """A group of the spec without a schema would leave its files alone."""
    plain = {"name", "seed", "capital"}

    assert {path.stem for path in FOLDER.iterdir()} == {*RunSpec.model_fields, *BESIDE, "config", "experiment"} - plain


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_schemas_are_sound(path):
    """Each is valid by the rules of its dialect, and every reference leads somewhere."""
    schema = json.loads(path.read_text("utf-8"))
    referred = set(re.findall(r'"#/definitions/([^"]+)"', path.read_text("utf-8")))
    files = set(re.findall(r'"\$ref": "([^#"]+)', path.read_text("utf-8")))

    Draft7Validator.check_schema(schema)
    assert referred == set(schema.get("definitions", ()))
    assert files <= {each.name for each in FOLDER.iterdir()} - {path.name}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_file_names_its_schema_and_is_accepted(path):
    """Editors find the schema by the first line."""
    assert faults(path, says(path)) == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_typo_is_refused_wherever_keys_are_fixed(path):
    """A key nobody knows, in any mapping of the file, is a fault."""
    value = says(path)
    fixed = [place for place in mappings(value) if not free(place, path)]

    for place in fixed:
        wrong = deepcopy(value)
        inner = wrong
        for key in place:
            inner = inner[key]
        inner["tpyo"] = 1
        assert faults(path, wrong), place
    assert fixed or value in ({}, {"rules": {}}) or name_of(path).startswith("events/")


def test_names_of_the_users_own_must_be_names():
    """A node with a capital letter or a dash, or called like a word of the language, is refused where nodes are named."""
    path = CONF / "signal" / "pressure_bars.yaml"
    value = says(path)

    for name in ("Smooth", "my-node", "1st", *RESERVED):
        assert faults(path, {**value, "nodes": {name: "close"}})
        assert faults(path, {**value, "params": {name: 1}})


def test_blank_expressions_and_repeated_symbols_are_refused():
    """What Runner refuses of a single file, whatever it is composed with, an editor underlines."""
    signal, universe = CONF / "signal" / "pressure_bars.yaml", next((CONF / "universe").glob("*.yaml"))
    value = says(signal)

    for blank in ("", " ", "\n"):
        assert faults(signal, {**value, "nodes": {"a": blank}})
        assert faults(signal, {**value, "long": {"enter": blank}})
    assert faults(universe, {"symbols": ["A", "B", "A"]})
    assert not faults(universe, {"symbols": ["A", "B"]})
