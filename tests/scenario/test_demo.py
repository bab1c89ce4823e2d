"""`make demo`: booth and real office side by side; a rejection and an approval reach who waits; what is left."""

import re
from pathlib import Path

import pygame
import pyotp
import pytest
from sqlalchemy import select

from center.commands.settings import load_config
from center.platform.clock import wall_clock
from center.shots.tables import ShotRow
from center.wiring.office import Office
from kiosk.uplink.outbox import Outbox
from sim.demo import SCENARIO, demo
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
    totp = pyotp.parse_uri(said(out, r"(?m)^codes: +(otpauth://\S+)$"))
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
