"""The results of a soak: a report in Markdown, and a chart of the memory."""

import os
from collections.abc import Mapping, Sequence
from html import escape
from statistics import median

from sim.soak.holdings import Holdings
from sim.soak.run import GROWTH, Soak

MARKS = ("<!-- soak: written by make soak -->", "<!-- end of soak -->")
_WIDTH, _HEIGHT, _LEFT, _TOP = 720, 260, 70, 20
_MB = 1_000_000


def lines(found: Soak) -> list[str]:
    """The report, in Markdown."""
    visits, first, last = found.accounts.visits, found.samples[0], found.samples[-1]
    vision = sum(visit.by_vision for visit in visits.values())
    memory = f"{first.memory_bytes / _MB:.1f} MB after the warm-up, {last.memory_bytes / _MB:.1f} MB at the end"
    rows = [
        ("visits", f"{last.visits - first.visits} after {first.visits} to warm up"),
        ("visits in which real vision looked at the person", f"{vision} of all {last.visits}"),
        ("how they ended", counted(found.accounts.endings)),
        ("things that broke", f"{found.faults.total()} in visits, of {len(found.faults)} kinds"),
        ("the program had to be started anew", f"{found.starts} times"),
        (
            "shots at the office",
            f"{found.accounts.shots} accepted, each once and with the booth's bytes unless a rule below is broken",
        ),
        ("memory", memory),
        ("growth of memory, by the medians of the first and the last third", f"{found.growth:+.2%} (limit +2 %)"),
        ("threads, descriptors, files", f"{_three(first)} after the warm-up, {_three(last)} at the end"),
        ("time", f"{found.real_s:.0f} s, {found.processor_s:.0f} s of processor"),
        ("time in the booth", f"{found.virtual_s / 3600:.1f} h"),
        ("load of the machine at the end", f"{os.getloadavg()[0]:.1f}"),
    ]
    told = ["| | seen |", "|---|---|", *(f"| {name} | {seen} |" for name, seen in rows), ""]
    told += ["| what broke | visits |", "|---|---|"]
    told += [f"| `{what}` | {count} |" for what, count in sorted(found.faults.items())]
    if found.broken:
        told += ["", "**Rules that did not hold:**", "", *(f"- {one}" for one in found.broken)]
    return told


def chart(samples: Sequence[Holdings]) -> str:
    """The memory after each number of visits as a line (SVG), with the limit two per cent above the median of the first
    third of the measurements (see `growth_of`)."""
    first = median(one.memory_bytes for one in samples[: -(-len(samples) // 3)])
    values = [one.memory_bytes / _MB for one in samples]
    low, high = min(values) * 0.99, max(*values, first * (1 + GROWTH) / _MB) * 1.005
    last = max(1, samples[-1].visits)

    def x(visits: int) -> float:
        return _LEFT + (_WIDTH - _LEFT - 20) * visits / last

    def y(megabytes: float) -> float:
        return _TOP + (_HEIGHT - _TOP - 40) * (high - megabytes) / (high - low)

    points = " ".join(f"{x(one.visits):.1f},{y(value):.1f}" for one, value in zip(samples, values, strict=True))
    limit = y(first * (1 + GROWTH) / _MB)
    words = (
        (_LEFT - 8, y(values[0]) + 5, "end", f"{values[0]:.0f} MB"),
        (_WIDTH - 20, limit - 6, "end", "limit: 2 % above the median of the first third"),
        (_LEFT, _HEIGHT - 12, "start", f"{samples[0].visits} visits"),
        (_WIDTH - 20, _HEIGHT - 12, "end", f"{last} visits, {values[-1]:.0f} MB"),
    )
    said = "".join(
        f'<text x="{left:.0f}" y="{top:.0f}" text-anchor="{anchor}">{escape(word)}</text>'
        for left, top, anchor, word in words
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
        'font-family="sans-serif" font-size="15" fill="#20303c">'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>'
        f'<line x1="{_LEFT}" x2="{_WIDTH - 20}" y1="{limit:.1f}" y2="{limit:.1f}" '
        'stroke="#cc4125" stroke-dasharray="6 4"/>'
        f'<polyline points="{points}" fill="none" stroke="#0b5394" stroke-width="2.5"/>{said}</svg>\n'
    )


def _three(held: Holdings) -> str:
    return f"{held.threads}, {held.descriptors}, {held.files}"


def counted(counts: Mapping[str, int]) -> str:
    """Names with their counts; the largest count comes first."""
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda one: -one[1]))
