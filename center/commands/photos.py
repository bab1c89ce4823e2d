"""`center photos`: lists stored photos without a row (after a crash, or newer than a restored backup), files them again
or deletes them.
"""

import argparse
from datetime import timedelta

from center.commands.settings import add_office_options, open_office
from center.commands.speaking import Verb, by_command, say, say_json, say_result
from center.intake.filing_again import FiledAgain, StoredFile
from center.retention.sweep import LEAST_AGE, SAFE_AGE, Sweep
from center.wiring.office import Office

_HOUR = timedelta(hours=1)


EXAMPLES = (
    "center photos unnamed --config center.toml",
    "center photos sweep --config center.toml",
    "center photos file-again --config center.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="photos_verb", required=True, metavar="VERB")
    unnamed = verbs.add_parser("unnamed", help="list photos that no row names")
    sweep = verbs.add_parser("sweep", help="delete them; the audit has it")
    again = verbs.add_parser("file-again", help="after a restoration: give those that are envelopes their rows again")
    add_office_options(unnamed, sweep, again)
    for verb in (unnamed, sweep):
        verb.add_argument(
            "--older-hours",
            type=_hours,
            default=SAFE_AGE // _HOUR,
            metavar="N",
            help="stored at least N hours ago (%(default)s)",
        )


def run(options: argparse.Namespace) -> int | None:
    """Run the command. Returns 1 if a key is missing for photos that should be filed again."""
    verbs: dict[str, Verb] = {"unnamed": _unnamed, "sweep": _sweep, "file-again": _file_again}
    return verbs[options.photos_verb](options)


def _unnamed(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        found = list(_on(office).unnamed(options.older_hours * _HOUR))
    for name in found:
        say_result(options, {"photo": name}, name)
    if not found and not options.json:
        say("every photo is named by a row")


def _sweep(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        count = _on(office).sweep(by_command(), options.older_hours * _HOUR)
    say_result(options, {"swept": count}, f"{count} photos that no row names are deleted")


def _file_again(options: argparse.Namespace) -> int:
    with open_office(options) as office:
        return say_filed_again(office.backups.file_again(by_command(), office.filing_again), options)


def say_filed_again(done: FiledAgain, options: argparse.Namespace) -> int:
    """Print what became of the stored photos without a row; returns 1 if a key for some of them is missing."""
    if options.json:
        counts = {found.value: count for found, count in done.counts.items()}
        say_json({"ok": done.complete, **counts, "booths": sorted(done.booths)})
        return 0 if done.complete else 1
    say(f"{done.counts[StoredFile.FILED]} shots filed again from their envelopes")
    others = done.counts[StoredFile.NO_ENVELOPE] + done.counts[StoredFile.KNOWN]
    if others:
        say(f"{others} stored photos are no shots to be filed")
    for booth_id in sorted(done.booths):
        say(f"booth {booth_id} was not known any more: enrol it again (`center booths enrol {booth_id}`)")
    if not done.complete:
        say(f"{done.counts[StoredFile.NO_KEY]} are sealed to a key that is not here: bring seal.keys back, then again")
    return 0 if done.complete else 1


def _on(office: Office) -> Sweep:
    return Sweep(office.database, office.photos, office.audit, office.clock, office.backups.check_filed)


def _hours(text: str) -> int:
    hours = int(text)
    if hours * _HOUR < LEAST_AGE:
        raise argparse.ArgumentTypeError(f"{hours} is too near: a shot that is coming in has no row yet; at least 1")
    return hours
