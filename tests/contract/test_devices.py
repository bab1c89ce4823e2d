"""Each SHALL of the device ports, on the twin and on the device.

On a Raspberry Pi, with the booth stopped:
`BOOTH_CARD_PORT=/dev/ttyUSB0 BOOTH_SCANNER_INPUT=/dev/input/by-id/... .venv/bin/pytest tests/contract -m hardware`
"""

from typing import Any

from kiosk.core.events import CardRead, CodeRead
from kiosk.core.identity import CardHolder


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
