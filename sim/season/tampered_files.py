"""Changes that somebody without a key makes to the files of an exported season after the export."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

from center.export.form import MANIFEST, SIGNATURE

OnFiles = Callable[[Path, Path, random.Random], None]
"""A function that changes an export. Its arguments: the folder of the export, the folder of an older export of the same
office, and the source of chance."""


def _some(folder: Path, chance: random.Random) -> Path:
    return chance.choice(sorted(folder.iterdir()))


def _bit(folder: Path, _: Path, chance: random.Random) -> None:
    path = _some(folder, chance)
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(bytes(data))


def _cut(folder: Path, _: Path, chance: random.Random) -> None:
    path = _some(folder, chance)
    path.write_bytes(path.read_bytes()[: -1 - chance.randrange(3)])


def _longer(folder: Path, _: Path, chance: random.Random) -> None:
    path = _some(folder, chance)
    path.write_bytes(path.read_bytes() + b"\n")


def _missing(folder: Path, _: Path, chance: random.Random) -> None:
    _some(folder, chance).unlink()


def _extra(folder: Path, _: Path, chance: random.Random) -> None:
    shutil.copy(_some(folder, chance), folder / f"more-{chance.randrange(100)}.jsonl")


def _other_name(folder: Path, _: Path, chance: random.Random) -> None:
    path = _some(folder, chance)
    path.rename(path.with_name(path.name.upper()))


def _names_exchanged(folder: Path, _: Path, chance: random.Random) -> None:
    one, other = chance.sample(sorted(folder.iterdir()), 2)
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)


def _older_file(folder: Path, older: Path, chance: random.Random) -> None:
    """A signed file is replaced by an older file with the same name."""
    names = [path.name for path in folder.iterdir() if path.read_bytes() != (older / path.name).read_bytes()]
    name = chance.choice(sorted(names))
    shutil.copy(older / name, folder / name)


def _older_signed(folder: Path, older: Path, _: random.Random) -> None:
    """The older manifest and its signature, which is valid, are put in the place of the newer ones; the other files
    stay."""
    for name in (MANIFEST, SIGNATURE):
        shutil.copy(older / name, folder / name)


def _older_export(folder: Path, older: Path, _: random.Random) -> None:
    """The whole export is replaced by an older one, with its valid signature."""
    shutil.rmtree(folder)
    shutil.copytree(older, folder)


ON_FILES: dict[str, OnFiles] = {
    "a bit": _bit,
    "a file cut": _cut,
    "a file longer": _longer,
    "a file missing": _missing,
    "a file too many": _extra,
    "a file of another name": _other_name,
    "two files exchanged": _names_exchanged,
    "an older file": _older_file,
    "an older manifest, signed": _older_signed,
    "a whole older export, signed": _older_export,
}
