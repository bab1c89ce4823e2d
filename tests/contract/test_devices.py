"""Each SHALL of the device ports, on the twin and on the device.

On a Raspberry Pi, with the booth stopped:
`BOOTH_CARD_PORT=/dev/ttyUSB0 BOOTH_SCANNER_INPUT=/dev/input/by-id/... .venv/bin/pytest tests/contract -m hardware`
"""

from typing import Any

from kiosk.core.events import BurstFailed, CardRead, CodeRead
from kiosk.core.identity import CardHolder
from kiosk.hardware.exposure import Exposure


def test_the_camera_shows_live_pictures_newest_first(camera_place: Any) -> None:
    place = camera_place
    reader = place.camera.live.reader()
    frames: list[Any] = []

    def three() -> bool:
        frame = reader.next()
        if frame is not None:
            frames.append(frame)
        return len(frames) >= 3

    assert place.until(place.camera, three)
    stamps = [frame.exposed_ns for frame in frames]
    assert stamps == sorted(set(stamps))
    assert all(stamp <= place.clock.now_ns() for stamp in stamps)


def test_a_burst_is_exposed_after_the_decision_and_locked(camera_place: Any) -> None:
    place = camera_place
    reader = place.camera.live.reader()
    assert place.until(place.camera, lambda: reader.next() is not None)
    decided_ns = place.clock.now_ns()
    place.camera.shoot(5, 1, decided_ns)
    assert place.until(place.camera, lambda: bool(place.bursts or place.events))
    (burst,) = place.bursts
    assert (burst.request, burst.take) == (5, 1)
    assert all(frame.exposed_ns >= decided_ns for frame in burst.frames)
    first, *rest = [Exposure.of(frame.metadata) for frame in burst.frames]
    assert all(first is not None and first.is_close_to(other) for other in rest)


def test_a_burst_ordered_before_closing_is_answered(camera_place: Any) -> None:
    place = camera_place
    place.camera.shoot(6, 2, place.clock.now_ns())
    place.camera.close()
    assert [type(event) for event in place.events] == [BurstFailed]


def test_the_camera_can_be_closed_twice_and_opened_again(camera_place: Any) -> None:
    place = camera_place
    place.camera.close()
    place.camera.close()
    place.camera.open()
    reader = place.camera.live.reader()
    assert place.until(place.camera, lambda: reader.next() is not None)


def test_a_card_is_read_when_listening_and_not_before(card_place: Any) -> None:
    place = card_place
    assert not place.until(place.card, lambda: bool(place.events))
    place.card.listen(True)
    assert place.until(place.card, lambda: any(isinstance(event, CardRead) for event in place.events))
    read = place.events[-1]
    assert isinstance(place.vault.get(read.person, CardHolder), CardHolder)


def test_the_card_reader_can_be_closed_twice_and_opened_again(card_place: Any) -> None:
    place = card_place
    place.card.close()
    place.card.close()
    place.card.open()
    place.card.listen(True)
    assert place.until(place.card, lambda: any(isinstance(event, CardRead) for event in place.events))


def test_the_lamps_take_every_level_and_close_twice(lamps_place: Any) -> None:
    place = lamps_place
    for level in (0.0, 0.01, 0.7, 1.0):
        place.lamps.set(level, 1.0 - level)
        place.step()
        place.lamps.poll(0)
    place.lamps.close()
    place.lamps.close()
    place.lamps.set(1.0, 1.0)  # closed: dark, and no error


def test_a_scanned_code_becomes_a_token(scanner_place: Any) -> None:
    place = scanner_place
    assert place.until(place.scanner, lambda: bool(place.events))
    (event,) = place.events
    assert isinstance(event, CodeRead)
    assert place.vault.get(event.code, str) or place.vault.get(event.code, bytes)
