"""`kiosk config`: check a configuration file, or print every setting with its default."""

import argparse
import json
import sys
from pathlib import Path

from kiosk.ports.config import BoothConfig
from kiosk.runtime.load import ConfigFault, load_config
from rules.profile import ProfileError, load_profile


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("file", nargs="?", type=Path, help="a TOML file to check; without it the defaults are printed")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 when the configuration can be used, 1 with the reason when it can't."""
    try:
        config = BoothConfig() if options.file is None else load_config(options.file)
        load_profile(config.profile)
    except (ConfigFault, ProfileError) as fault:
        if options.json:
            sys.stdout.write(json.dumps({"ok": False, "message": str(fault)}, ensure_ascii=False) + "\n")
        sys.stderr.write(f"kiosk config: {fault}\n")
        return 1
    table = config.model_dump(mode="json")
    if options.json:
        sys.stdout.write(json.dumps({"ok": True, "config": table}, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(_toml(table))
    return 0


def _toml(table: dict[str, object]) -> str:
    """`table` as TOML: plain keys first, then one section a table; settings that are not set are comments."""
    lines = [_line(key, value) for key, value in table.items() if not isinstance(value, dict)]
    for name, section in table.items():
        if isinstance(section, dict):
            lines += ["", f"[{name}]", *(_line(key, value) for key, value in section.items())]
    return "\n".join(lines) + "\n"


def _line(key: str, value: object) -> str:
    # JSON's strings, numbers, booleans and arrays are TOML's too; only null has no form.
    return f"# {key} is not set" if value is None else f"{key} = {json.dumps(value, ensure_ascii=False)}"
