"""What a configuration names is looked up among what is there: it is never imported, fetched, unpacked or run."""

import base64
import os
import sys
from itertools import cycle, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import runner as face
from runner.errors import ConfigError
from runner.kinds import FAMILIES, FolderKinds
from runner.strict_yaml import read
from tests.long import IS_LONG, many

CALLABLES = (
    "os.system",
    "logging.os.system",
    "builtins.eval",
    "subprocess.Popen",
    "runner.kinds.importlib.import_module",
    "fixed_bps.np.load",
    "_private",
    "__init__",
    "../fixed_bps",
    "fixed_bps\x00",
)
"""Names that loaders of other programs have followed to where they lead, and some that lead out of a folder."""
PLACES = ("slippage.kind={}", "slippage={}", "+_target_={}", "+slippage._target_={}", "+x={}")
CODE = base64.b64encode(b"import os; os.system('id')").decode()
WORDS = st.lists(st.from_regex(r"[A-Za-z_]\w{0,8}", fullmatch=True), min_size=1, max_size=4).map(".".join)


@pytest.fixture
def ran(monkeypatch):
    """What was run, or asked of the network, by any of the usual ways."""
    found = []
    for place, name in (("os", "system"), ("os", "popen"), ("subprocess", "Popen"), ("socket", "create_connection")):
        monkeypatch.setattr(f"{place}.{name}", lambda *words, _name=name, **_: found.append((_name, words)))
    return found


@given(name=WORDS | st.sampled_from(CALLABLES), family=st.sampled_from(sorted(FAMILIES)))
@settings(max_examples=many(500, 10_000))
def test_i5_no_word_becomes_an_import(name, family):
    """Whatever it is spelled like: it is one of the files of its folder, or nothing."""
    kinds = FolderKinds()
    known = kinds.names(family)
    before = set(sys.modules)

    found = kinds.find(family, name)

    assert (found is not None) is (name in known)
    assert {module for module in set(sys.modules) - before if not module.startswith("runner.")} == set() or name in known


@pytest.mark.parametrize(
    ("name", "where"),
    list(product(CALLABLES, PLACES) if IS_LONG else zip(CALLABLES, cycle(PLACES), strict=False)),
)
def test_i5_a_callable_in_a_configuration_is_a_fault(name, where, ran, tmp_path, monkeypatch):
    """By its key; nothing of it is called."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigError):
        face.configure([where.format(name.replace("\x00", "%00"))])

    assert ran == []


@pytest.mark.parametrize(
    "word",
    [
        f"signal=Mine:{CODE}",
        f"strategy=base64,{CODE}",
        "signal=/tmp/strategy.py",
        "signal=../../../../etc/passwd",
        "signal=https://example.com/signal.yaml",
        "signal=file:///etc/passwd",
        "engine=Backtrader:Mine",
        "risk.rules=data:text/plain;base64,x",
    ],
)
def test_i6_no_strategy_comes_through_the_command_line(word, ran, tmp_path, monkeypatch):
    """There is no such feature: a strategy is a file of the user's folders, called by its name."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigError) as refused:
        face.configure([word])

    assert refused.value.exit_code == 2
    assert ran == []
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - names alone


@pytest.mark.parametrize(
    "text",
    [
        "x: !!python/object/apply:os.system [id]",
        "x: !!python/object/new:os.system [id]",
        "x: !!python/name:os.system",
        "x: !!python/module:os",
        "!!python/object/apply:os.system [id]",
        "x: !<tag:yaml.org,2002:python/object/apply:os.system> [id]",
        "? !!python/object/apply:os.system [id]\n: 1",
        "x: [1, {y: !!python/tuple [1]}]",
    ],
)
def test_i8_a_tag_is_a_fault_and_makes_nothing(text, ran):
    """The reader sees events, never objects, so that there is nothing a tag could make."""
    found = read(text, "a.yaml")

    assert found.faults
    assert ran == []
