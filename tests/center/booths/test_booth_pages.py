"""The page of booths."""

import re

import numpy as np
import pytest
import zxingcpp

from center.accounts.model.roles import Role
from center.booths.model import QUIET_AFTER, Health
from center.season.model import read_year
from center.web.catalog import catalog
from common.catalog import SHORT_NAMES
from kiosk.core.events import Device
from kiosk.core.session.health import NEEDED_FOR
from kiosk.runtime.machine_watch import MACHINE
from kiosk.uplink.office.release_fetch import DEVICE as UPDATE
from kiosk.uplink.shared.shared_files import STAFF
from tests.center.office_server import OfficeServer, beat, file_shot
from wire.enrolment import Invitation
from wire.heartbeat import STOPS_NOTHING, DeviceFailure


def board(office_server: OfficeServer) -> str:
    """The words of the page."""
    page = office_server.client("root", Role.ADMINISTRATOR).get("/booths").text
    return re.sub(" +", " ", re.sub(r"<[^>]+>|\s+", " ", page))


def test_booths_show_what_they_said_and_how_long_ago(office_server: OfficeServer) -> None:
    file_shot(office_server.office, 1)
    beat(office_server, "booth-1")
    fault = DeviceFailure(device="lamp_left", cause="fault.lamp_dead")
    beat(office_server, "booth-2", free_bytes=1 << 30, oldest_waiting_s=7_200, waiting_envelopes=61, failures=(fault,))
    office_server.clock.move(seconds=60)
    page = office_server.client("root", Role.ADMINISTRATOR).get("/booths").text
    words = re.sub(r"<[^>]+>|\s+", " ", page)
    words = re.sub(" +", " ", words)
    assert "booth-1 fine" in words
    assert "booth-2 needs care" in words
    assert "Waiting for review 1" in words
    assert "Free space 1.0 GB" in words
    assert "61 · oldest 2 h" in words
    assert "Left lamp · A lamp does not light" in words
    office_server.clock.move(minutes=10)
    assert page.count("booth-quiet") == 0
    assert office_server.client("root", Role.ADMINISTRATOR).get("/booths").text.count("booth-quiet") == 2


def test_the_board_shows_the_machine_under_a_booth(office_server: OfficeServer) -> None:
    power = DeviceFailure(device="machine", cause="fault.machine_power")
    beat(office_server, "booth-1", temperature_c=61.44, memory_available_bytes=3 << 29, failures=(power,))
    words = board(office_server)
    assert "Processor · free memory 61.4 °C · 1.5 GB" in words
    assert "Machine · The power supply is too weak" in words


def test_a_disk_with_room_for_few_files_is_as_low_as_one_with_few_bytes(office_server: OfficeServer) -> None:
    beat(office_server, "booth-1", free_inodes=9_999)
    beat(office_server, "booth-2", free_inodes=10_000)
    words = board(office_server)
    assert "booth-1 needs care" in words
    assert "Free space 20.0 GB · room for 9999 files" in words
    assert "booth-2 fine" in words
    assert words.count("room for") == 1


def test_the_board_shows_how_long_a_booth_runs_and_a_season_that_is_not_in_force(office_server: OfficeServer) -> None:
    beat(office_server, "booth-1", season_version=0)
    beat(office_server, "booth-2")  # an earlier version of the booth does not tell it
    words = board(office_server)
    assert words.count("Uplink running for 2 h") == 2
    assert "is in force" not in words
    office_server.office.seasons.change("sue", 0, read_year("2031", "通知", "", ""))
    assert board(office_server).count("Season version 0, but 1 is in force") == 1
    beat(office_server, "booth-1", season_version=1)
    assert "is in force" not in board(office_server)


@pytest.mark.parametrize("language", sorted(SHORT_NAMES))
def test_every_device_that_a_booth_names_has_a_name_on_the_board(language: str) -> None:
    named = {name.removeprefix("device.") for name in catalog(language).messages if name.startswith("device.")}
    assert named == {*(device.value for device in Device), STAFF, MACHINE, UPDATE}


