"""Reads a foreign workbook or CSV in a process of its own, so that no file can hurt the office.

The reading library allocates memory for a sheet's bounding box and panics on damaged bytes: 2 kB can end the process
that parses them. So a separate process parses them, with limits on memory, processor time and duration. If that process
dies, the message is "this file is damaged"; if it runs out of time, the message says so.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from center.platform.foreign_tables.limits import CPU_SECONDS, MOST_BYTES, WALL_SECONDS
from center.platform.foreign_tables.reading_process import decode
from center.platform.foreign_tables.values import Row, Sheet, TableFault, Unreadable

_OUT_OF_TIME = -24  # SIGXCPU, as a return code
_KILLED = -9  # SIGKILL, which the kernel sends at the hard limit of RLIMIT_CPU


def read_file(path: Path, password: str | None = None) -> tuple[Sheet, ...]:
    """The sheets of a file. Raises `TableFault`, which names the file; `OSError`."""
    if path.stat().st_size > MOST_BYTES:
        raise TableFault(Unreadable.TOO_LARGE, str(path), most=str(MOST_BYTES >> 20))
    return read_bytes(path.read_bytes(), password, str(path))


def read_bytes(data: bytes, password: str | None = None, name: str = "") -> tuple[Sheet, ...]:
    """The sheets in a file's bytes. Raises `TableFault`; `name`: what its message calls the file."""
    header = json.dumps({"password": password}).encode() + b"\n"
    # The process is isolated from the caller's folder and environment, so it gets no secret and no foreign module, and
    # the caller's language has no effect on it.
    command = [sys.executable, "-I", "-m", "center.platform.foreign_tables.reading_process"]
    with subprocess.Popen(  # noqa: S603 - our own module
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        start_new_session=True,
    ) as process:
        try:
            answer, _ = process.communicate(header + data, timeout=WALL_SECONDS)
        except subprocess.TimeoutExpired as fault:
            process.kill()
            raise TableFault(Unreadable.TOO_SLOW, name, most=str(WALL_SECONDS)) from fault
        except BrokenPipeError:
            answer = b""
    return _understood(answer, process.returncode, name)


def _understood(answer: bytes, code: int, name: str) -> tuple[Sheet, ...]:
    lines = answer.decode("utf-8").splitlines() if answer.endswith(b"\n") else answer.decode("utf-8").splitlines()[:-1]
    sheets: list[tuple[dict[str, Any], list[Row]]] = []
    at = ""
    for line in lines:
        said = json.loads(line)
        match said:
            case [number, cells]:
                sheets[-1][1].append(Row(number, tuple(map(decode, cells))))
            case {"at": at}:
                pass
            case {"sheet": _}:
                sheets.append((said, []))
            case {"fault": kind, "values": values}:
                raise TableFault(Unreadable(kind), name, **values)
            case {"end": True}:
                return tuple(_sheet(marks, rows) for marks, rows in sheets)
    if code in (_OUT_OF_TIME, _KILLED):
        raise TableFault(Unreadable.TOO_SLOW, name, most=str(CPU_SECONDS))
    if at:
        raise TableFault(Unreadable.DAMAGED_SHEET, name, sheet=at)
    raise TableFault(Unreadable.DAMAGED, name)


def _sheet(marks: dict[str, Any], rows: list[Row]) -> Sheet:
    hidden = tuple(marks["hidden_rows"]), tuple(marks["hidden_columns"])
    return Sheet(marks["sheet"], tuple(rows), marks["hidden"], *hidden, marks["marks_known"])
