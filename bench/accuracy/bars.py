"""Compares the promises with the figures of a report."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from bench.accuracy.cutting import MOST_INSIDE_PX, MOST_SPECKS_PX
from sim.negatives import FAULTS

Table = dict[str, Any]
MISSES = {
    **dict.fromkeys(
        ("eyes_closed", "mouth_open", "second_face", "roll", "blurred", "under_exposed", "over_exposed",
         "dark_glasses"),
        0.01,
    ),
    **dict.fromkeys(
        ("yaw", "gaze_away", "uneven_light", "shadow", "backdrop_colour", "backdrop_uneven", "hat", "mask",
         "clear_glasses"),
        0.05,
    ),
    **dict.fromkeys(("fringe", "hair_over_eyes", "necklace"), 0.10),
    **dict.fromkeys(("ears_covered", "earrings"), 0.08),
}  # fmt: skip
"""For each fault with a promise, the largest share of its pictures that may be missed."""
PITCH = 0.03
"""Of the drawn heads that bend while their eyes stay on the lens, at most this share may be missed. Nothing is promised
for portraits: a portrait can only be warped, and then it looks like a face of another shape, which the check must not
take for a bent head."""
FALSE_REFUSALS, FALSE_WARNINGS, GAP = 0.03, 0.05, 0.02
"""The largest shares of people without a fault whom a check may refuse, or warn about; and the largest difference
between such shares of two groups."""
SPECKS = 0.10  # the largest share of finished photos that may have too many specks
CLEAN, SMILES = 0.98, 0.90
"""The promised least shares: `CLEAN` of the first takes have no failed check, and `SMILES` of the smiles at the capture
are caught."""


class Bar(NamedTuple):
    """One promise. `holds` is None if this run could not measure it."""

    promise: str
    limit: str
    figure: str
    holds: bool | None


def bars(report: Table) -> list[Bar]:
    """All promises, in their order."""
    return [*bars_of_people(report), *(bar for part in (_geometry, _good, _misses, _groups) for bar in part(report))]


def bars_of_people(report: Table) -> list[Bar]:
    """The promises of the first part: what graduates experience, how strangers are judged, how well people are cut
    out."""
    return [bar for part in (bars_of_booth, _left_out, _cutting) for bar in part(report)]


def percent(value: float | None, digits: int = 1) -> str:
    """A share in per cent."""
    return "-" if value is None else f"{100 * value:.{digits}f} %"


def bars_of_booth(report: Table) -> Iterator[Bar]:
    """The promises about what graduates experience: whether they get a photo, and whether the first take is good."""
    study = report.get("booth")
    if study is None:
        yield Bar("photographed people in the whole booth", "", "no portraits were given", None)
        return
    everybody = study["rest"]["all"]
    for name, words, least in (
        ("photo", "people at rest in the booth: a photo", 1.0),
        ("clean", "people at rest in the booth: the first take, no check failed", CLEAN),
    ):
        found = everybody[name]
        yield Bar(words, f">= {percent(least, 0)}", _counted(found), found["share"] is None or found["share"] >= least)
    smiles = study["smiles"]
    if smiles is not None:
        caught = smiles["caught"]
        figure = f"{_counted(caught)}; passed: {', '.join(smiles['passed']) or 'nobody'}"
        yield Bar("smiles at the shot, caught", f">= {percent(SMILES, 0)}", figure, caught["share"] >= SMILES)


def _counted(found: Table) -> str:
    return (
        f"{percent(found['share'])}, {found['count']} of {found['of']} "
        f"({percent(found['low'])} to {percent(found['high'])})"
    )


def _left_out(report: Table) -> Iterator[Bar]:
    study = report.get("left_out")
    if study is None:
        yield Bar("strangers refused, each data set left out", "", "no portraits were given", None)
        return
    everybody = study["refused"]["all"]
    yield Bar(
        "strangers refused, each data set left out", f"<= {percent(FALSE_REFUSALS, 0)}",
        f"{percent(everybody['share'])} of {everybody['of']} ({percent(everybody['low'])} to "
        f"{percent(everybody['high'])}): {', '.join(study['refused_who']) or 'nobody'}",
        everybody["share"] <= FALSE_REFUSALS,
    )  # fmt: skip
    yield Bar(
        "checks that refuse more than one stranger in a hundred", "none",
        ", ".join(study["may_not_refuse"]) or "none", not study["may_not_refuse"],
    )  # fmt: skip
    for check in study["learnt"]:
        warned = study["checks"][check]["warned"]
        figure, holds = _counted(warned), warned["share"] is None or warned["share"] <= FALSE_WARNINGS
        yield Bar(
            f"{check}: people left out who are warned for nothing", f"<= {percent(FALSE_WARNINGS, 0)}", figure, holds
        )


def _cutting(report: Table) -> Iterator[Bar]:
    study = report.get("cutting")
    if study is None or not study["photos"]:
        return
    for name, words, most in (
        ("inside", f"finished photos with more than {MOST_INSIDE_PX} px of background inside the head", 0.0),
        ("specks", f"finished photos with more than {MOST_SPECKS_PX} px of specks", SPECKS),
    ):
        found = study[name]
        who = ", ".join(f"{who} {px}" for who, px in found["who"].items()) or "none"
        yield Bar(words, f"<= {percent(most, 0)}", f"{_counted(found)}: {who}", found["share"] <= most)


def _geometry(report: Table) -> Iterator[Bar]:
    geometry = report["geometry"]
    if geometry is None:
        yield Bar("geometry against the labels", "", "no labelled portraits were given", None)
        return
    legal, all_of, refused = geometry["legal"]["count"], geometry["portraits"], geometry["refused"]
    yield Bar(
        "crop legal by the labels, 4 px of grace", f">= {all_of - 2} of {all_of}",
        f"{legal} of {all_of}; illegal {geometry['illegal'] or 'none'}, refused {refused or 'none'}",
        legal >= all_of - 2,
    )  # fmt: skip
    hair, beyond = geometry["hair_top_within_12_px"], geometry["hair_top_beyond"]
    yield Bar(
        "hair top within 12 px of 640", f">= {all_of - 2} of {all_of}",
        f"{hair['count']} of {hair['of']} whose hair top is in the picture; beyond: {beyond or 'none'}",
        hair["count"] + all_of - hair["of"] >= all_of - 2,
    )  # fmt: skip
    pupils = geometry["pupil_error_mean"]
    yield Bar("pupils, mean error of the pupil distance", "<= 2 %", percent(pupils, 2), pupils <= 0.02)


def _good(report: Table) -> Iterator[Bar]:
    portraits = report["good"]["portraits"]
    if portraits["pictures"]:
        refused, unknown = portraits["refused"], portraits["unknown"]
        yield Bar(
            "clean neutral portraits refused", "<= 1",
            f"{refused['count']} of {refused['of']} {portraits['refused_who'] or ''}".strip(), refused["count"] <= 1,
        )  # fmt: skip
        yield Bar("their checks that could not tell", "<= 5 %", percent(unknown["share"]), unknown["share"] <= 0.05)
    smiling = report["smiling"]
    if smiling is not None:
        caught, of = smiling["caught"]["count"], smiling["caught"]["of"]
        need = -(-16 * of // 18)
        figure = f"{caught} of {of} outside the limit, {smiling['refused']['count']} refused by a required check"
        yield Bar("smiling portraits caught by neutral or mouth_closed", f">= {need} of {of}", figure, caught >= need)
    for name, words in (("portraits_before_wall", "portraits before the booth's wall"), ("drawn", "drawn graduates")):
        found = report["good"][name]
        if found["pictures"]:
            rate = found["refused"]["share"]
            figure = f"{percent(rate)} of {found['pictures']}"
            yield Bar(f"false refusals, {words}", f"<= {percent(FALSE_REFUSALS, 0)}", figure, rate <= FALSE_REFUSALS)


def _misses(report: Table) -> Iterator[Bar]:
    faults = {name: entry for check in report["misses"].values() for name, entry in check["faults"].items()}
    for fault in FAULTS:
        entry, limit = faults.get(fault.name), MISSES.get(fault.name)
        if entry is not None and limit is not None:
            yield _missed(f"missed: {fault.name}", entry, limit)
    if "pitch" in faults:
        yield _missed("missed: pitch, drawn people", faults["pitch"]["drawn"], PITCH)


def _missed(promise: str, entry: Table, limit: float) -> Bar:
    missed = entry["missed"]
    blank = f', {entry["could_not_tell"]} of them "could not tell"' if entry["could_not_tell"] else ""
    interval = f"{percent(missed['low'])} to {percent(missed['high'])}"
    figure = f"{percent(missed['share'])} of {missed['of']} ({interval}){blank}"
    return Bar(promise, f"<= {percent(limit, 0)}", figure, missed["share"] <= limit)


def _groups(report: Table) -> Iterator[Bar]:
    looks = report["looks"]
    if looks["groups"]:
        smallest = min(entry["refused"]["of"] for entry in looks["groups"].values())
        yield Bar(
            "gap between looks (beard, bald, grey and others), good faces refused", f"<= {percent(GAP, 0)}",
            f"{percent(looks['gap'])}, {smallest} a group", looks["gap"] <= GAP,
        )  # fmt: skip
    for name, words in (("tone", "skin tones"), ("sex", "sexes")):
        table = report["groups"][name]
        for part, what in (("refused", "good faces refused"), ("missed", "faults missed")):
            wide = table["gap"][part]
            smallest = min((entry[part]["of"] for entry in table["groups"].values()), default=0)
            figure = f"{percent(wide)}, {smallest} or more a group"
            yield Bar(
                f"gap between {words}, {what}", f"<= {percent(GAP, 0)}", figure, None if wide is None else wide <= GAP
            )
