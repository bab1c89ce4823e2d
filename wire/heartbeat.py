"""A booth's sign of life: schema version 1. Nothing in it is about people."""

from typing import Literal

from pydantic import Field

from wire.model import BoothId, Count, Moment, WireModel


class DeviceFaultReport(WireModel):
    """A device that does not work: its name, and the text id of the installer's message."""

    device: str = Field(pattern=r"^[a-z_]{1,40}$")
    fault: str = Field(pattern=r"^[a-z0-9_.]{1,80}$")


class Heartbeat(WireModel):
    """How a booth is, for the office's board."""

    schema_version: Literal[1] = 1
    booth_id: BoothId
    at: Moment  # the booth's clock
    clock_synced: bool
    version: str = Field(min_length=1, max_length=80)
    profile: str = Field(min_length=1, max_length=80)
    uptime_s: Count
    waiting_envelopes: Count  # kept, not yet verified by the office
    oldest_waiting_s: Count | None = None
    free_bytes: Count
    faults: tuple[DeviceFaultReport, ...] = ()


class HeartbeatAnswer(WireModel):
    """The office's answer: its time, by which a booth without a synchronised clock can be told how far it is off."""

    schema_version: Literal[1] = 1
    office_time: Moment
