"""Keeping a worker alive: open, poll, and after a fault close, wait, open again.

The first failure and the recovery are reported and logged, nothing between. A temporary fault is tried again after
0.5 s, doubling to 30 s; a permanent one (wrong configuration, no permission) every 30 s, since a person may mend it.
The same `poll` runs on a thread in production and in lockstep on a virtual clock.
"""

import logging
import threading
from collections.abc import Sequence

from kiosk.core.events import Device, DeviceFailed, DeviceRecovered
from kiosk.ports.clock import Clock
from kiosk.ports.faults import DeviceFault, TemporaryFault
from kiosk.ports.worker import Emit, Worker

log = logging.getLogger(__name__)

FIRST_WAIT_NS = 500_000_000
LONGEST_WAIT_NS = 30_000_000_000
POLL_S = 0.05
UNFORESEEN = "fault.unforeseen"


class Supervisor:
    """One worker and its state of health."""

    def __init__(self, worker: Worker, emit: Emit, clock: Clock) -> None:
        self._worker = worker
        self._emit = emit
        self._clock = clock
        self._is_open = False
        self._failing: Device | None = None  # which device was reported, until it works again
        self._wait_ns = FIRST_WAIT_NS
        self._next_try_ns = 0

    def poll(self, timeout_s: float) -> bool:
        """Let the worker work for at most `timeout_s`; returns whether it is open."""
        if not self._is_open and not self._open():
            return False
        try:
            self._worker.poll(timeout_s)
        except DeviceFault as fault:
            self._fail(fault)
        else:
            self._recovered()
        return self._is_open

    def crashed(self, error: Exception) -> None:
        """Note an error nobody foresaw: the device is out, its cause kept, and is tried again later."""
        log.error("%s: unforeseen error", self._worker.device.value, exc_info=error)
        self._fail(
            TemporaryFault(self._worker.device, UNFORESEEN, "an unforeseen error", "See the log; restart the booth")
        )

    def close(self) -> None:
        """Close the worker."""
        self._worker.close()
        self._is_open = False

    def _open(self) -> bool:
        if self._clock.now_ns() < self._next_try_ns:
            return False
        try:
            self._worker.open()
        except DeviceFault as fault:
            self._fail(fault)
            return False
        self._is_open = True
        return True

    def _fail(self, fault: DeviceFault) -> None:
        self._worker.close()
        self._is_open = False
        now_ns = self._clock.now_ns()
        temporary = isinstance(fault, TemporaryFault)
        self._next_try_ns = now_ns + (self._wait_ns if temporary else LONGEST_WAIT_NS)
        self._wait_ns = min(2 * self._wait_ns, LONGEST_WAIT_NS)
        if self._failing is None:
            self._failing = fault.device
            log.error("%s", fault)
            self._emit(DeviceFailed(now_ns, fault.device, fault.text_id))

    def _recovered(self) -> None:
        """A device is well again only after it has worked, not when it merely opened."""
        if self._failing is None:
            return
        device, self._failing = self._failing, None
        self._wait_ns = FIRST_WAIT_NS
        log.warning("%s: works again", device.value)
        self._emit(DeviceRecovered(self._clock.now_ns(), device))


class Threads:
    """Every supervisor on a thread of its own."""

    def __init__(self, supervisors: Sequence[Supervisor], names: Sequence[str]) -> None:
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(supervisor,), name=name, daemon=True)
            for supervisor, name in zip(supervisors, names, strict=True)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Ask every thread to end and wait for it, at most `timeout_s` each."""
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout_s)

    def _run(self, supervisor: Supervisor) -> None:
        while not self._stop.is_set():
            try:
                is_open = supervisor.poll(POLL_S)
            except Exception as error:  # a worker's mistake may cost its device, not the booth
                supervisor.crashed(error)
                is_open = False
            if not is_open:
                self._stop.wait(POLL_S)
        supervisor.close()
