"""Hydra's config loader, remembering the defaults list it composed: files, their order, and where their keys went."""

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import IConfigRepository
from hydra._internal.utils import create_config_search_path
from hydra.core.default_element import ResultDefault
from omegaconf import DictConfig

__all__ = ["Loader"]


class Loader(ConfigLoaderImpl):
    """Composes like Hydra; computing the defaults list a second time would take as long again."""

    def __init__(self) -> None:
        """Look in the directories of the open reading."""
        super().__init__(create_config_search_path(""))
        self.defaults: list[ResultDefault] = []

    def _compose_config_from_defaults_list(self, defaults: list[ResultDefault], repo: IConfigRepository) -> DictConfig:
        self.defaults = defaults
        return super()._compose_config_from_defaults_list(defaults, repo)
