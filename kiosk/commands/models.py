"""`kiosk models`: fetch, verify or list the face models."""

import argparse
import json
import sys
from pathlib import Path

from kiosk.ports.faults import DeviceFault
from kiosk.vision import models

EXAMPLES = (
    "kiosk models fetch",
    "kiosk models verify",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "action",
        choices=("fetch", "verify", "list"),
        help="fetch: bring the models into the cache; verify: check them; list: their names",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line on standard output")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 when done, 1 if the models are missing or wrong."""
    folder = models.models_folder()
    try:
        if options.action == "fetch":
            fetched = models.fetch(folder)
            sys.stderr.write(f"The face models {'were fetched into' if fetched else 'are already in'} {folder}\n")
    except DeviceFault as fault:
        sys.stderr.write(f"kiosk models: {fault}\n")
        return 1
    faults = {model: found for model in models.Model for found in models.faults_of(folder, model)}
    _print(folder, options, set(faults))
    if options.action == "list":
        return 0
    for found in faults.values():
        sys.stderr.write(f"kiosk models: {found}\n")
    return 1 if faults else 0


def _print(folder: Path, options: argparse.Namespace, wrong: set[models.Model]) -> None:
    for model in models.Model:
        if options.json:
            row = {"model": model.value, "path": str(folder / model.value), "ok": model not in wrong}
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
        elif options.action == "list":
            sys.stdout.write(f"{model.value}\n")
