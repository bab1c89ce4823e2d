"""`python -m sim.season.pictures DIR`: play a season and make the pictures of docs/season.md from it.

The picture of the dashboard needs a chromium; the tests' set-up installs one.
"""

import io
import json
import logging
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import pyzipper
from PIL import Image, ImageDraw, ImageFont

from center.accounts.model.roles import Role
from sim.browser import logged_in, make_pictures
from sim.office.served import ServedOffice
from sim.season.story import SeasonStory

Entry = tuple[str, int]
"""A file in an archive: its name and its number of bytes."""

_SMALL, _WIDTH = 3, 900  # how many small pages a picture shows; the largest width of a picture in pixels
_FIRST = 3  # a listing shows this many photos of each class
_FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"


def main() -> int:
    """Play a season and make the pictures. Returns 0 when done, 1 if there is no browser, 2 for wrong use."""
    logging.basicConfig(level=logging.CRITICAL)  # otherwise the office's commands would log each job
    return make_pictures("sim.season.pictures", _make)


def _make(out: Path) -> int:
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        played = Path(folder) / "season"
        SeasonStory(played).play(lambda office: _dashboard(office, out / "season-dashboard.png"))
        pictures(played, out)
    return 0


def pictures(folder: Path, out: Path) -> None:
    """Write PNG files into `out`: a sheet of prints, a letter with its annex, the first pages of a pack's checklist,
    and the listing of the pack."""
    passwords = json.loads((folder / "packs" / "passwords.json").read_text("utf-8"))
    name = sorted(passwords)[0]
    school = name.rpartition("-")[0]
    with zipfile.ZipFile(folder / "sheets" / f"{school}.zip") as archive:
        sheets = _pages(archive.read("印刷版-01.pdf"), 150)[: _SMALL + 1]
    _save(sheets[:1], 1, out / "season-sheet.png", colours=256)
    _save(sheets[1:], _SMALL, out / "season-sheets.png")
    _save(_pages((folder / "letters" / f"{school}-1.pdf").read_bytes(), 70), 2, out / "season-letter.png")
    with pyzipper.AESZipFile(folder / "packs" / name) as outer:
        inner = outer.read("photos.zip", pwd=passwords[name].encode())
    with zipfile.ZipFile(io.BytesIO(inner)) as archive:
        _save(_pages(archive.read("核对表.pdf"), 80)[:2], 2, out / "season-checklist.png")
        inside = [(one.filename, one.file_size) for one in archive.infolist()]
    with zipfile.ZipFile(folder / "packs" / name) as plain:
        outside = [(one.filename, one.file_size) for one in plain.infolist()]
    _listing(name, outside, inside, out / "season-pack.png")


def _pages(pdf: bytes, dpi: int) -> list[Image.Image]:
    command = ["pdftoppm", "-r", str(dpi), "-png", "-"]
    done = subprocess.run(command, input=pdf, check=True, capture_output=True).stdout  # noqa: S603 - a fixed program
    parts = done.split(b"\x89PNG\r\n\x1a\n")[1:]
    return [Image.open(io.BytesIO(b"\x89PNG\r\n\x1a\n" + part)).convert("RGB") for part in parts]


def _dashboard(office: ServedOffice, path: Path) -> None:
    """Take a picture of a supervisor's first page, in Chinese."""
    with logged_in(office, office.hire("liu", Role.SUPERVISOR), "/dashboard", "zh-CN") as page:
        taken = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    size = _WIDTH, round(taken.height * _WIDTH / taken.width)
    taken.resize(size, Image.Resampling.LANCZOS).quantize(128).save(path, optimize=True)


def _listing(name: str, outside: Sequence[Entry], inside: Sequence[Entry], path: Path) -> None:
    """Draw what a school sees in a pack: names and sizes in both archives, and only the first photos of each class."""
    lines: list[tuple[int, str, str]] = [(0, name, "")]
    for file, size in outside:
        lines.append((1, file, f"{size / 1024:,.0f} KB"))
        lines += [(2, *line) for line in _shortened(inside)] if file.endswith(".zip") else []
    font = ImageFont.truetype(_FONT, 20)
    picture = Image.new("RGB", (_WIDTH, 34 * len(lines) + 24), "white")
    draw = ImageDraw.Draw(picture)
    for at, (depth, words, told) in enumerate(lines):
        draw.text((16 + 36 * depth, 12 + 34 * at), words, (28, 39, 51), font)
        draw.text((_WIDTH - 16, 12 + 34 * at), told, (91, 104, 117), font, anchor="ra")
    picture.quantize(64).save(path, optimize=True)


def _shortened(inside: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    for place, group in groupby(inside, lambda one: one[0].rpartition("/")[0]):
        files = list(group)
        for name, size in files[: _FIRST if place else len(files)]:
            yield name, f"{size / 1024:,.0f} KB"
        if place and len(files) > _FIRST:
            yield f"{place}/…", f"+ {len(files) - _FIRST}"


def _save(pages: list[Image.Image], across: int, path: Path, colours: int = 128) -> None:
    """Save the pages side by side on a grey ground, `across` pages in a line."""
    width, height = pages[0].size
    lines = -(-len(pages) // across)
    sheet = Image.new("RGB", (across * (width + 12) + 12, lines * (height + 12) + 12), (208, 212, 218))
    for at, page in enumerate(pages):
        sheet.paste(page, (12 + at % across * (width + 12), 12 + at // across * (height + 12)))
    if sheet.width > _WIDTH:
        sheet = sheet.resize((_WIDTH, round(sheet.height * _WIDTH / sheet.width)), Image.Resampling.LANCZOS)
    sheet.quantize(colours).save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
