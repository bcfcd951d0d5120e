"""The audit: what is planted is found, with node, symbol, instant and both values; what is sound is left in peace."""

from dataclasses import replace
from types import SimpleNamespace

import drawn_market
import numpy as np
import pytest
from hypothesis import given, settings

from runner.engine.audit import Audit, audit
from runner.engine.audit.cuts import around_until, instants, tape_until
from runner.engine.audit.data import leaks_of_data
from runner.engine.pipeline import compile_pipeline
from runner.market.load import MarketData
from runner.market.tape import BAR_COLUMNS, Tape
from runner.signal import Number, cross_operator, operator
from runner.signal.registry import operators
from runner.signal.sheet import Events, Surroundings
from runner.signal.vocabulary import Vocabulary
from runner.spec.run import RunSpec
from runner.trading.fees.none import NoFees
from runner.trading.fill.next_open import NextOpen
from runner.trading.sizing.units import Units
from runner.trading.slippage.none import NoSlippage
