"""Stills through booth, uplink and office: only while the graduate agrees, one a second, and on no disk anywhere."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from center.platform.faults import NotThere
from kiosk.core.events import Agreement, HelpLost
from kiosk.core.session.state import State
from kiosk.ports.frames import Frame
from kiosk.uplink.shared.local_socket import MOST_BYTES
from kiosk.vision.photo import still as still_module
from kiosk.vision.photo.still import still
from sim.office.fault_proxy import OfficeFault
from tests.uplink.test_live_help import Booth, posted
from tests.uplink.worlds import World
from wire.faults import MessageError
from wire.help_call import HelpCall
from wire.live_help import MOST_STILL_BYTES, HelpDirection, HelpView, still_of
from wire.model import WireModel

SOI, EOI = b"\xff\xd8\xff", b"\xff\xd9"
IN_BASE64 = b"/9j/"
"""How every JPEG begins in base64."""


@cache
def picture(level: int = 120) -> Frame:
    """A frame that no JPEG makes small, so that its bytes would be found."""
    noise = np.random.default_rng(level).integers(0, 60, (720, 1280, 3), dtype=np.uint8)
    return Frame((noise + level).astype(np.uint8), 0)


@pytest.fixture
def booth(world: World) -> Iterator[Booth]:
    made = Booth(world)
    made.session = replace(made.session, state=State.STAFF_HELP)
    yield made
    made.close()


def agree(booth: Booth, agreement: Agreement = Agreement.GIVEN) -> None:
    booth.session = replace(booth.session, agreement=agreement)
    booth.live.follow(booth.session)


def look(booth: Booth, seconds: float = 1.0, level: int = 120) -> None:
    """Let time pass with a live camera: a frame every tenth of a second."""
    for _ in range(round(seconds * 10)):
        booth.frames.put(replace(picture(level), exposed_ns=booth.world.clock.now_ns()))
        booth.turn(0.1)


def seen(world: World, call_id: str) -> bytes | None:
    """What staff see, if anything."""
    try:
        return world.office.office.live_help.still("anna", call_id, "booth-1")
    except NotThere:
        return None


def agreeing(booth: Booth) -> str:
    call_id = booth.ask()
    booth.turn()
    agree(booth)
    look(booth, 2)
    return call_id


def test_no_still_without_agreement(world: World, booth: Booth) -> None:
    call_id = booth.ask()
    look(booth, 5)
    assert seen(world, call_id) is None
    agree(booth, Agreement.REFUSED)
    look(booth, 5)
    assert seen(world, call_id) is None


def test_who_agrees_is_seen_once_a_second(world: World, booth: Booth) -> None:
    call_id = agreeing(booth)
    jpeg = seen(world, call_id)
    assert jpeg is not None
    assert jpeg.startswith(SOI)
    before = posted(world)
    look(booth, 10, level=20)
    assert 9 <= posted(world) - before <= 11
    assert seen(world, call_id) != jpeg, "the newest replaces the one before"


def test_agreement_taken_back_is_followed_with_the_next_view(world: World, booth: Booth) -> None:
    call_id = agreeing(booth)
    agree(booth, Agreement.ENDED)
    look(booth, 1.1)
    assert seen(world, call_id) is None
    live = world.office.office.live_help.of(call_id)
    assert live is not None
    assert (live.view.agreement, live.still_at) == ("ended", None)


def test_agreement_taken_back_while_a_still_is_made_counts(
    world: World, booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_id = booth.ask()
    agree(booth)

    def slow(rgb: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], most_bytes: int) -> bytes | None:
        agree(booth, Agreement.ENDED)
        return still(rgb, most_bytes)

    monkeypatch.setattr("kiosk.runtime.live_help.still", slow)
    look(booth, 5)
    assert seen(world, call_id) is None


def test_nobody_is_shown_while_no_face_is_seen(world: World, booth: Booth) -> None:
    call_id = booth.ask()
    booth.session = replace(booth.session, left_ns=1)
    agree(booth)
    look(booth, 5)
    assert seen(world, call_id) is None


def test_no_still_after_the_session(world: World, booth: Booth) -> None:
    call_id = agreeing(booth)
    booth.live.follow(replace(booth.session, call=None, agreement=Agreement.NONE))
    booth.call.end()
    look(booth, 3)
    assert seen(world, call_id) is None
    before = posted(world)
    look(booth, 3)
    assert posted(world) == before


def test_frame_from_before_the_agreement_is_not_shown(world: World, booth: Booth) -> None:
    call_id = booth.ask()
    look(booth, 1)
    old = replace(picture(), exposed_ns=world.clock.now_ns() - 1)
    booth.frames.put(old)
    agree(booth)
    booth.turn(3)
    assert seen(world, call_id) is None, "the camera stood still when the graduate agreed"


def test_camera_that_stands_still_shows_nothing_after_five_seconds(world: World, booth: Booth) -> None:
    call_id = agreeing(booth)
    booth.turn(7)
    assert seen(world, call_id) is None
    assert world.office.office.live_help.of(call_id) is not None, "the views still come"


def test_lost_link_is_reported_and_shows_nothing_more(world: World, booth: Booth) -> None:
    call_id = agreeing(booth)
    world.network.break_with(OfficeFault.DOWN)
    look(booth, 6)
    assert seen(world, call_id) is None
    assert not [event for event in booth.events if isinstance(event, HelpLost)], "one lost view is no lost link"
    look(booth, 6)
    (lost,) = [event for event in booth.events if isinstance(event, HelpLost)]
    assert lost.request == 5


def test_lost_link_without_agreement_is_nothing_to_report(world: World, booth: Booth) -> None:
    booth.ask()
    world.network.break_with(OfficeFault.DOWN)
    look(booth, 30)
    assert not [event for event in booth.events if isinstance(event, HelpLost)]


def test_call_that_the_office_has_ended_is_reported(world: World, booth: Booth) -> None:
    call_id = agreeing(booth)
    other = world.office.office.help_calls
    call = booth.call.open_call()
    assert call is not None
    other.record_call(
        "booth-1", HelpCall(booth_id="booth-1", call_id="f" * 32, at=world.clock.wall().moment, screen="pose")
    )
    look(booth, 1.5)
    assert [event for event in booth.events if isinstance(event, HelpLost)]
    assert seen(world, call_id) is None


def test_stills_are_on_no_disk(world: World, booth: Booth, tmp_path: Path) -> None:
    call_id = agreeing(booth)
    look(booth, 5)
    jpeg = seen(world, call_id)
    assert jpeg is not None
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any("office" in str(path) for path in files), "booth and office write below this folder"
    marks = (SOI, IN_BASE64, jpeg[300:340], b64encode(jpeg)[400:440])
    assert not [path for path in files if any(mark in path.read_bytes() for mark in marks)]


def test_still_is_small_square_and_without_metadata() -> None:
    plain = still(np.full((720, 1280, 3), 120, np.uint8), MOST_STILL_BYTES)
    noisy = still(picture().rgb, MOST_STILL_BYTES)
    assert plain is not None
    assert noisy is not None
    assert len(noisy) <= MOST_STILL_BYTES
    for jpeg in (plain, noisy):
        shown = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert shown is not None
        assert shown.shape == (480, 480, 3)
        assert b"Exif" not in jpeg
    assert still(picture().rgb, 100) is None
    assert still_module.HEIGHT_PX == 480


def test_still_and_view_fit_into_one_datagram(booth: Booth) -> None:
    call_id = booth.ask()
    agree(booth)
    whole = booth.live.view(booth.session, call_id, still_of(SOI + bytes(MOST_STILL_BYTES - 5) + EOI))
    assert len(whole.encode()) + 60 * 120 < MOST_BYTES


def view_with(**changes: object) -> bytes:
    plain: dict[str, object] = {"booth_id": "booth-1", "call_id": "b" * 32, "screen": "staff_help", "instruction": ""}
    view = HelpView(**plain, checks=())  # type: ignore[arg-type]
    return WireModel.encode(view.model_copy(update=changes))


def test_message_with_a_still_but_no_agreement_is_none() -> None:
    good = still_of(SOI + b"x" + EOI)
    assert HelpView.decode(view_with(agreement="given", still=good)).jpeg == SOI + b"x" + EOI
    for agreement in ("none", "refused", "ended"):
        with pytest.raises(MessageError) as fault:
            HelpView.decode(view_with(agreement=agreement, still=good))
        assert good not in str(fault.value)


@pytest.mark.parametrize("data", [b"GIF89a", SOI, SOI + b"x", SOI + bytes(MOST_STILL_BYTES) + EOI])
def test_still_is_a_jpeg_of_limited_size(data: bytes) -> None:
    with pytest.raises(MessageError):
        HelpView.decode(view_with(agreement="given", still=still_of(data)))


@pytest.mark.parametrize("text", ["/9j/=", "/9j", "/9 j", "", "=" * 8])
def test_still_is_base64(text: str) -> None:
    with pytest.raises(MessageError):
        HelpView.decode(view_with(agreement="given", still=text))


def test_direction_of_an_older_office_means_an_open_call() -> None:
    data = HelpDirection(call_id="b" * 32).encode().replace(b'"open":true,', b"")
    assert HelpDirection.decode(data).open
