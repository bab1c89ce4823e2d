"""The envelope of one shot: an uncompressed ZIP of `manifest.json`, `photo.jpg` and `original.jpg`.

Theory of operation. For given contents there is exactly one legal envelope: two or three stored entries in this order
(the original may be missing), fixed date, no extra fields, no comment. So `open_envelope` needs no ZIP reader, which
hostile archives could attack. It takes the entries from the places where they must be, builds an envelope from these
entries, and compares it with the bytes that it was given. Any ZIP program can still read the file.
"""

import struct
import zipfile
import zlib
from dataclasses import dataclass

from wire.faults import EnvelopeError
from wire.manifest import Manifest

MANIFEST_NAME = "manifest.json"
PHOTO_NAME = "photo.jpg"
ORIGINAL_NAME = "original.jpg"
MAX_MANIFEST_BYTES = 1 << 20
MAX_PHOTO_BYTES = 32 << 20
MAX_ORIGINAL_BYTES = 1 << 20
MAX_ENVELOPE_BYTES = MAX_MANIFEST_BYTES + MAX_PHOTO_BYTES + MAX_ORIGINAL_BYTES + 1024

# Local file header (APPNOTE 4.3.7), in order: signature, version, flags, method, time, date, CRC, packed and real size,
# lengths of name and extra field.
_LOCAL = struct.Struct("<4s5H3I2H")
_SIGNATURE = b"PK\x03\x04"
# Directory entry (4.3.12): signature, version of the maker, the same facts as the local header, length of the comment,
# disk, internal and external attributes, where the local header is.
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_CENTRAL_SIGNATURE = b"PK\x01\x02"
# End of the directory (4.3.16): signature, number of this disk, number of the directory's disk, entries on this disk,
# all entries, length and place of the directory, length of the comment.
_END = struct.Struct("<4s4H2IH")
_END_SIGNATURE = b"PK\x05\x06"
_VERSION = 20
# 1980-01-01 00:00, the earliest time that a ZIP file can express; the manifest contains the real times
_DATE = (0, 1 << 5 | 1)
_MODE = 0o600 << 16


@dataclass(frozen=True, slots=True)
class Envelope:
    """An opened envelope: its manifest, the photo's file, and the file of the original for recropping (None: not
    sent)."""

    manifest: Manifest
    photo: bytes
    original: bytes | None = None

    def __repr__(self) -> str:
        """Show no personal data, because the result of `repr` gets into logs and tracebacks."""
        return f"Envelope(shot_id={self.manifest.shot_id!r}, photo={len(self.photo)} bytes)"


def build(manifest: Manifest, photo_jpeg: bytes, original_jpeg: bytes | None = None) -> bytes:
    """Build the envelope of a photo. The same contents always give the same bytes.

    Raises `EnvelopeError` if a part is empty or too large, `MessageError` if the manifest can't be written.
    """
    data = manifest.encode()
    _check_size(MANIFEST_NAME, len(data), MAX_MANIFEST_BYTES)
    _check_size(PHOTO_NAME, len(photo_jpeg), MAX_PHOTO_BYTES)
    if original_jpeg is not None:
        _check_size(ORIGINAL_NAME, len(original_jpeg), MAX_ORIGINAL_BYTES)
    return _pack(data, photo_jpeg, original_jpeg)


def open_envelope(data: bytes) -> Envelope:
    """Open the envelope `data`. Raises `EnvelopeError` or `MessageError`, which says what is wrong with the
    envelope."""
    if len(data) > MAX_ENVELOPE_BYTES:
        raise EnvelopeError(f"the envelope has {len(data)} bytes, at most {MAX_ENVELOPE_BYTES} are opened")
    manifest, after_manifest = _entry(data, 0, MANIFEST_NAME, MAX_MANIFEST_BYTES)
    photo, after_photo = _entry(data, after_manifest, PHOTO_NAME, MAX_PHOTO_BYTES)
    original = None
    if data.startswith(_SIGNATURE, after_photo):
        original, _ = _entry(data, after_photo, ORIGINAL_NAME, MAX_ORIGINAL_BYTES)
    if _pack(manifest, photo, original) != data:
        raise EnvelopeError(
            "the envelope is not in its one legal form: a checksum, a date, a further entry or trailing bytes differ. "
            "Build it with exactly these stored entries, as the wire's description says"
        )
    return Envelope(Manifest.decode(manifest), photo, original)


def _pack(manifest: bytes, photo: bytes, original: bytes | None) -> bytes:
    entries = [(MANIFEST_NAME, manifest), (PHOTO_NAME, photo)]
    if original is not None:
        entries.append((ORIGINAL_NAME, original))
    parts, directory, at = list[bytes](), list[bytes](), 0
    for name, content in entries:
        text = name.encode()
        facts = _VERSION, 0, zipfile.ZIP_STORED, *_DATE, zlib.crc32(content), len(content), len(content), len(text), 0
        head = _LOCAL.pack(_SIGNATURE, *facts) + text
        directory.append(_CENTRAL.pack(_CENTRAL_SIGNATURE, _VERSION, *facts, 0, 0, 0, _MODE, at) + text)
        parts += (head, content)
        at += len(head) + len(content)
    size = sum(map(len, directory))
    end = _END.pack(_END_SIGNATURE, 0, 0, len(entries), len(entries), size, at, 0)
    return b"".join((*parts, *directory, end))


def _entry(data: bytes, at: int, name: str, limit: int) -> tuple[bytes, int]:
    """The content of the stored entry whose header is at byte `at`, and the byte at which the next header is."""
    head = data[at : at + _LOCAL.size]
    if len(head) < _LOCAL.size or not head.startswith(_SIGNATURE):
        raise EnvelopeError(f"the envelope has no entry {name} at byte {at}: not an envelope, or cut short")
    _, _, flags, method, _, _, _, packed, size, name_length, extra_length = _LOCAL.unpack(head)
    start = at + _LOCAL.size + name_length + extra_length
    if data[at + _LOCAL.size : at + _LOCAL.size + name_length] != name.encode():
        raise EnvelopeError(f"the entry at byte {at} is not named {name}")
    if method != zipfile.ZIP_STORED or flags or packed != size:
        raise EnvelopeError(f"{name} is compressed, encrypted or streamed (method {method}, flags {flags}): store it")
    _check_size(name, size, limit)
    if start + size > len(data):
        raise EnvelopeError(f"{name} ends at byte {start + size}, the envelope at {len(data)}: it was cut short")
    return data[start : start + size], start + size


def _check_size(name: str, size: int, limit: int) -> None:
    if not 0 < size <= limit:
        raise EnvelopeError(f"{name} has {size} bytes, 1 to {limit} are allowed")
