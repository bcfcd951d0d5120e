"""`--shell-completion`: what a shell may complete a word to, answered by Hydra.

Nothing that computes is imported here: a shell asks at every press of the tab key.
"""

from runner.cli.arguments import arguments_of
from runner.cli.hydra_answer import hydra_answer
from runner.errors import ConfigError, Fault

__all__ = ["run"]


def run(words: list[str]) -> int:
    """Answer a shell."""
    arguments = arguments_of(words)
    try:
        hydra_answer(arguments, arguments.hydra_words)
    except (KeyError, ValueError) as error:
        # Hydra's completion asks its environment and words directly, and fails like this when they aren't a shell's.
        fix = "Write install=bash, or uninstall=bash, zsh or fish likewise."
        raise ConfigError(Fault("--shell-completion", "must be asked by a shell", str(error), fix)) from error
    return 0
