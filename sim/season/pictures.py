"""Sample outputs of a played season as pictures: `python -m sim.season.pictures FOLDER docs/pictures`."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import pyzipper
from PIL import Image, ImageDraw, ImageFont

Entry = tuple[str, int]
"""A file in an archive: its name and its bytes."""

_SHEETS, _WIDTH = 6, 900
_FIRST = 3  # photos of each class that a listing shows
_FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"


def pictures(folder: Path, out: Path) -> None:
    """A sheet of prints, a letter with its annex, the first page of a pack's checklist and its listing, as PNG in
    `out`."""
    passwords = json.loads((folder / "packs" / "passwords.json").read_text("utf-8"))
    name = sorted(passwords)[0]
    school = name.rpartition("-")[0]
    with zipfile.ZipFile(folder / "sheets" / f"{school}.zip") as archive:
        _save(_pages(archive.read("印刷版-01.pdf"), 100)[:_SHEETS], 3, out / "season-sheets.png")
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


def _listing(name: str, outside: Sequence[Entry], inside: Sequence[Entry], path: Path) -> None:
    """What a school sees in a pack: the names and sizes of both archives, of the classes the first photos alone."""
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


def _save(pages: list[Image.Image], across: int, path: Path) -> None:
    """The pages beside each other, `across` a line, on grey."""
    width, height = pages[0].size
    lines = -(-len(pages) // across)
    sheet = Image.new("RGB", (across * (width + 12) + 12, lines * (height + 12) + 12), (208, 212, 218))
    for at, page in enumerate(pages):
        sheet.paste(page, (12 + at % across * (width + 12), 12 + at // across * (height + 12)))
    if sheet.width > _WIDTH:
        sheet = sheet.resize((_WIDTH, round(sheet.height * _WIDTH / sheet.width)), Image.Resampling.LANCZOS)
    sheet.quantize(128).save(path, optimize=True)


if __name__ == "__main__":
    pictures(Path(sys.argv[1]), Path(sys.argv[2]))
