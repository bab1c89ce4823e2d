"""Sample outputs of a played season as pictures: `python -m sim.season.pictures FOLDER docs/pictures`."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pyzipper
from PIL import Image

_SHEETS, _WIDTH = 6, 900


def pictures(folder: Path, out: Path) -> None:
    """A sheet of prints, a letter with its annex, and the first page of a pack's checklist, as PNG in `out`."""
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


def _pages(pdf: bytes, dpi: int) -> list[Image.Image]:
    command = ["pdftoppm", "-r", str(dpi), "-png", "-"]
    done = subprocess.run(command, input=pdf, check=True, capture_output=True).stdout  # noqa: S603 - a fixed program
    parts = done.split(b"\x89PNG\r\n\x1a\n")[1:]
    return [Image.open(io.BytesIO(b"\x89PNG\r\n\x1a\n" + part)).convert("RGB") for part in parts]


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
