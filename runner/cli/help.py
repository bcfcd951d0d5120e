"""`runner --help`: what Runner is, what one writes, what one can choose from.

Lists the options that are really there, the user's own included, by looking at the folders; Hydra isn't needed for that.
"""

from collections.abc import Iterator
from pathlib import Path

from runner.cli.main import DATA_VERBS, VERBS
from runner.compose.reading import packaged_conf

__all__ = ["run"]

HEAD = """\
runner: edit YAML, launch; the same file backtests, sweeps, trades on paper and trades live

usage: runner [GROUP=OPTION ...] [KEY=VALUE ...]     run
       runner -m KEY=V1,V2 ...                       run every combination
       runner VERB ...                               see below
"""

EXAMPLES = """\
examples:
  runner                                             backtest of the reference strategy, real data, offline
  runner slippage=none signal.params.lookback=10     choose another option, change a value
  runner data=parquet data.path=bars.parquet 'universe.symbols=["SPY"]'
                                                     the same strategy on your own files
  runner mode=replay                                 event by event, the way a live session sees the market
  runner -m signal.params.lookback=5,10,20           one run per value and a table of them all
  runner experiment=one_share                        a named set of changes
"""

TAIL = """\
flags:
  -m, --multirun          run every combination of the values given with commas
  --cfg job --resolve     print the configuration instead of running it
  --config-dir DIR        look for YAML files there first; a conf/ folder where you are is looked at next
  --config-name NAME      start from another file than config.yaml
  --shell-completion      eval "$(runner -sc install=bash)" completes groups, options and keys
  --hydra-help            every other flag
  --version, --help

A run ends with a table of results and the path of its run directory, below runs/.
Exit codes: 0 done, 2 something to mend (all of it is listed), 130 interrupted, 1 a leak that runner audit found, a run that
runner verify, or a trial that runner materialise can't confirm, or a bug of Runner's.
"""


