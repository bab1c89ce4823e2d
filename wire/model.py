"""The base of every message. Messages are strict, frozen and versioned, have one byte form, and show no personal data
in their `repr`."""

import json
import re
from datetime import UTC, date, datetime
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from wire.faults import MessageError

HEX_ID = "[0-9a-f]{32}"
"""The pattern of every random identifier: 128 bits as hexadecimal digits."""

ShotId = Annotated[str, Field(pattern=f"^{HEX_ID}$")]
"""The random identifier of a shot (32 hexadecimal digits). It says nothing about the person."""

BoothId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""A booth's name. Like a host name, it has lower-case letters, digits and hyphens."""

ContentDigest = Annotated[str, Field(pattern=r"^sha-256=:[A-Za-z0-9+/]{43}=:$")]
"""A SHA-256 in the form of the `Content-Digest` header (RFC 9530); `wire.digest` makes and reads it."""

Moment = Annotated[AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC))]
"""A wall-clock time with its zone. 1970 is allowed, because the clock of a booth without a battery may begin there.
Times at the ends of the years 1 to 9999 can't be converted to every zone, so this range is narrower."""

Count = Annotated[int, Field(ge=0, le=2**53)]
"""A count, duration or size. Every database and every JSON reader can store it exactly."""

Day = Annotated[date, Field(ge=date(1970, 1, 1), lt=date(3000, 1, 1))]
"""A date in China's time."""

RowId = Annotated[str, Field(pattern=f"^{HEX_ID}$")]
"""The random identifier of a roster row. The row keeps it when somebody corrects the row's content."""

PROTOCOL_VERSION: Final = 2
"""The version in `schema_version` and in the path of every request."""

MOST_ITEMS = 20_000
"""The most items in one page of a feed."""

MAX_MESSAGE_BYTES = 4 << 20
_VERSION = ("schema_version",)
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""NUL as JSON writes it: an escape whose backslash is not itself escaped."""


class WireModel(BaseModel):
    """A message or a part of one.

    `repr` and errors show no values, because messages contain people's names and numbers, and because `repr` and errors
    get into logs.
    """

    REFUSES_NUL: ClassVar[bool] = True
    """Whether a message is refused if its text contains a NUL, which no database can store."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)

    def __repr__(self) -> str:
        """Show only the name of the message's class."""
        return f"{type(self).__name__}(...)"

    __str__ = __repr__

    def encode(self) -> bytes:
        """The message as bytes: JSON in UTF-8, with sorted keys and without spaces. Equal messages have equal bytes.

        Raises `MessageError` for numbers that JSON does not have (NaN, infinity).
        """
        try:
            data = self.model_dump(mode="json")
            text = json.dumps(data, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
            return text.encode()
        except ValueError:
            # `from None`: the original error may quote the value.
            raise MessageError(f"{type(self).__name__} holds a number or text that JSON can't carry") from None

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """The message in `data`. Raises `MessageError`, which says what is wrong in which field, but shows no
        values."""
        if len(data) > MAX_MESSAGE_BYTES:
            raise MessageError(f"{cls.__name__} has {len(data)} bytes, at most {MAX_MESSAGE_BYTES} are read")
        if cls.REFUSES_NUL and _NUL.search(data):
            # A NUL is valid JSON, but no database can store it. A lone surrogate is refused by the parser itself.
            raise MessageError(f"{cls.__name__} is not right: its text holds a NUL")
        try:
            message = cls.model_validate_json(data)
        except ValidationError as fault:
            errors = fault.errors(include_url=False, include_context=False, include_input=False)
            versions = [item for item in errors if item["loc"] == _VERSION]
            wrong = "; ".join(
                # `msg` is left out, because it may quote the value
                f"{'.'.join(map(str, item['loc'])) or 'message'}: {item['type']}"
                for item in (versions or errors)[:5]
            )
            raise MessageError(f"{cls.__name__} is not right: {wrong}{_remedy(cls) if versions else ''}") from None
        if "schema_version" in cls.model_fields and "schema_version" not in message.model_fields_set:
            raise MessageError(f"{cls.__name__} is not right: schema_version: missing{_remedy(cls)}")
        return message


def _remedy(kind: type[WireModel]) -> str:
    version = kind.model_fields["schema_version"].default
    return f": this program reads version {version} only, update the older one of booth and office"


class Message(WireModel):
    """A whole message between booth and office, version 2. No release ever used version 1, so no program reads version
    1."""

    schema_version: Literal[2] = PROTOCOL_VERSION
