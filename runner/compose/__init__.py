"""From YAML files and overrides to one plain, resolved mapping whose every value knows where it came from."""

from runner.compose.compose import VERSION_BASE, Composer, Configurations, compose, composed_of, composing
from runner.compose.composed import Composed
from runner.compose.origins import Origin, origin_of
from runner.compose.overrides import checked_overrides
from runner.compose.reading import Reading, packaged_conf, user_directories
from runner.compose.search_path import config_directories

__all__ = [
    "VERSION_BASE",
    "Composed",
    "Composer",
    "Configurations",
    "Origin",
    "Reading",
    "checked_overrides",
    "compose",
    "composed_of",
    "composing",
    "config_directories",
    "origin_of",
    "packaged_conf",
    "user_directories",
]
