"""The booth's configuration. It is frozen and strict, every value has a range, and modules get it as an argument.

It contains the paths, pins and limits of one booth. The rules of the notice are in the profile (`rules/profiles`).
`clashes` finds contradictions between settings.
"""

import re
import unicodedata
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from common.config_file import hold_apart
from common.fields import AsTuple, ConfigModel, DevicePath, FilePath, Takes
from kiosk.ports.clashes import clashes
from rules.profile import profile_names
from wire.model import BoothId
from wire.seal import check_recipient

DAY_MS = 86_400_000

MAX_SIDE_PX = 9_248
"""The longer side of the largest sensor that is sold for a Raspberry Pi (64 megapixels)."""

MAX_GAIN = 32.0
"""libcamera's largest colour gain."""

MAX_DIOPTRES = 32.0
"""The largest lens position that libcamera allows for Camera Module 3."""

_HOST = re.compile(r"\w([\w-]*\w)?(\.\w([\w-]*\w)?)*|[0-9a-f:.]*:[0-9a-f:.]*")
"""A host: a name in any script, or an IP address. An IPv6 address has no brackets here."""

PIN_HASH = re.compile(
    r"scrypt-(?P<cost>1[0-5])-(?P<block>[1-8])-(?P<lanes>[1-9])\$(?P<salt>[A-Za-z0-9_-]{22})\$(?P<hash>[A-Za-z0-9_-]{43})"
)
"""The hash of staff's PIN as `kiosk pin` writes it: scrypt's parameters log2 N, r and p, then the salt, then the
hash."""

PwmPin = Literal[12, 13, 18, 19]
"""The pins with PWM hardware (BCM numbers). Lamps on other pins would flicker in the picture."""


def _even(value: int) -> int:
    if value % 2:
        raise ValueError("must be even: colours are kept for two pixels at once")
    return value


def _safe_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("its host or port can't be read: it must look like https://office.example.edu.cn") from None
    named = parts.username is not None or parts.query or parts.fragment
    if parts.scheme not in ("http", "https") or named or not _HOST.fullmatch(parts.hostname or ""):
        raise ValueError("must look like https://office.example.edu.cn, without name, password or query")
    if port == 0 or any(sign.isspace() or not sign.isprintable() for sign in url):
        raise ValueError("must be an address without spaces, its port from 1 to 65535")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError("plain http would send photos and the credential in clear: use https")
    return url.rstrip("/")


def _known_profile(name: str) -> str:
    names = profile_names()
    if name not in names:
        raise ValueError(f"there is no such profile; there are: {', '.join(names)}")
    return name


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) != len(names):
        raise ValueError("a language is named twice")
    return names


