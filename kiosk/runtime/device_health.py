"""What the session knows of its devices, told to the uplink for the office's board."""

from kiosk.core.events import Device
from kiosk.ports.clock import Clock
from kiosk.uplink.shared_files import HealthFile
from wire.heartbeat import DeviceFailure

Failed = tuple[tuple[Device, str], ...]
"""Which devices fail and why, each cause, as `Session.failed`; the same cause may stand twice (two reporters)."""


class DeviceHealth:
    """Notes since when each cause holds, and writes the causes whenever they change."""

    def __init__(self, file: HealthFile, clock: Clock) -> None:
        self._file = file
        self._clock = clock
        self._now: dict[tuple[Device, str], DeviceFailure] = {}
        file.write(())  # what a booth that ended before has said

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
        self._file.write(self._now.values())
