"""`python -m bench.busy_machine`: counts how many real-time runs end with a photo while other processes use all cores.

This is not a part of `make bench`: a run takes half a minute, and its result depends on what else the machine does. For
that reason the load average is printed beside each run.
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
"""A run that lasts longer than this counts as one without a photo."""
_LONGEST = 120
"""How many characters of an observed value are printed at most: its last ones."""


class Seen(NamedTuple):
    """The result of one run: whether there is a photo, the expectations that were not met, and the screens in order."""

    photo: bool
    not_held: Sequence[str]
    screens: Sequence[str]

    @property
    def first_burst_failed(self) -> bool:
        """Whether the first burst failed. A burst that succeeds leads to the choice; one that fails leads back to the
        pose, or nowhere."""
        return next((later for now, later in pairwise(self.screens) if now == "capture"), "") != "choose"

    def __str__(self) -> str:
        photo = "photo" if self.photo else "NO PHOTO"
        not_held = f", NOT HELD: {'; '.join(self.not_held)}" if self.not_held else ""
        return f"{photo}{not_held}{', first burst failed' if self.first_burst_failed else ''}"


def main(argv: Sequence[str] | None = None) -> int:
    """Print one line for each run and a summary.

    Returns 0 if every run gave a photo and met its expectations, else 1.
    """
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
    as_expected = sum(not one.not_held for one in seen)
    print(
        f"{sum(one.photo for one in seen)} of {len(seen)} with a photo, {as_expected} as expected, "
        f"{sum(one.first_burst_failed for one in seen)} first bursts failed; beside {options.loops} busy processes on "
        f"{os.cpu_count()} cores; {statistics.median(seconds):.0f} s a run, at most {max(seconds):.0f} s"
    )
    return 0 if all(one.photo and not one.not_held for one in seen) else 1


@contextmanager
def busy(loops: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run `loops` processes that compute without a pause."""
    started = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(loops)]
    try:
        yield started
    finally:
        for one in started:
            one.kill()
            one.wait()


def scenario(folder: Path) -> Seen:
    """Run `sim run card-happy --realtime`."""
    command = [sys.executable, "-m", "sim", "run", "card-happy", "--realtime", "--json", "--out", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        return Seen(photo=False, not_held=(f"no end within {PATIENCE_S:.0f} s",), screens=())
    if not done.stdout:
        return Seen(photo=False, not_held=(done.stderr.strip().rpartition("\n")[2],), screens=())
    report = json.loads(done.stdout)
    not_held = [f"{one['what']}: {_short(one['seen'])}" for one in report["expectations"] if not one["held"]]
    return Seen(report["photo"] is not None, not_held, report["states"])


def _short(seen: object) -> str:
    text = json.dumps(seen, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"... {text[-_LONGEST:]}"


def demo(folder: Path) -> Seen:
    """Run `python -m sim demo` with its window, and end it when it has printed its result."""
    folder.mkdir()
    log = folder / "told.txt"
    with log.open("w", encoding="utf-8") as out:
        command = [sys.executable, "-u", "-m", "sim", "demo"]
        program = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT)
        try:
            end = time.monotonic() + PATIENCE_S
            while program.poll() is None and "screens: " not in log.read_text("utf-8") and time.monotonic() < end:
                time.sleep(0.5)
        finally:
            program.kill()
            program.wait()
    lines = [line.partition(":") for line in log.read_text("utf-8").splitlines()]
    photo = any(name == "photo" and value.strip() != "None" for name, _, value in lines)
    not_held = [name.replace("NOT HELD", "").strip() for name, _, _ in lines if "NOT HELD" in name]
    if not photo and not not_held:
        not_held = [f"no end within {PATIENCE_S:.0f} s"]
    return Seen(photo, not_held, [name.strip() for name, _, value in lines if value.startswith(" waiting")])


if __name__ == "__main__":
    sys.exit(main())
