"""What the session knows of its devices, and what staff do at the booth, told to the uplink for the office's board."""

from common.disk import Disk
from kiosk.core.events import Deed, Device
from kiosk.core.service.tries import LOCKED_S
from kiosk.ports.clock import Clock
from kiosk.uplink.paths import BoothPaths
from kiosk.uplink.shared_files import HealthFile, read_failures
from wire.heartbeat import DeviceFailure

Failed = tuple[tuple[Device, str], ...]
"""Which devices fail and why, each cause, as `Session.failed`; the same cause may stand twice (two reporters)."""

STAFF = "staff"
MENU, LOCKED = "fault.staff_menu", "fault.staff_locked"


class DeviceHealth:
    """Notes since when each cause holds, and writes the causes whenever they change.

    That staff opened the service menu, or that its PIN is locked, is told in the same way, as a cause of the device
    `staff`: for as long as it holds, and `told_ns` longer, so that a heartbeat tells it however short it was.
    """

    def __init__(self, paths: BoothPaths, disk: Disk, clock: Clock, told_ns: int) -> None:
        self._file = HealthFile(paths.health, disk)
        self._clock = clock
        self._told_ns = told_ns
        self._now: dict[tuple[Device, str], DeviceFailure] = {}
        # Of devices the file says what a booth that ended before knew; of staff it may not be told yet.
        self._staff = {one.cause: one for one in read_failures(paths.health) if one.device == STAFF}
        self._until_ns = dict.fromkeys(self._staff, clock.now_ns() + told_ns)
        self._write()

    def note(self, failed: Failed) -> None:
        """The causes that hold now."""
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
        """Staff opened or left the menu, or so many PINs were wrong that it is locked."""
        now_ns = self._clock.now_ns()
        match deed:
            case Deed.OPENED_BY_KEY | Deed.OPENED_BY_PIN:
                self._until_ns.pop(MENU, None)
                self._tell(MENU)
            case Deed.CLOSED | Deed.TIMED_OUT:
                self._until_ns[MENU] = now_ns + self._told_ns
            case Deed.LOCKED_OUT:
                self._until_ns[LOCKED] = now_ns + max(self._told_ns, LOCKED_S * 1_000_000_000)
                self._tell(LOCKED)
            case _:
                pass

    def look(self) -> None:
        """Take back what was told long enough."""
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
        self._file.write((*self._staff.values(), *self._now.values()))
