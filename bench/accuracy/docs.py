"""`python -m bench.accuracy.docs [out/accuracy [docs]]`: copy the figures and drawn pictures of the last report into
the docs.

It renews the text between the marks in `accuracy.md` (the part on people, the part on faulty pictures, or both,
depending on what was run), the JSON file of each part, and the sheet of missed faults. Only drawn people are shown,
because the project may not publish the portraits.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.accuracy.bars import percent
from bench.accuracy.cutting import MOST_INSIDE_PX, MOST_SPECKS_PX
from bench.accuracy.sheet import COLUMNS, write_sheet
from sim.marked_page import write_between
from sim.negatives.frame import Rgb

Table = dict[str, Any]
PEOPLE_BEGIN, PEOPLE_END = "<!-- people: written by bench.accuracy.docs -->", "<!-- end of people -->"
BEGIN, END = "<!-- figures: written by bench.accuracy.docs -->", "<!-- end of figures -->"


def main(argv: Sequence[str] | None = None) -> int:
    """Renew the docs. Returns 2 if there is no report."""
    given = list(sys.argv[1:] if argv is None else argv)
    defaults = ("out/accuracy", "docs")
    out, docs = (Path(one) for one in (*given, *defaults[len(given) :]))
    people, report = (_read(out / f"{name}.json") for name in ("people", "report"))
    if people is None and report is None:
        sys.stderr.write(f"{out} holds neither people.json nor report.json: run `make accuracy` first\n")
        return 2
    (docs / "accuracy").mkdir(exist_ok=True)
    kept = _read(docs / "accuracy" / "people.json") if people is None else people
    if people is not None:
        beside = _read(docs / "accuracy" / "report.json") if report is None else report
        write_between(docs / "accuracy.md", (PEOPLE_BEGIN, PEOPLE_END), [people_figures(people, beside)])
        _keep(docs / "accuracy" / "people.json", people)
    if report is not None:
        lines = [*_other_state(report, kept, "The tables of people above"), figures(report)]
        write_between(docs / "accuracy.md", (BEGIN, END), lines)
        _keep(docs / "accuracy" / "report.json", report)
        worst = [one for one in report["worst"] if one["material"] == "drawn"]
        if worst:
            write_sheet(docs / "accuracy" / "missed.jpg", list(_cells(out / "pictures", worst)))
    return 0


def _read(path: Path) -> Table | None:
    return None if not path.is_file() else dict(json.loads(path.read_text(encoding="utf-8")))


def _other_state(mine: Table, other: Table | None, what: str) -> Iterator[str]:
    """A warning if the other part of the page was made with another state of the code."""
    if other is not None and mine.get("state") != other.get("state"):
        yield from (f"**{what} are of another state of the checks:** run `make accuracy` whole to renew both.", "")


def people_figures(people: Table, report: Table | None) -> str:
    """The first part of the page as Markdown. `report`: the figures of faulty pictures, if there are any."""
    day, of = people.get("day", "-"), people.get("state", "-")
    lines = [
        f"Profile `{people['profile']}`, seen on {day}, checks of state `{of}`.",
        "",
        *_other_state(people, report, "The figures further below"),
        *_short_table(people, report),
        *_booth(people),
        *_left_out(people),
        *_cutting(people),
    ]
    return "\n".join(lines)


def _short_table(people: Table, report: Table | None) -> Iterator[str]:
    booth, left_out, cutting = (people.get(name) for name in ("booth", "left_out", "cutting"))
    rows: list[tuple[str, str, str]] = []
    if left_out is not None:
        refused = left_out["refused"]
        rows.append(("strangers at rest refused from a file", "<= 3 %", _rate(refused["all"])))
        rows += [
            (f"of them in `{name}`", "<= 5 %", _rate(entry)) for name, entry in sorted(refused.items()) if name != "all"
        ]
    if booth is not None:
        everybody = booth["rest"]["all"]
        rows.append(("strangers in the booth: a photo", "100 %", _rate(everybody["photo"])))
        rows.append(("the first take, no check failed", ">= 98 %", _rate(everybody["clean"])))
        rows.append(("the same of those who show no fault", ">= 98 %", _rate(everybody["clean_of_faultless"])))
        if booth["smiles"] is not None:
            rows.append(("smiles at the shot caught", ">= 90 %", _rate(booth["smiles"]["caught"])))
    if cutting is not None:
        rows.append(("finished photos with background inside the head", "0", _rate(cutting["inside"])))
    if report is not None and report.get("state") == people.get("state"):
        if report["smiling"] is not None:
            rows.append(
                ("smiling portraits outside a limit, from a file", ">= 90 %", _rate(report["smiling"]["caught"]))
            )
        rows.append(("faulty pictures that no required check refuses", "<= 2 %", _rate(report["let_through"])))
        rows.append(("gap between groups of drawn people", "<= 2 %", percent(report["looks"]["gap"])))
    if rows:
        yield from ("### In short", "", "| | aim | seen |", "|---|---|---|")
        yield from (f"| {name} | {aim} | {seen} |" for name, aim, seen in rows)
        yield ""


def _keep(path: Path, table: Table) -> None:
    path.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def figures(report: Table) -> str:
    """The figures of the report as Markdown."""
    counts = f"{report['pictures']} pictures judged, {report['portraits']} labelled portraits"
    more = f"at least {report['per_check']} faulty pictures a check and as many good drawn faces a skin tone"
    head = f"Profile `{report['profile']}`, checks of state `{report.get('state', '-')}`: {counts}, {more}."
    return "\n".join(
        [
            head,
            "",
            *_broken(report),
            *_promises(report),
            "",
            *_misses(report),
            "",
            *_good(report),
            "",
            *_groups(report),
            *_looks(report),
        ]
    )


def _booth(report: Table) -> Iterator[str]:
    study = report.get("booth")
    if study is None:
        return
    yield from ("### Photographed people in the whole booth", "")
    yield (
        "| set | photo (95 %) | first take, no check failed | of those who show no fault | "
        "seconds: half, 9 of 10, all within | told most |"
    )
    yield "|---|---|---|---|---|---|"
    for name, entry in study["rest"].items():
        words = ", ".join(f"{word} {count}" for word, count in list(entry["instructions"].items())[:4])
        seconds = "-" if entry["seconds"] is None else ", ".join(f"{one:g}" for one in entry["seconds"])
        clean = f"{_rate(entry['clean'])} | {_rate(entry['clean_of_faultless'])}"
        yield f"| {name} | {_rate(entry['photo'])} | {clean} | {seconds} | {words} |"
    flags = ", ".join(f"`{flag}` {count}" for flag, count in study["rest"]["all"]["flags"].items())
    unseated = len(study["rest"]["all"]["unseated"])
    tight = f"{unseated} portraits made no visit: they are cropped too tightly for the simulated camera."
    yield from ("", f"Flags: {flags or 'none'}. {tight}")
    smiles = study["smiles"]
    if smiles is not None:
        yield from ("", f"Of those who smile at the shot {_rate(smiles['caught'])} are caught.")
    yield ""
    for one in study["not_clean"]:
        waited = "the live checks did not pass in 45 s" if "tried_in_vain" in one["flags"] else "more than one take"
        why = ", ".join(one["failed"]) or one["help"] or waited
        fault = " (shows a fault)" if one["faulty"] else ""
        yield f"- {one['who']}{fault}: {'photo' if one['photo'] else 'no photo'}, {one['takes']} takes, {why}"
    yield ""


def _left_out(report: Table) -> Iterator[str]:
    study = report.get("left_out")
    if study is None:
        return
    sets = [name for name in study["refused"] if name != "all"]
    yield from ("### Strangers: each data set left out in turn", "")
    yield f"| check | policy | refused (95 %) | warned | {' | '.join(f'{name}: refused, margin' for name in sets)} |"
    yield f"|---|---|---|---|{'---|' * len(sets)}"
    for check, entry in study["checks"].items():
        cells = [_left_out_cell(entry, name) for name in sets]
        both = f"{_rate(entry['refused'])} | {_short(entry['warned'])}"
        yield f"| {check} | {entry['policy']} | {both} | {' | '.join(cells)} |"
    cells = [_short(study["refused"][name]) for name in sets]
    yield f"| **any** | | {_rate(study['refused']['all'])} | | {' | '.join(cells)} |"
    yield from (
        "",
        "The margin says how far the refusing limit is from the mean of the other sets, in standard deviations.",
        "",
    )
    for check, entry in study["learnt"].items():
        who = f": {', '.join(entry['who'])}" if entry["who"] else ""
        yield f"- `{check}`, people with this fault, unknown to the network: missed {_rate(entry['missed'])}{who}"
    yield ""


def _cutting(report: Table) -> Iterator[str]:
    study = report.get("cutting")
    if study is None:
        return
    yield from ("### How people are cut out", "")
    yield "| in finished photos | photos | who, px |"
    yield "|---|---|---|"
    for name, words in (
        ("inside", f"more than {MOST_INSIDE_PX} px of background inside the skull"),
        ("specks", f"more than {MOST_SPECKS_PX} px of specks"),
    ):
        who = ", ".join(f"{who} {px}" for who, px in study[name]["who"].items())
        yield f"| {words} | {_rate(study[name])} | {who or 'none'} |"


def _left_out_cell(entry: Table, name: str) -> str:
    refused, margin = entry["sets"].get(name), entry["margin"].get(name)
    if refused is None:
        return "set aside"
    return f"{refused['count']} of {refused['of']}" + ("" if margin is None else f", {margin}")


def _broken(report: Table) -> Iterator[str]:
    """The list of broken promises, which comes first."""
    broken = [bar for bar in report["promises"] if bar["holds"] is False]
    words = f"Of {len(report['promises'])} promises {len(broken)} do not hold" if broken else "Every promise holds"
    yield f"{words}{':' if broken else '.'}"
    yield ""
    if broken:
        yield from (f"- {bar['promise']}: {bar['figure']}, at a limit of {bar['limit']}" for bar in broken)
        yield ""


def _promises(report: Table) -> Iterator[str]:
    yield from ("### What was promised", "", "| promise | limit | figure | |", "|---|---|---|---|")
    for bar in report["promises"]:
        word = {True: "holds", False: "**does not hold**", None: "not measured"}[bar["holds"]]
        yield f"| {bar['promise']} | {bar['limit']} | {bar['figure']} | {word} |"


def _misses(report: Table) -> Iterator[str]:
    yield from ("### Missed, by check and fault", "")
    yield "| check | policy | fault | missed (95 %) | on portraits | drawn | of them could not tell |"
    yield "|---|---|---|---|---|---|---|"
    for check, entry in report["misses"].items():
        for name, fault in entry["faults"].items():
            parts = (_rate(fault["missed"]), _short(fault["portraits"]["missed"]), _short(fault["drawn"]["missed"]))
            yield f"| {check} | {entry['policy']} | {name} | {' | '.join(parts)} | {fault['could_not_tell']} |"


def _good(report: Table) -> Iterator[str]:
    sets = {name: table for name, table in report["good"].items() if table["pictures"]}
    yield from ("### Good faces outside a limit, by check", "")
    yield f"| check | policy | {' | '.join(name.replace('_', ' ') for name in sets)} |"
    yield f"|---|---|{'---|' * len(sets)}"
    for check in dict.fromkeys(check for table in sets.values() for check in table["checks"]):
        entries = [table["checks"].get(check) for table in sets.values()]
        policy = next(entry["policy"] for entry in entries if entry)
        cells = ["set aside" if entry is None else _good_cell(entry) for entry in entries]
        yield f"| {check} | {policy} | {' | '.join(cells)} |"
    yield f"| **refused** | | {' | '.join(_rate(table['refused']) for table in sets.values())} |"
    yield f"| **could not tell** | | {' | '.join(percent(table['unknown']['share']) for table in sets.values())} |"


def _good_cell(entry: Table) -> str:
    bad, unknown = entry["bad"], entry["unknown"]
    if unknown["share"] == 1:
        return "not told"
    blank = f", not told {percent(unknown['share'])}" if unknown["count"] else ""
    return f"{bad['count']} of {bad['of']} ({percent(bad['share'])}){blank}"


def _groups(report: Table) -> Iterator[str]:
    for name, words in (("tone", "skin tone (Fitzpatrick)"), ("sex", "sex")):
        table = report["groups"][name]
        yield from (f"### By {words}, drawn people", "")
        yield from (f"| {name} | good faces refused | faults missed |", "|---|---|---|")
        for key, entry in table["groups"].items():
            yield f"| {key} | {_rate(entry['refused'])} | {_rate(entry['missed'])} |"
        yield f"| gap | {percent(table['gap']['refused'])} | {percent(table['gap']['missed'])} |"
        wide = ", ".join(f"{fault} {percent(entry['gap'], 0)}" for fault, entry in table["worst_checks"].items())
        yield from ("", f"Widest apart: {wide or 'none'}.", "")


def _looks(report: Table) -> Iterator[str]:
    looks = report["looks"]
    yield from ("### By looks, drawn people who break no rule", "")
    yield from ("| group | refused | outside a limit |", "|---|---|---|")
    for name, entry in looks["groups"].items():
        outside = ", ".join(f"{check} {count}" for check, count in entry["outside"].items()) or "none"
        yield f"| {name.replace('_', ' ')} | {_rate(entry['refused'])} | {outside} |"
    yield from (f"| gap | {percent(looks['gap'])} | |", "")


def _rate(share: Table) -> str:
    if share["share"] is None:
        return "-"
    return f"{percent(share['share'])} of {share['of']} ({percent(share['low'])} to {percent(share['high'])})"


def _short(share: Table) -> str:
    return "-" if share["share"] is None else f"{percent(share['share'])} of {share['of']}"


def _cells(folder: Path, worst: Sequence[Table]) -> Iterator[tuple[Rgb, str]]:
    for one in worst[: COLUMNS * 5]:
        read = cv2.imread(str(folder / one["picture"]), cv2.IMREAD_COLOR_RGB)
        if read is not None:
            yield np.asarray(read, np.uint8), f"{one['fault']}|{one['said']}"


if __name__ == "__main__":
    sys.exit(main())
