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
    """Read the booth's configuration. Raises `ConfigFault`, which names everything that is wrong in the file."""
    return read_config(BoothConfig, path, _on_this_machine)


def storage_folder(path: Path) -> Path:
    """`storage.folder` of a configuration; the default folder if the configuration names none. All other settings are
    ignored, because the file may be for a newer release, with settings that this program does not know. Raises
    `ConfigFault` if the file is missing."""
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
    """The configuration in `data`, the bytes of a file that error messages call `source`. It is checked as
    `load_config` checks a file."""
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
