"""Collects what the service menu shows about this machine. It reads at most once a second, and only from sources that
are fast."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from common.disk import Disk
from kiosk.hardware.plugged_in import scanners, serial_ports
from kiosk.ports.clock import Clock
from kiosk.ports.config import BoothConfig
from kiosk.runtime.calibration import Calibrated
from kiosk.runtime.service.network_links import links
from kiosk.runtime.service.recent_log import RecentLog
from kiosk.ui.viewmodel.service import StationFacts
from kiosk.uplink.shared.link_state import read_link_state
from kiosk.uplink.shared.machine_state import MachineState, read_machine_state
from kiosk.uplink.shared.paths import BoothPaths

EVERY_NS = 1_000_000_000
HEARTBEATS_MISSED = 3
"""The office counts as not reached after this many heartbeats without an answer."""
LEAST_SILENT_S = 60  # the shortest silence that counts, because one answer may take half a minute


def is_enrolled(config: BoothConfig) -> bool:
    """Whether the booth has a credential of the office; also True if the configuration names no place for one, as on a
    developer's machine."""
    file = config.office.credential_file
    return file is None or file.exists()


class Station:
    """Reads the facts about this machine. Only one thread may use it."""

    def __init__(
        self,
        config: BoothConfig,
        calibrated: Calibrated | None,
        log: RecentLog,
        disk: Disk,
        clock: Clock,
        version: str,
        interfaces: Path | None = None,
        *,
        ports: Callable[[], Sequence[str]] = serial_ports,
        scanners: Callable[[], Sequence[str]] = scanners,
    ) -> None:
        self._config = config
        self._calibrated = calibrated
        self._log = log
        self._disk = disk
        self._clock = clock
        self._interfaces = interfaces
        self._ports, self._scanners = ports, scanners
        self._known = StationFacts(
            booth=config.office.booth_id,
            version=version,
            office=config.office.url,
            has_scanner=config.scanner.input_path is not None or config.scanner.serial_port is not None,
            has_voice=config.voice.enabled,
            has_earphone=config.earphone.input_path is not None,
            has_key=config.lamps.key_pin is not None,
            has_pin=config.service.pin_hash is not None,
            reader=config.card.port,
            scanner=str(config.scanner.input_path or config.scanner.serial_port or ""),
            stale_days=config.camera.calibrate_days,
            silent_s=max(LEAST_SILENT_S, HEARTBEATS_MISSED * config.office.heartbeat_every_ms // 1000),
        )
        self._due_ns = 0

    def facts(self, now_ns: int) -> StationFacts:
        """The present facts."""
        if now_ns < self._due_ns:
            return self._known
        self._due_ns = now_ns + EVERY_NS
        wall = self._clock.wall()
        paths = BoothPaths(self._config.storage.folder)
        state = read_link_state(paths.link_state)
        machine = read_machine_state(paths.machine, wall.moment)
        known = machine or MachineState(at=wall.moment)
        reached_s = None
        if state is not None and state.reached_at is not None:
            reached_s = max(0, int((wall.moment - state.reached_at).total_seconds()))
        made = None if self._calibrated is None else self._calibrated.calibration.moment
        self._known = replace(
            self._known,
            time=f"{wall.moment:%Y-%m-%d %H:%M}",
            synced=wall.synced,
            reached_s=reached_s,
            trouble="" if state is None else state.trouble,
            address="" if state is None else state.address,
            links=links() if self._interfaces is None else links(self._interfaces),
            enrolled=is_enrolled(self._config),
            ports=tuple(self._ports()),
            scanners=tuple(self._scanners()),
            free_mb=self._free_mb(),
            floor_mb=self._config.storage.floor_bytes // 1_000_000,
            calibrated_days=None if made is None else max(0, (wall.moment - made).days),
            machine=None if machine is None else tuple(failure.cause for failure in machine.failures),
            temperature_c=None if known.temperature_c is None else round(known.temperature_c),
            memory_mb=None if known.memory_available_bytes is None else known.memory_available_bytes // 1_000_000,
            log=self._log.lines(),
        )
        return self._known

    def _free_mb(self) -> int | None:
        try:
            return self._disk.free_bytes(self._config.storage.folder) // 1_000_000
        except OSError:
            return None
