"""`--cfg`, `--info`, `--hydra-help`: questions about the configuration, once it is known to be sound."""

from runner.cli.arguments import arguments_of
from runner.cli.composing import compose_here, for_hydra
from runner.cli.hydra_answer import hydra_answer
from runner.errors import ConfigError
from runner.strict_yaml import write as yaml_text

__all__ = ["run"]


def run(words: list[str]) -> int:
    """Answer a question: `--cfg job` with YAML that can be read again, all others by Hydra."""
    arguments = arguments_of(words)
    composed = compose_here(arguments)
    if composed.faults:
        raise ConfigError(composed.faults)
    if arguments.shows_config:
        print(yaml_text({**composed.values, "runs": composed.runs, "sweep": composed.sweep}), end="")  # noqa: T201 - the command line speaks here
    else:
        hydra_answer(arguments, for_hydra(arguments.hydra_words, composed.overrides))
    return 0
