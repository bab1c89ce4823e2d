"""Loads the booth's configuration file and checks it against this machine."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

from common.catalog import MissingText
from common.config_file import Clash, ConfigFault, config_in, dump_config, read_config
from kiosk.ports.clashes import same_device
from kiosk.ports.config import BoothConfig, StorageConfig
from kiosk.text.catalog import load

__all__ = ["ConfigFault", "check_config", "dump_config", "load_config", "storage_folder"]


def load_config(path: Path) -> BoothConfig:
    """Read the booth's configuration. Raises `ConfigFault` with everything that is wrong in it."""
    return read_config(BoothConfig, path, _on_this_machine)


def storage_folder(path: Path) -> Path:
    """`storage.folder` of a configuration, whatever else is in it: a newer release may have written it, with settings
    that this program does not know. The default folder if the configuration names none. Raises `ConfigFault` for a
    missing file."""
    default = StorageConfig().folder
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        load_config(path)  # `load_config` reports the missing file
        return default
    except (OSError, ValueError, RecursionError):
        return default
    storage = table.get("storage")
    folder = storage.get("folder") if isinstance(storage, dict) else None
    return Path(folder) if isinstance(folder, str) and folder.startswith("/") else default


def check_config(data: bytes, source: str) -> BoothConfig:
    """The configuration in the bytes of a file, as `load_config`; `source` names them."""
    return config_in(BoothConfig, data, source, _on_this_machine)


def _on_this_machine(config: BoothConfig) -> Iterator[Clash]:
    yield from same_device(config)
    display = config.display
    for language in display.languages:
        try:
            load(language, display.texts)
        except MissingText as fault:
            remedy = "Complete its file, or take it out of display.languages"
            yield Clash(("display.languages", "display.texts"), str(fault), remedy)
