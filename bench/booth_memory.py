"""Measures the memory that a booth with models and recordings uses in a whole session.

The simulated world runs in the booth's own process. So one process plays the session and stores the pictures that it
draws; a second process plays the same session with these pictures. The result is the greatest memory of the second
process less the memory of the simulated world. The memory of the simulated world is what the process uses before
it builds the booth, less what a process uses that has only imported the booth's program and libraries.
"""

import ctypes
import gc
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from bench.row import Row

LIMIT_MB = 400.0
MOST_TURNS = 200_000
_BARE = """
import kiosk.commands.run, kiosk.runtime.wiring, kiosk.vision.worker
from bench.booth_memory import resident_mb
print(resident_mb())
"""


def run() -> list[Row]:
    """Measure the memory, which is the only row."""
    bare = _said("-c", _BARE)[0]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        _said("-m", "bench.booth_memory", folder)
        world, peak = _said("-m", "bench.booth_memory", folder)
    booth = peak - (world - bare)
    return [Row("memory of a booth, whole session", booth, booth, None, LIMIT_MB, "models, recordings, a burst", "MB")]


def resident_mb() -> float:
    """The resident memory of this process after free memory was given back, in MB."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return _resident_mb()


def _resident_mb() -> float:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1000


def _said(*command: str) -> list[float]:
    """The numbers in the last line that a Python process prints."""
    done = subprocess.run([sys.executable, *command], check=True, stdout=subprocess.PIPE, encoding="ascii")
    return [float(word) for word in done.stdout.splitlines()[-1].split()]


def main(folder: Path) -> None:
    """Play the session with the pictures in `folder`, or first draw them there. Prints the memory before the booth was
    built, and the greatest memory, in MB."""
    from sim.play.scenario import load
    from sim.play.stage import Stage
    from sim.play.world import World

    before: list[float] = []

    class Measured(World):
        def _built(self):  # type: ignore[no-untyped-def]
            before.append(resident_mb())
            return super()._built()

        def _picture(self, size, exposed_ns):  # type: ignore[no-untyped-def]
            path = folder / f"{size[0]}x{size[1]}-{exposed_ns}.npy"
            if not path.exists():
                np.save(path, super()._picture(size, exposed_ns))
            return np.load(path)

    scenario, peak = load("card-happy"), 0.0
    with tempfile.TemporaryDirectory(prefix="bench-") as files:
        world = Measured(scenario, Path(files))
        stage = Stage(scenario, world, Path(files))
        world.start()
        for _ in range(MOST_TURNS):
            stage.turn()
            peak = max(peak, _resident_mb())
            if world.booth.loop.session.state.value == "done":
                break
        else:
            raise RuntimeError("the session did not end")
        world.close()
    print(before[0], peak)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
