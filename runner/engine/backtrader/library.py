"""Backtrader itself: the only place that imports it."""

from runner.errors import ConfigError, Fault

try:
    import backtrader as bt
except ModuleNotFoundError as missing:
    raise ConfigError(
        Fault(
            "engine.kind",
            "must be installed: Backtrader is under the GPL-3 and therefore an extra",
            "backtrader",
            'Run pip install "runner[backtrader]", or write engine=native.',
        )
    ) from missing

__all__ = ["bt"]
