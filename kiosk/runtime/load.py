"""Configuration files: TOML in, frozen models out, and an error a technician can act on."""

import json
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
    except UnicodeDecodeError as error:
        raise ConfigFault(f"{path}: is not UTF-8 text (byte {error.start}). Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigFault(f"{path}: is not TOML ({error}). Mend that place.") from error
    return parse_config(table, str(path))


def parse_config(table: dict[str, object], source: str) -> BoothConfig:
    """Check a configuration table; `source` names it in errors."""
    try:
        return BoothConfig.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        said = f"{key} = {first['input']!r}: {first['msg']}"
        if first["type"] == "extra_forbidden":
            said = f"{key} is no key of the configuration"
        raise ConfigFault(f"{source}: {said}. `kiosk config` prints every key with its default.") from error


def dump_config(config: BoothConfig) -> str:
    """`config` as TOML: plain keys first, then one section a table; settings that are not set are comments."""
    table = config.model_dump(mode="json")
    lines = [_line(key, value) for key, value in table.items() if not isinstance(value, dict)]
    for name, section in table.items():
        if isinstance(section, dict):
            lines += ["", f"[{name}]", *(_line(key, value) for key, value in section.items())]
    return "\n".join(lines) + "\n"


def _line(key: str, value: object) -> str:
    # JSON's strings, numbers, booleans and arrays are TOML's too; only null has no form.
    return f"# {key} is not set" if value is None else f"{key} = {json.dumps(value, ensure_ascii=False)}"
