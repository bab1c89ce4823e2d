"""Writes the crowd's figures as sentences, and a chart that shows where a visit's seconds go."""

import random
import statistics
from collections.abc import Sequence
from html import escape
from pathlib import Path

from sim.crowd.habits import WALK_IN, WALK_OUT
from sim.crowd.rehearsal import Visit, mean_by_step
from sim.crowd.seats import an_hour, deadline_day
from sim.marked_page import write_between

BEGIN, END = "<!-- figures: written by python -m sim crowd -->", "<!-- end of figures -->"
MOST_WAITED_S = 15 * 60.0  # on the last day, nine of ten people must wait no longer than this
WORDS = {
    "walk": "walk in and out",
    "read": "read and agree",
    "identify": "lay the card",
    "prepare": "tidy up",
    "pose": "sit right",
    "photo": "photo made and kept",
    "choose": "choose",
    "receipt": "receipt",
    "desk": "sent to the desk",
}
COLOURS = ("#9fb4c3", "#0b5394", "#3d85c6", "#76a5af", "#6aa84f", "#38761d", "#e69138", "#8e7cc3", "#cc4125")


def figures(visits: Sequence[Visit], people: int, booths: int, seed: int) -> list[str]:
    """The lines of the report, in Markdown, from rehearsed `visits`. Any number of visits is drawn from them, each with
    its own times of walking in and out. `people`: how many visits are drawn to compute the percentiles."""

    def seat_s(luck: random.Random) -> float:
        """How many seconds a seat is taken: walking in, the visit, and walking out."""
        return WALK_IN.draw(luck) + luck.choice(visits).total_s + WALK_OUT.draw(luck)

    luck = random.Random(f"people {seed}")
    seats = sorted(seat_s(luck) for _ in range(people))
    waits = sorted(one.waited_s for one in visits)
    posed = [one for one in visits if one.takes]
    first = sum(one.first_try for one in posed)
    photos = sum(one.photo for one in visits)
    day = deadline_day(seat_s, booths, seed)
    minutes = [one / 60 for one in day.waited_s]
    enough = next(count for count in range(1, 100) if _p90(deadline_day(seat_s, count, seed).waited_s) <= MOST_WAITED_S)
    hours = [an_hour(seat_s, count, seed) for count in (1, 2, 3)]
    lines = [
        "| | seen | aim |",
        "|---|---|---|",
        f"| seconds for each person, with the way to the seat and back: median, p90 | {_spans(seats, 0)} | p90 <= 75 |",
        f"| seconds of these in which the person waited for the booth: median, p90 | {_spans(waits, 1)} | <= 3 |",
        f"| first take without a complaint | {first} of {len(posed)} | >= 95 % |",
        f"| people who left with a photo | {photos} of {len(visits)} | |",
        f"| graduates an hour at 1, 2, 3 booths | {hours[0]:.0f}, {hours[1]:.0f}, {hours[2]:.0f} | 3 booths >= 180 |",
        f"| last day, 600 people, {booths} booths: minutes waited: median, p90 | {_spans(minutes, 0)} | p90 <= 15 |",
        f"| the same: people not served at closing time | {day.unserved} | 0 |",
        f"| the same: how many booths would make the p90 at most 15 minutes | {enough} | |",
        "",
        "| way of use | visits | median seconds | first take without a complaint |",
        "|---|---|---|---|",
    ]
    for mode in dict.fromkeys(one.mode for one in visits):
        some = [one for one in visits if one.mode == mode]
        shot = [one for one in some if one.takes]
        seconds = _mid([one.total_s for one in some])
        lines.append(f"| {mode} | {len(some)} | {seconds:.0f} | {sum(one.first_try for one in shot)} of {len(shot)} |")
    return lines


def renew(page: Path, lines: Sequence[str], visits: Sequence[Visit]) -> None:
    """Write the figures between the two marks of `page`, and the chart next to `page`. Raises `OSError`."""
    write_between(page, (BEGIN, END), lines)
    picture = page.parent / "pictures" / "crowd.svg"
    picture.parent.mkdir(exist_ok=True)
    picture.write_text(chart(visits), encoding="utf-8")


def chart(visits: Sequence[Visit]) -> str:
    """A chart of the mean seconds that a visit spends on each step, as bars with their values (SVG)."""
    luck = random.Random(0)
    walk = statistics.fmean(WALK_IN.draw(luck) + WALK_OUT.draw(luck) for _ in range(2_000))
    steps = {"walk": walk, **mean_by_step(visits)}
    widest = max(steps.values())
    rows = []
    for at, ((step, seconds), colour) in enumerate(zip(steps.items(), COLOURS, strict=True)):
        y = 16 + at * 34
        width = max(1.0, 420 * seconds / widest)
        rows.append(
            f'<text x="190" y="{y + 17}" text-anchor="end">{escape(WORDS[step])}</text>'
            f'<rect x="200" y="{y}" width="{width:.1f}" height="24" rx="3" fill="{colour}"/>'
            f'<text x="{208 + width:.1f}" y="{y + 17}">{seconds:.1f} s</text>'
        )
    height = 24 + len(rows) * 34
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 {height}" width="720" height="{height}" '
        'font-family="sans-serif" font-size="15" fill="#20303c">'
        f'<rect width="720" height="{height}" fill="#ffffff"/>{"".join(rows)}</svg>\n'
    )


def _spans(values: Sequence[float], digits: int) -> str:
    return f"{_mid(values):.{digits}f}, {_p90(values):.{digits}f}"


def _mid(values: Sequence[float]) -> float:
    return statistics.median(values) if values else 0.0


def _p90(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=10, method="inclusive")[-1] if len(values) > 1 else _mid(values)
