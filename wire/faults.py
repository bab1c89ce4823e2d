"""The errors of messages, envelopes and digests.

WireError (ValueError)
├── MessageError    a message that is not of its schema
├── EnvelopeError   an envelope that is not in its one legal form
└── DigestError     a Content-Digest header that can't be read
"""


class WireError(ValueError):
    """Something received or to be sent is not right. No error message contains personal data."""


class MessageError(WireError):
    """A message is not of its schema."""


class EnvelopeError(WireError):
    """An envelope is not in its one legal form."""


class DigestError(WireError):
    """A `Content-Digest` header can't be read, or names no SHA-256."""
