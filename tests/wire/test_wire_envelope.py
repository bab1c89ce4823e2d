"""Envelopes: one legal form, read without trusting a byte."""

import io
import struct
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wire import envelope as envelope_module
from wire.envelope import Envelope, build, open_envelope
from wire.faults import EnvelopeError, MessageError, WireError
from wire.manifest import Manifest, Person, Times

NOW = datetime(2026, 9, 20, 10, tzinfo=UTC)
NAME, NUMBER = "王小明", "11010519491231002X"


def manifest(**changes: object) -> Manifest:
    """A manifest of a person who doesn't exist."""
    person = Person.without_row(NAME, NUMBER, None)
    whole: dict[str, object] = {
        "shot_id": "ab" * 16,
        "booth_id": "booth-1",
        "receipt": "K7QM",
        "profile": "jiangsu-2019",
        "consent_version": "1",
        "person": person,
        "identified_by": "card",
        "times": Times(consented=NOW, shot=NOW, accepted=NOW, clock_synced=True),
    }
    return Manifest.model_validate(whole | changes)


PHOTO = b"\xff\xd8 photo \xff\xd9"
ORIGINAL = b"\xff\xd8 finer \xff\xd9"
GOOD = build(manifest(), PHOTO, ORIGINAL)
BARE = build(manifest(), PHOTO)


def zipped(*entries: tuple[str, bytes], method: int = zipfile.ZIP_STORED, comment: bytes = b"") -> bytes:
    """An archive as any ZIP program may write it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.comment = comment
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return out.getvalue()


def as_a_zip_program_writes(*entries: tuple[str, bytes]) -> bytes:
    """The archive of these stored entries by the standard library."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        for name, content in entries:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 0
            archive.writestr(entry, content)
    return out.getvalue()


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcß", max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.binary(min_size=1, max_size=2000),
    st.dictionaries(st.text("abcdé", max_size=6), json_values, max_size=4),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.none() | st.binary(min_size=1, max_size=200),
)
@settings(max_examples=200)
def test_what_goes_in_comes_out(photo: bytes, finish: dict[str, object], name: str, finer: bytes | None) -> None:
    person = manifest().person.model_copy(update={"name": name})
    original = manifest(finish=finish, person=person)
    opened = open_envelope(build(original, photo, finer))
    assert opened.manifest == original
    assert (opened.photo, opened.original) == (photo, finer)


def test_the_same_content_gives_the_same_bytes_whatever_the_order_of_keys() -> None:
    one = build(manifest(finish={"dx": 1.5, "dy": 2.5}), PHOTO)
    other = build(manifest(finish={"dy": 2.5, "dx": 1.5}), PHOTO)
    assert one == other


def test_any_zip_program_reads_an_envelope() -> None:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["manifest.json", "photo.jpg", "original.jpg"]
        assert archive.read("photo.jpg") == PHOTO
        assert Manifest.decode(archive.read("manifest.json")) == manifest()
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
@settings(max_examples=400)
def test_no_changed_byte_is_accepted(at: int, change: int) -> None:
    damaged = bytearray(GOOD)
    damaged[at] ^= change
    with pytest.raises(WireError):
        open_envelope(bytes(damaged))


@given(st.integers(0, len(BARE) - 1), st.integers(1, 255))
@settings(max_examples=200)
def test_no_changed_byte_is_accepted_without_an_original_either(at: int, change: int) -> None:
    damaged = bytearray(BARE)
    damaged[at] ^= change
    with pytest.raises(WireError):
        open_envelope(bytes(damaged))


@given(st.integers(0, len(GOOD) - 1))
def test_no_envelope_cut_short_is_accepted(length: int) -> None:
    with pytest.raises(EnvelopeError):
        open_envelope(GOOD[:length])


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    for hostile in (data, GOOD[:30] + data, b"PK\x03\x04" + data, GOOD + data + b"\0"):
        with pytest.raises(EnvelopeError):
            open_envelope(hostile)


@given(st.tuples(*[st.integers(0, 65535)] * 5), st.tuples(*[st.integers(0, 2**32 - 1)] * 3), st.integers(0, 65535))
def test_a_false_header_raises_an_envelope_error_only(
    words: tuple[int, ...], sizes: tuple[int, ...], extra: int
) -> None:
    head = struct.pack("<4s5H3I2H", b"PK\x03\x04", *words, *sizes, len("manifest.json"), extra)
    with pytest.raises(EnvelopeError):
        open_envelope(head + GOOD[30:])


CONTENT = manifest().encode()


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "no entry manifest.json at byte 0"),
        (b"PK\x05\x06" + bytes(18), "no entry manifest.json at byte 0"),
        (zipped(("photo.jpg", PHOTO), ("manifest.json", CONTENT)), "not named manifest.json"),
        (zipped(("manifest.json", CONTENT)), "no entry photo.jpg"),
        (zipped(("manifest.json", CONTENT), ("../photo.jpg", PHOTO)), "not named photo.jpg"),
        (zipped(("manifest.json", CONTENT), ("/photo.jpg", PHOTO)), "not named photo.jpg"),
        (zipped(("manifest.json", CONTENT), ("photo.JPG", PHOTO)), "not named photo.jpg"),
        (zipped(("manifest.json", CONTENT), ("照片.jpg", PHOTO)), "not named photo.jpg"),
        (zipped(("manifest.json", CONTENT), ("photo.jpg", PHOTO), ("x", b"x")), "not named original.jpg"),
        (
            zipped(("manifest.json", CONTENT), ("photo.jpg", PHOTO), ("original.jpg", ORIGINAL), ("x", b"x")),
            "one legal form",
        ),
        (zipped(("manifest.json", CONTENT), ("photo.jpg", PHOTO), ("original.jpg", b"")), "original.jpg has 0 bytes"),
        (zipped(("manifest.json", CONTENT), ("photo.jpg", PHOTO), comment=b"hello"), "one legal form"),
        (zipped(("manifest.json", CONTENT), ("photo.jpg", PHOTO), method=zipfile.ZIP_DEFLATED), "store it"),
        (zipped(("manifest.json", b""), ("photo.jpg", PHOTO)), "manifest.json has 0 bytes"),
        (zipped(("manifest.json", CONTENT), ("photo.jpg", b"")), "photo.jpg has 0 bytes"),
        (GOOD + b"\0", "one legal form"),
        (GOOD + GOOD, "one legal form"),
        (b"MZ" + GOOD, "no entry manifest.json at byte 0"),
    ],
)
def test_any_other_archive_is_refused_with_its_reason(data: bytes, complaint: str) -> None:
    with pytest.raises(EnvelopeError) as refused:
        open_envelope(data)
    assert complaint in str(refused.value)


