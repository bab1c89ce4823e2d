"""The figures of an unattended season as sentences."""

import os
from collections.abc import Sequence
from statistics import median

from kiosk.text.catalog import load_all
from sim.soak.outages import RATES, Outage, Unattended, by_cause, words
from sim.soak.report import counted

MARKS = ("<!-- season: written by make unattended -->", "<!-- end of season -->")
_HELPS_ITSELF = {
    "power_cut": "the booth starts by itself when the power is back",
    "program_starts_anew": "systemd starts the program",
    "opens late": "the booth looks at the calendar each minute",
    "change of release": "the booth ends itself between two visits, systemd starts the other version",
    "release that dies": "the booth goes back to the version before",
    "camera_hangs_in_close": "the program ends itself and is started anew",
    "disk_full": "room on the disk",
    "clock_jumps": "the clock is set right",
}


def lines(found: Unattended) -> list[str]:
    """The report, in Markdown."""
    down = sum(one.seconds for one in found.outages)
    by_hand = sum(one.seconds for one in found.outages if one.hands)
    vision = sum(visit.by_vision for visit in found.accounts.visits.values())
    rows = [
        (
            "working days, visits",
            f"{found.days}, {len(found.accounts.visits)}; in {vision} of them real vision looked at the person",
        ),
        ("how they ended", counted(found.accounts.endings)),
        ("waited ten minutes for the seat and went home", str(found.turned_away)),
        ("availability", f"{found.availability:.3%} of {found.open_s / 3600:.0f} booth hours (limit 99.5 %)"),
        (
            "out of service",
            f"{words(down)} in {len(found.outages)} outages; {words(by_hand)} of it waiting for a person",
        ),
        (
            "left out: restarts of the simulation itself, to change the eye",
            f"{found.eye_changes}, {words(found.eye_s)} in all (at most 0:00:30 each)",
        ),
        (
            "shots at the office",
            f"{found.accounts.shots} accepted, each once and with the booth's bytes unless a rule below is broken",
        ),
        ("troubles", f"{found.troubles.total()} of {len(found.troubles)} kinds"),
        ("versions at the end", "; ".join(_version(name, *one) for name, one in sorted(found.versions.items()))),
        ("time", f"{found.real_s:.0f} s, {found.processor_s:.0f} s of processor"),
        ("load of the machine at the end", f"{os.getloadavg()[0]:.1f}"),
    ]
    told = ["| | seen |", "|---|---|", *(f"| {name} | {seen} |" for name, seen in rows), ""]
    told += ["| outages by cause | how many | median | longest | in all | after the cause was gone | what healed it |"]
    told += ["|---|---|---|---|---|---|---|"]
    told += [_row(cause, some) for cause, some in by_cause(found.outages).items()]
    told += ["", *_shown_to_staff(found.outages), "", *_troubles(found)]
    if found.broken:
        told += ["", "**Rules that did not hold:**", "", *(f"- {one}" for one in found.broken)]
    return told


def _version(name: str, runs: str, left: Sequence[str]) -> str:
    return f"{name} {runs}" + (f" (went back from {', '.join(left)})" if left else "")


def _row(cause: str, some: Sequence[Outage]) -> str:
    seconds = [one.seconds for one in some]
    times = (words(median(seconds)), words(max(seconds)), words(sum(seconds)), words(max(one.after_s for one in some)))
    return f"| {cause} | {len(some)} | {' | '.join(times)} | {_healed(cause, some)} |"


def _healed(cause: str, some: Sequence[Outage]) -> str:
    if any(one.hands for one in some):
        return "a person, told by the screen; then the booth opens the device by itself"
    known = [_HELPS_ITSELF[part] for part in cause.split(" + ") if part in _HELPS_ITSELF]
    return "; ".join(known) or "the booth opens the device again"


def _shown_to_staff(outages: Sequence[Outage]) -> list[str]:
    """The faults that the screens showed to staff, with their remedies."""
    texts = load_all()["en"]
    named: dict[str, set[str]] = {}
    for one in outages:
        for fault in one.shown_faults:
            named.setdefault(fault, set()).update(one.causes)
    rows = []
    for fault, causes in sorted(named.items()):
        remedy = texts.text(fault.replace("fault.", "remedy.", 1))
        rows.append(f"| {', '.join(sorted(causes)) or '-'} | {texts.text(fault)} | {remedy} |")
    return ["| what was broken | the screen told staff | and the remedy |", "|---|---|---|", *rows]


def _troubles(found: Unattended) -> list[str]:
    rows = [
        f"| `{rate.what}` | {rate.days:g} | {words(rate.lasts_s[0])} to {words(rate.lasts_s[1])} "
        f"| {'a person' if rate.hands else 'passes'} | {found.troubles[rate.what]} |"
        for rate in RATES
    ]
    head = ["| trouble | working days from one to the next | lasts | ends by | happened |", "|---|---|---|---|---|"]
    return [*head, *rows]
