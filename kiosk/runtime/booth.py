"""A whole booth while it runs: its loop, its workers, and when it must end."""

from collections.abc import Callable

from kiosk.core.session.state import AT_REST
from kiosk.runtime.loop import Loop
from kiosk.runtime.release_watch import ReleaseWatch
from kiosk.runtime.service.service_menu import ServiceMenu
from kiosk.runtime.supervise import Supervisor, Threads
from kiosk.runtime.vault import SessionVault
from kiosk.ui.shell import Shell

STOP_UNSAVED_S = 8.0
"""How long `close` waits for the workers if the saver must still try once more to save a photo. This is longer than
usual, but shorter than the service's watchdog allows (10 s)."""


class Booth:
    """A whole booth. It starts and ends its loop and its workers."""

    def __init__(
        self,
        loop: Loop,
        workers: dict[str, Supervisor],
        shell: Shell,
        vault: SessionVault,
        release: ReleaseWatch,
        staff: ServiceMenu,
        unsaved: Callable[[], int],
        end: Callable[[], None],
    ):
        """`unsaved`: returns how many accepted photos are only in memory."""
        self.loop = loop
        self.shell = shell
        self.vault = vault
        self._workers = workers
        self._release = release
        self._staff = staff
        self._unsaved = unsaved
        self._end = end
        self._threads: Threads | None = None

    def start(self) -> None:
        """Start the workers' threads."""
        self._threads = Threads(list(self._workers.values()), list(self._workers))
        self._threads.start()

    def poll(self) -> None:
        """Run one `poll` of every worker, without waiting. In lockstep this replaces `start`."""
        for worker in self._workers.values():
            worker.poll(0.0)

    @property
    def must_restart(self) -> bool:
        """Whether only a new process helps, because a call of a vendor's library does not return. It is never true
        during a session, nor while an accepted photo is only in memory."""
        return self._may_end and any(worker.is_hung for worker in self._workers.values())

    @property
    def must_make_room(self) -> bool:
        """Whether this process must end because another release was chosen. It is true only if no session runs and
        every accepted photo is saved. When the process has ended, systemd starts the other release."""
        return self._may_end and not self._release.is_chosen()

    @property
    def _may_end(self) -> bool:
        return self.loop.session.state in AT_REST and self._unsaved() == 0

    @property
    def must_calibrate(self) -> bool:
        """Whether staff began a calibration. Then the booth has to end: the calibration needs the devices, and only a
        newly made booth uses the result."""
        return self._staff.calibration_wanted

    @property
    def must_renew(self) -> bool:
        """Whether the configuration was written anew during the set-up at the panel. Then the booth has to end, and one
        with the new configuration is made."""
        return self._staff.renewal_wanted and self._may_end

    @property
    def in_setup(self) -> bool:
        """Whether staff are in a step of the set-up."""
        return self._staff.in_setup

    def open_for_setup(self) -> None:
        """Show the page of the set-up, because the booth before this one ended during the set-up."""
        self._staff.open_for_setup()

    def close(self) -> bool:
        """Stop the workers, and close panel, journal and roster. This takes some seconds at most, whatever a device
        does.

        Returns whether every worker ended. If not, a thread is still in a vendor's call, and the process must not
        wait for that thread.
        """
        ended = True
        if self._threads is not None:
            ended = self._threads.stop(STOP_UNSAVED_S) if self._unsaved() else self._threads.stop()
        else:
            for worker in self._workers.values():
                worker.close()
        self.shell.close()
        self._end()
        return ended
