"""A spare booth goes on for one that broke: its photos arrive once, the broken one is let in no more."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.__main__ import main
from kiosk.runtime.load import dump_config
from kiosk.uplink.client import Later, OfficeClient
from kiosk.uplink.shot_saver import ShotSaverWorker
from kiosk.uplink.takeover import Bundle, BundleFault, pack, unpack
from sim.office.fault_proxy import OfficeFault
from tests.uplink.worlds import World

Say = Callable[[str], None]
SHOT = f"{7:032x}"


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch) -> Say:
    """What staff type."""
    return lambda line: monkeypatch.setattr("sys.stdin", io.StringIO(line + "\n"))


def test_a_spare_booth_goes_on_within_ten_minutes_and_no_photo_is_lost(world: World, tmp_path: Path, say: Say) -> None:
    world.keep(1)
    world.run(60)
    world.network.break_with(OfficeFault.DOWN)  # and then the booth breaks, with two photos on it
    world.keep(2, 3)
    world.run(60)
    world.loop.close()
    world.saver.close()
    config = tmp_path / "booth.toml"
    config.write_text(dump_config(world.config), "utf-8")
    broken = tmp_path / "broken"
    world.config.storage.folder.rename(broken)
    stick = tmp_path / "hall-1.booth"
    assert main(["export-identity", "--config", str(config), "--folder", str(broken), "--out", str(stick)]) == 0
    assert sorted(unpack(stick).envelopes) == [f"{number:032x}" for number in (2, 3)]

    world.network.heal()
    credential = world.office.credential
    old = credential.read_text("ascii")
    spare_config = tmp_path / "spare" / "booth.toml"
    begun_ns = world.clock.now_ns()
    say(world.office.code_for_booth())
    assert main(["take-over", str(stick), "--config", str(spare_config)]) == 0
    world.saver = ShotSaverWorker(world.config.storage, world.events.append, world.clock)
    world.saver.open()
    world.loop = world.new_loop()
    world.keep(4)
    world.run(300)
    assert world.clock.now_ns() - begun_ns < 600e9
    assert world.arrived() == [1, 2, 3, 4]

    assert credential.read_text("ascii") != old
    credential.with_name("old").write_text(old, "ascii")
    former = world.config.office.model_copy(update={"credential_file": credential.with_name("old")})
    client = OfficeClient(former)
    assert isinstance(client.roster(0), Later), "the broken booth's credential has ended"
    client.close()


def test_a_spare_booth_with_photos_of_its_own_sends_them_first(
    world: World, tmp_path: Path, say: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    world.keep(1)
    own = tmp_path / "booth.toml"
    office = world.config.office.model_copy(update={"booth_id": "spare-1"})
    own.write_text(dump_config(world.config.model_copy(update={"office": office})), "utf-8")
    stick = tmp_path / "hall-1.booth"
    stick.write_bytes(pack(Bundle("booth-1", dump_config(world.config).encode(), {})))
    say("no code is asked for")
    assert main(["take-over", str(stick), "--config", str(own)]) == 1
    assert "1 photos of spare-1 are not sent yet" in capsys.readouterr().err


def test_the_configuration_of_before_stays_and_again_changes_nothing(
    world: World, tmp_path: Path, say: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "booth.toml"
    office = world.config.office.model_copy(update={"booth_id": "spare-1"})
    before = dump_config(world.config.model_copy(update={"office": office}))
    own.write_text(before, "utf-8")
    stick = tmp_path / "hall-1.booth"
    bundle = Bundle("booth-1", dump_config(world.config).encode(), {SHOT: b"sealed"})
    stick.write_bytes(pack(bundle))
    for code, status in (("wrong", 1), (world.office.code_for_booth(), 0)):
        say(code)
        assert main(["take-over", str(stick), "--config", str(own)]) == status
    assert own.read_bytes() == bundle.config
    assert own.with_name("booth.toml.before").read_text("utf-8") == before
    assert world.envelope(7).read_bytes() == b"sealed"
    assert "1 of 1 photos taken over" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("booth.toml", None),  # what is in it is checked when it is loaded
        *((name, content) for name in ("bundle.json", f"spool/{SHOT}") for content in (None, b"", b"other bytes")),
    ],
)
def test_a_damaged_bundle_is_refused(tmp_path: Path, name: str, content: bytes | None) -> None:
    path = tmp_path / "hall-1.booth"
    packed = zipfile.ZipFile(io.BytesIO(pack(Bundle("booth-1", b"", {SHOT: b"sealed"}))))
    with zipfile.ZipFile(path, "w") as spoilt:
        for entry in packed.namelist():
            if entry != name:
                spoilt.writestr(entry, packed.read(entry))
            elif content is not None:
                spoilt.writestr(entry, content)
    with pytest.raises(BundleFault, match="Export it anew"):
        unpack(path)


def test_a_file_that_is_no_bundle_and_one_that_is_not_there_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, path = str(tmp_path / "booth.toml"), tmp_path / "letter.txt"
    path.write_text("nothing of ours")
    assert main(["take-over", str(path), "--config", config]) == 1
    assert "is no file of `kiosk export-identity`" in capsys.readouterr().err
    assert main(["take-over", str(tmp_path / "none"), "--config", config]) == 2
    assert not Path(config).exists()
