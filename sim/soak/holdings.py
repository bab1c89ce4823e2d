"""What this process holds at a moment: memory, threads, descriptors, and the booth's files."""

import ctypes
import gc
import os
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from kiosk.uplink.shared.paths import BoothPaths

_GROWS = ("spool", "journal")
"""Folders in which files come and go: saved envelopes, and journals up to a limit of their own."""

# Two options of mallopt(3), each with its value: the size from which on a block is given back at once (a live frame has
# 2.8 MB), and how much free memory the C library may keep (the library's own value at the start, which it raises
# later).
_M_MMAP_THRESHOLD, _LARGE_BYTES = -3, 1 << 20
_M_TRIM_THRESHOLD, _TOP_BYTES = -1, 128 << 10


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the process holds after `visits` visits.

    `files`: how many files the booth's folder has. Files with a fixed name (each exists once, from its first use on),
    envelopes and journals do not count. `parts`: how many unfinished files there are anywhere in the folder.
    """

    visits: int
    memory_bytes: int
    threads: int
    descriptors: int
    files: int
    parts: int

    def beyond(self, before: "Holdings", jitter: int) -> list[str]:
        """The holdings that exceed those of `before`; up to `jitter` additional threads and descriptors do not
        count."""
        allowed = {"threads": jitter, "descriptors": jitter, "files": 0, "parts": 0}
        return [
            f"{name}: {getattr(before, name)} after {before.visits} visits, {getattr(self, name)} after {self.visits}"
            for name, more in allowed.items()
            if getattr(self, name) > getattr(before, name) + more
        ]


def return_freed_memory() -> None:
    """Let the C library give large freed blocks back to the system at once, so that `held` counts none of them.
    Otherwise each thread's heap keeps the place of its last frames for later, and `malloc_trim` does not shrink it."""
    library = ctypes.CDLL(None)
    library.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
    # If a large block was freed before, the C library has also raised the limit up to which it keeps free memory.
    library.mallopt(_M_TRIM_THRESHOLD, _TOP_BYTES)


def held(visits: int, folder: Path | None = None) -> Holdings:
    """What this process holds now. Memory is counted without garbage and without what the C library keeps for later."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    files = [] if folder is None else [path for path in folder.rglob("*") if path.is_file()]
    named = set() if folder is None else set(vars(BoothPaths(folder)).values())
    return Holdings(
        visits,
        pages * os.sysconf("SC_PAGE_SIZE"),
        len(os.listdir("/proc/self/task")),
        len(os.listdir("/proc/self/fd")),
        sum(1 for path in files if path.parent.name not in _GROWS and path not in named),
        sum(1 for path in files if path.suffix == ".part"),
    )


def thread_names() -> Counter[str]:
    """How many of Python's threads have each name."""
    return Counter(thread.name for thread in threading.enumerate())


def descriptor_targets() -> Counter[str]:
    """How many descriptors of this process have each target; the numbers of sockets and pipes are left out."""
    found: Counter[str] = Counter()
    for name in os.listdir("/proc/self/fd"):
        try:
            found[os.readlink(f"/proc/self/fd/{name}").split(":[")[0]] += 1
        except OSError:  # the descriptor that `listdir` used is closed now
            continue
    return found
