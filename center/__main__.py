"""Runs the command that the command line names."""

import sys
from collections.abc import Sequence

from center.commands.speaking import refusing
from center.platform.plain_text import is_plain
from common.command_line import run_verb

COMMANDS = {
    "init": "make the database, the store and the keys, or bring them up to date",
    "serve": "receive from booths and serve staff's pages until stopped",
    "users": "add or list the accounts of staff",
    "releases": "versions of the booths' program: take in, give to booths, withdraw",
    "signing": "keys of releases, sets of them, signatures; for their holders' own machines",
    "dashboard": "the season in counts, what waits and what is late",
    "season": "when booths serve: window, working days, opening hours",
    "retention": "what is due, the purge, holds, requests about one's own data",
    "passes": "open the booths for one person, also after the window",
    "rosters": "import the rosters of schools",
    "schools": "announced numbers, contact persons, versions of rosters",
    "campus": "import the lists of those photographed on campus",
    "attendance": "who of a school was photographed, by class, and who is missing",
    "reconciliation": "half days of booths: count, explain, sign by two, print",
    "deliveries": "make packs of approved photos for schools, and hand them over",
    "prints": "print sheets of schools: unlock them, make them, print them",
    "corrections": "schools' correction forms, and what was done about each case",
    "billing": "settlement: the three-way check, letters, payments, the account schools pay to",
    "export": "a season as signed files without a person in them",
    "verify-season": "recount an exported season from its files alone",
    "jobs": "what is done in the background: list it, cancel it, do it",
    "booths": "enrol, list or revoke booths",
    "keys": "the keys booths seal photos to",
    "photos": "photos that no row names: see and sweep them",
    "backup": "back the office up, test a backup, list those there are",
    "restore": "bring an office back from a backup",
    "travel": "what the check in the browser needs: fetch or verify it",
    "audit": "prove that the audit was not changed",
}
"""Verb -> one line of help. Each verb is the module of its name in `center.commands`, loaded only when used."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 if it is done, 1 if it was refused or failed (with the reason), 2 for wrong use or a
    missing file.
    """
    help_line = "The office: receives what booths send."
    return run_verb("center", help_line, "center.commands", COMMANDS, argv, accepts=is_plain, within=refusing)


if __name__ == "__main__":
    sys.exit(main())
