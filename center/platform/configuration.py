"""The office's configuration. It is frozen and strict, refuses unknown keys, and is passed in, never imported.

An office on one machine needs no settings: its folder contains the database, the photos and the keys. Secrets are never
in the configuration, but in files that it names.
"""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from common.config_file import Clash, hold_apart
from common.fields import AsTuple, ConfigModel, FilePath, Takes
from wire.seal import MAX_SEALED_BYTES, SealError, check_recipient


def _networks(proxies: tuple[str, ...]) -> tuple[str, ...]:
    for proxy in proxies:
        ip_network(proxy)  # raises `ValueError`, which names the proxy
    return proxies


def _endpoint(address: str) -> str:
    if urlsplit(address).scheme not in ("http", "https"):
        raise ValueError("endpoint must begin with https:// or http://")
    return address


_ATOM, _LABEL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+", r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAIL_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@.{{1,253}}$){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")


def is_mail_address(text: str) -> bool:
    """Whether every mail server accepts the text as an address: only Latin letters, no quotes, and a domain in which no
    part between two dots is empty or has more than 63 characters."""
    return _MAIL_ADDRESS.fullmatch(text) is not None


def _mail_address(text: str) -> str:
    if not is_mail_address(text):
        raise ValueError("this is no mail address of Latin letters, as photos@example.edu.cn")
    return text


def _host(name: str) -> str:
    try:
        name.encode("idna")  # as the socket will encode it
    except UnicodeError:
        raise ValueError("a part between two dots is empty or has more than 63 characters") from None
    return name


def _recipients(keys: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(check_recipient(key) for key in keys)
    except SealError as fault:
        raise ValueError(str(fault)) from None


Networks = Annotated[
    tuple[str, ...], AsTuple, Field(max_length=64), AfterValidator(_networks), Takes("at most 64 addresses or networks")
]
Recipients = Annotated[
    tuple[str, ...], AsTuple, Field(max_length=8), AfterValidator(_recipients), Takes("at most 8 public keys (age1...)")
]
DatabaseUrl = Annotated[str, Field(max_length=2_000), Takes("postgresql://user@host/name or sqlite:////path/file")]
Bucket = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"), Takes("3 to 63 of a-z, 0-9, . and -")]
Endpoint = Annotated[
    str, Field(max_length=2_000), AfterValidator(_endpoint), Takes("an address, as https://s3.example.edu.cn")
]
Region = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,63}$"), Takes("1 to 63 letters, digits and hyphens")]
Prefix = Annotated[
    str, Field(max_length=512, pattern=r"^([A-Za-z0-9_-]+/)*$"), Takes('"", or folders that each end with /')
]
Printer = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.@-]{1,127}$"), Takes("a printer's name as `lpstat -e` lists it")]
ProfileName = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,80}$"), Takes("a profile's name, as jiangsu-2019")]
OneLine = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,200}$"), Takes("1 to 200 characters of one line")]
MailAddress = Annotated[str, AfterValidator(_mail_address), Takes("a mail address, as photos@example.edu.cn")]
Host = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9.:_-]{1,253}$"),
    AfterValidator(_host),
    Takes("an address or a host name of this machine"),
]


