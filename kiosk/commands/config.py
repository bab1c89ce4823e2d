"""`kiosk config`: check a configuration file, or print every setting with its default."""

import argparse
import json
import sys
from pathlib import Path

from kiosk.ports.config import BoothConfig
from kiosk.runtime.load import ConfigFault, dump_config, load_config
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
    if options.json:
        sys.stdout.write(json.dumps({"ok": True, "config": config.model_dump(mode="json")}, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(dump_config(config))
    return 0
