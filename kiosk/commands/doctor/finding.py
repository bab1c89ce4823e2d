"""The doctor's finding about one device."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.ports.faults import DeviceFault


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one device. `status` is for programs; `message` says what was found and what to do about it.

    `details`: measured values, as JSON values only; personal data in them are masked.
    """

    device: str
    ok: bool
    status: str
    message: str
    details: Mapping[str, object] = field(default_factory=dict)

    @staticmethod
    def of_fault(device: str, fault: DeviceFault) -> "Finding":
        """The finding for a fault that an adapter raised."""
        message = f"{fault.detail}. {fault.remedy.rstrip('.')}."
        return Finding(device, False, "device_fault", message, {"fault": fault.text_id})

    def line(self) -> str:
        """The finding for a person, as one line."""
        measured = ", ".join(f"{key} {value}" for key, value in self.details.items() if value is not None)
        return f"{self.device}: {'ok' if self.ok else self.status} - {self.message}" + (
            f" ({measured})" if measured else ""
        )

    def json(self) -> str:
        """The finding for a program, as one JSON object."""
        table = {"device": self.device, "status": self.status, **self.details, "message": self.message}
        return json.dumps(table, ensure_ascii=False)