def _words(text: str) -> str:
    if not text.strip() or any(unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") for sign in text):
        raise ValueError("must hold something to read, and no sign that can't be seen")
    return text


def _upright(size: tuple[int, int]) -> tuple[int, int]:
    if size[0] > size[1]:
        raise ValueError("the width is larger than the height: the screens are upright")
    return size


def _recipients(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(check_recipient(key) for key in keys)


Side = Annotated[int, Field(ge=160, le=MAX_SIDE_PX), AfterValidator(_even)]
Size = Annotated[tuple[Side, Side], AsTuple, Takes(f"[width, height], each even and from 160 to {MAX_SIDE_PX}")]
Gain = Annotated[float, Field(ge=0.1, le=MAX_GAIN)]
Gains = Annotated[tuple[Gain, Gain], AsTuple, Takes(f"[red, blue], each from 0.1 to {MAX_GAIN:g}")]
PanelSide = Annotated[int, Field(ge=240, le=7_680)]
PanelSize = Annotated[
    tuple[PanelSide, PanelSide],
    AsTuple,
    AfterValidator(_upright),
    Takes("[width, height], each from 240 to 7680, the width not the larger one"),
]
Url = Annotated[
    str,
    Field(max_length=2_000),
    AfterValidator(_safe_url),
    Takes("an https address, as https://office.example.edu.cn; plain http on this machine only"),
]
RecipientKeys = Annotated[
    tuple[str, ...],
    AsTuple,
    Field(max_length=8),
    AfterValidator(_recipients),
    Takes("at most 8 public keys (age1...)"),
]
Words = Annotated[
    str, Field(min_length=1, max_length=40), AfterValidator(_words), Takes("1 to 40 characters on one line")
]
Phone = Annotated[str, Field(pattern=r"^[0-9+() -]{3,24}$"), Takes("3 to 24 digits, spaces, hyphens, brackets and +")]
ProfileName = Annotated[str, AfterValidator(_known_profile), Takes("the name of a profile in rules/profiles")]
LanguageName = Annotated[
    str, Field(pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$"), Takes("the name of a file of texts: zh_CN, en, zh_TW, ...")
]
LanguageNames = Annotated[
    tuple[LanguageName, ...],
    AsTuple,
    Field(min_length=1, max_length=6),
    AfterValidator(_each_once),
    Takes("1 to 6 names of files of texts, each once"),
]
PinHash = Annotated[str, Field(pattern=f"^{PIN_HASH.pattern}$"), Takes("what kiosk pin prints")]
OfficeBoothId = Annotated[BoothId, Takes("1 to 63 lower-case letters, digits and hyphens, no hyphen first")]


def _days(default: int, least: int, meaning: str) -> int:
    return Field(default=default, ge=least, le=3_650, description=meaning)


def _wait(default: int, least: int, most: int, meaning: str) -> int:
    return Field(default=default, ge=least, le=most, description=meaning)


class CameraConfig(ConfigModel):
    """The camera: sizes in pixels, times in milliseconds."""

    main_size: Size = Field(default=(4608, 2592), description="the picture that becomes the photo")
    lores_size: Size = Field(default=(1280, 720), description="the live picture, with the same proportions")
    buffer_count: int = Field(default=4, ge=2, le=8, description="number of full-size picture buffers")
    frame_timeout_ms: int = _wait(
        1_500, 100, 60_000, "the camera counts as stalled after this long without a live picture"
    )
    shot_timeout_ms: int = _wait(3_000, 200, 60_000, "the shot fails after this long without a full-size picture")
    burst_frames: int = Field(
        default=3, ge=1, le=8, description="pictures taken for each shot, of which the best is used"
    )
    lens_position: float | None = Field(
        default=None,
        ge=0,
        le=MAX_DIOPTRES,
        description="lens position in dioptres; if not set: the calibrated value; if there is none either, the camera "
        "focuses once when the booth opens it",
    )
    colour_gains: Gains | None = Field(
        default=None,
        description="white balance gains; if not set: the calibrated gains, or automatic white balance without them",
    )
    calibrate_days: int = _days(60, 1, "days after which kiosk doctor reports the calibration as stale")


class LampsConfig(ConfigModel):
    """The lamps and staff's key: BCM pin numbers."""

    left_pin: PwmPin = Field(default=12, description="the PWM input of the left lamp's driver")
    right_pin: PwmPin = Field(default=13, description="the PWM input of the right lamp's driver")
    key_pin: int | None = Field(
        default=17, ge=2, le=27, description="staff's key switch; closed: the service menu opens"
    )
    level: float = Field(default=0.7, ge=0.05, le=1, description="the working level, as a share of full power")
    settle_ms: int = _wait(250, 0, 5_000, "milliseconds until the light of a lamp is steady")
    pwm_hz: int = Field(
        default=20_000, ge=1_000, le=100_000, description="hertz; a lower frequency shows as bands in the picture"
    )


class CardConfig(ConfigModel):
    """The ID-card reader."""

    port: DevicePath = Field(default="/dev/ttyUSB0", description="the reader's serial port")
    baud: Literal[115200, 57600, 38400, 19200, 9600] = Field(
        default=115200, description="the speed of this port, in baud"
    )
    poll_ms: int = _wait(400, 300, 500, "milliseconds between two polls for a card")


class ScannerConfig(ConfigModel):
    """The code scanner: set one of its two connections, or neither."""

    input_path: FilePath | None = Field(default=None, description="the input device of a scanner in keyboard mode")
    serial_port: DevicePath | None = Field(default=None, description="the port of a scanner in USB-COM mode")
    before_camera: bool = Field(default=True, description="also read codes that people hold before the camera")


class OfficeConfig(ConfigModel):
    """The office, and this booth's credential for it; times in milliseconds."""

    url: Url = Field(default="http://127.0.0.1:8203", description="the office's address")
    booth_id: OfficeBoothId = Field(default="booth-1", description="this booth's name at the office")
    credential_file: FilePath | None = Field(
        default=None, description="the file with the booth's credential, mode 0600; kiosk enrol writes it"
    )
    connect_timeout_ms: int = _wait(5_000, 100, 30_000, "time-out for connecting to the office")
    read_timeout_ms: int = _wait(30_000, 100, 30_000, "time-out for the office's answer")
    retry_first_ms: int = _wait(
        2_000, 100, DAY_MS, "longest wait after the first failure to reach the office; each further failure doubles it"
    )
    retry_most_ms: int = _wait(300_000, 1_000, DAY_MS, "longest wait after any failure to reach the office")
    verify_every_ms: int = _wait(30_000, 100, DAY_MS, "interval of asking whether a received shot is verified")
    heartbeat_every_ms: int = _wait(60_000, 1_000, DAY_MS, "interval of heartbeats")
    feeds_every_ms: int = _wait(300_000, 1_000, DAY_MS, "interval of asking for decisions and roster changes")
    awaited_every_ms: int = _wait(
        3_000, 500, DAY_MS, "interval of asking for decisions while a graduate may be waiting for one"
    )
    public_url: Url | None = Field(
        default=None,
        description="the office's address for phones; if not set, the QR code holds only the receipt code",
    )
    most_kbit_s: int | None = Field(
        default=None, ge=64, le=10_000_000, description="average limit for sending photos, in kilobits a second"
    )

    @property
    def identity(self) -> str:
        """The identity of this booth: the office's address and the booth's name there. Feeds and receipts are valid
        only for one booth at one office."""
        return f"{self.url} {self.booth_id}"


class StorageConfig(ConfigModel):
    """Where the booth stores shots, and for how long."""

    folder: FilePath = Field(
        default=Path("/var/lib/kiosk"), description="the folder for shots; on a file system of its own, never tmpfs"
    )
    floor_bytes: int = Field(
        default=200_000_000, ge=0, le=10**15, description="no session starts with less free space than this, in bytes"
    )
    keep_days: int = _days(7, 0, "days the booth keeps its copy of a shot after the office verified it")
    seal_to: RecipientKeys = Field(
        default=(), description="public keys: the office's and the escrow key; without both the booth is out of service"
    )
    secret_file: FilePath | None = Field(
        default=None,
        description="the file with the secret that encrypts the roster; if not set: device.secret in the folder",
    )
    roster_days: int = _days(60, 1, "days without an answer from the office after which the roster is deleted")
    person_days: int = _days(120, 1, "days during which the booth shows staff's decision to a graduate who returns")
    journal_days: int = _days(30, 1, "days the session journal is kept")


class DeskConfig(ConfigModel):
    """The staff desk: what the booth's help screen says of it, and its own program (kiosk desk)."""

    place: Words | None = Field(
        default=None, description="where the desk is; if not set, the centre's address is shown"
    )
    phone: Phone | None = Field(default=None, description="the desk's phone number")
    port: int = Field(
        default=8_204,
        ge=1_024,
        le=65_535,
        description="the port at which kiosk desk serves its page, to this machine only",
    )
    picture_folder: FilePath | None = Field(
        default=None, description="the folder into which a camera's own program puts pictures; the page offers new ones"
    )
    keep_pictures: bool = Field(
        default=False, description="true: pictures stay in that folder; false: they are deleted when the photo is saved"
    )
    webcam: DevicePath | None = Field(default=None, description="a webcam, as /dev/video0")
    webcam_size: Size = Field(
        default=(1920, 1080), description="size of the webcam's pictures; a webcam takes the nearest size that it has"
    )


class DisplayConfig(ConfigModel):
    """The touch panel."""

    size: PanelSize = Field(default=(720, 1280), description="the panel's size in pixels, in portrait orientation")
    diagonal_inch: float = Field(
        default=7.0,
        ge=5,
        le=65,
        description="the panel's diagonal in inches, from which the real size of targets and words follows",
    )
    lower_edge_mm: int | None = Field(
        default=None,
        ge=300,
        le=1_800,
        description="height of the panel's lower edge above the floor; if not set, low reach is not offered",
    )
    fullscreen: bool = Field(default=True, description="true: full screen; false: in a window")
    language: LanguageName = Field(default="zh_CN", description="language of the screens at the start of a session")
    languages: LanguageNames = Field(
        default=("zh_CN", "en"), description="languages a graduate can choose, in the order of the switch"
    )
    texts: FilePath | None = Field(
        default=None, description="folder with your own texts, one file a language, in addition to those of the program"
    )

    @property
    def from_first(self) -> tuple[str, ...]:
        """The languages in the order in which the language button switches them. The first one is the language with
        which a session begins."""
        first = self.languages.index(self.language)
        return (*self.languages[first:], *self.languages[:first])


class ServiceConfig(ConfigModel):
    """The service menu of staff at the booth."""

    pin_hash: PinHash | None = Field(
        default=None, description="staff's PIN, salted and hashed by kiosk pin; if not set, only the key opens the menu"
    )


class VoiceConfig(ConfigModel):
    """The voice, and the sound device it speaks through."""

    enabled: bool = Field(default=True, description="false: the booth is silent")
    device: Words | None = Field(
        default=None,
        description="a part of the sound device's name; if not set: the system's default device, if there is one",
    )
    volume: float = Field(
        default=0.6,
        ge=0.05,
        le=1,
        description="the normal loudness, as a share of full scale; each session begins with it",
    )
    folder: FilePath | None = Field(
        default=None, description="folder with your own recordings, played in place of those that come with the program"
    )


class EarphoneConfig(ConfigModel):
    """The earphone socket, if the booth can read its switch: plugging an earphone in starts the audio guide."""

    input_path: FilePath | None = Field(
        default=None,
        description="the input device of the socket's switch; if not set: only F1 or a long press on a corner of the "
        "screen starts the guide",
    )


class BoothConfig(ConfigModel):
    """The configuration of one booth."""

    profile: ProfileName = Field(default="jiangsu-2019", description="the notice whose rules the photos follow")
    camera: CameraConfig = CameraConfig()
    lamps: LampsConfig = LampsConfig()
    card: CardConfig = CardConfig()
    scanner: ScannerConfig = ScannerConfig()
    office: OfficeConfig = OfficeConfig()
    storage: StorageConfig = StorageConfig()
    desk: DeskConfig = DeskConfig()
    display: DisplayConfig = DisplayConfig()
    service: ServiceConfig = ServiceConfig()
    voice: VoiceConfig = VoiceConfig()
    earphone: EarphoneConfig = EarphoneConfig()

    @model_validator(mode="after")
    def _no_clash(self, info: ValidationInfo) -> "BoothConfig":
        hold_apart(clashes(self), info)
        return self
