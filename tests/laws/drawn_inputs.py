"""Trials of operators, for the laws: the shape is drawn by Hypothesis, so that it shrinks, the values by a seeded generator."""

import math

import numpy as np
from hypothesis import strategies as st

from runner.signal.laws import Trial
from runner.signal.laws.drawn import FLAVOURS, drawn, drawn_parameters
from runner.signal.laws.judgement import plain_trial

ODD = (0.0, -0.0, 1.0, math.nan, math.inf, -math.inf, 1e17, 1e300, -1e300, 1e-300)
"""Numbers put into single places, whatever else is there."""

ODD_BOOLEANS = (0.0, 1.0, math.nan)


@st.composite
def generators(draw):
    """Draw a source of chance."""
    return np.random.default_rng(draw(st.integers(0, 2**32 - 1)))


@st.composite
def trials(draw, operator, form):
    """Draw parameters and a history of any flavour: up to four symbols, also without rows, with odd numbers in some places."""
    generator = draw(generators())
    parameters = drawn_parameters(operator, form, generator)
    counts = tuple(draw(st.lists(st.integers(0, 24), min_size=1, max_size=4)))
    flavour, is_even = draw(st.sampled_from(FLAVOURS)), draw(st.booleans())
    history = drawn(operator, parameters, generator, counts=counts, flavour=flavour, is_even=is_even)
    places = st.tuples(st.integers(0, max(len(operator.inputs) - 1, 0)), st.integers(0, max(history.rows - 1, 0)))
    for column, row in draw(st.lists(places, max_size=3)) if operator.inputs and history.rows else ():
        odd = ODD_BOOLEANS if operator.inputs[column].type == "boolean" else ODD
        history = history.put(column, row, draw(st.sampled_from(odd)))
    return Trial(operator, form, parameters, history)


@st.composite
def plain_trials(draw, operator, form):
    """Draw parameters and a history an operator is made for; of several symbols, enough for any cross-section."""
    counts = tuple(draw(st.lists(st.integers(6, 24), min_size=5, max_size=6)))
    return plain_trial(operator, form, draw(generators()), counts=counts, is_even=draw(st.booleans()))
