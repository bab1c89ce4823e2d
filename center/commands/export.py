"""`center export`: exports a season as signed files without personal data."""

import argparse
from pathlib import Path

from center.commands.settings import add_config, load_config
from center.commands.speaking import by_command, log_to_stderr, refusing, say, say_json
from center.platform.faults import WrongRequest
from center.wiring.office import Office

EXAMPLES = (
    "center export 2026 season-2026 --config center.toml",
    "center export --public-key --config center.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("year", nargs="?", help="the year of graduation")
    parser.add_argument("folder", nargs="?", type=Path, help="where to: a new folder")
    parser.add_argument("--public-key", action="store_true", help="only print the key for `center verify-season`")
    parser.add_argument("--json", action="store_true", help="one JSON object a line on standard output")
    add_config(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 if it is done, 1 with the reason if not."""
    log_to_stderr()
    return refusing("export", lambda: _export(options))


def _export(options: argparse.Namespace) -> int:
    with Office.open(load_config(options.config)) as office:
        if options.public_key:
            say(office.export.public_key)
            return 0
        if options.year is None or options.folder is None:
            raise WrongRequest("give the year of graduation and a new folder: center export 2026 season-2026")
        lines, audit_place = office.export.write(by_command(), options.year, options.folder)
    if options.json:
        say_json({**lines, "audit_place": audit_place})
    else:
        for name, count in lines.items():
            say(f"{name}: {count} lines")
        say(f"audit place: {audit_place}; tell it apart from the files, with the key")
    return 0
