"""An office's refusal, as problem details for HTTP (RFC 9457), without a version: every booth reads it."""

from enum import StrEnum

from pydantic import Field

from wire.model import WireModel

MEDIA_TYPE = "application/problem+json"


class ProblemType(StrEnum):
    """Every refusal by name, as the relative `type` address of RFC 9457."""

    BAD_REQUEST = "/problems/bad-request"  # a header or message that can't be read
    UNAUTHORISED = "/problems/unauthorised"  # credential missing, wrong or revoked
    OTHER_VERSION = "/problems/other-version"  # the path names another version of the protocol
    FORBIDDEN = "/problems/forbidden"  # a shot of another booth
    UNKNOWN_SHOT = "/problems/unknown-shot"
    OTHER_DIGEST = "/problems/other-digest"  # same shot id, other bytes
    LENGTH_REQUIRED = "/problems/length-required"
    TOO_LARGE = "/problems/too-large"
    DIGEST_MISMATCH = "/problems/digest-mismatch"  # the bytes that came do not have the digest in the header
    BAD_ENVELOPE = "/problems/bad-envelope"  # the bytes have the right digest, but are no envelope of this shot
    TRY_LATER = "/problems/try-later"  # overloaded or out of room; see Retry-After


class Problem(WireModel):
    """The body of every 4xx and 5xx answer. `detail` names the thing and the remedy, never personal data."""

    type: ProblemType
    title: str = Field(min_length=1, max_length=200)
    status: int = Field(ge=400, le=599)
    detail: str = Field(max_length=1000)
