"""`machine.json` in the booth's folder: the state of the machine, written by the booth for the heartbeat (the uplink's
sandbox hides such files of the kernel) and for `kiosk status`. Nothing about people.

Replaced atomically and not synced: after a power cut it has no value.
"""

import json
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict

from kiosk.uplink.shared_files import known_failures
from wire.heartbeat import DeviceFailure

FRESH = timedelta(minutes=3)
"""How old the file may be: the booth writes it every 30 s."""


class MachineState(BaseModel):
    """`at`: when it was read, by the booth's clock. The other fields are as in a heartbeat; None: not known."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: AwareDatetime
    memory_available_bytes: int | None = None
    temperature_c: float | None = None
    under_voltage: bool | None = None
    throttled: bool | None = None
    calibrated_at: AwareDatetime | None = None
    failures: tuple[DeviceFailure, ...] = ()


def read_machine_state(path: Path, now: datetime) -> MachineState | None:
    """What the booth wrote last; None if it is old, or no readable file is there."""
    try:
        table = json.loads(path.read_bytes())
        failures = known_failures(table.pop("failures", []))
        state = MachineState.model_validate_json(json.dumps(table)).model_copy(update={"failures": failures})
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):  # ValidationError is a ValueError
        return None
    return state if abs(now - state.at) <= FRESH else None
