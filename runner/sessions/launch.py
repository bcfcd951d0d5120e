"""A session from its prepared run to its directory, and again where a process ended.

    1. The history is read: it warms the signals up; of the embedded venue the rest of it is played.
    2. The run directory is created, with its inputs; of a session that goes on, its decisions are made again.
    3. The doors are opened: market, account.
    4. The sitting goes on until it is over (`sitting`).
    5. Tables, report, certificate and gap are written (`results`).
"""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.archive.directory import RunDirectory
from runner.archive.provenance import code_of
from runner.archive.redact import Redactor, secret_faults
from runner.archive.run import Run, load
from runner.duration import nanoseconds
from runner.engine.arriving import Arriving, Columns
from runner.engine.clocks import columns_read
from runner.engine.surroundings import surroundings_of
from runner.errors import ConfigError, Fault, RunError, RunnerError
from runner.launch.how import Launch
from runner.launch.timer import Timer
from runner.launch.written import provenance_of, write_inputs
from runner.live.edge.alarm import QueuedAlarm
from runner.live.edge.clock import MachineChance, MachineClock
from runner.live.edge.feed_files import FeedFiles
from runner.live.edge.kill_watch import KillWatch
from runner.live.edge.lock import FileLock
from runner.live.edge.signals import listen
from runner.live.feed.doors import Doors as FeedDoors
from runner.live.feed.feed import Feed
from runner.live.feed.messages import Channel
from runner.live.feed.plan import Plan
from runner.live.feed.recording import head_of
from runner.live.feed.sessions import Sessions
from runner.live.feeds.embedded import Embedded
from runner.live.trading.again import Collected, again
from runner.live.trading.arrivals import arrivals
from runner.live.trading.decisions import DecisionLog, read_decisions
from runner.live.trading.kept import KeptRows
from runner.live.trading.trader import Trader
from runner.market.load import MarketData
from runner.market.run_data import run_data
from runner.market.streams import Stream, columns_of
from runner.prepare import Prepared, prepare_spec
from runner.sessions.doors import Doors
from runner.sessions.embedded import embedded_doors
from runner.sessions.history import History, history_until, split_at
from runner.sessions.results import write_session
from runner.sessions.sitting import Sitting
from runner.spec.run import RunSpec

__all__ = ["Sat", "launch_session"]
