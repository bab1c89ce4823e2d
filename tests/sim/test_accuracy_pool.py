"""The accuracy report's worker processes: none is left when the one that started them is killed."""

import multiprocessing as mp
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

from bench.accuracy.pool import _end_with_parent

ROOT = Path(__file__).parents[2]


def waiting() -> None:
    """A worker with nothing to do."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.stdout.write(f"{os.getpid()}\n")
    sys.stdout.flush()
    threading.Event().wait()


def start() -> None:
    """The one that started it, waiting, too."""
    mp.get_context("spawn").Process(target=waiting).start()


def test_a_worker_ends_when_its_parent_is_killed() -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import test_accuracy_pool as t; t.start()"
    command = [sys.executable, "-c", code, str(Path(__file__).parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        worker = os.pidfd_open(int(parent.stdout.readline()))
        try:
            assert select.select([worker], [], [], 0) == ([], [], [])
            parent.send_signal(signal.SIGKILL)
            assert select.select([worker], [], [], 20) == ([worker], [], [])
        finally:
            os.close(worker)
