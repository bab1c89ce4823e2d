"""Makes the report as one HTML page with pictures. It may show portraits, so it is written to `out` and never
committed."""

from collections.abc import Sequence
from html import escape
from typing import Any

from bench.accuracy.bars import Bar, percent
from bench.accuracy.outcome import Outcome
from rules.checks import Verdict
from sim.negatives import FAULTS, fault_named

Table = dict[str, Any]
SHOWN = 12
STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 1200px; padding: 0 1em; color: #1c2330 }
table { border-collapse: collapse; margin: 0.6em 0 1.6em } th, td { padding: 0.25em 0.7em;
border-bottom: 1px solid #dfe3ea; text-align: left; vertical-align: top }
.yes { color: #0a6b3d } .no { color: #b3261e; font-weight: 600 } .none { color: #667 }
figure { display: inline-block; margin: 0 8px 10px 0; width: 190px; vertical-align: top; font-size: 12px }
figure img { width: 190px; border-radius: 4px }
h2 { margin-top: 2em } summary { cursor: pointer; font-weight: 600; padding: 0.3em 0 }
"""


def page(report: Table, promises: Sequence[Bar], outcomes: Sequence[Outcome]) -> str:
    """The whole page as HTML."""
    return "\n".join(
        [
            "<!doctype html><html lang=en><meta charset=utf-8><title>How often the checks are wrong</title>",
            f"<style>{STYLE}</style><h1>How often the checks are wrong</h1>",
            _head(report),
            *_booth(report.get("booth")),
            "<h2>What was promised</h2>", _promises(promises),
            "<h2>Faults missed</h2>", _misses(report["misses"]),
            "<h2>Good faces</h2>", *(_good(name, table) for name, table in report["good"].items() if table["pictures"]),
            "<h2>Groups (drawn people)</h2>", *(_groups(name, table) for name, table in report["groups"].items()),
            _looks(report["looks"]),
            "<h2>Good faces refused or warned</h2>", _wrong_good(outcomes),
            "<h2>Faults: missed ones first, then a sample</h2>", *_fault_pictures(outcomes),
        ]
    )  # fmt: skip


def _head(report: Table) -> str:
    counts = (
        f"{report['pictures']} pictures, {report['portraits']} portraits, {report['per_check']} faulty ones a check"
    )
    return f"<p>Profile <b>{escape(report['profile'])}</b>: {counts}. Intervals are Wilson's, 95 %.</p>"


def _booth(study: Table | None) -> list[str]:
    """The part about what graduates experience, which comes first."""
    if study is None:
        return []
    rows = [
        _cells(
            "set",
            "photo",
            "first take, no check failed",
            "of those who show no fault",
            "seconds",
            "told",
            "flags",
            "warned",
            head=True,
        )
    ]
    for name, entry in study["rest"].items():
        lists = (_list(entry[part]) for part in ("instructions", "flags", "warned"))
        clean = (_rate(entry["clean"]), _rate(entry["clean_of_faultless"]))
        rows.append(_cells(name, _rate(entry["photo"]), *clean, entry["seconds"], *lists))
    odd = [
        f"<li>{escape(one['who'])}: {'photo' if one['photo'] else 'NO photo'}, takes {one['takes']}, "
        f"{one['seconds']} s, failed {escape(', '.join(one['failed']) or 'nothing')}, "
        f"told {escape(', '.join(one['told']))}</li>"
        for one in study["not_clean"]
    ]
    smiles = study["smiles"]
    said = "" if smiles is None else f"<p>Smiles at the shot caught: {_rate(smiles['caught'])}; {smiles['passed']}</p>"
    head = "<h2>Photographed people in the whole booth</h2>"
    return [head, f"<table>{''.join(rows)}</table>", said, f"<ul>{''.join(odd)}</ul>"]


def _list(counts: Table) -> str:
    return escape(", ".join(f"{name} {count}" for name, count in counts.items())) or "-"


def _cells(*values: object, head: bool = False) -> str:
    tag = "th" if head else "td"
    return "<tr>" + "".join(f"<{tag}>{value}</{tag}>" for value in values) + "</tr>"


def _rate(share: Table) -> str:
    if share["share"] is None:
        return "-"
    return f"{percent(share['share'])} <small>({percent(share['low'])} - {percent(share['high'])})</small>"


def _promises(promises: Sequence[Bar]) -> str:
    rows = [_cells("promise", "limit", "figure", "", head=True)]
    for bar in promises:
        word, look = {True: ("holds", "yes"), False: ("does NOT hold", "no"), None: ("not measured", "none")}[bar.holds]
        mark = f"<span class={look}>{word}</span>"
        rows.append(_cells(escape(bar.promise), escape(bar.limit), escape(bar.figure), mark))
    return f"<table>{''.join(rows)}</table>"


def _misses(misses: Table) -> str:
    rows = [
        _cells(
            "check", "policy", "fault", "missed", "portraits", "drawn", "could not tell", "refused anyhow", head=True
        )
    ]
    for check, entry in misses.items():
        for name, fault in entry["faults"].items():
            rows.append(
                _cells(
                    check, entry["policy"], name, _rate(fault["missed"]), _rate(fault["portraits"]["missed"]),
                    _rate(fault["drawn"]["missed"]), fault["could_not_tell"], _rate(fault["refused_anyhow"]),
                )
            )  # fmt: skip
    return f"<table>{''.join(rows)}</table>"


def _good(name: str, table: Table) -> str:
    rows = [_cells("check", "policy", "outside its limit", "could not tell", head=True)]
    for check, entry in table["checks"].items():
        rows.append(_cells(check, entry["policy"], _rate(entry["bad"]), _rate(entry["unknown"])))
    head = f"{escape(name.replace('_', ' '))}: {table['pictures']} pictures, refused {_rate(table['refused'])}, "
    return f"<h3>{head}could not tell {_rate(table['unknown'])}</h3><table>{''.join(rows)}</table>"


def _groups(name: str, table: Table) -> str:
    rows = [_cells(name, "good faces refused", "faults missed", "faulty pictures refused", head=True)]
    for key, entry in table["groups"].items():
        rows.append(_cells(key, *(_rate(entry[part]) for part in ("refused", "missed", "faulty_refused"))))
    gaps = table["gap"]
    rows.append(_cells("gap", *(percent(gaps[part]) for part in ("refused", "missed", "faulty_refused"))))
    wide = ", ".join(f"{fault} {percent(entry['gap'])}" for fault, entry in table["worst_checks"].items())
    return f"<table>{''.join(rows)}</table><p>Widest apart: {wide or 'none'}.</p>"


def _looks(table: Table) -> str:
    rows = [_cells("looks", "refused", "outside a limit", head=True)]
    for key, entry in table["groups"].items():
        rows.append(_cells(key.replace("_", " "), _rate(entry["refused"]), _list(entry["outside"])))
    return f"<table>{''.join(rows)}</table><p>Gap: {percent(table['gap'])}.</p>"


def _figure(outcome: Outcome, words: str) -> str:
    return (
        f"<figure><img loading=lazy src='pictures/{escape(outcome.picture or '')}'><figcaption>{escape(outcome.who)} "
        f"#{outcome.seed}: {escape(words)}</figcaption></figure>"
    )


def _wrong_good(outcomes: Sequence[Outcome]) -> str:
    shown = []
    for one in outcomes:
        if one.set == "negative" or one.picture is None:
            continue
        wrong = [
            f"{check.value} {answer.value:.3g}"
            for check, answer in one.answers.items()
            if answer.verdict in (Verdict.FAIL, Verdict.WARN) and answer.value is not None
        ]
        if wrong:
            shown.append(_figure(one, f"{one.set}: {', '.join(wrong)}"))
    return f"<details><summary>{len(shown)} pictures</summary>{''.join(shown[:120])}</details>"


def _fault_pictures(outcomes: Sequence[Outcome]) -> list[str]:
    sections = []
    for fault in FAULTS:
        made = [one for one in outcomes if one.fault == fault.name and one.picture is not None]
        made.sort(key=lambda one: (one.caught(fault_named(one.fault).checks), one.seed))
        missed = sum(not one.caught(fault.checks) for one in made)
        figures = [_figure(one, _told(one)) for one in made[:SHOWN]]
        sections.append(f"<details><summary>{fault.name} ({missed} missed shown)</summary>{''.join(figures)}</details>")
    return sections


def _told(outcome: Outcome) -> str:
    checks = fault_named(outcome.fault).checks
    said = []
    for check in checks:
        answer = outcome.answers.get(check)
        said.append(f"{check.value} {'?' if answer is None or answer.value is None else format(answer.value, '.3g')}")
    return ("" if outcome.caught(checks) else "MISSED ") + ", ".join(sorted(said))
