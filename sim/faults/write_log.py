"""A disk whose every write is logged, and the disk as a power cut at any moment of the log leaves it.

QEMU's `blklogwrites` writes the log in the format of Linux's dm-log-writes: a sector with the number of the format,
then for each request a sector with its place, length and flags, and after that sector the data. Everything before a
request that flushes is on the medium. If the power fails, the drive may keep any part of what came after that request.
So `disk_at` keeps every write before the last flush; of the later writes it keeps or drops each block of 4096 bytes at
random.
"""

import random
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

SECTOR = 512
_MAGIC, _VERSION = 0x6A736677736872, 1
_BLOCK = 4096
_FLUSH, _DISCARD = 1, 4


class WriteLogError(Exception):
    """The file is no log of writes, or its end is missing."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `end`: the size of the log up to and including the request. `data`: where the `length` bytes of the
    request begin in the log; on the disk they begin at byte `place`.
    """

    place: int
    length: int
    data: int
    end: int
    flushes: bool


def requests(log: Path) -> list[Request]:
    """The whole requests of a log, oldest first. Raises `WriteLogError` for a file of another format."""
    with log.open("rb") as file:
        head = file.read(SECTOR)
        if len(head) < SECTOR or struct.unpack_from("<QQ", head) != (_MAGIC, _VERSION):
            raise WriteLogError(f"{log} is no log of writes of version {_VERSION}: let qemu-storage-daemon make it")
        return list(_requests(file, log.stat().st_size))


def _requests(file: BinaryIO, size: int) -> Iterator[Request]:
    at = SECTOR
    while at + SECTOR <= size:
        file.seek(at)
        sector, count, flags, _ = struct.unpack("<QQQQ", file.read(32))
        length = 0 if flags & _DISCARD else count * SECTOR
        end = at + SECTOR + length
        if end > size:
            return  # QEMU is still writing this request
        yield Request(sector * SECTOR, length, at + SECTOR, end, bool(flags & _FLUSH))
        at = end


def disk_at(cut: int, log: Path, fresh: Path, disk: Path, luck: random.Random | None) -> int:
    """Write to `disk` what a disk contains if the power fails when the log has `cut` bytes; returns how many blocks
    are lost. `fresh`: the disk before the log. `luck` None: nothing is lost.
    """
    done = [request for request in requests(log) if request.end <= cut]
    kept = max((number for number, request in enumerate(done) if request.flushes), default=-1)
    lost = 0
    shutil.copyfile(fresh, disk)
    with log.open("rb") as source, disk.open("r+b") as target:
        for number, request in enumerate(done):
            for begin in range(0, request.length, _BLOCK):
                if number > kept and luck is not None and luck.random() < 0.5:
                    lost += 1
                    continue
                source.seek(request.data + begin)
                target.seek(request.place + begin)
                target.write(source.read(min(_BLOCK, request.length - begin)))
    return lost
