"""A refusal by the office, as problem details for HTTP (RFC 9457). It has no version, so that every booth can read
it."""

from enum import StrEnum

from pydantic import Field

from wire.model import WireModel

MEDIA_TYPE = "application/problem+json"


class ProblemType(StrEnum):
    """The kinds of refusals. Each value is the relative address that RFC 9457 calls `type`."""

    BAD_REQUEST = "/problems/bad-request"  # a header or message that can't be read
    UNAUTHORISED = "/problems/unauthorised"  # the credential is missing, wrong or revoked
    OTHER_VERSION = "/problems/other-version"  # the path names another version of the protocol
    FORBIDDEN = "/problems/forbidden"  # the shot belongs to another booth
    UNKNOWN_SHOT = "/problems/unknown-shot"
    OTHER_DIGEST = "/problems/other-digest"  # the office has other bytes for this shot id
    LENGTH_REQUIRED = "/problems/length-required"
    TOO_LARGE = "/problems/too-large"
    # the bytes that arrived do not have the digest that the header states
    DIGEST_MISMATCH = "/problems/digest-mismatch"
    BAD_ENVELOPE = "/problems/bad-envelope"  # the bytes have the right digest, but are no envelope of this shot
    TRY_LATER = "/problems/try-later"  # the office is overloaded or has no room; the booth waits as Retry-After says


class Problem(WireModel):
    """The body of every 4xx and 5xx answer. `detail` says what is wrong and what to do; it never contains personal
    data."""

    type: ProblemType
    title: str = Field(min_length=1, max_length=200)
    status: int = Field(ge=400, le=599)
    detail: str = Field(max_length=1000)
