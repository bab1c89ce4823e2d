"""Configuration files: TOML in, frozen models out, and an error an administrator can act on."""

import argparse
import tomllib
from pathlib import Path

from pydantic import ValidationError

from center.platform.configuration import CenterConfig
from center.platform.faults import OfficeFault


class ConfigFault(OfficeFault):
    """A configuration that can't be used; the message names the file, the key, the value and the remedy."""


def add_config(parser: argparse.ArgumentParser) -> None:
    """Add `--config`, which every command has."""
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="the office's configuration (TOML); without it the defaults"
    )


def load_config(path: Path | None) -> CenterConfig:
    """Read the configuration. Raises `ConfigFault`; unknown keys are refused, missing ones have defaults."""
    if path is None:
        return CenterConfig()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigFault(f"{path}: cannot be read ({error.strerror}). Name an existing TOML file.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigFault(f"{path}: is not TOML ({error}). Mend that place.") from error
    try:
        return CenterConfig.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        shown = first["input"] if isinstance(first["input"], str | int | float | bool) else "..."
        if "password" in first["msg"]:
            shown = "..."  # what was put into the wrong place is still a secret
        raise ConfigFault(f"{path}: {key} = {shown!r}: {first['msg']}. docs/office.md lists every key.") from error
