"""Loads the booth's configuration file and checks it against this machine."""

from pathlib import Path

from common.config_file import ConfigFault, dump_config, read_config
from kiosk.ports.clashes import same_device
from kiosk.ports.config import BoothConfig

__all__ = ["ConfigFault", "dump_config", "load_config"]


def load_config(path: Path) -> BoothConfig:
    """Read the booth's configuration. Raises `ConfigFault` with everything that is wrong in it."""
    return read_config(BoothConfig, path, same_device)
