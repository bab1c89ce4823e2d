"""`python -m bench.busy_machine`: how many real-time runs end with a photo while other processes take the cores.

Not a part of `make bench`: a run takes half a minute and its result depends on what else the machine does. The load
average is printed beside each run for that reason.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

PATIENCE_S = 900.0
"""A run that has not ended by then counts as one without a photo."""


class Seen(NamedTuple):
    """What one run gave: whether there is a photo, whether all expectations held, and the screens in order."""

    photo: bool
    held: bool
    screens: Sequence[str]

    @property
    def first_burst_failed(self) -> bool:
        """Whether the first burst led back to the pose, or nowhere: a burst that succeeds leads to the choice."""
        return next((later for now, later in pairwise(self.screens) if now == "capture"), "") != "choose"

    def __str__(self) -> str:
        photo = "photo" if self.photo else "NO PHOTO"
        held = "" if self.held else ", expectations NOT HELD"
        return f"{photo}{held}{', first burst failed' if self.first_burst_failed else ''}"


def main(argv: Sequence[str] | None = None) -> int:
    """Print one line a run and a summary. Returns 0 when every run gave a photo and held its expectations, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.busy_machine", description=__doc__)
    parser.add_argument("--runs", type=int, default=10, help="how many, one after the other (default %(default)s)")
    parser.add_argument("--loops", type=int, default=10, help="busy processes beside them (default %(default)s)")
    parser.add_argument("--demo", action="store_true", help="the windowed demo instead of the scenario card-happy")
    options = parser.parse_args(argv)
    run = demo if options.demo else scenario
    if options.demo and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        parser.error("--demo needs a display: xvfb-run -a python -m bench.busy_machine --demo")
    seen: list[Seen] = []
    seconds: list[float] = []
    with tempfile.TemporaryDirectory() as folder, busy(options.loops):
        for number in range(1, options.runs + 1):
            begun = time.monotonic()
            seen.append(run(Path(folder) / str(number)))
            seconds.append(time.monotonic() - begun)
            print(f"{number}: {seen[-1]}, {seconds[-1]:.0f} s, load {os.getloadavg()[0]:.0f}", flush=True)
    print(
        f"{sum(one.photo for one in seen)} of {len(seen)} with a photo, {sum(one.held for one in seen)} as expected, "
        f"{sum(one.first_burst_failed for one in seen)} first bursts failed; beside {options.loops} busy processes on "
        f"{os.cpu_count()} cores; {statistics.median(seconds):.0f} s a run, at most {max(seconds):.0f} s"
    )
    return 0 if all(one.photo and one.held for one in seen) else 1


@contextmanager
def busy(loops: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many processes that never rest."""
    started = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(loops)]
    try:
        yield started
    finally:
        for one in started:
            one.kill()
            one.wait()


def scenario(folder: Path) -> Seen:
    """`sim run card-happy --realtime`."""
    command = [sys.executable, "-m", "sim", "run", "card-happy", "--realtime", "--json", "--out", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        return Seen(photo=False, held=False, screens=())
    report = json.loads(done.stdout)
    return Seen(report["photo"] is not None, done.returncode == 0, report["states"])


def demo(folder: Path) -> Seen:
    """`python -m sim demo` in its window, ended when it has told its result."""
    folder.mkdir()
    told = folder / "told.txt"
    with told.open("w", encoding="utf-8") as out:
        command = [sys.executable, "-u", "-m", "sim", "demo"]
        program = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT)
        try:
            end = time.monotonic() + PATIENCE_S
            while program.poll() is None and "screens: " not in told.read_text("utf-8") and time.monotonic() < end:
                time.sleep(0.5)
        finally:
            program.kill()
            program.wait()
    lines = [line.partition(":") for line in told.read_text("utf-8").splitlines()]
    photo = any(name == "photo" and value.strip() != "None" for name, _, value in lines)
    held = photo and not any("NOT HELD" in name for name, _, _ in lines)
    return Seen(photo, held, [name.strip() for name, _, value in lines if value.startswith(" waiting")])


if __name__ == "__main__":
    sys.exit(main())
