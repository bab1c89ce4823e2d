"""A worker whose pack job stops for ever at its second photo, so that the test can kill it there: `python
slow_worker.py CONFIG`.
"""

import sys
import threading
import time
from pathlib import Path

from center.commands.settings import load_config
from center.delivery.service import PACK
from center.jobs.runner import JobRunner
from center.jobs.work import JobKind, JobResult, JobRun
from center.wiring.office import Office


class _Stopping:
    """A run that stops for ever at the second step."""

    def __init__(self, run: JobRun) -> None:
        self.job, self.folder, self.bind, self.note = run.job, run.folder, run.bind, run.note
        self._progress = run.progress

    def progress(self, done: int, total: int) -> None:
        self._progress(done, total)
        if done:
            sys.stdout.write("in the middle\n")
            sys.stdout.flush()
            threading.Event().wait()


def main() -> None:
    with Office.open(load_config(Path(sys.argv[1]))) as office:

        def work(run: JobRun) -> JobResult:
            return office.packing.work(_Stopping(run))

        kinds = {PACK: JobKind(PACK, work)}
        folder = office.config.folder / "work"
        runner = JobRunner(
            office.database, office.photos, office.office_keys, kinds, office.jobs, office.clock, time.monotonic, folder
        )
        runner.run_one()


main()
