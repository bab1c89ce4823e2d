"""Each directive of the sandboxes does something of its own: alone it refuses what `probe.py` tries for it, and where
no directive is left the same attempt succeeds. So the check of a whole unit (test_boot.py) can fail.

The probe runs in units made for it, with the sandbox of one of ours and without its program.
"""

import json
from collections.abc import Callable, Collection

import pytest

from tests.boot.directives import PROBED, probed
from tests.boot.installed import Installed
from tests.boot.test_boot import UNITS, unit_lines

pytestmark = [pytest.mark.boot, pytest.mark.timeout(900)]

KEPT = frozenset({"User", "Group", "StateDirectory", "StateDirectoryMode", "WorkingDirectory", "UMask"})
IMPLIED = frozenset({"DeviceAllow", "ReadWritePaths"})
"""Belong to another directive and would, alone, still restrict or open something."""
ALLOWED_BESIDE = "LimitRTPRIO=1"
"""Without it the kernel refuses real-time scheduling to any account, whatever the unit says."""


class Trials:
    """Runs the probe under parts of one unit's sandbox."""

    def __init__(self, here: Installed, unit: str) -> None:
        self._machine, self._unit, self._lines = here.machine, unit, unit_lines(unit)
        self._program = "/opt/center" if unit == "office" else "/opt/kiosk"
        self._state = "/var/lib/center" if unit == "office" else "/var/lib/kiosk"
        self.directives = [name for name, _ in dict(self._lines).items() if name in PROBED]

    def run(self, trials: dict[str, Collection[str]]) -> dict[str, dict[str, str]]:
        """For each trial what the probe saw where of the sandbox only these directives are left."""
        units = {trial: f"tried-{self._unit}-{trial.lower()}" for trial in trials}
        for trial, left in trials.items():
            kept = [f"{name}={value}" for name, value in self._lines if name in KEPT or name in left]
            probe = f"ExecStart={self._program}/bin/python /opt/probe.py {self._state}/{units[trial]}"
            text = "\n".join(["[Service]", "Type=oneshot", ALLOWED_BESIDE, *kept, probe])
            self._machine.write(f"/run/systemd/system/{units[trial]}.service", f"{text}\n")
        self._machine.run("systemctl", "daemon-reload")
        self._machine.run("systemctl", "start", *units.values())
        return {
            trial: json.loads(self._machine.path(f"{self._state}/{unit}.json").read_text("utf-8"))
            for trial, unit in units.items()
        }


@pytest.mark.parametrize("unit", UNITS)
def test_each_directive_of_the_sandbox_refuses_by_itself(
    here: Installed, record_property: Callable[[str, object], None], unit: str
) -> None:
    trials = Trials(here, unit)
    whole = {*trials.directives, *IMPLIED}
    seen = trials.run(
        {"none": (), "whole": whole}
        | {f"only-{name}": (name,) for name in trials.directives}
        | {f"without-{name}": whole - {name} for name in trials.directives}
    )
    line = {name: probed(unit, name) for name in trials.directives}
    assert {name: seen["none"][line[name]] for name in line} == dict.fromkeys(line, "allowed")
    assert {name: seen[f"only-{name}"][line[name]] for name in line} == dict.fromkeys(line, "refused")
    assert {name: seen["whole"][line[name]] for name in line} == dict.fromkeys(line, "refused")
    twice = [name for name in line if seen[f"without-{name}"][line[name]] == "refused"]
    record_property(
        "seen",
        f"{len(line)} directives: each alone refuses, with none everything is allowed; {len(line) - len(twice)} "
        f"taken out of the whole open what they close; the others ({', '.join(twice)}) are backed by another",
    )