def test_only_booths_heard_lately_without_a_fault_that_stops_them_serve_now(office_server: OfficeServer) -> None:
    booths, makeup = office_server.office.booths, office_server.office.makeup

    def serving() -> list[str]:
        return [one.booth_id for one in booths.serving()]

    beat(office_server, "booth-1")
    beat(office_server, "booth-2", failures=(DeviceFailure(device="camera", cause="fault.camera_gone"),))
    assert serving() == ["booth-1"]
    office_server.clock.move(seconds=QUIET_AFTER.total_seconds())
    assert serving() == ["booth-1"]
    assert makeup.now().serving == 1
    office_server.clock.move(seconds=61)
    assert {one.health(office_server.clock()) for one in booths.all()} == {Health.QUIET}
    assert serving() == []
    assert makeup.now().serving == 0
    beat(office_server, "booth-1")
    beat(office_server, "booth-2")
    booths.revoke("root", "booth-1")
    assert serving() == ["booth-2"]


def test_a_booth_serves_unless_something_fails_that_it_needs() -> None:
    needed = {device.value for device in NEEDED_FOR} - {Device.SCANNER.value}  # the camera reads codes, too
    assert not needed & STOPS_NOTHING
    assert {*(device.value for device in Device), MACHINE, UPDATE} - needed == STOPS_NOTHING


def test_the_page_shows_the_code_as_a_qr_code_from_which_a_booth_is_set_up(office_server: OfficeServer) -> None:
    """The QR code is read as a booth reads it, from the pixels."""
    page = office_server.client("root", Role.ADMINISTRATOR).post("/booths/enrol", booth_id="hall-9").text
    code = re.search(r"([0-9A-Z]{5}-){3}[0-9A-Z]{5}", page)
    assert code
    drawn = re.search(r'<svg[^>]*class="qr".*?</svg>', page)
    assert drawn
    read = Invitation.decode(read_qr(drawn[0]))
    office = office_server.office
    assert (read.office, read.booth_id, read.code) == (office_server.address, "hall-9", code[0])
    assert read.seal_to == (*office.envelopes.recipients[:1], *office.config.backup.seal_to)


def test_without_an_origin_the_page_shows_the_code_alone(office_server: OfficeServer) -> None:
    root = office_server.client("root", Role.ADMINISTRATOR)
    page = root.post("/booths/enrol", headers={"Origin": None}, booth_id="hall-9").text
    assert 'class="qr"' not in page
    assert re.search(r"([0-9A-Z]{5}-){3}[0-9A-Z]{5}", page)


def read_qr(svg: str) -> bytes:
    """The content of a QR code that segno drew as SVG: its path is one stroke for each run of dark modules."""
    size = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])  # type: ignore[index]
    modules = np.full((size, size), 255, np.uint8)
    x = y = 0.0
    for kind, numbers in re.findall(r"([Mmh])([-0-9. ]+)", re.search(r'class="qrline"[^>]* d="([^"]+)"', svg)[1]):  # type: ignore[index]
        values = [float(number) for number in re.findall(r"-?[0-9.]+", numbers)]
        if kind == "h":
            modules[int(y), int(x) : int(x + values[0])] = 0
            x += values[0]
        else:
            x, y = (values[0], values[1]) if kind == "M" else (x + values[0], y + values[1])
    (found,) = zxingcpp.read_barcodes(np.kron(modules, np.ones((4, 4), np.uint8)))
    return bytes(found.bytes)


def test_a_booth_is_enrolled_with_a_code_shown_once_and_revoked(office_server: OfficeServer) -> None:
    root = office_server.client("root", Role.ADMINISTRATOR)
    page = root.post("/booths/enrol", booth_id="hall-9", schools="甲大学，乙大学").text
    code = re.search(r"([0-9A-Z]{5}-){3}[0-9A-Z]{5}", page)
    assert code
    assert "甲大学, 乙大学" in page
    assert code[0] not in root.get("/booths").text
    token = office_server.office.booths.exchange("hall-9", code[0])
    assert token is not None
    root.post("/booths/revoke", booth_id="hall-9")
    assert office_server.office.booths.authenticating(token).result() is None
    assert root.post("/booths/enrol", booth_id="Hall 9!").status_code == 400
