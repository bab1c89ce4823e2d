"""The doctor's finding about one device."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.ports.faults import DeviceFault


@dataclass(frozen=True, slots=True)
class Finding:
    """One device's state. `status` is for programs, `message` says what was found and what to do about it.

    `details` are measured values, JSON values only; nothing personal but masked.
    """

    device: str
    ok: bool
    status: str
    message: str
    details: Mapping[str, object] = field(default_factory=dict)

    @staticmethod
    def of_fault(device: str, fault: DeviceFault) -> "Finding":
        """A finding from an adapter's fault."""
        message = f"{fault.detail}. {fault.remedy.rstrip('.')}."
        return Finding(device, False, "device_fault", message, {"fault": fault.text_id})

    def line(self) -> str:
        """The finding for a person."""
        measured = ", ".join(f"{key} {value}" for key, value in self.details.items() if value is not None)
        return f"{self.device}: {'ok' if self.ok else self.status} - {self.message}" + (
            f" ({measured})" if measured else ""
        )

    def json(self) -> str:
        """The finding for a program, one object."""
        table = {"device": self.device, "status": self.status, **self.details, "message": self.message}
        return json.dumps(table, ensure_ascii=False)
