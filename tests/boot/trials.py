"""Each directive of the sandboxes does something of its own: alone it refuses what `probe.py` tries for it, and without
any directive the same attempt succeeds. So the check of a whole unit can fail.

The probe runs in units made for it, with the sandbox of one of ours and without its program.
"""

import json
from collections.abc import Collection

from tests.boot.directives import PROBED
from tests.boot.installed import Installed

KEPT = frozenset(
    {"User", "Group", "StateDirectory", "StateDirectoryMode", "WorkingDirectory", "UMask", "SystemCallErrorNumber"}
)
IMPLIED = frozenset({"DeviceAllow", "ReadWritePaths"})
"""These directives belong to another one; alone, they would still restrict or open something."""


class Trials:
    """Runs the probe under parts of one unit's sandbox."""

    def __init__(self, here: Installed, unit: str, lines: list[tuple[str, str]]) -> None:
        """`lines`: the unit's directives, in order."""
        self._machine, self._unit, self._lines = here.machine, unit, lines
        self._program = "/opt/center" if unit == "office" else "/opt/kiosk"
        self._state = "/var/lib/center" if unit == "office" else "/var/lib/kiosk"
        self.directives = [name for name, _ in dict(self._lines).items() if name in PROBED]

    def run(self, trials: dict[str, Collection[str]]) -> dict[str, dict[str, str]]:
        """For each trial, what the probe saw in a sandbox that has only the trial's directives."""
        units = {trial: f"tried-{self._unit}-{trial.lower()}" for trial in trials}
        for trial, left in trials.items():
            kept = [f"{name}={value}" for name, value in self._lines if name in KEPT or name in left]
            probe = f"ExecStart={self._program}/bin/python /opt/probe.py {self._state}/{units[trial]}"
            text = "\n".join(["[Service]", "Type=oneshot", *kept, probe])
            self._machine.write(f"/run/systemd/system/{units[trial]}.service", f"{text}\n")
        self._machine.run("systemctl", "daemon-reload")
        self._machine.run("systemctl", "start", *units.values())
        return {
            trial: json.loads(self._machine.path(f"{self._state}/{unit}.json").read_text("utf-8"))
            for trial, unit in units.items()
        }