class DatabaseConfig(ConfigModel):
    """Where the rows are. Without `url`: SQLite in the office's folder."""

    url: DatabaseUrl | None = None  # postgresql://user@host/name, or sqlite:////path/office.sqlite
    password_file: FilePath | None = None  # PostgreSQL's password, mode 0600
    connections: int = Field(default=10, ge=1, le=200)  # the most connections to the database that one process opens

    @field_validator("url")
    @classmethod
    def _known(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("postgresql", "sqlite"):
            raise ValueError("must begin with postgresql:// or sqlite:///")
        if parts.password is not None:
            raise ValueError("holds a password: put it into a file of its own and name that in password_file")
        return url


class PhotoConfig(ConfigModel):
    """Where the envelopes are. Without `bucket`: a folder of files in the office's folder."""

    bucket: Bucket | None = None
    endpoint: Endpoint | None = None  # the store's address, as https://s3.example.edu.cn; None: Amazon's
    region: Region = "us-east-1"
    prefix: Prefix = ""
    key_id_file: FilePath | None = None
    key_file: FilePath | None = None
    timeout_s: int = Field(default=10, ge=1, le=300)

    @model_validator(mode="after")
    def _whole(self) -> "PhotoConfig":
        if self.bucket is not None and (self.key_id_file is None or self.key_file is None):
            raise ValueError("a bucket needs key_id_file and key_file")
        return self


class ServerConfig(ConfigModel):
    """Where the office listens. Booths need https: give certificate and key, or put a proxy in front of the office."""

    host: Host = "127.0.0.1"
    port: int = Field(default=8203, ge=0, le=65535)  # 0: any free port
    certificate_file: FilePath | None = None
    certificate_key_file: FilePath | None = None
    proxies: Networks = ()  # addresses of proxies whose X-Forwarded-For is believed

    @model_validator(mode="after")
    def _both(self) -> "ServerConfig":
        if (self.certificate_file is None) != (self.certificate_key_file is None):
            raise ValueError("give both certificate_file and certificate_key_file, or neither")
        return self


class LimitsConfig(ConfigModel):
    """How much one request, one booth and one stranger may ask of the office."""

    envelope_bytes: int = Field(default=MAX_SEALED_BYTES, ge=1_000, le=MAX_SEALED_BYTES)
    in_flight_bytes: int = Field(
        default=256 << 20, ge=1 << 20, le=1 << 40
    )  # the most bytes of envelopes in memory at once, of all booths together
    body_timeout_s: int = Field(default=1_800, ge=1, le=3_600)  # within this time a whole envelope must have arrived
    body_idle_s: int = Field(default=20, ge=1, le=3_600)  # within this time a further KiB must arrive
    booth_per_s: float = Field(default=50.0, gt=0, le=1_000_000)  # requests of one booth, on average
    booth_burst: int = Field(default=200, ge=1, le=1_000_000)
    # refused requests of booths and monitors from one address, on average
    stranger_per_min: float = Field(default=30.0, gt=0, le=1_000_000)
    stranger_burst: int = Field(default=20, ge=1, le=1_000_000)
    public_per_s: float = Field(default=10.0, gt=0, le=1_000_000)  # pages without a login, from one address, on average
    # how many of these pages at once: a whole campus may have one address
    public_burst: int = Field(default=300, ge=1, le=1_000_000)
    number_per_min: float = Field(default=12.0, gt=0, le=1_000_000)  # new numbers of the queue, for one address
    number_burst: int = Field(default=200, ge=1, le=1_000_000)
    page_items: int = Field(default=500, ge=1, le=5_000)  # decisions or roster rows in one answer


class ReviewConfig(ConfigModel):
    """The times and the share by which staff review photos."""

    lease_s: int = Field(default=90, ge=10, le=3_600)  # how long a claimed shot is leased to its reviewer
    undo_s: int = Field(default=10, ge=0, le=600)  # how long a decision is provisional
    skip_s: int = Field(default=900, ge=0, le=86_400)  # how long a skipped shot isn't shown to the same person again
    second_look_share: float = Field(default=0.02, ge=0, le=1)  # share of decided shots that get a second review


class PrintsConfig(ConfigModel):
    """The office's own printer."""

    printer: Printer | None = None  # its name in CUPS, as `lpstat -e` lists it; None: sheets are downloaded only


class PublicConfig(ConfigModel):
    """What the pages for graduates show: where make-up photos are taken, whom to call, which rules photos follow."""

    place: OneLine = "本中心服务台，南京市上海路203号"
    place_en: OneLine = "The desk of this centre, 203 Shanghai Road, Nanjing"
    phone: OneLine | None = None
    # the profile by which the pages for graduates give advice on the photo and check it before the journey
    profile: ProfileName = "jiangsu-2019"


_SPOKEN_AT = {465: "tls", 587: "starttls"}
"""For each of the two ports for mail submission: the value of `security` that belongs to it."""


class MailConfig(ConfigModel):
    """The mail server through which the office tells schools of deliveries, decisions and settlement letters. Without
    `host`: no mail.
    """

    host: Host | None = None
    port: int = Field(default=587, ge=1, le=65_535)
    security: Literal["starttls", "tls"] = "starttls"  # nothing is ever sent without encryption
    user: OneLine | None = None
    password_file: FilePath | None = None  # the user's password, mode 0600
    sender: MailAddress | None = None  # replies and bounces go to this address: somebody must read it
    office_url: Endpoint | None = None  # the address of the office's pages, to be named in messages
    ca_file: FilePath | None = None  # the authorities that may sign the server's certificate; None: those of the system
    timeout_s: int = Field(default=20, ge=1, le=300)

    @model_validator(mode="after")
    def _whole(self) -> "MailConfig":
        if self.host is not None and self.sender is None:
            raise ValueError("a mail host needs a sender")
        spoken = _SPOKEN_AT.get(self.port, self.security)
        if spoken != self.security:  # office and server would wait for each other, or fail without naming the cause
            other = next(port for port, security in _SPOKEN_AT.items() if security == self.security)
            raise ValueError(
                f'port {self.port} is for security = "{spoken}" (RFC 8314): set that, or port = {other} '
                f'for "{self.security}"'
            )
        if (self.user is None) != (self.password_file is None):
            raise ValueError("give both user and password_file, or neither")
        if self.user is not None and not self.user.isascii():
            raise ValueError("the user has other letters than Latin ones: mail servers know none")
        return self


class EnrolmentConfig(ConfigModel):
    """One-time codes for booths."""

    code_hours: int = Field(default=24, ge=1, le=720)


class BackupConfig(ConfigModel):
    """What backups need to know."""

    # the folder of all backups, on another machine or disk; with it, the page /health has a button that makes a backup
    folder: FilePath | None = None
    seal_to: Recipients = ()  # the escrow keys to which a backup's keys are sealed; their secret parts are in a safe
    keep_days: int = Field(default=7, ge=1, le=400)  # the smallest storage.keep_days of all booths


class CenterConfig(ConfigModel):
    """The configuration of one office."""

    folder: FilePath = Path("/var/lib/center")
    keys_file: FilePath | None = None  # the keys that hide identities in the database; None: office.key in the folder
    seal_keys_file: FilePath | None = None  # the keys that open sealed envelopes; None: seal.keys in the folder
    releases_folder: FilePath | None = None  # the folder of the booths' releases; None: `releases` in the folder
    database: DatabaseConfig = DatabaseConfig()
    photos: PhotoConfig = PhotoConfig()
    server: ServerConfig = ServerConfig()
    limits: LimitsConfig = LimitsConfig()
    review: ReviewConfig = ReviewConfig()
    enrolment: EnrolmentConfig = EnrolmentConfig()
    backup: BackupConfig = BackupConfig()
    prints: PrintsConfig = PrintsConfig()
    public: PublicConfig = PublicConfig()
    mail: MailConfig = MailConfig()

    @model_validator(mode="after")
    def _room_for_one(self, info: ValidationInfo) -> "CenterConfig":
        keys = ("limits.in_flight_bytes", "limits.envelope_bytes")
        if self.limits.in_flight_bytes < self.limits.envelope_bytes:
            said = "limits.in_flight_bytes must be at least limits.envelope_bytes"
            hold_apart([Clash(keys, said, "Make room for one envelope at least")], info)
        return self

    @property
    def keys(self) -> Path:
        """The file of the office's keys."""
        return self.keys_file or self.folder / "office.key"

    @property
    def seal_keys(self) -> Path:
        """The file of the keys that open sealed envelopes."""
        return self.seal_keys_file or self.folder / "seal.keys"

    @property
    def releases(self) -> Path:
        """The folder of the booths' releases."""
        return self.releases_folder or self.folder / "releases"

    @property
    def database_url(self) -> str:
        """The database's address, without its password."""
        return self.database.url or f"sqlite:///{self.folder / 'office.sqlite'}"
