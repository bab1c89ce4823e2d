"""Configuration files: TOML in, frozen models out, and an error a technician can act on."""

import tomllib
from pathlib import Path

from pydantic import ValidationError

from kiosk.ports.config import BoothConfig


class ConfigFault(ValueError):
    """A configuration file that can't be used; the message names the file, the key, the value and the remedy."""


def load_config(path: Path) -> BoothConfig:
    """Read the booth's configuration. Raises `ConfigFault`; unknown keys are refused, missing ones have defaults."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigFault(f"{path}: cannot be read ({error.strerror}). Name an existing TOML file.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigFault(f"{path}: is not TOML ({error}). Mend that place.") from error
    return parse_config(table, str(path))


def parse_config(table: dict[str, object], source: str) -> BoothConfig:
    """Check a configuration table; `source` names it in errors."""
    try:
        return BoothConfig.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigFault(
            f"{source}: {key} = {first['input']!r}: {first['msg']}. `kiosk config` prints every key with its default."
        ) from error
