"""`make demo`: booth and real office side by side; a rejection and an approval reach who waits; what is left."""

import re
from datetime import timedelta
from pathlib import Path

import pygame
import pyotp
import pytest
from sqlalchemy import select

from center.commands.settings import load_config
from center.platform.clock import wall_clock
from center.shots.tables import ShotRow
from center.wiring.office import Office
from kiosk.core.events import Action
from kiosk.core.session.state import State
from kiosk.uplink.storage.outbox import Outbox
from sim.__main__ import main
from sim.demo import SCENARIO, demo
from sim.play.by_hand import ByHand
from sim.play.scenario import load
from sim.play.stage import Stage
from sim.play.world import World


def said(text: str, what: str) -> str:
    found = re.search(what, text)
    assert found, f"{what} in:\n{text}"
    return found[1]


def test_the_demo_ends_by_itself_and_its_office_can_be_served_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo(tmp_path / "run", window=False) == 0
    out = capsys.readouterr().out
    assert Path(said(out, r"(?m)^photo: +(.+)$")).read_bytes().startswith(b"\xff\xd8")
    assert Path(said(out, r"(?m)^screens: +(.+)$")).read_bytes().startswith(b"\x89PNG")
    assert said(out, r"(?m)^office: +(http://127\.0\.0\.1:\d+) ")
    config = load_config(Path(said(out, r"--config (\S+)")))
    totp = pyotp.parse_uri(said(out, r"(?m)(otpauth://\S+)\)$"))
    assert isinstance(totp, pyotp.TOTP)
    with Office.open(config) as office:
        password = said(out, r"password (\S+),")
        login = office.accounts.login("staff", password, totp.at(wall_clock()))
        assert login is not None, "the login that was printed"
        assert not office.audit.verify(office.database)[2], "the audit's chain holds"
        with office.database.read() as session:
            shots = session.execute(
                select(ShotRow.decision, ShotRow.person_id, ShotRow.told).order_by(ShotRow.received_at)
            ).all()
    assert [(shot.decision, shot.told) for shot in shots] == [("rejected", True), ("approved", True)]
    assert len({shot.person_id for shot in shots}) == 1
    with Outbox(tmp_path / "run" / "booth" / "outbox.sqlite3") as outbox:
        assert outbox.decided() == {"approved": 1, "rejected": 1}
    assert all(Path(path).is_absolute() for path in re.findall(r"(\S*/run\S*)", out)), "from anywhere"
    folder = Path(said(out, r"-m sim login (\S+) "))
    assert (folder / "login.json").stat().st_mode & 0o077 == 0
    assert main(["login", str(folder)]) == 0
    again = capsys.readouterr().out
    assert said(again, r"password (\S+),") == password
    assert said(again, r"(?m)code (\d{6})$") in {totp.at(wall_clock() - timedelta(seconds=s)) for s in (0, 30)}


def test_a_login_of_a_folder_without_an_office_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["login", str(tmp_path)]) == 2
    assert "login.json" in capsys.readouterr().err


def test_a_closed_window_ends_the_play(tmp_path: Path) -> None:
    scenario = load(SCENARIO)
    world = World(scenario, tmp_path)
    try:
        stage = Stage(scenario, world, tmp_path)
        world.start()
        stage.turn()
        before = stage.closed
        pygame.event.post(pygame.event.Event(pygame.QUIT))
        stage.stay()
        assert (before, stage.closed) == (False, True)
        stage.close()
    finally:
        world.close()


PRESSES = {
    State.ATTRACT: Action.START,
    State.CONSENT: Action.AGREE,
    State.CONFIRM: Action.CONFIRM,
    State.PREPARE: Action.READY,
    State.CHOOSE: Action.ACCEPT,
}


def test_the_person_before_the_window_lays_a_card_by_a_key_and_gets_a_photo(tmp_path: Path) -> None:
    scenario = load("card-happy").model_copy(update={"graduate": ()})
    world = World(scenario, tmp_path)
    try:
        stage = Stage(scenario, world, tmp_path)
        hand = ByHand(stage)
        assert not stage.is_occupied
        screen, stood = State.CLOSED, 0
        while screen is not State.DONE and world.clock.now_ns() < 120_000_000_000:
            hand.turn()
            stage.turn()
            now = world.booth.loop.session.state
            screen, stood = now, stood + 1 if now is screen else 0
            if stood % 60 != 40:
                continue  # whoever reads a screen
            if screen is State.IDENTIFY and stood == 40:
                pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_c))
            elif screen in PRESSES:
                stage.touch(PRESSES[screen], "")
        assert screen is State.DONE
        hand.press(pygame.K_l)
        assert not stage.is_occupied
        stage.close()
    finally:
        world.close()
