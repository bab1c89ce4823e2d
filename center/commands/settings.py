"""What commands that work on an office share: their options, its configuration, and the office itself."""

import argparse
from contextlib import AbstractContextManager
from pathlib import Path

from center.platform.configuration import CenterConfig
from center.platform.faults import OfficeFault
from center.wiring.office import Office
from common import config_file
from common.config_file import read_config


class ConfigFault(OfficeFault):
    """A configuration that can't be used; the message names the file and, for each finding, line, key,
    value, remedy."""

    def __init__(self, message: str, *, missing: bool = False) -> None:
        super().__init__(message)
        self.missing = missing  # the file does not exist: the command is used wrongly


def add_office_options(*parsers: argparse.ArgumentParser) -> None:
    """Add `--config` and `--json`."""
    for parser in parsers:
        add_config(parser)
        parser.add_argument("--json", action="store_true", help="one JSON object a line on standard output")


def add_config(parser: argparse.ArgumentParser) -> None:
    """Add `--config`, which every command on an office has."""
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="the office's configuration (TOML); without it the defaults"
    )


def open_office(options: argparse.Namespace) -> AbstractContextManager[Office]:
    """The office of `--config`, open as long as the context lasts. Raises `ConfigFault` and what `Office.open` does."""
    return Office.open(load_config(options.config))


def load_config(path: Path | None) -> CenterConfig:
    """Read the configuration. Raises `ConfigFault`; unknown keys are refused, missing ones have defaults."""
    if path is None:
        return CenterConfig()
    try:
        return read_config(CenterConfig, path)
    except config_file.ConfigFault as fault:
        raise ConfigFault(str(fault), missing=fault.missing) from fault
