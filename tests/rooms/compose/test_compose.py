"""Composing: precedence of directories, origins of values, what `hydra.main` shares, and that nothing ever escapes as Hydra's."""

import sys
from pathlib import Path

import hydra
import pytest
import yaml
from hydra.core.hydra_config import HydraConfig
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runner.compose import Composed, compose, composed_of, config_directories, origin_of, packaged_conf, user_directories
from runner.compose.reading import current_reading
from runner.errors import ConfigError
from runner.strict_yaml import read

CONF = {
    "config.yaml": "defaults:\n  - signal: fast\n  - slippage: none\n  - _self_\n  - experiment: null\nname: base\ncapital: 100\n",
    "signal/fast.yaml": "params:\n  lookback: 5\n  band: 1.5\nnodes:\n  m: mean(close, lookback)\n",
    "slippage/none.yaml": "kind: none\n",
    "slippage/fixed.yaml": "kind: fixed_bps\nbps: 2.5\n",
    "experiment/try.yaml": "# @package _global_\ndefaults:\n  - override /slippage: fixed\nname: tried\nsignal:\n  params:\n    lookback: 7\n",
}


def written(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture
def packaged(tmp_path):
    return written(tmp_path / "packaged", CONF)


@pytest.fixture
def here(tmp_path):
    return written(tmp_path / "here", {"conf/.keep": ""})


def origins(composed):
    return {key: str(origin) for key, origin in composed.origins.items()}


def test_values_are_plain_and_complete(packaged):
    """Below composing nobody knows OmegaConf: dicts, lists and scalars, without Hydra's node."""
    composed = compose(packaged=packaged)

    assert composed.faults == ()
    assert composed.values == {
        "signal": {"params": {"lookback": 5, "band": 1.5}, "nodes": {"m": "mean(close, lookback)"}},
        "slippage": {"kind": "none"},
        "name": "base",
        "capital": 100,
    }
    assert type(composed.values["signal"]) is dict
    assert dict(composed.choices) == {"signal": "fast", "slippage": "none", "experiment": None}
    assert composed.runs == "runs"


def test_every_value_knows_where_it_was_written(packaged):
    """Files merge in the order of the defaults list, packages apply, the command line comes last."""
    composed = compose(["experiment=try", "signal.params.band=2"], packaged=packaged)

    assert origins(composed) == {
        "signal": "packaged conf/experiment/try.yaml:5",
        "signal.params": "packaged conf/experiment/try.yaml:6",
        "signal.params.lookback": "packaged conf/experiment/try.yaml:7",
        "signal.params.band": "command line",
        "signal.nodes": "packaged conf/signal/fast.yaml:4",
        "signal.nodes.m": "packaged conf/signal/fast.yaml:5",
        "slippage": "packaged conf/slippage/fixed.yaml",
        "slippage.kind": "packaged conf/slippage/fixed.yaml:1",
        "slippage.bps": "packaged conf/slippage/fixed.yaml:2",
        "name": "packaged conf/experiment/try.yaml:4",
        "capital": "packaged conf/config.yaml:7",
    }
    assert composed.origins["signal.nodes.m"].column == 6
    assert composed.values["signal"]["params"] == {"lookback": 7, "band": 2}


def test_a_replaced_list_forgets_the_items_before_it(packaged, here):
    """Lists are replaced whole, and so are the origins of their items."""
    written(here, {"conf/signal/fast.yaml": "params: {}\nextra: [1, 2, 3]\n"})

    composed = compose(["signal.extra=[9]"], working_directory=here, packaged=packaged)

    assert {key: where for key, where in origins(composed).items() if key.startswith("signal.extra")} == {
        "signal.extra": "command line",
        "signal.extra[0]": "command line",
    }


def test_an_item_of_a_list_can_be_replaced(packaged, here):
    """Counting with dots reaches one item."""
    written(here, {"conf/signal/fast.yaml": "extra: [1, 2, 3]\n"})

    composed = compose(["signal.extra.1=9"], working_directory=here, packaged=packaged)

    assert composed.faults == ()
    assert composed.values["signal"]["extra"] == [1, 9, 3]
    assert str(composed.origins["signal.extra[1]"]) == "command line"


def test_an_interpolated_value_comes_from_where_the_expression_stands(packaged, here):
    """References are resolved in the values; whoever looks for the value finds the reference."""
    written(
        here, {"conf/signal/fast.yaml": "params: {lookback: 5}\ncopy: ${.params}\nname: run_${signal.params.lookback}\n"}
    )

    composed = compose(working_directory=here, packaged=packaged)

    assert composed.faults == ()
    assert composed.values["signal"]["copy"] == {"lookback": 5}
    assert composed.values["signal"]["name"] == "run_5"
    assert str(composed.origins["signal.copy.lookback"]) == "conf/signal/fast.yaml:2"


def test_a_users_file_stands_before_the_packaged_one(packaged, here, tmp_path):
    """`--config-dir` wins over `conf`, `conf` over what is packaged, for the main file too."""
    written(
        here, {"conf/slippage/none.yaml": "kind: mine\n", "conf/config.yaml": CONF["config.yaml"].replace("base", "local")}
    )
    written(tmp_path / "given", {"slippage/none.yaml": "kind: given\n", "slippage/new.yaml": "kind: new\n"})

    local = compose(working_directory=here, packaged=packaged)
    given = compose(config_dirs=[tmp_path / "given"], working_directory=here, packaged=packaged)
    new = compose(["slippage=new"], config_dirs=[tmp_path / "given"], packaged=packaged)

    assert (local.values["slippage"]["kind"], local.values["name"]) == ("mine", "local")
    assert (given.values["slippage"]["kind"], given.values["name"]) == ("given", "local")
    assert new.values["slippage"]["kind"] == "new"
    assert str(local.origins["slippage.kind"]) == "conf/slippage/none.yaml:1"


def test_a_directory_with_two_names_is_read_once(packaged):
    """In a source checkout `conf` is the packaged directory; messages call it `conf`."""
    (packaged.parent / "conf").symlink_to(packaged)

    directories = user_directories([], packaged.parent)
    with config_directories(directories, packaged=packaged) as reading:
        assert [directory.shown for directory in reading.directories] == ["conf"]


def test_a_file_never_lies_outside_its_directory(packaged, tmp_path):
    """An option with dots in it doesn't walk up the tree."""
    written(tmp_path, {"secret.yaml": "kind: secret\n"})

    composed = compose(["slippage=../../secret"], packaged=packaged)

    assert [fault.must for fault in composed.faults] == ["must name a file of slippage/"]


def test_the_files_for_hydras_folder_are_resolved_and_readable(packaged, here):
    """What is saved says what was run, not how to compute it again."""
    written(here, {"conf/signal/fast.yaml": "params: {}\nname: ${name}\n"})

    composed = compose(["name=x1", "hydra.verbose=true"], working_directory=here, packaged=packaged)

    assert read(composed.hydra_files["config.yaml"], "config.yaml").value == composed.values
    assert composed.values["signal"]["name"] == "x1"
    assert yaml.safe_load(composed.hydra_files["overrides.yaml"]) == ["name=x1"]
    assert yaml.safe_load(composed.hydra_files["hydra.yaml"])["hydra"]["overrides"]["hydra"] == ["hydra.verbose=true"]


def test_composing_again_gives_the_same(packaged):
    """Nothing is remembered between two compositions, not even a failed one in between."""
    first = compose(["experiment=try"], packaged=packaged)
    compose(["slippage=nothing", "x=[", "capital.y=1"], packaged=packaged)
    second = compose(["experiment=try"], packaged=packaged)

    assert first == second
    assert current_reading() is None


def test_the_environment_is_never_read(packaged, here, monkeypatch):
    """However a file asks for a variable, its value is neither in the values nor in the files nor in the faults."""
    monkeypatch.setenv("API_SECRET", "hunter2hunter2")
    text = "part: env\na: ${oc.env:API_SECRET}\nb: ${oc.${.part}:API_SECRET}\nc: ${oc.create:{x:'\\${oc.e${y}'}}\n"
    written(here, {"conf/signal/fast.yaml": text})
    override = "signal.d=${oc.decode:'${oc.env:API_SECRET}'}"

    composed = compose([override, "hydra.job.env_copy=[API_SECRET]"], working_directory=here, packaged=packaged)

    assert len(composed.faults) == 5
    assert "hunter2" not in repr(composed)


def test_a_required_value_can_be_given_on_the_command_line(packaged, here):
    """`???` asks for a value, and any value answers."""
    written(here, {"conf/slippage/fixed.yaml": "kind: csv\npath: ???\n"})

    asked = compose(["slippage=fixed"], working_directory=here, packaged=packaged)
    answered = compose(["slippage=fixed", "slippage.path=data/x.csv"], working_directory=here, packaged=packaged)

    assert [fault.must for fault in asked.faults] == ["must be given"]
    assert answered.faults == ()


def test_origin_of_finds_the_nearest_mapping():
    """A fault about a key that isn't there points at the mapping it should be in."""
    composed = compose(packaged=Path(packaged_conf()))

    assert origin_of("signal.long.nothing", composed.origins) == composed.origins["signal.long"]
    assert origin_of("universe.symbols[99]", composed.origins) == composed.origins["universe.symbols"]
    assert origin_of("nowhere.at.all", composed.origins) is None


def run_app(words, folder, packaged, monkeypatch):
    """Run a `hydra.main` application over the directories and return what `composed_of` makes of it."""
    found = []
    quiet = ["hydra/job_logging=disabled", "hydra/hydra_logging=disabled", "hydra.output_subdir=null"]
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    monkeypatch.setattr(sys, "argv", ["runner", *words, *quiet, f"hydra.run.dir={folder / 'out'}"])

    @hydra.main(config_path=str(packaged), config_name="config", version_base="1.3")
    def task(config):
        found.append(composed_of(config, HydraConfig.get(), reading))

    with config_directories(user_directories([], folder), packaged=packaged) as reading:
        task()
    return found[0]


def test_hydra_main_composes_the_same(packaged, here, monkeypatch):
    """An application under `hydra.main` reads the same directories as strictly, and gets values and origins alike."""
    written(here, {"conf/slippage/none.yaml": "kind: mine\n"})
    words = ["experiment=try", "signal.params.band=3", "slippage=none"]

    direct = compose(words, working_directory=here, packaged=packaged)
    inside = run_app(words, here, packaged, monkeypatch)

    assert inside.values == direct.values
    assert dict(inside.origins) == dict(direct.origins)
    assert dict(inside.choices) == dict(direct.choices)
    assert inside.overrides == direct.overrides
    assert inside.faults == ()


def test_hydra_main_collects_the_faults_of_files(packaged, here, monkeypatch):
    """The strict reader works inside `hydra.main`, and what it refuses is known to the task."""
    written(here, {"conf/slippage/none.yaml": "kind: NO\n"})

    inside = run_app([], here, packaged, monkeypatch)

    assert [(fault.where, fault.source) for fault in inside.faults] == [("slippage.kind", "conf/slippage/none.yaml:1:7")]


def test_hydra_is_left_alone_outside_of_a_reading(packaged):
    """Other applications of the same process keep Hydra's own search path and its own reader."""
    compose(packaged=packaged)

    with hydra.initialize_config_dir(str(packaged), version_base="1.3"):
        config = hydra.compose("config")

    assert config.slippage.kind == "none"


def test_a_missing_directory_is_refused(tmp_path):
    """A misspelt `--config-dir` is never silently empty."""
    with pytest.raises(ConfigError) as raised:
        compose(config_dirs=[Path("nowhere")], working_directory=tmp_path)

    assert [fault.was for fault in raised.value.faults] == ["nowhere"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(min_size=1, max_size=30),
        st.builds(
            "{}{}={}".format,
            st.sampled_from(["", "+", "++", "~"]),
            st.sampled_from(
                [
                    "slippage",
                    "signal.params.lookback",
                    "signal",
                    "capital",
                    "name",
                    "hydra.verbose",
                    "experiment",
                    "zzz.y",
                    "a/b",
                ]
            ),
            st.sampled_from(
                [
                    "1",
                    "none",
                    "fixed",
                    "null",
                    "[1,2]",
                    "{a: 1}",
                    "{}",
                    "a,b",
                    "",
                    "???",
                    "'x y'",
                    "${name}",
                    "${x",
                    "true",
                    "1e999",
                ]
            ),
        ),
    ),
)
def test_no_override_escapes_as_an_exception(packaged, text):
    """Whatever is typed, the answer is a composition with or without faults, never Hydra's traceback."""
    composed = compose([text], packaged=packaged)

    assert isinstance(composed, Composed)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_file_with_anything_changed_never_raises(packaged, here, data):
    """One character of a sound file replaced by any other: a composition comes back."""
    name = data.draw(st.sampled_from(sorted(CONF)))
    text = CONF[name]
    place = data.draw(st.integers(0, len(text) - 1))
    sign = data.draw(st.sampled_from(list("\t \n:-[]{}#&*!|>'\"%@`,?$~0a_/")))
    written(here, {f"conf/{name}": text[:place] + sign + text[place + 1 :]})

    composed = compose(["experiment=try"], working_directory=here, packaged=packaged)

    assert isinstance(composed, Composed)
    (here / "conf" / name).unlink()
