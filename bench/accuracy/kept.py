"""Stores the results of a run, so that a stopped run can continue. A result is used again only with the same code,
options and portraits, because a whole report must come from one state of the code.
"""

import hashlib
import pickle
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).parents[2]
ROOMS = ("bench/accuracy", "kiosk", "rules", "sim")
"""The folders whose files determine the result of a report."""
COUNTED = (".py", ".toml", ".csv", ".tflite")
SHORT = 12

Given = TypeVar("Given")
Found = TypeVar("Found")


def state(root: Path = ROOT) -> str:
    """A short hexadecimal name of the code and data on the disk; any change of a file in `ROOMS` that ends in one of
    `COUNTED` gives another name."""
    said = hashlib.sha256()
    for path in sorted(path for room in ROOMS for path in (root / room).rglob("*") if path.suffix in COUNTED):
        said.update(f"{path.relative_to(root)}\0".encode())
        said.update(hashlib.sha256(path.read_bytes()).digest())
    return said.hexdigest()[:SHORT]


class Kept:
    """Results by name in a folder below `out`, for one state of the code and one set of `options`. Other results are
    deleted."""

    def __init__(self, out: Path, options: Iterable[object], of: str) -> None:
        words = "\0".join([of, *(str(one) for one in options)])
        self._folder = out / "kept" / hashlib.sha256(words.encode()).hexdigest()[:SHORT]
        self.begun = self._folder.is_dir()
        if not self.begun:
            shutil.rmtree(out / "kept", ignore_errors=True)
            self._folder.mkdir(parents=True)

    def each(
        self, names: Sequence[str], given: Sequence[Given], work: Callable[[Sequence[Given]], Iterator[Found]]
    ) -> Iterator[tuple[bool, Found]]:
        """For every name, in order: whether its result was stored already, and the result. `work` makes the results
        that are missing.
        """
        known = {name for name in names if self._path(name).is_file()}
        made = work([one for name, one in zip(names, given, strict=True) if name not in known])
        for name in names:
            if name in known:
                yield True, pickle.loads(self._path(name).read_bytes())
            else:
                found = next(made)
                part = self._path(name).with_suffix(".part")
                part.write_bytes(pickle.dumps(found))
                part.replace(self._path(name))
                yield False, found

    def _path(self, name: str) -> Path:
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.pickle"