FLAGS = {
    "archive": """\
usage: runner archive RUN [--to FILE] [--with-data] [--data PATH] [--runs DIR]

  RUN                 a run directory, an id of runner list or a part of its stamp, or last
  --runs DIR          the folder that runs went to; without it runs
  --to FILE           the file; without it <name>-<stamp>.zip where you are
  --with-data         put the input files in as well
  --data PATH         where they are now, a file or a folder; as often as needed

The same run gives the same bytes, wherever and whenever it is packed. Exit code 2 if a file of it was changed.
""",
    "compare": """\
usage: runner compare RUN RUN ... [--html FILE] [--runs DIR]

  RUN                 a run directory, an id of runner list or a part of its stamp, or last
  --runs DIR          the folder that runs went to; without it runs
  --html FILE         write a page with the equity of all in one drawing
""",
    "find": """\
usage: runner find EXPRESSION [flags of runner list]

  EXPRESSION          over figures and name, status, kind, mode, engine, lanes, e.g. 'sharpe > 1 and max_drawdown > -0.2';
                      a run that lacks one of the figures isn't found
""",
    "list": """\
usage: runner list [--name NAME] [--tag TAG] [--status STATUS] [--kind KIND] [--since DATE] [--until DATE]
                   [--most N] [--runs DIR]

  --status STATUS     done, failed, interrupted or running
  --kind KIND         run, sweep or session
  --since DATE        runs that began on that day or later, in UTC, e.g. 2026-01-31; --until likewise
  --most N            how many are shown; without it 50
  --runs DIR          the folder that runs went to; without it runs
""",
    "mlflow": """\
usage: runner mlflow RUN [RUN ...] [--to URI] [--experiment NAME] [--runs DIR]

  RUN                 a run directory, an id of runner list or a part of its stamp, or last
  --to URI            where MLflow keeps its runs, e.g. sqlite:///mlflow.db or the address of a server; without it what
                      MLFLOW_TRACKING_URI says, or mlflow.db where you are
  --experiment NAME   what the experiment is called; without it the run's name
  --runs DIR          the folder that runs went to; without it runs

Needs pip install "runner[mlflow]". A run that is there already isn't written again.
""",
    "note": """\
usage: runner note RUN "TEXT" [--runs DIR]

  RUN                 a run directory, an id of runner list or a part of its stamp, or last
  --runs DIR          the folder that runs went to; without it runs
""",
    "rerun": """\
usage: runner rerun RUN [GROUP=OPTION ...] [KEY=VALUE ...] [--run-code] [--runs DIR]

  RUN                 a run directory, an id of runner list or a part of its stamp, or last
  --runs DIR          the folder that runs went to; without it runs
  --run-code          run Python files that came out of an archive; read them before
""",
    "show": """\
usage: runner show RUN [--runs DIR]

  RUN                 a run directory, an id of runner list or a part of its stamp, or last
  --runs DIR          the folder that runs went to; without it runs
""",
    "tag": """\
usage: runner tag RUN [TAG ...] [--remove TAG] [--runs DIR]

  RUN                 a run directory, an id of runner list or a part of its stamp, or last
  --runs DIR          the folder that runs went to; without it runs
  TAG                 1 to 64 of a to z, 0 to 9 and -
""",
    "unpack": """\
usage: runner unpack FILE [--runs DIR]

  FILE                what runner archive has written
  --runs DIR          the folder that the run goes to; without it runs

Exit code 2 if it is anything else, or a byte of it was changed; nothing is kept then.
""",
    "verify": """\
usage: runner verify RUN [--bytes] [--data PATH] [--run-code] [--runs DIR]

  RUN                 a run directory, an id of runner list or a part of its stamp, or last
  --runs DIR          the folder that runs went to; without it runs
  --bytes             leave it at the bytes, and make nothing again
  --data PATH         where the input files are now, a file or a folder; as often as needed
  --run-code          run Python files that came out of an archive; read them before

Exit code 0 if every byte is as it was written and the run, made again, comes to the same; 1 if not: then what differs is
named, the first of spec, code, plugin source, environment, data, kernel and result first; 2 if that can't be asked.
""",
    "audit": """\
usage: runner audit [--cuts N] [GROUP=OPTION ...] [KEY=VALUE ...]

  --cuts N            instants at which the future is cut off, from 1 to 10000; without it 50

Exit code 0 if nothing was found, 1 if something leaks.
""",
    "explain": """\
usage: runner explain [GROUP=OPTION ...] [KEY=VALUE ...] [--at WHEN] [--symbol NAME] [--html FILE] [--svg FILE]
       runner explain --operators [NAME] [--markdown]

  --at WHEN           why a row did or didn't signal: a session date (its last row), or an instant, in UTC or with its zone,
                      e.g. --at 2008-10-10, --at "2008-10-10 15:30 America/New_York"
  --symbol NAME       the symbol whose values are shown; without it the first of the universe
  --html FILE         write a page with the graph drawn
  --svg FILE          write the drawing alone
  --operators [NAME]  every operator, or one in full; with --markdown as a document
""",
    "materialise": """\
usage: runner materialise TRIAL [--runs DIR]

  TRIAL               a trial of trials.parquet; its first digits will do, at least 6, if no other trial begins so
  --runs DIR          the folder that the sweep's runs went to; without it runs

Exit code 0 if the run has the trial's metrics and digest, 1 if it hasn't.
""",
    "schema": """\
usage: runner schema [GROUP]
       runner schema --write [FOLDER]

  GROUP               the options of one group; without it the whole configuration
  --write [FOLDER]    write all of them into FOLDER/.schema, without FOLDER into conf/.schema

An editor with a YAML language server completes and checks files that begin with a line such as
# yaml-language-server: $schema=../.schema/signal.json
""",
    "simulate": """\
usage: runner simulate [--seeds N] [--first SEED] [--crash-points]

  --seeds N           how many worlds; without it 100
  --first SEED        the first seed; without it 0. The same seed is the same world
  --crash-points      kill the process before every single step of each world, one world per step

Exit code 0 if every promise held, 1 if one was broken: then the end of that world's trace is shown, and its seed.
""",
    "venue": """\
usage: runner venue [GROUP=OPTION ...] [KEY=VALUE ...] [--port N] [--speed X | --lockstep] [--from DATE] [--faults FILE] ...

  --port N            the port of 127.0.0.1 to listen on; without it a free one
  --lockstep          go on when all who listen have dealt with what was told, the default
  --speed X           market seconds per second instead
  --patience SECONDS  how long the next instant waits for listeners, also while there are none; without it 30
  --from DATE         the first session date that is played; what lies before is history. Without it everything is played
  --faults FILE       what goes wrong, how often and when: a fault plan in YAML
  --fee-bps X         fee of every execution; without it 0
  --derive-books      where the data have no books, show some around the last trades
  --stay              go on answering after the tape's end, until stopped
  --truth FILE        write orders, fills, positions and cash there at the end, as JSON
  --key-file FILE     write the key there, readable by its owner alone; without it into a temporary file
  --key-env NAME      take the key from this variable of the environment, e.g. to keep it from one start to the next

Exit code 0 when the tape is over or when it was stopped.
""",
    "ui": """\
usage: runner ui [--port N] [--runs DIR] [--address-file FILE]

  --port N            the port of loopback to listen on; without it any that is free
  --runs DIR          the folder of runs; without it runs
  --address-file FILE also write the address into a new file that its owner alone may read

It ends with Ctrl-C; runs that were started from it go on.
""",
    "restart": """\
usage: runner restart RUN_DIRECTORY

Exit codes are those of a session: 0 in order, 3 with orders that may still fill, 4 halted, 5 the journal can't be trusted.
""",
    "panic": """\
usage: runner panic RUN [--reason TEXT] [--no-cancel] [--runs DIR]

  RUN                 a run directory, an id of runner list or a part of its stamp, or last
  --runs DIR          the folder that runs went to; without it runs
  --reason TEXT       what the journal says about it; without it "runner panic"
  --no-cancel         latch and list, and send nothing to the broker

A session that lives cancels everything and halts, on paper it just ends; a dead one's journal is latched, so that none after
it trades, and its orders are cancelled at the broker of its spec.yaml with the credentials of the environment. Exit code 0
if no order may still fill, 3 if some may (they are listed) or the session still lives, 5 if the journal can't be trusted.
""",
    "resume": """\
usage: runner resume RUN_DIRECTORY --reason TEXT [--adjust] [--absent ORDER ...]

  --reason TEXT       why the latch may come off; the journal keeps it
  --adjust            where positions and cash differ from the broker's, the broker's are right
  --absent ORDER ...  orders that the broker doesn't have, where nothing else proves it

Good for the next start alone: that session reconciles everything, takes the latch off and trades, or halts again. Exit code
0 if the word is in the journal, 5 if the journal can't be trusted.
""",
}
"""Verb with flags of its own → how it is used."""


