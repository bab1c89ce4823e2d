"""`center schools`: announced numbers, contact persons, versions of rosters."""

import argparse

from center.commands.settings import add_office_options, open_office
from center.commands.speaking import by_command, say_result
from center.platform.clock import moment_text
from center.roster.versions import RowChange
from center.schools.model import Unchanged, read_contact
from rules.names import mask_name

EXAMPLES = (
    "center schools list 2026 --config center.toml",
    "center schools announce 江苏科技大学 2026 --count 4321 --name 王老师 --phone 025-83335000 --config center.toml",
    "center schools versions 江苏科技大学 --config center.toml",
    "center schools version 7 --config center.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="schools_verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="the schools of a year: announced, on the roster, contact")
    listing.add_argument("year")
    announce = verbs.add_parser("announce", help="note what a school has told")
    announce.add_argument("school")
    announce.add_argument("year")
    announce.add_argument("--count", type=int, help="how many graduates; without it the number noted before stays")
    for name, about in (("name", "the contact person"), ("phone", "the phone number"), ("mail", "the mail address")):
        announce.add_argument(f"--{name}", default="", help=about)
    versions = verbs.add_parser("versions", help="the versions of a school's roster")
    versions.add_argument("school")
    version = verbs.add_parser("version", help="what a version changed, masked")
    version.add_argument("version", type=int)
    add_office_options(listing, announce, versions, version)


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    verbs = {"list": _list, "announce": _announce, "versions": _versions, "version": _version}
    verbs[options.schools_verb](options)


def _list(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        universities = office.schools.of_year(options.year)
    for university in universities:
        for one in university.parts:
            said = {"university": university.name, "school": one.school, "rows": one.rows}
            said |= {"announced": one.announced, "differs": one.differs}
            number = "nothing announced" if one.announced is None else f"{one.announced} announced, {one.differs:+d}"
            line = f"{one.school}: {one.rows} on the roster, {number}  {one.contact.name} {one.contact.phone}"
            say_result(options, said, line.rstrip())


def _announce(options: argparse.Namespace) -> None:
    contact = read_contact({"name": options.name, "phone": options.phone, "mail": options.mail})
    with open_office(options) as office:
        count = Unchanged.UNCHANGED if options.count is None else options.count
        office.schools.announce(by_command(), options.school, options.year, count, contact)
    say_result(options, {"school": options.school, "year": options.year, "announced": options.count}, "noted")


def _versions(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        found = office.schools.versions(options.school)
        names = {one.by: office.accounts.name_of(one.by) for one in found}
    for one in found:
        counts = {"new": one.new, "changed": one.changed, "absent": one.absent, "rows": one.rows}
        said = {"version": one.version_id, "year": one.year, "at": one.at.isoformat(), **counts}
        words = ", ".join(f"{count} {name}" for name, count in counts.items())
        at = moment_text(one.at)
        say_result(options, said, f"{one.version_id}  {one.year}  {at}  {names[one.by]}  {words}")


def _version(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        _, changes = office.schools.version(by_command(), options.version)
    for one in changes:
        fields = [each.name for each in one.fields]
        say_result(
            options,
            {"name": mask_name(one.name), "what": _what(one), "fields": fields},
            f"{_what(one)}  {mask_name(one.name)}  {' '.join(fields)}".rstrip(),
        )


def _what(one: RowChange) -> str:
    return "absent" if one.absent else "changed" if one.fields else "new"
