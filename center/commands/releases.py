"""`center releases`: releases of the booths' program. It trusts keys, adds signed files, gives them to booths."""

import argparse
from pathlib import Path

from center.commands.settings import add_office_options, open_office
from center.commands.speaking import by_command, say_result
from center.platform.faults import WrongRequest
from center.releases.service import Release
from center.wiring.office import Office

EXAMPLES = (
    "center releases trust keys-1.json --config center.toml",
    "center releases add booth.release --config center.toml",
    "center releases list --config center.toml",
    "center releases give 0.3.0 --booth booth-1 --config center.toml",
    "center releases give 0.3.0 --all --config center.toml",
    "center releases withdraw 0.3.0 --config center.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="releases_verb", required=True, metavar="VERB")
    trust = verbs.add_parser("trust", help="trust a set of release keys: the first, or the one that follows")
    trust.add_argument("file", type=Path, help="the signed set (`center signing key-set`, `sign`)")
    add = verbs.add_parser("add", help="take in a signed release file")
    add.add_argument("file", type=Path)
    listing = verbs.add_parser("list", help="the releases, and the booths each was given to")
    give = verbs.add_parser("give", help="let booths run a release")
    give.add_argument("version")
    whom = give.add_mutually_exclusive_group(required=True)
    whom.add_argument("--booth", action="append", help="a booth's name (again for more)")
    whom.add_argument("--all", action="store_true", help="every enrolled booth")
    withdraw = verbs.add_parser("withdraw", help="offer a release to nobody any more; booths that run it go on")
    withdraw.add_argument("version")
    add_office_options(trust, add, listing, give, withdraw)


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    verbs = {"trust": _trust, "add": _add, "list": _list, "give": _give, "withdraw": _withdraw}
    with open_office(options) as office:
        verbs[options.releases_verb](office, options)


def _trust(office: Office, options: argparse.Namespace) -> None:
    if options.file.stat().st_size > 1 << 20:
        raise WrongRequest(f"{options.file} is no set of release keys: it is larger than any")
    keys = office.releases.trust(by_command(), options.file.read_bytes())
    holders = [one.holder for one in keys.keys]
    say_result(
        options,
        {"set": keys.version, "threshold": keys.threshold, "holders": holders},
        f"set {keys.version} of the release keys: {keys.threshold} of {', '.join(holders)} must sign",
    )


def _add(office: Office, options: argparse.Namespace) -> None:
    options.file.stat()  # reports a missing file as wrong use, before anything else
    _say(office.releases.add(by_command(), options.file), options)


def _list(office: Office, options: argparse.Namespace) -> None:
    for release in office.releases.all():
        _say(release, options)


def _give(office: Office, options: argparse.Namespace) -> None:
    count = office.releases.give(by_command(), options.version, None if options.all else options.booth)
    say_result(
        options, {"version": options.version, "booths": count}, f"{options.version}: {count} booths will fetch it"
    )


def _withdraw(office: Office, options: argparse.Namespace) -> None:
    office.releases.withdraw(by_command(), options.version)
    say_result(options, {"version": options.version, "withdrawn": True})


def _say(release: Release, options: argparse.Namespace) -> None:
    result = {
        "version": release.version,
        "architecture": release.architecture,
        "minimum_version": release.minimum_version,
        "not_after": release.not_after.isoformat(),
        "size_bytes": release.size_bytes,
        "withdrawn": release.withdrawn_at is not None,
        "booths": list(release.booths),
    }
    state = "withdrawn" if release.withdrawn_at else ", ".join(release.booths) or "given to no booth"
    say_result(options, result, f"{release.version} {release.architecture}, until {release.not_after}: {state}")