def run(words: list[str]) -> int:
    """Print the help, or what one verb does, or one of those that follow `data`."""
    verb = words[0] if words else "run"
    if verb in VERBS:
        print(_of_verb(verb, words[1] if len(words) > 1 else ""))  # noqa: T201 - the command line speaks here
        return 0
    verbs = "\n".join(f"  {name:<10} {text}" for name, text in VERBS.items())
    print(f"{HEAD}\n{EXAMPLES}\nverbs:\n{verbs}\n\n{_groups()}\n{TAIL}", end="")  # noqa: T201 - the command line speaks here
    return 0


def _of_verb(verb: str, following: str) -> str:
    if following:
        return f"usage: runner {verb} {following} [GROUP=OPTION ...] [KEY=VALUE ...]\n\n{DATA_VERBS[following]}"
    if verb != "data":
        usage = FLAGS.get(verb, f"usage: runner {verb} [GROUP=OPTION ...] [KEY=VALUE ...]\n")
        return f"{usage}\n{VERBS[verb]}"
    each = "\n".join(f"  {name:<6} {text}" for name, text in DATA_VERBS.items())
    return f"usage: runner data {'|'.join(DATA_VERBS)} [GROUP=OPTION ...] [KEY=VALUE ...]\n\n{VERBS[verb]}\n\n{each}"


def _groups() -> str:
    """Return every group with its options."""
    found: dict[str, set[str]] = {}
    for folder in (packaged_conf(), Path("conf")):
        for group, option in _options(folder):
            found.setdefault(group, set()).add(option)
    lines = [f"  {group:<11} {', '.join(sorted(options))}" for group, options in sorted(found.items())]
    return "\n".join(["groups and their options:", *lines, ""])


def _options(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*/**/*.yaml")):
        inside = path.relative_to(folder)
        yield inside.parent.as_posix(), inside.stem
