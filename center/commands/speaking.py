"""How commands speak: results on standard output, everything else on standard error, a reason with every no."""

import json
import logging
import os
import sys
from collections.abc import Callable, Mapping

from center.platform.faults import OfficeFault


def say(line: str) -> None:
    """A result, for people."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()  # a program reads the address while we go on serving


def say_json(result: Mapping[str, object]) -> None:
    """A result, for programs: one object a line."""
    say(json.dumps(result, ensure_ascii=False))


def log_to_stderr(level: int = logging.INFO) -> None:
    """Send the program's log to standard error."""
    logging.basicConfig(level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of every connection it looks at


def refusing(command: str, work: Callable[[], int]) -> int:
    """Run `work`; a refusal becomes words on standard error and 1, a file that is not there 2."""
    try:
        return work()
    except (OfficeFault, OSError) as fault:
        sys.stderr.write(f"center {command}: {fault}\n")
        return 2 if isinstance(fault, FileNotFoundError) or getattr(fault, "missing", False) else 1


def by_command() -> str:
    """Who the audit says did it: the machine's user at the command line."""
    return f"command:{os.environ.get('SUDO_USER') or os.environ.get('USER') or os.getuid()}"[:80]
