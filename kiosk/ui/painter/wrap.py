"""Breaks text into lines: Chinese between any two characters, Latin text between words, except where the usual rules
forbid a break.

Pure: the caller passes a function that measures the width of a text. Of all ways to use the fewest lines, `wrap`
chooses the one with the most even lines. It prefers a break after a punctuation mark to a break inside a Chinese
phrase, which may split a word.
"""

import re
from collections.abc import Callable

NEVER_FIRST = set("，。、；：！？）】》」』”’…—～·％,.;:!?)]}%")
"""Characters that never begin a line (GB/T 15834, 5.1.1 and the habits of Latin type)."""
NEVER_LAST = set("（【《「『“‘([{")
PAUSES = set("，。、；：！？,.;:!? ")
NAME_PARTS = ("大学", "学院", "学校", "校区", "分院")
"""A school's name may be broken after these: "南京信息工程大学|滨江学院", never "滨|江"."""
TORN_NAME = 2.0
"""The cost of a break inside a part of a school's name. It is so high that every other way is cheaper."""
TORN = 0.3
"""The cost of a break inside a Chinese phrase. For comparison: a line that fills half the width costs 0.25."""

Measure = Callable[[str], float]


def wrap(text: str, measure: Measure, width: float, *, last_free: bool = False) -> list[str]:
    """Break `text` into lines no wider than `width`; `\\n` always breaks.

    `last_free` (for left-aligned text): the last line of a paragraph may be short, but not a single character. Without
    `last_free`, all lines are as even as possible. A single piece wider than `width` gets a line of its own; the caller
    can notice this only by measuring the lines.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        pieces = _pieces(paragraph)
        greedy = _fill(pieces, measure, width)
        lines += greedy if len(greedy) < 2 else _even(pieces, measure, width, len(greedy), last_free) or greedy
    return lines


def _pieces(text: str) -> list[str]:
    """Cut `text` at every place where a line may break."""
    pieces = [""]
    for i, char in enumerate(text):
        if i > 0 and _may_break(text[i - 1], char):
            pieces.append(char)
        else:
            pieces[-1] += char
    return pieces


def _may_break(before: str, after: str) -> bool:
    if after in NEVER_FIRST or before in NEVER_LAST or after == " ":
        return False
    return before == " " or _ideograph(before) or _ideograph(after)


def _ideograph(char: str) -> bool:
    return ord(char) >= 0x2E80


def _fill(pieces: list[str], measure: Measure, width: float) -> list[str]:
    """Fill line after line as far as possible. This gives the fewest lines."""
    lines = [""]
    for piece in pieces:
        if lines[-1] and measure((lines[-1] + piece).rstrip()) > width:
            lines.append(piece)
        else:
            lines[-1] += piece
    return [line.rstrip() for line in lines]


def _even(pieces: list[str], measure: Measure, width: float, count: int, last_free: bool) -> list[str]:
    """Return the `count` lines with the lowest cost; an empty list if a piece is too wide for any line."""
    # best[k] is a map: if the first n pieces can fill exactly k lines, best[k][n] has the lowest cost and these lines.
    best: list[dict[int, tuple[float, list[str]]]] = [{0: (0.0, [])}]
    for number in range(1, count + 1):
        reached: dict[int, tuple[float, list[str]]] = {}
        for start, (cost, lines) in best[-1].items():
            for end in range(start + 1, len(pieces) + 1):
                line = "".join(pieces[start:end]).rstrip()
                wide = measure(line)
                if wide > width:
                    break
                last = end == len(pieces)
                if last != (number == count):
                    continue
                free = last and last_free and wide > width / 3
                total = cost + (0.0 if free else (1 - wide / width) ** 2) + (0.0 if last else _torn(pieces, end))
                if end not in reached or total < reached[end][0]:
                    reached[end] = (total, [*lines, line])
        best.append(reached)
    return best[-1].get(len(pieces), (0.0, []))[1]


def _torn(pieces: list[str], end: int) -> float:
    before, after = "".join(pieces[:end]), pieces[end] if end < len(pieces) else ""
    if before[-1] in PAUSES or after[:1] in NEVER_LAST or before.endswith(NAME_PARTS):
        return 0.0
    return TORN_NAME if _in_name(before, "".join(pieces[end:])) else TORN


def _in_name(before: str, rest: str) -> bool:
    """Whether a break between `before` and `rest` splits a part of a school's name."""
    part = re.split(r"[，。、；：！？,.;:!? （(]", before)[-1]
    tail = re.match(r"[\u4e00-\u9fff]{0,10}?(?:大学|学院|学校|校区|分院)", rest)
    return bool(part) and tail is not None
