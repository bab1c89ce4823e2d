"""Output of commands: results on standard output, everything else on standard error, each refusal with its reason."""

import argparse
import contextlib
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from center.platform.faults import OfficeFault
from common.disk import Disk

Verb = Callable[[argparse.Namespace], int | None]
"""Does what a verb below a command says. Returns the exit code or, for 0, None."""


def say(line: str) -> None:
    """Print a result for people."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()  # another program may wait for the address while the server runs


def say_json(result: Mapping[str, object]) -> None:
    """Print a result for programs: one object on each line."""
    say(json.dumps(result, ensure_ascii=False))


def say_result(options: argparse.Namespace, result: Mapping[str, object], *lines: str) -> None:
    """Print a result: the object `result` with `--json`, otherwise the `lines` for people."""
    if options.json:
        say_json(result)
    else:
        for line in lines:
            say(line)


def say_file(options: argparse.Namespace, path: Path) -> None:
    """Print where a command wrote a file, and how large it is."""
    say_result(options, {"file": str(path.absolute()), "bytes": path.stat().st_size}, str(path.absolute()))


def write_new(path: Path, data: bytes) -> None:
    """Write `data` into a new file as `new_file` does."""
    with new_file(path) as out:
        out.write(data)


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a new file that only its owner can read, because it is to hold names and numbers. At the end, the file and
    its name are on the disk; if anything fails before, no file is left. Raises `FileExistsError`.
    """
    with open(path, "xb", opener=lambda file, flags: os.open(file, flags, 0o600)) as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            Disk().sync_folder(path.parent)
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def refusing(command: str, work: Callable[[], int]) -> int:
    """Run `work` with the program's log on standard error; returns its status. A refusal becomes a message on standard
    error and status 1, a missing file status 2."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)  # alembic logs every connection that it examines
    try:
        return work()
    except (OfficeFault, OSError) as fault:
        sys.stderr.write(f"center {command}: {fault}\n")
        return 2 if isinstance(fault, FileNotFoundError) or getattr(fault, "missing", False) else 1


def require_there(*paths: Path | None) -> None:
    """Raise `FileNotFoundError` for the first of `paths` that does not exist; None is skipped."""
    for path in paths:
        if path is not None:
            path.stat()


def by_command() -> str:
    """The audit's actor for a command: the user of the machine who runs it."""
    return f"command:{os.environ.get('SUDO_USER') or os.environ.get('USER') or os.getuid()}"[:80]
