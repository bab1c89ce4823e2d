"""Keeps a worker alive: opens and polls it. After a fault, closes it, waits, and opens it again.

The supervisor reports and logs the first failure and the recovery. Between the two it reports a further failure only if
this failure has another cause, and so another remedy. It reports the failure before it closes anything, because closing
may hang. After a temporary fault it tries again after 0.5 s, then each time after twice as long, up to 30 s. After a
permanent fault (wrong configuration, no permission) it tries every 30 s, because a person may correct the cause. The
same `poll` runs on a thread in production and in lockstep on a virtual clock.

A call of a vendor's library may never return. Nothing can stop the thread that made the call. But the main loop checks
every supervisor (`look`), and a device whose worker does not return counts as failed. If it does not recover, or if a
worker reports that its library hangs (`HungFault`), only a new process helps; `is_hung` says so.
"""

import logging
import threading
import time
from collections.abc import Sequence

from common.patience import Patience
from kiosk.core.events import DeviceFailed, DeviceRecovered
from kiosk.ports.clock import Clock
from kiosk.ports.faults import DeviceFault, HungFault, TemporaryFault
from kiosk.ports.worker import Emit, Worker

log = logging.getLogger(__name__)

FIRST_WAIT_NS = 500_000_000
LONGEST_WAIT_NS = 30_000_000_000
POLL_S = 0.05
UNFORESEEN = "fault.unforeseen"
SILENT = "fault.silent"

SILENT_NS = 45_000_000_000
"""A worker's call that lasts longer than this will not return. The longest call that does return, opening a camera with
a full autofocus sweep, takes 8 s, and under load five times as long."""
HUNG_NS = 40_000_000_000
"""A worker that has not returned this long after it was reported as failed will not recover."""
# of the time between two calls of `look` (usually a second), at most this much counts as silence
LOOK_NS = 2_000_000_000


class Supervisor:
    """One worker and its health. Call `poll` on one thread, `look` on any other."""

    def __init__(self, worker: Worker, emit: Emit, clock: Clock) -> None:
        self._worker = worker
        self._emit = emit
        self._clock = clock
        self._is_open = False
        self._is_known = False
        # guards the report, because the worker's thread and the main thread can both report
        self._lock = threading.Lock()
        self._reported_fault: DeviceFault | None = None  # the reported fault, until the worker works again
        self._wait_ns = FIRST_WAIT_NS
        self._next_try_ns = 0
        self._turns = 0  # goes up at the beginning and at the end of each `poll`
        self._seen = 0
        self._silence = Patience(SILENT_NS, LOOK_NS)
        self._library_hangs = Patience(HUNG_NS, LOOK_NS)
        self._hung_fault = False

    def poll(self, timeout_s: float) -> bool:
        """Let the worker work for at most `timeout_s`; returns whether it is open."""
        self._turns += 1
        if self._is_open or self._open():
            try:
                self._worker.poll(timeout_s)
            except DeviceFault as fault:
                self._fail(fault)
            else:
                self._recovered()
        self._turns += 1
        return self._is_open

    def crashed(self, error: Exception) -> None:
        """Handle an unforeseen error: log it, report the device as failed, and try again later."""
        log.error("%s: unforeseen error", self._name, exc_info=error)
        device = self._worker.device
        if device is None:
            self._is_known = True
            self._put_off(temporary=True)
        else:
            self._fail(TemporaryFault(device, UNFORESEEN, "an unforeseen error", "See the log; restart the booth"))

    def look(self) -> None:
        """Check whether the worker still returns from its calls. If it does not, report it as failed."""
        now_ns, turns = self._clock.now_ns(), self._turns
        if turns != self._seen:
            self._seen = turns
            self._silence.answered(now_ns)
        else:
            self._silence.listened(now_ns)
        if self._hung_fault:
            self._library_hangs.listened(now_ns)
        else:
            self._library_hangs.answered(now_ns)
        device = self._worker.device
        if self._silence.is_over and device is not None:
            remedy = "The booth starts itself anew; if that repeats, check that device and its cable"
            self._report(TemporaryFault(device, SILENT, "it does not answer", remedy))

    @property
    def _name(self) -> str:
        device = self._worker.device
        return type(self._worker).__name__ if device is None else device.value

    @property
    def is_known(self) -> bool:
        """Whether the worker was opened or its failure was reported. Before that, nothing is known about its device."""
        return self._is_known

    @property
    def is_hung(self) -> bool:
        """Whether the worker or its library has been hanging for so long that only a new process helps."""
        silent = self._worker.device is not None and self._silence.silent_ns > SILENT_NS + HUNG_NS
        return self._library_hangs.is_over or silent

    def close(self) -> None:
        """Close the worker. If closing raises an error, the worker still counts as closed, and the error is only
        logged: otherwise it would end the worker's thread."""
        self._is_open = False
        try:
            self._worker.close()
        except Exception as error:
            log.error("%s: unforeseen error while it was closed", self._name, exc_info=error)

    def _open(self) -> bool:
        if self._clock.now_ns() < self._next_try_ns:
            return False
        try:
            self._worker.open()
        except DeviceFault as fault:
            self._fail(fault)
            return False
        self._is_open = self._is_known = True
        return True

    def _fail(self, fault: DeviceFault) -> None:
        self._report(fault)
        self._hung_fault = isinstance(fault, HungFault)
        self._put_off(temporary=isinstance(fault, TemporaryFault))

    def _put_off(self, *, temporary: bool) -> None:
        """Close the worker, and open it again later."""
        self.close()
        self._next_try_ns = self._clock.now_ns() + (self._wait_ns if temporary else LONGEST_WAIT_NS)
        self._wait_ns = min(2 * self._wait_ns, LONGEST_WAIT_NS)

    def _report(self, fault: DeviceFault) -> None:
        with self._lock:
            former, now_ns = self._reported_fault, self._clock.now_ns()
            if former is not None and (former.device, former.text_id) == (fault.device, fault.text_id):
                return
            self._reported_fault = fault
            self._is_known = True
            log.error("%s", fault)
            self._emit(DeviceFailed(now_ns, fault.device, fault.text_id))
            if former is not None:
                self._emit(DeviceRecovered(now_ns, former.device, former.text_id))

    def _recovered(self) -> None:
        """Report the recovery. A device counts as recovered only after it has worked; that it was opened is not
        enough."""
        self._hung_fault = False
        self._wait_ns = FIRST_WAIT_NS
        with self._lock:
            if self._reported_fault is None:
                return
            failure, self._reported_fault = self._reported_fault, None
            log.warning("%s: works again", failure.device.value)
            self._emit(DeviceRecovered(self._clock.now_ns(), failure.device, failure.text_id))


class Threads:
    """Runs every supervisor on a thread of its own."""

    def __init__(self, supervisors: Sequence[Supervisor], names: Sequence[str]) -> None:
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(supervisor,), name=name, daemon=True)
            for supervisor, name in zip(supervisors, names, strict=True)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, timeout_s: float = 5.0) -> bool:
        """Ask every thread to close its worker and to end. Returns whether all threads ended within `timeout_s`."""
        self._stop.set()
        give_up_s = time.monotonic() + timeout_s
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, give_up_s - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self, supervisor: Supervisor) -> None:
        while not self._stop.is_set():
            try:
                is_open = supervisor.poll(POLL_S)
            except Exception as error:  # an error in a worker may stop its device, but must not stop the booth
                supervisor.crashed(error)
                is_open = False
            if not is_open:
                self._stop.wait(POLL_S)
        supervisor.close()
