"""The heartbeat of a booth: a sign of life with the failures of its devices. Nothing in it is about people."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from wire.model import BoothId, Count, Message, Moment, WireModel


class DeviceFailure(WireModel):
    """One cause why a device does not work. `cause` is the id of the text that the installer reads.

    A device may have several failures at a time; each ends independently of the others.
    """

    device: str = Field(pattern=r"^[a-z_]{1,40}$")
    cause: str = Field(pattern=r"^[a-z0-9_.]{1,80}$")
    since: Moment | None = None  # since when the device fails, by the booth's clock; None: not known


STOPS_NOTHING = frozenset({"speaker", "earphone", "key", "scanner", "machine", "update"})
"""The devices without which a booth continues to serve. It only reports their failures."""


class Heartbeat(Message):
    """A booth's condition, as the office's board shows it. A value is None if the booth can't measure it."""

    booth_id: BoothId
    at: Moment  # the time of the heartbeat, by the booth's clock
    clock_synced: bool
    version: str = Field(min_length=1, max_length=80)
    profile: str = Field(min_length=1, max_length=80)
    season_version: Count | None = None  # the version of the office's season table that the booth follows
    uptime_s: Count  # how long the booth's uplink has run
    waiting_envelopes: Count  # how many envelopes are saved at the booth, but not yet verified by the office
    oldest_waiting_s: Count | None = None
    free_bytes: Count
    free_inodes: Count | None = None  # how many more files the disk has room for; None: no limit
    memory_available_bytes: Count | None = None
    temperature_c: float | None = Field(default=None, ge=-60, le=200)  # temperature of the processor
    under_voltage: bool | None = None
    throttled: bool | None = None  # whether heat or under-voltage slows the processor down
    calibrated_at: Moment | None = None
    failures: Annotated[tuple[DeviceFailure, ...], Field(max_length=100)] = ()

    @property
    def serves(self) -> bool:
        """Whether the booth can photograph graduates in spite of all that it reports."""
        return all(one.device in STOPS_NOTHING for one in self.failures)

    @model_validator(mode="after")
    def _each_cause_once(self) -> Self:
        causes = [(one.device, one.cause) for one in self.failures]
        if len(set(causes)) != len(causes):
            raise ValueError("each cause of a device is named once")
        return self


class HeartbeatAnswer(Message):
    """The office's answer: its time. A booth whose clock is not synchronised thus learns how wrong its clock is."""

    office_time: Moment
