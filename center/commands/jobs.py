"""`center jobs`: shows background jobs; `work` does them."""

import argparse
import os
import signal
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from center.backup.backup_job import BACKUP
from center.commands.settings import add_office_options, open_office
from center.commands.speaking import by_command, say_result
from center.jobs.model import Job
from center.jobs.runner import JobRunner
from center.jobs.work import JobKind
from center.wiring.jobs import job_kinds
from center.wiring.office import Office

EXAMPLES = (
    "center jobs list --config center.toml",
    "center jobs cancel 7 --config center.toml",
    "center jobs work --once --config center.toml",
)

_ACTOR = "office"
"""Who acts in the audit if the office closes accounts by itself."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(dest="jobs_verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="the newest jobs and how far they are")
    listing.add_argument("--limit", type=int, default=50, help="at most this many (%(default)s)")
    cancel = verbs.add_parser("cancel", help="end a job that waits, or have the one that runs end at its next step")
    cancel.add_argument("number", type=int, help="the job, from `center jobs list`")
    work = verbs.add_parser("work", help="do jobs until stopped; `center serve` runs this in a process of its own")
    work.add_argument("--once", action="store_true", help="end when nothing is left to do")
    work.add_argument("--with-parent", action="store_true", help="end when standard input is closed")
    add_office_options(listing, cancel, work)


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    {"list": _list, "cancel": _cancel, "work": _work}[options.jobs_verb](options)


def _list(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        found = office.jobs.newest(max(1, options.limit))
    for job in found:
        say_result(
            options,
            _as_json(job),
            f"{job.job_id:<6}{job.kind:8}{job.state.value:11}{job.done}/{job.total}  {job.subject}  {job.fault}",
        )


def _cancel(options: argparse.Namespace) -> None:
    with open_office(options) as office:
        office.jobs.cancel(by_command(), options.number)
        job = office.jobs.get(options.number)
    say_result(
        options,
        _as_json(job),
        f"job {job.job_id}: {job.state.value}" + (", ends at its next step" if job.state.is_open else ""),
    )


def _work(options: argparse.Namespace) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if options.with_parent:
        threading.Thread(target=_watch_parent, args=(stop,), daemon=True).start()
    with open_office(options) as office:
        if options.once:
            runner = make_runner(office)
            _when_idle(office)
            while not stop.is_set() and runner.run_one():
                pass
        else:
            work_until(office, stop)


def work_until(office: Office, stop: threading.Event) -> None:
    """Do jobs until `stop` is set. Backups have a thread of their own, because a backup may take hours and other jobs
    must not wait for it.
    """
    kinds = dict(job_kinds(office))
    backups = {BACKUP: kinds.pop(BACKUP)}
    with ThreadPoolExecutor(1, "backups") as beside:
        backing_up = beside.submit(make_runner(office, backups, alone=False).run_until, stop)
        backing_up.add_done_callback(lambda _: stop.set())
        try:
            make_runner(office, kinds).run_until(stop)
        finally:
            stop.set()
        backing_up.result()


def make_runner(office: Office, kinds: Mapping[str, JobKind] | None = None, *, alone: bool = True) -> JobRunner:
    """A runner that does this office's jobs: all of them, or those of the kinds in `kinds`. `alone`: False if another
    runner does the regular work that is due when no job waits.
    """
    return JobRunner(
        office.database,
        office.photos,
        office.office_keys,
        job_kinds(office) if kinds is None else kinds,
        office.jobs,
        office.clock,
        time.monotonic,
        office.config.folder / "work",
        (lambda: _when_idle(office)) if alone else (lambda: None),
    )


def _when_idle(office: Office) -> None:
    office.mails.ask_due()
    office.waiting_numbers.forget()
    office.old_logins.delete()
    office.accounts.close_left_open(_ACTOR)


def _watch_parent(stop: threading.Event) -> None:
    """Stop when the server is gone: then the system closes the pipe that is this process's standard input, even if the
    server was killed.

    It does not read through `sys.stdin`: at exit, the interpreter aborts if a thread waits in that object.
    """
    while os.read(0, 1):
        pass
    stop.set()


def _as_json(job: Job) -> dict[str, object]:
    return {
        "job": job.job_id,
        "kind": job.kind,
        "subject": job.subject,
        "state": job.state.value,
        "done": job.done,
        "total": job.total,
        "starts": job.starts,
        "fault": str(job.fault),
        "file": job.file_name or None,
    }
