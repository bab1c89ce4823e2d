"""The booth's configuration: frozen, strict, unknown keys refused, passed in and never imported.

Paths, pins and limits of one booth. What the notice fixes is not here but in the profile (`rules/profiles`).
"""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from wire.seal import check_recipient

FilePath = Annotated[Path, BeforeValidator(lambda value: Path(value) if isinstance(value, str) else value)]
Keys = Annotated[tuple[str, ...], BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)]
Gains = Annotated[
    tuple[float, float], BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)
]
Size = Annotated[tuple[int, int], BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class CameraConfig(_Model):
    """The camera: sizes in pixels (width, height), times in milliseconds."""

    main_size: Size = (4608, 2592)
    lores_size: Size = (1280, 720)
    lores_format: Literal["BGR888", "YUV420"] = "BGR888"  # YUV420 on a Raspberry Pi 4
    buffer_count: int = Field(default=4, ge=2, le=8)
    frame_timeout_ms: int = Field(default=1500, ge=100)  # no live frame for this long: the camera stalls
    shot_timeout_ms: int = Field(default=3000, ge=200)
    burst_frames: int = Field(default=3, ge=1, le=8)
    lens_position: float | None = None  # dioptres; None: as calibrated, else one autofocus cycle at open
    colour_gains: Gains | None = None  # red, blue; None: as calibrated, else the camera's own white balance
    calibrate_days: int = Field(default=60, ge=1)  # kiosk doctor calls an older calibration stale


class LampsConfig(_Model):
    """The lamps: hardware PWM pins (BCM numbers)."""

    left_pin: int = 12
    right_pin: int = 13
    key_pin: int | None = 17  # staff's key switch, closed = service
    level: float = Field(default=0.7, gt=0, le=1)  # working level, share of full power
    settle_ms: int = Field(default=250, ge=0)
    pwm_hz: int = Field(default=20_000, ge=1_000)


class CardConfig(_Model):
    """The ID-card reader's serial port."""

    port: str = "/dev/ttyUSB0"
    baud: Literal[115200, 57600, 38400, 19200, 9600] = 115200
    poll_ms: int = Field(default=400, ge=300, le=500)


class ScannerConfig(_Model):
    """The code scanner: an input device (keyboard mode), a serial port (USB-COM mode), or both None."""

    input_path: FilePath | None = None
    serial_port: str | None = None
    before_camera: bool = True  # codes held before the camera are read too


class OfficeConfig(_Model):
    """The office's address and this booth's credential (a file, mode 0600; never in the configuration)."""

    url: str = "http://127.0.0.1:8203"
    booth_id: str = "booth-1"
    credential_file: FilePath | None = None
    connect_timeout_ms: int = Field(default=5_000, ge=100)
    read_timeout_ms: int = Field(default=30_000, ge=100)
    retry_first_ms: int = Field(default=2_000, ge=100)  # the longest first wait; doubled by each failure
    retry_most_ms: int = Field(default=300_000, ge=1_000)  # the longest wait of all
    verify_every_ms: int = Field(default=30_000, ge=100)  # how often to ask whether a received shot is verified
    heartbeat_every_ms: int = Field(default=60_000, ge=1_000)
    feeds_every_ms: int = Field(default=300_000, ge=1_000)  # how often to ask for verdicts and roster changes
    awaited_every_ms: int = Field(default=3_000, ge=500)  # verdicts, while the graduate may be waiting for one
    public_url: str | None = None  # where phones reach the office's page for receipts; None: the code alone is shown
    most_kbit_s: int | None = Field(default=None, ge=64)  # photos take at most so much of the line, on average

    @field_validator("url", "public_url")
    @classmethod
    def _safe_url(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise ValueError("must look like https://office.example.edu.cn, without name, password or query")
        if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError("plain http would send photos and the credential in clear: use https")
        return url.rstrip("/")


class StorageConfig(_Model):
    """Where the booth keeps what it must not lose."""

    folder: FilePath = Path("/var/lib/kiosk")
    floor_bytes: int = Field(default=200_000_000, ge=0)  # refuse a session before capture below this
    keep_days: int = Field(default=7, ge=0)  # the booth's copy stays this long after the office verified it
    seal_to: Keys = ()  # public keys (age1...) of the office and of the escrow; without them nothing is kept
    secret_file: FilePath | None = None  # what the roster is locked with; None: device.secret in the folder
    roster_days: int = Field(default=60, ge=1)  # a roster the office has not spoken of for so long is deleted
    person_days: int = Field(default=120, ge=1)  # so long a person who comes again is told what staff said
    journal_days: int = Field(default=30, ge=1)  # the session journal stays this long

    @field_validator("seal_to")
    @classmethod
    def _public_keys(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(check_recipient(key) for key in keys)


class DisplayConfig(_Model):
    """The touch panel."""

    size: Size = (720, 1280)
    fullscreen: bool = True
    language: Literal["zh_CN", "en"] = "zh_CN"


class BoothConfig(_Model):
    """All of one booth."""

    profile: str = "jiangsu-2019"
    camera: CameraConfig = CameraConfig()
    lamps: LampsConfig = LampsConfig()
    card: CardConfig = CardConfig()
    scanner: ScannerConfig = ScannerConfig()
    office: OfficeConfig = OfficeConfig()
    storage: StorageConfig = StorageConfig()
    display: DisplayConfig = DisplayConfig()
