"""Writes the state of the machine into the booth's folder, for the heartbeat and `kiosk status`."""

from datetime import datetime
from pathlib import Path

from kiosk.hardware.machine_sensors import read_condition
from kiosk.ports.clock import Clock
from kiosk.runtime.file_writer import Later, at_once
from kiosk.uplink.shared.machine_state import MachineState
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.shared.shared_files import write_unsynced
from wire.heartbeat import DeviceFailure

EVERY_NS = 30_000_000_000
MACHINE = "machine"


class MachineWatch:
    """Reads the machine's condition every 30 s, and remembers since when each cause of a fault exists. Only one thread
    may use it.

    `root`: the folder that contains the machine's `proc` and `sys`. `calibrated_at`: the time of the booth's last
    calibration.
    """

    def __init__(
        self, paths: BoothPaths, clock: Clock, root: Path, calibrated_at: datetime | None, later: Later = at_once
    ) -> None:
        self._path = paths.machine
        self._clock = clock
        self._root = root
        self._calibrated_at = calibrated_at
        self._later = later
        self._since: dict[str, datetime] = {}
        self._due_ns = clock.now_ns()

    def look(self) -> None:
        """If it is time, read the condition and write it to the file."""
        now_ns = self._clock.now_ns()
        if now_ns < self._due_ns:
            return
        self._due_ns = now_ns + EVERY_NS
        found, moment = read_condition(self._root), self._clock.wall().moment
        self._since = {cause: self._since.get(cause, moment) for cause in found.causes}
        state = MachineState(
            at=moment,
            memory_available_bytes=found.memory_available_bytes,
            temperature_c=found.temperature_c,
            under_voltage=found.under_voltage,
            throttled=found.throttled,
            calibrated_at=self._calibrated_at,
            failures=tuple(
                DeviceFailure(device=MACHINE, cause=cause, since=since) for cause, since in self._since.items()
            ),
        )
        self._later("machine", lambda: write_unsynced(self._path, state.model_dump_json().encode()))
