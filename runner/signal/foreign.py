"""Words and signs of other languages, and what is written for them here.

`operator_meant` knows names of operators; `sign_meant` finds a sign in a text that Python can't read, `shape_meant` rewrites
what Python can read and the language doesn't have: an index, a method, an `if`.
"""

import ast
import re
from collections.abc import Collection

from runner.errors import did_you_mean

__all__ = ["JOINING", "hint", "is_near", "operator_meant", "shape_meant", "sign_meant"]

OPERATORS = {
    "mean": ("sma", "ma", "avg", "average", "rolling_mean", "moving_average", "ts_mean", "tsmean"),
    "ema": ("ewm", "ewma", "exponential_moving_average"),
    "rma": ("wilder", "smma"),
    "decay_linear": ("wma", "lwma", "weighted_mean"),
    "lag": ("shift", "delay", "ref", "previous", "prev", "offset", "ts_delay"),
    "diff": ("delta", "change", "ts_delta"),
    "returns": ("pct_change", "percent_change", "ret"),
    "log_returns": ("log_return", "logret"),
    "rate_of_change": ("roc",),
    "std": ("stdev", "stddev", "sd", "standard_deviation", "rolling_std", "ts_std", "ts_stddev"),
    "var": ("variance",),
    "max": ("highest", "hhv", "rolling_max", "ts_max"),
    "min": ("lowest", "llv", "rolling_min", "ts_min"),
    "sum": ("rolling_sum", "ts_sum"),
    "argmax": ("highestbars", "ts_argmax"),
    "argmin": ("lowestbars", "ts_argmin"),
    "quantile": ("percentile",),
    "skew": ("skewness",),
    "kurtosis": ("kurt",),
    "correlation": ("corr", "ts_corr"),
    "covariance": ("cov", "ts_cov"),
    "regression_slope": ("slope", "linreg_slope"),
    "window_rank": ("ts_rank", "percentrank"),
    "zscore": ("ts_zscore", "z_score"),
    "cross_above": ("crossover", "crosses_above", "crossup", "golden_cross"),
    "cross_below": ("crossunder", "crosses_below", "crossdown", "death_cross"),
    "cumulative_sum": ("cumsum", "cum"),
    "cumulative_max": ("cummax",),
    "cumulative_min": ("cummin",),
    "since": ("barssince", "bars_since"),
    "where": ("if", "iff", "iif", "ifelse", "if_else", "cond", "case", "when"),
    "fill": ("nz", "fillna", "coalesce"),
    "defined": ("notna", "notnull", "isfinite", "is_defined"),
    "clip": ("clamp", "bound", "limit"),
    "log": ("ln",),
    "maximum": ("greatest",),
    "minimum": ("least",),
    "true_range": ("tr", "trange"),
    "williams_r": ("willr", "wpr"),
    "stochastic": ("stoch",),
    "bollinger_upper": ("bb_upper",),
    "bollinger_lower": ("bb_lower",),
    "vwap": ("vwma",),
    "neutralise": ("neutralize", "group_neutralize", "group_demean"),
    "scale_across": ("scale",),
    "rank": ("cs_rank", "percentile_rank"),
    "zscore_across": ("cs_zscore", "standardise", "standardize"),
    "resample": ("timeframe", "request_security", "security"),
}
"""Word of ours → words of others, in small letters."""

ELSEWHERE = {theirs: ours for ours, words in OPERATORS.items() for theirs in words}

JOINING = {"and": "a and b", "or": "a or b", "not": "not a"}
"""Words that stand between conditions → how they are written."""

SIGNS = (
    (re.compile(r"&&?"), "Write and."),
    (re.compile(r"\|\|?"), "Write or."),
    (re.compile(r"\b(?:AND|And)\b"), "Write and, in small letters."),
    (re.compile(r"\b(?:OR|Or)\b"), "Write or, in small letters."),
    (re.compile(r"\b(?:NOT|Not)\b"), "Write not, in small letters."),
    (re.compile(r"!(?!=)"), "Write not."),
    (re.compile(r"<>"), "Write !=."),
    (re.compile(r"\bif\b|\belse\b"), "Write where(condition, a, b)."),
)
"""A sign of other languages → what is written for it."""

QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
BARE_LENGTH = re.compile(r"(?<![\w.])[0-9]+(?:ms|s|min|h|d)\b")

BINARY = {ast.BitAnd: "Write and.", ast.BitOr: "Write or.", ast.BitXor: "Write **."}
MODULES = frozenset({"np", "numpy", "math", "ta", "talib", "pd", "pl"})
WINDOWS = {"rolling": "mean", "ewm": "ema", "expanding": "mean"}
"""Methods that only make a window; what is done with it comes after."""


def operator_meant(word: str) -> str | None:
    """Return what a word of another language is called here, None if it isn't known."""
    return ELSEWHERE.get(word.lower())


def hint(word: str, known: Collection[str]) -> str:
    """Return a sentence with the word that was likely meant; only where none is, with the known ones."""
    if word.lower() in JOINING:
        return f"Write {JOINING[word.lower()]}."
    for each in (word.lower(), operator_meant(word)):
        if each in known:
            return f"Did you mean {each}?"
    sentence, found, _ = did_you_mean(word, known).partition("? Known:")
    return f"{sentence}?" if found else sentence


def is_near(word: str, known: Collection[str]) -> bool:
    """Tell whether a word is likely a known one, written otherwise."""
    return hint(word, known).startswith(("Did you mean", "Write"))


def sign_meant(text: str) -> tuple[int, str, str] | None:
    """Return where a text that can't be read has a sign of another language, the sign, and what to write; the first one."""
    plain = QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)
    found = [(sign.start(), sign[0], write) for pattern, write in SIGNS for sign in pattern.finditer(plain)]
    found += [(each.start(), each[0], f'Write it in quotes: "{each[0]}".') for each in BARE_LENGTH.finditer(plain)]
    return min(found, default=None)


def shape_meant(node: ast.expr) -> str | None:
    """Return what to write instead of a shape that the language doesn't have, None if nobody knows."""
    match node:
        case ast.BinOp(op=op) if type(op) in BINARY:
            return BINARY[type(op)]
        case ast.UnaryOp(op=ast.Invert()):
            return "Write not."
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return f"Write where({ast.unparse(test)}, {ast.unparse(body)}, {ast.unparse(orelse)})."
        case ast.Subscript(value=value, slice=place):
            return _indexed(value, place)
        case ast.Call(func=ast.Attribute()):
            return f"Write {_called(node)}."
    return None


def _indexed(value: ast.expr, place: ast.expr) -> str | None:
    """Return the lag that an index means, counted back as charting languages do; a sign before it means the same."""
    try:
        rows = ast.literal_eval(place)
    except ValueError:
        return None
    if not isinstance(rows, int):
        return None
    return f"Write lag({ast.unparse(value)}, {abs(rows)})." if rows else f"Write {ast.unparse(value)}."


def _called(node: ast.Call) -> str:
    """Return a method, or a function of a module, as a call of an operator: `close.shift(1)` is `lag(close, 1)`."""
    assert isinstance(node.func, ast.Attribute)  # noqa: S101 - asked before
    of, name = node.func.value, node.func.attr
    arguments = [*node.args, *(word.value for word in node.keywords)]
    first: list[ast.expr] = [] if isinstance(of, ast.Name) and of.id in MODULES else [of]
    if isinstance(of, ast.Call) and isinstance(of.func, ast.Attribute) and of.func.attr in WINDOWS:
        first = [of.func.value, *of.args, *(word.value for word in of.keywords)]
        name = "ema" if of.func.attr == "ewm" and name == "mean" else name
    name = WINDOWS.get(name, operator_meant(name) or name)
    return f"{name}({', '.join(ast.unparse(each) for each in (*first, *arguments))})"
