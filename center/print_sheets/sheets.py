"""Sheets and checklist as PDF files."""

import io
import tomllib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import groupby

from PIL import Image

from center.platform.documents.paper import A4, Drawn, Paper
from center.platform.faults import WrongRequest
from center.platform.progress import Progress
from center.print_sheets.model import (
    CHECKLIST_COLUMNS,
    PrintedPerson,
    PrintFormat,
    Spot,
    caption_lines,
    cut_marks,
    in_class_order,
    spots,
)
from rules.profile import Prints

Photo = Callable[[str], bytes]
"""A function that gives the finished photo of a shot."""
LookAt = Callable[[Sequence[Drawn]], None]
"""A function that checks what was drawn on paper before it becomes a file; raises a fault if something is wrong."""

CHECKLIST = "核对表.pdf"
VOLUME = 150
"""How many people a file of sheets has at most: a thousand would need a third of a gigabyte of memory."""
_THUMB_PX = (120, 160)
_THUMB_MM = (10.5, 14.0)
_LEFT, _TOP, _BOTTOM, _ROW = 8.0, 12.0, 12.0, 15.5


@cache
def formats() -> dict[str, PrintFormat]:
    """The print formats by name. Raises `ValueError` if the table is wrong."""
    table = tomllib.loads((files("center.print_sheets") / "formats.toml").read_text("utf-8"))
    return {name: PrintFormat(name=name, **values) for name, values in table.items()}


def volumes(
    layout: PrintFormat,
    prints: Prints,
    printed: Sequence[PrintedPerson],
    photo: Photo,
    progress: Progress,
    look: LookAt,
) -> Iterator[tuple[str, bytes]]:
    """The sheets of these people in class order, as named files of at most `VOLUME` people each.

    Raises `WrongRequest` if the profile's pictures do not fit the format, and whatever `look` raises.
    """
    fault = layout.fault(prints)
    if fault:
        raise WrongRequest("{fault}: choose another print format", fault=fault)
    ordered = in_class_order(printed)
    for start in range(0, len(ordered), VOLUME):
        people = ordered[start : start + VOLUME]
        paper = Paper(*layout.paper_mm, title="毕业生图像 印刷版")
        for at, (person, places) in enumerate(zip(people, spots(layout, prints, len(people)), strict=True)):
            progress(start + at, len(ordered))
            _person(paper, layout, prints, person, places, photo(person.shot_id))
        look(paper.drawn)
        yield f"印刷版-{start // VOLUME + 1:02d}.pdf", paper.bytes()
    progress(len(ordered), len(ordered))


def _person(
    paper: Paper, layout: PrintFormat, prints: Prints, person: PrintedPerson, places: Sequence[Spot], jpeg: bytes
) -> None:
    lines = caption_lines(layout, person.row)
    for spot in places:
        while paper.pages <= spot.page:
            paper.page()
        paper.picture(jpeg, spot.x, spot.y, prints.width_mm, prints.height_mm)
        for number, line in enumerate(lines):
            y = spot.y + prints.height_mm + number * layout.line_mm + 0.2
            paper.text(line, spot.x, y, prints.width_mm, layout.caption_pt, align="C")
        for mark in cut_marks(spot, prints, layout.caption_mm):
            paper.line(*mark)


def checklist(school: str, printed: Sequence[PrintedPerson], small: Photo, look: LookAt) -> bytes:
    """The list with which a school checks pictures and captions, one table for each class. Each line has a person's
    data, a small picture and two boxes to tick.

    `small`: gives a shot's picture in the size that `thumb` makes. Raises what `look` raises.
    """
    paper = Paper(*A4, title="毕业生图像核对表")
    for (major, class_name), group in groupby(in_class_order(printed), lambda one: (one.row.major, one.row.class_name)):
        people = list(group)
        per_page = int((A4[1] - _TOP - _BOTTOM - 22) / _ROW)
        for start in range(0, len(people), per_page):
            paper.page()
            title = f"{school}毕业生图像核对表"
            paper.text(title, _LEFT, _TOP, A4[0] - 2 * _LEFT, 14, align="C")
            said = f"{major}  {class_name}    共 {len(people)} 人"
            paper.text(said, _LEFT, _TOP + 8, A4[0] - 2 * _LEFT, 10)
            _titles(paper, _TOP + 14)
            for line, one in enumerate(people[start : start + per_page]):
                _line(paper, start + line + 1, one, small(one.shot_id), _TOP + 20 + line * _ROW)
            paper.text("核对人（签字）：                        日期：", _LEFT, A4[1] - _BOTTOM, 120, 10)
    look(paper.drawn)
    return paper.bytes()


def _titles(paper: Paper, y: float) -> None:
    x = _LEFT
    for title, width in CHECKLIST_COLUMNS:
        paper.box(x, y, width, 6)
        paper.text(title, x, y + 1.2, width, 9, align="C")
        x += width


def _line(paper: Paper, number: int, person: PrintedPerson, jpeg: bytes, y: float) -> None:
    row = person.row
    texts = (str(number), "", row.name, row.sex, row.student_no, row.id_number, "□", "□", "")
    x = _LEFT
    for text, (title, width) in zip(texts, CHECKLIST_COLUMNS, strict=True):
        paper.box(x, y, width, _ROW)
        if title == "照片":
            paper.picture(jpeg, x + (width - _THUMB_MM[0]) / 2, y + 0.75, *_THUMB_MM)
        elif text:
            paper.text(text, x + 0.8, y + _ROW / 2 - 2, width - 1.6, 9, align="C")
        x += width


def thumb(jpeg: bytes) -> bytes:
    """A small copy of a photo, large enough to recognise the person."""
    with Image.open(io.BytesIO(jpeg)) as picture:
        picture.draft("RGB", _THUMB_PX)
        picture.thumbnail(_THUMB_PX)
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=80, dpi=(300, 300))
    return out.getvalue()
