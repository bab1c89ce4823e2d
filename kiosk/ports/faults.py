"""The faults that an adapter raises. An adapter turns the exceptions of its libraries into these faults.

DeviceFault
├── TemporaryFault (also OSError)   may pass: the supervisor reopens with back-off
│   └── HungFault                   a call that does not return: only a new process helps
└── PermanentFault (also ValueError)  needs a person: wrong configuration, missing file, refused permission
"""

from kiosk.core.events import Device


class DeviceFault(Exception):
    """Raised if a device does not work.

    `text_id` is the id of the installer's message in the catalog; `remedy` says what to do, in plain words.
    """

    def __init__(self, device: Device, text_id: str, detail: str, remedy: str) -> None:
        super().__init__(f"{device.value}: {detail}. {remedy}")
        self.device = device
        self.text_id = text_id
        self.detail = detail
        self.remedy = remedy


class TemporaryFault(DeviceFault, OSError):
    """The fault may pass by itself, so the supervisor tries again."""


class HungFault(TemporaryFault):
    """A call of a vendor's library does not return. The call may still return later, but only a new process surely
    helps."""


class PermanentFault(DeviceFault, ValueError):
    """A person must correct the cause."""
