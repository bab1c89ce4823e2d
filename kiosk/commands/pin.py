"""`kiosk pin`: make the salted hash of staff's PIN, for `service.pin_hash` of the configuration."""

import argparse
import getpass
import sys

from kiosk.core.service.setup import FEWEST_DIGITS, MOST_DIGITS, fit_for_pin, is_pin
from kiosk.runtime.service.pin import hash_pin

EXAMPLES = ("kiosk pin",)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add no arguments, because whatever is typed there would stay in the shell's history."""
    parser.description = "The PIN is asked for twice, or read as one line from standard input."


def run(_options: argparse.Namespace) -> int:
    """Run the command. Returns 0, or 1 if the input is no PIN or the two inputs differ."""
    asked = sys.stdin.isatty()
    pin = getpass.getpass("PIN: ") if asked else sys.stdin.readline().strip()
    if not is_pin(pin):
        sys.stderr.write(f"kiosk pin: a PIN has {FEWEST_DIGITS} to {MOST_DIGITS} digits. Choose another one.\n")
        return 1
    if not fit_for_pin(pin):
        sys.stderr.write("kiosk pin: this PIN is among the first that anybody tries. Choose another one.\n")
        return 1
    if asked and getpass.getpass("Again: ") != pin:
        sys.stderr.write("kiosk pin: the two differ. Type them again.\n")
        return 1
    sys.stdout.write(f'[service]\npin_hash = "{hash_pin(pin)}"\n')
    return 0
