"""scripts/large-pages finds libraries that the kernel of a Raspberry Pi 5 can't load before they are packed."""

import struct
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "large-pages"


def library(path: Path, *alignments: int) -> None:
    """An ELF file of 64 bit with one loaded segment for each alignment, and one that is not loaded."""
    segments = [(1, alignment) for alignment in alignments] + [(4, 4)]
    head = struct.pack(
        "<4sBBB9sHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, bytes(9), 3, 183, 1, 0, 64, 0, 0, 64, 56, len(segments), 0, 0, 0
    )
    table = b"".join(struct.pack("<IIQQQQQQ", kind, 5, 0, 0, 0, 0, 0, alignment) for kind, alignment in segments)
    path.write_bytes(head + table)


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True, check=False)


def test_libraries_for_pages_of_16_kib_or_more_pass(tmp_path: Path) -> None:
    library(tmp_path / "a.so", 0x4000, 0x10000)
    library(tmp_path / "b.so", 0x10000)
    (tmp_path / "c.py").write_text("import a\n")
    (tmp_path / "short").write_bytes(b"\x7fELF")
    done = run(tmp_path)
    assert (done.returncode, done.stderr) == (0, "2 libraries and programs, 2 for pages of 16384 bytes\n")


def test_one_segment_for_smaller_pages_is_named(tmp_path: Path) -> None:
    library(tmp_path / "good.so", 0x4000)
    library(tmp_path / "bad.so", 0x10000, 0x1000)
    done = run(tmp_path)
    assert done.returncode == 1
    assert f"{tmp_path / 'bad.so'}: aligned for pages of 4096 bytes" in done.stderr
    assert "good.so" not in done.stderr
