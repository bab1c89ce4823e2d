"""`center travel`: fetch or verify what the page "Check before you travel" gives to browsers."""

import argparse
import sys

from center.commands.speaking import say
from center.travel.engine import EngineFault, engine_folder, fetch, wrong_files

EXAMPLES = (
    "center travel fetch",
    "center travel verify",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("action", choices=("fetch", "verify"), help="fetch: bring the files; verify: check them")


def run(options: argparse.Namespace) -> int:
    """Run the command. Returns 0 if it is done, 1 if files are missing or wrong."""
    return _fetch() if options.action == "fetch" else _verify()


def _fetch() -> int:
    folder = engine_folder()
    try:
        fetched = fetch(folder)
    except EngineFault as fault:
        sys.stderr.write(f"center travel: {fault}\n")
        return 1
    say(f"the files {'were fetched into' if fetched else 'are already in'} {folder}")
    return 0


def _verify() -> int:
    wrong = wrong_files(engine_folder())
    for name in wrong:
        say(f"{engine_folder() / name}.gz is missing or not the expected file: run `center travel fetch`")
    return 1 if wrong else 0
