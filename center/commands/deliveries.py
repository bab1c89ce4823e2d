"""`center deliveries`: packs of approved photos for schools."""

import argparse
from pathlib import Path

from center.commands.settings import add_office_options, open_office
from center.commands.speaking import by_command, new_file, say, say_file, say_json, say_result, write_new
from center.delivery.model import Change, Delivery
from center.delivery.packing import file_name
from center.delivery.slip import slip_pdf
from center.platform.faults import Conflict
from rules.season import day_in_china

EXAMPLES = (
    "center deliveries show 江苏科技大学 2026 --config center.toml",
    "center deliveries make 江苏科技大学 2026 --config center.toml",
    "center deliveries make 江苏科技大学 2026 --class 软件工程/1班 --config center.toml",
    "center deliveries list --config center.toml",
    "center deliveries take 1 /media/usb --config center.toml",
    "center deliveries password 1 --config center.toml",
    "center deliveries slip 1 slip.pdf --config center.toml",
    "center deliveries hand-over 1 'Ms Wang, in person' --config center.toml",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="deliveries_verb", required=True, metavar="VERB")
    show = verbs.add_parser("show", help="what a school would get now, what is left out and why, who is missing")
    make = verbs.add_parser("make", help="make a school's next delivery; its password is on standard output")
    for verb in (show, make):
        verb.add_argument("school", help="the school's name as its roster has it")
        verb.add_argument("year", help="the year of graduation")
    make.add_argument(
        "--class", dest="classes", action="append", metavar="MAJOR/CLASS", help="of this class only; may be repeated"
    )
    listing = verbs.add_parser("list", help="the deliveries that were made, the newest first")
    listing.add_argument("--school", help="of this school only")
    take = verbs.add_parser("take", help="write a delivery's encrypted archive into a folder")
    take.add_argument("number", type=int, help="the delivery, from `center deliveries list`")
    take.add_argument("folder", type=Path, help="where to: the file is new, nothing is written over")
    password = verbs.add_parser("password", help="a delivery's password, to be told apart from the file; audited")
    password.add_argument("number", type=int)
    slip = verbs.add_parser("slip", help="write the slip that both sides sign when a built delivery is handed over")
    slip.add_argument("number", type=int)
    slip.add_argument("out", type=Path, metavar="OUT.pdf")
    handed = verbs.add_parser("hand-over", help="note who took a delivery at the school")
    handed.add_argument("number", type=int)
    handed.add_argument("receiver", help="who took it, and how")
    add_office_options(show, make, listing, take, password, slip, handed)


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    {
        "show": _show,
        "make": _make,
        "list": _list,
        "take": _take,
        "password": _password,
        "slip": _slip,
        "hand-over": _hand_over,
    }[options.deliveries_verb](options)


def _show(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        of_school = office.deliveries.of_school(options.school, options.year)
    counts = {change.value: of_school.plan.counts[change] for change in Change} | {
        "unchanged": of_school.plan.unchanged
    }
    by_class = of_school.plan.by_class
    people = {"waiting": of_school.waiting, "rejected": of_school.rejected, "missing": of_school.missing}
    if options.json:
        left_out = [{"reason": reason.value, "shot_id": shot_id} for reason, shot_id in of_school.plan.left_out]
        classes = {name: {change.value: count for change, count in of.items()} for name, of in by_class.items()}
        say_json({**counts, **people, "rows": of_school.rows, "left_out": left_out, "classes": classes})
        return
    for name, count in {**counts, **people}.items():
        say(f"{name:10}{count}")
    for name, of in by_class.items():
        say(f"class     {name}: {', '.join(f'{count} {change.value}' for change, count in sorted(of.items()))}")
    for reason, shot_id in of_school.plan.left_out:
        say(f"left out  shot {shot_id}: {reason.value}")


def _make(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        made, password = office.deliveries.make(by_command(), options.school, options.year, options.classes)
    say_result(options, _as_json(made) | {"password": password}, _line(made), f"password  {password}")


def _list(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        made = office.deliveries.all(options.school)
    for one in made:
        say_result(options, _as_json(one), _line(one))


def _take(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        try:
            name, parts = office.deliveries.file(by_command(), options.number)
        except Conflict:  # no job has built the file, or its content has changed since
            contents = office.deliveries.contents(options.number)
            path = options.folder / file_name(contents)
            office.packing.write(by_command(), contents, path, lambda _done, _total: None)
            office.deliveries.note_taken(by_command(), options.number, path.stat().st_size)
        else:
            path = options.folder / name
            with new_file(path) as out:
                out.writelines(parts)
    say_file(options, path)


def _password(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        password = office.deliveries.password(by_command(), options.number)
    say_result(options, {"delivery": options.number, "password": password}, password)


def _slip(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        delivery, file = office.deliveries.built(options.number)
    write_new(options.out, slip_pdf(delivery, file))
    say_file(options, options.out)


def _hand_over(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        office.deliveries.hand_over(by_command(), options.number, options.receiver)
    say_result(options, {"delivery": options.number, "handed_over": True})


def _line(one: Delivery) -> str:
    counts = ", ".join(f"{count} {change.value}" for change, count in sorted(one.counts.items()))
    over = f"handed over {day_in_china(one.handed_over_at)}" if one.handed_over_at else "not handed over"
    made = str(day_in_china(one.made_at))
    return f"{one.delivery_id:<6}{made}  {one.school} {one.year}, number {one.number}: {counts}; {over}"


def _as_json(one: Delivery) -> dict[str, object]:
    return {
        "delivery": one.delivery_id,
        "school": one.school,
        "year": one.year,
        "number": one.number,
        "made_at": one.made_at.isoformat(),
        "handed_over_at": one.handed_over_at and one.handed_over_at.isoformat(),
        **{change.value: one.counts.get(change, 0) for change in Change},
    }
