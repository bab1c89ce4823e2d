"""The faults an adapter raises; foreign exceptions become these at the edge.

DeviceFault
├── TemporaryFault (also OSError)   worth trying again: the supervisor reopens with back-off
│   └── HungFault                   a call that does not return: only a new process mends it
└── PermanentFault (also ValueError)  needs a person: wrong configuration, missing file, refused permission
"""

from kiosk.core.events import Device


class DeviceFault(Exception):
    """A device does not do what it should.

    `text_id` names the installer's message in the catalog; `remedy` says what to do, in plain words.
    """

    def __init__(self, device: Device, text_id: str, detail: str, remedy: str) -> None:
        super().__init__(f"{device.value}: {detail}. {remedy}")
        self.device = device
        self.text_id = text_id
        self.detail = detail
        self.remedy = remedy


class TemporaryFault(DeviceFault, OSError):
    """Worth trying again."""


class HungFault(TemporaryFault):
    """A vendor's call does not come back. It may yet; a new process mends it for sure."""


class PermanentFault(DeviceFault, ValueError):
    """Needs a person."""
