"""The errors of messages, envelopes and digests.

WireError (ValueError)
├── MessageError    a message that does not match its schema
├── EnvelopeError   an envelope that does not have its one legal form
└── DigestError     a Content-Digest header that can't be read
"""


class WireError(ValueError):
    """Received data, or data to be sent, are wrong. No error message contains personal data."""


class MessageError(WireError):
    """A message does not match its schema."""


class EnvelopeError(WireError):
    """An envelope does not have its one legal form."""


class DigestError(WireError):
    """A `Content-Digest` header can't be read, or contains no SHA-256."""
