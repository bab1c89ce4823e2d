"""`center export`: exports a season as signed files without personal data."""

import argparse
from pathlib import Path

from center.commands.settings import add_office_options, open_office
from center.commands.speaking import by_command, say, say_result
from center.platform.faults import WrongRequest

EXAMPLES = (
    "center export 2026 season-2026 --config center.toml",
    "center export --public-key --config center.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("year", nargs="?", help="the year of graduation")
    parser.add_argument("folder", nargs="?", type=Path, help="where to: a new folder")
    parser.add_argument("--public-key", action="store_true", help="only print the key for `center verify-season`")
    add_office_options(parser)


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    with open_office(options) as office:
        if options.public_key:
            say(office.export.public_key)
            return
        if options.year is None or options.folder is None:
            raise WrongRequest("give the year of graduation and a new folder: center export 2026 season-2026")
        lines, audit_place = office.export.write(by_command(), options.year, options.folder)
    counts = [f"{name}: {count} lines" for name, count in lines.items()]
    place = f"audit place: {audit_place}; tell it apart from the files, with the key"
    say_result(options, {**lines, "audit_place": audit_place}, *counts, place)