def test_a_name_given_twice_is_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped(("manifest.json", CONTENT), ("photo.jpg", PHOTO), ("photo.jpg", b"other"))
    with pytest.raises(EnvelopeError, match=r"not named original\.jpg"):
        open_envelope(data)


def legal_form_with(content: bytes) -> bytes:
    """An envelope in its legal form around any manifest."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in (("manifest.json", content), ("photo.jpg", PHOTO)):
            entry = zipfile.ZipInfo(name)
            entry.create_system = 0
            archive.writestr(entry, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"{", "Manifest is not right: message: json_invalid"),
        (b"[]", "Manifest is not right: message: model_type"),
        (CONTENT.replace(b'"schema_version":1', b'"schema_version":2'), "schema_version: literal_error"),
        (CONTENT.replace(b'"booth-1"', b'"Booth 1"'), "booth_id: string_pattern_mismatch"),
        (CONTENT.replace(b"ab" * 16, b"../../etc/passwd"), "shot_id: string_pattern_mismatch"),
        (CONTENT.replace(b'"card"', b'"face"'), "identified_by: literal_error"),
        (CONTENT.replace(b"T10:00:00Z", b"T10:00:00"), "timezone_aware"),
        (CONTENT[:-1] + b',"more":1}', "more: extra_forbidden"),
        (b"[" * 100_000, "Manifest is not right"),
        (b"\xff\xfe", "Manifest is not right"),
    ],
)
def test_a_wrong_manifest_is_named_with_its_place(content: bytes, complaint: str) -> None:
    assert open_envelope(legal_form_with(CONTENT)).manifest == manifest()
    with pytest.raises(MessageError) as refused:
        open_envelope(legal_form_with(content))
    assert complaint in str(refused.value)
    assert NAME not in str(refused.value)
    assert NUMBER not in str(refused.value)


def test_sizes_are_limited_on_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EnvelopeError, match=r"photo\.jpg has 0 bytes"):
        build(manifest(), b"")
    with pytest.raises(EnvelopeError, match=r"original\.jpg has 0 bytes"):
        build(manifest(), PHOTO, b"")
    monkeypatch.setattr(envelope_module, "MAX_PHOTO_BYTES", len(PHOTO) - 1)
    with pytest.raises(EnvelopeError, match=r"photo\.jpg has 11 bytes, 1 to 10 are allowed"):
        build(manifest(), PHOTO)
    with pytest.raises(EnvelopeError, match=r"photo\.jpg has 11 bytes, 1 to 10 are allowed"):
        open_envelope(GOOD)
    monkeypatch.setattr(envelope_module, "MAX_MANIFEST_BYTES", 100)
    with pytest.raises(EnvelopeError, match=r"manifest\.json has \d+ bytes, 1 to 100 are allowed"):
        build(manifest(), PHOTO)
    monkeypatch.setattr(envelope_module, "MAX_ENVELOPE_BYTES", 100)
    with pytest.raises(EnvelopeError, match="at most 100 are opened"):
        open_envelope(GOOD)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_a_number_json_does_not_know_is_refused(number: float) -> None:
    with pytest.raises(MessageError, match="JSON can't carry"):
        build(manifest(finish={"dx": number}), PHOTO)


def test_a_name_that_is_no_text_is_refused_without_being_quoted() -> None:
    half_a_character = manifest().person.model_copy(update={"name": "王\ud842"})
    with pytest.raises(MessageError, match="JSON can't carry") as refused:
        build(manifest().model_copy(update={"person": half_a_character}), PHOTO)
    assert "王" not in str(refused.value)


@pytest.mark.parametrize("show", [repr, str])
def test_no_personal_data_in_any_repr(show: Callable[[object], str]) -> None:
    opened = open_envelope(GOOD)
    for thing in (opened, opened.manifest, opened.manifest.person, [opened.manifest.person]):
        assert NAME not in show(thing)
        assert NUMBER not in show(thing)
    assert isinstance(opened, Envelope)
    assert "ab" * 16 in repr(opened)


def test_no_personal_data_when_a_manifest_is_made_wrongly() -> None:
    with pytest.raises(ValueError, match="id_number") as refused:
        Person.model_validate({**manifest().person.model_dump(), "id_number": 110105194912310029, "name": NAME})
    assert NAME not in str(refused.value)
    assert "110105194912310029" not in str(refused.value)


@given(st.binary(min_size=1, max_size=300), st.none() | st.binary(min_size=1, max_size=300))
def test_the_one_legal_form_is_what_a_zip_program_writes(photo: bytes, original: bytes | None) -> None:
    entries = [("manifest.json", manifest().encode()), ("photo.jpg", photo)]
    if original is not None:
        entries.append(("original.jpg", original))
    assert build(manifest(), photo, original) == as_a_zip_program_writes(*entries)
