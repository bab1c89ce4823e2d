"""Content-Digest headers, built and read."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.digest import content_digest, format_digest, parse_digest
from wire.faults import DigestError

# RFC 9530, appendix B: the digest of {"hello": "world"} and a line feed.
RFC_BODY, RFC_VALUE = b'{"hello": "world"}\n', "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"


def test_the_value_is_that_of_the_standards_example() -> None:
    assert content_digest(RFC_BODY) == RFC_VALUE
    assert parse_digest(RFC_VALUE) == hashlib.sha256(RFC_BODY).digest()


@given(st.binary(max_size=100))
def test_what_is_built_is_read(data: bytes) -> None:
    assert format_digest(parse_digest(content_digest(data))) == content_digest(data)


@pytest.mark.parametrize(
    "header",
    [
        f" {RFC_VALUE} ",
        f"sha-512=:{base64.b64encode(bytes(64)).decode()}:, {RFC_VALUE}",
        f"{RFC_VALUE}, md5=:AAAA:",
        f"sha-256=:{base64.b64encode(bytes(32)).decode()}:, {RFC_VALUE}",  # the last of a name counts (RFC 9651, 3.2)
    ],
)
def test_other_algorithms_are_passed_over(header: str) -> None:
    assert parse_digest(header) == hashlib.sha256(RFC_BODY).digest()


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        ("", "not of the form"),
        ("sha-256", "not of the form"),
        ("sha-256=RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=", "not of the form"),
        (RFC_VALUE + ",", "not of the form"),
        ("SHA-256=:AAAA:", "not of the form"),
        ("sha-256=:AAAA:", "has 3 bytes instead of 32"),
        ("sha-256=::", "has 0 bytes instead of 32"),
        ("sha-256=:AAA:", "not base64"),
        (f"sha-256=:{base64.b64encode(bytes(64)).decode()}:", "has 64 bytes"),
        (f"sha-512=:{base64.b64encode(bytes(64)).decode()}:", "holds no sha-256"),
        ("x" * 2000, "has 2000 characters"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(header: str, complaint: str) -> None:
    with pytest.raises(DigestError, match=complaint):
        parse_digest(header)


@given(st.text(max_size=60))
def test_no_header_raises_anything_else(header: str) -> None:
    with pytest.raises(DigestError):
        parse_digest(header)
