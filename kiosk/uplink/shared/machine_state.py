"""`machine.json` in the booth's folder: the state of the machine. The booth writes it for `kiosk status`, and for the
heartbeat, because the uplink's sandbox hides the kernel's files from which the state is read. Nothing about people.

The file is replaced atomically but not synced, because after a power cut it has no value.
"""

import json
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict

from kiosk.uplink.shared.shared_files import known_failures
from wire.heartbeat import DeviceFailure

FRESH = timedelta(minutes=3)
"""How old the file may be. The booth writes it every 30 s."""


class MachineState(BaseModel):
    """`at`: when the state was read, by the booth's clock. The other fields are those of a heartbeat; None: not
    known."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: AwareDatetime
    memory_available_bytes: int | None = None
    temperature_c: float | None = None
    under_voltage: bool | None = None
    throttled: bool | None = None
    calibrated_at: AwareDatetime | None = None
    failures: tuple[DeviceFailure, ...] = ()


def read_machine_state(path: Path, now: datetime) -> MachineState | None:
    """The last state that the booth wrote; None if it is old, or if there is no readable file."""
    try:
        table = json.loads(path.read_bytes())
        failures = known_failures(table.pop("failures", []))
        state = MachineState.model_validate_json(json.dumps(table)).model_copy(update={"failures": failures})
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):  # a `ValidationError` is a ValueError
        return None
    return state if abs(now - state.at) <= FRESH else None
