"""`kiosk config`: check a configuration file, or print every setting with its default, meaning and range."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from kiosk.ports.config import BoothConfig
from kiosk.runtime.load import ConfigFault, dump_config, load_config
from kiosk.text.catalog import LANGUAGES, faults

EXAMPLES = (
    "kiosk config > booth.toml",
    "kiosk config booth.toml",
)

_MOST_LISTED = 10


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("file", nargs="?", type=Path, help="a TOML file to check; without it the defaults are printed")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 if the configuration can be used, 1 with every finding if not, 2 if there is no such
    file."""
    try:
        config = BoothConfig() if options.file is None else load_config(options.file)
    except ConfigFault as fault:
        if options.json:
            report = {"ok": False, "message": str(fault), "findings": fault.as_json()}
            sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
        for line in str(fault).splitlines():
            sys.stderr.write(f"kiosk config: {line}\n")
        return fault.exit_code
    for line in _of_languages(config):
        sys.stderr.write(f"kiosk config: {line}\n")
    if options.json:
        sys.stdout.write(json.dumps({"ok": True, "config": config.model_dump(mode="json")}, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(dump_config(config))
    return 0


def _of_languages(config: BoothConfig) -> Iterator[str]:
    """What is wrong with the texts of each language; the booth works even with these faults."""
    for language in config.display.languages:
        found = faults(language, config.display.texts)
        if found:
            more = f" and {len(found) - _MOST_LISTED} more" if len(found) > _MOST_LISTED else ""
            listed = "; ".join(found[:_MOST_LISTED])
            yield f"the texts of {language} are shown in {LANGUAGES[0]} where they are not right: {listed}{more}"
