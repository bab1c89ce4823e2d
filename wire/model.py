"""What every message has in common: strict, frozen, versioned, one byte form, and silent about personal data."""

import json
import re
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from wire.faults import MessageError

ShotId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
"""The random name of a shot, 32 hex digits; says nothing of the person."""

BoothId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""A booth's name, as in a host name: lower-case letters, digits, hyphens."""

ContentDigest = Annotated[str, Field(pattern=r"^sha-256=:[A-Za-z0-9+/]{43}=:$")]
"""A SHA-256 in the form of the `Content-Digest` header (RFC 9530); `wire.digest` makes and reads it."""

Moment = Annotated[AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC))]
"""A wall-clock time with its zone. A booth without a battery may think it is 1970; a time of the year 1 or 9999 can't
be shown in another zone."""

Count = Annotated[int, Field(ge=0, le=2**53)]
"""How many, how long, how large: no more than every database and JSON reader keeps exactly."""

MAX_MESSAGE_BYTES = 4 << 20
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""NUL as JSON writes it: an escape whose backslash is not itself escaped."""


class WireModel(BaseModel):
    """A message or a part of one.

    `repr` and errors show no values: messages hold names and numbers, and both end up in logs.
    """

    REFUSES_NUL: ClassVar[bool] = True
    """Whether text with a NUL, which no database keeps, makes the message wrong."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)

    def __repr__(self) -> str:
        """Name the kind only."""
        return f"{type(self).__name__}(...)"

    __str__ = __repr__

    def encode(self) -> bytes:
        """The message's one byte form: UTF-8 JSON, keys sorted, no spaces. Equal messages have equal bytes.

        Raises `MessageError` for numbers JSON does not know (NaN, infinity).
        """
        try:
            data = self.model_dump(mode="json")
            text = json.dumps(data, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
            return text.encode()
        except ValueError:
            # From None: the foreign error may quote the value.
            raise MessageError(f"{type(self).__name__} holds a number or text that JSON can't carry") from None

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """The message in `data`; `MessageError` names what is wrong and where, without the values."""
        if len(data) > MAX_MESSAGE_BYTES:
            raise MessageError(f"{cls.__name__} has {len(data)} bytes, at most {MAX_MESSAGE_BYTES} are read")
        if cls.REFUSES_NUL and _NUL.search(data):
            # Valid JSON, but no database keeps it. A lone surrogate is refused by the parser itself.
            raise MessageError(f"{cls.__name__} is not right: its text holds a NUL")
        try:
            return cls.model_validate_json(data)
        except ValidationError as fault:
            wrong = "; ".join(
                f"{'.'.join(map(str, item['loc'])) or 'message'}: {item['type']}"  # `msg` may quote the value
                for item in fault.errors(include_url=False, include_context=False, include_input=False)[:5]
            )
            raise MessageError(f"{cls.__name__} is not right: {wrong}") from None
