"""`center attendance`: which graduates of a school were photographed, by class, and who is missing."""

import argparse
from pathlib import Path

from center.attendance.model import Attendance, AttendanceState, reminder
from center.attendance.workbooks import memo_workbook, reminder_workbook
from center.commands.settings import add_config, open_office
from center.commands.speaking import by_command, say, say_json, write_new

EXAMPLES = (
    "center attendance 江苏科技大学 2026 --config center.toml",
    "center attendance 江苏科技大学 2026 --memo memo.xlsx --config center.toml",
    "center attendance 江苏科技大学 2026 --reminder --config center.toml",
)

_STDOUT = Path("-")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("school", help="the school's name as its roster has it")
    parser.add_argument("year", help="the year of graduation")
    add_config(parser)
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="one JSON object a line on standard output, one a class")
    shape.add_argument("--memo", type=Path, metavar="OUT.xlsx", help="write who is missing and why as a workbook")
    shape.add_argument(
        "--reminder",
        type=Path,
        nargs="?",
        const=_STDOUT,
        metavar="OUT.xlsx",
        help="the missing by class, names only, to paste into a chat; with a file as a workbook",
    )


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    with open_office(options) as office:
        if options.memo is not None:
            lines = office.attendances.memo(by_command(), options.school, options.year)
            write_new(options.memo, memo_workbook(lines))
            return
        found = office.attendances.of(by_command(), options.school, options.year)
    if options.reminder == _STDOUT:
        say(reminder(options.school, found.groups))
    elif options.reminder is not None:
        write_new(options.reminder, reminder_workbook(found.groups))
    elif options.json:
        for group in found.groups:
            counts = {state.value: group.counts[state] for state in AttendanceState}
            say_json({"major": group.major, "class": group.class_name, "rows": group.rows, **counts})
    else:
        _table(found)


def _table(found: Attendance) -> None:
    for group in found.groups:
        counts = ", ".join(f"{group.counts[state]} {state.value}" for state in AttendanceState)
        say(f"{group.major} {group.class_name}: {group.photographed} of {group.rows} photographed; {counts}")
    for shot_id in found.without_row:
        say(f"without a row  shot {shot_id}")
    for shot_id in found.double:
        say(f"two persons, one row  shot {shot_id}")
    if found.campus_without_row:
        say(f"on the campus list, without a row: {len(found.campus_without_row)}")
