"""Writes to a file which devices fail, and what staff do at the booth. The uplink sends the content of the file to the
office's board."""

from common.disk import Disk
from kiosk.core.events import Deed, Device
from kiosk.core.service.tries import LOCKED_S
from kiosk.ports.clock import Clock
from kiosk.runtime.file_writer import Later, at_once
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.shared.shared_files import STAFF, HealthFile, read_failures
from wire.heartbeat import DeviceFailure

Failed = tuple[tuple[Device, str], ...]
"""The devices that fail and the causes, as in `Session.failed`. A cause that two parts of the program report is listed
twice."""

MENU, LOCKED = "fault.staff_menu", "fault.staff_locked"


class DeviceHealth:
    """Remembers since when each cause of a failure exists, and writes the causes whenever they change.

    An open service menu and a locked PIN are written in the same way, as causes of the device `staff`. After such a
    cause ends, it stays in the file for `shown_ns`, so that a heartbeat reports it even if it was short.
    """

    def __init__(self, paths: BoothPaths, disk: Disk, clock: Clock, shown_ns: int, later: Later = at_once) -> None:
        self._file = HealthFile(paths.health, disk)
        self._later = later
        self._clock = clock
        self._shown_ns = shown_ns
        self._now: dict[tuple[Device, str], DeviceFailure] = {}
        # Of the causes that the last process wrote, keep only those of `staff`, because perhaps no heartbeat has sent
        # them yet.
        self._staff = {one.cause: one for one in read_failures(paths.health) if one.device == STAFF}
        self._until_ns = dict.fromkeys(self._staff, clock.now_ns() + shown_ns)
        self._write()

    def note(self, failed: Failed) -> None:
        """Note the causes for which devices fail now; causes that were noted earlier and are not among them have
        ended."""
        causes = dict.fromkeys(failed)
        if causes.keys() == self._now.keys():
            return
        moment = self._clock.wall().moment
        self._now = {
            (device, cause): self._now.get((device, cause))
            or DeviceFailure(device=device.value, cause=cause, since=moment)
            for device, cause in causes
        }
        self._write()

    def staff_did(self, deed: Deed) -> None:
        """Note that staff opened or left the menu, or that the PIN is locked after too many wrong tries."""
        now_ns = self._clock.now_ns()
        match deed:
            case Deed.OPENED_BY_KEY | Deed.OPENED_BY_PIN:
                self._until_ns.pop(MENU, None)
                self._tell(MENU)
            case Deed.CLOSED | Deed.TIMED_OUT:
                self._until_ns[MENU] = now_ns + self._shown_ns
            case Deed.LOCKED_OUT:
                self._until_ns[LOCKED] = now_ns + max(self._shown_ns, LOCKED_S * 1_000_000_000)
                self._tell(LOCKED)
            case _:
                pass

    def look(self) -> None:
        """Remove the causes of `staff` that were in the file for long enough."""
        over = [cause for cause, until_ns in self._until_ns.items() if self._clock.now_ns() >= until_ns]
        for cause in over:
            del self._until_ns[cause]
            self._staff.pop(cause, None)
        if over:
            self._write()

    def _tell(self, cause: str) -> None:
        self._staff[cause] = DeviceFailure(device=STAFF, cause=cause, since=self._clock.wall().moment)
        self._write()

    def _write(self) -> None:
        causes = (*self._staff.values(), *self._now.values())
        self._later("health", lambda: self._file.write(causes))
