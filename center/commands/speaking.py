"""Output of commands: results on standard output, everything else on standard error, each refusal with its reason."""

import json
import logging
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from center.platform.faults import OfficeFault


def say(line: str) -> None:
    """Print a result for people."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()  # another program may wait for the address while the server runs


def say_json(result: Mapping[str, object]) -> None:
    """Print a result for programs: one object on each line."""
    say(json.dumps(result, ensure_ascii=False))


def log_to_stderr(level: int = logging.INFO) -> None:
    """Send the program's log to standard error."""
    logging.basicConfig(level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)  # alembic logs every connection that it examines


def refusing(command: str, work: Callable[[], int]) -> int:
    """Run `work`; a refusal becomes a message on standard error and status 1, a missing file status 2."""
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
