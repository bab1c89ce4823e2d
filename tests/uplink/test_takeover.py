"""A spare booth goes on for one that broke: its photos arrive once, the broken one is let in no more."""

import contextlib
import io
import os
import stat
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.disk import Disk, write_durably
from kiosk.__main__ import main
from kiosk.runtime.load import dump_config, load_config
from kiosk.runtime.service.pin import hash_pin
from kiosk.uplink.office.client import OfficeClient
from kiosk.uplink.office.office_answers import Later
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.storage.outbox import Outbox
from kiosk.uplink.storage.spool import Spool
from kiosk.uplink.storage.takeover import BundleFault, Export, opened, take_in
from sim.office.fault_proxy import OfficeFault
from tests.uplink.conftest import shot_id
from tests.uplink.worlds import World

Say = Callable[[str], None]
HOUR_MS = 3_600_000
SAVED_MS = 1_788_253_200_000
MEGABYTE = 1_000_000


def full(folder: Path, shots: dict[int, bytes]) -> Path:
    """The folder of a booth that saved one of these shots every hour."""
    spool = Spool(folder / "spool", Disk())
    spool.make()
    for hour, (number, sealed) in enumerate(shots.items()):
        spool.put(shot_id(number), sealed, SAVED_MS + hour * HOUR_MS)
    return folder


def written(stick: Path, config: bytes, shots: dict[int, bytes] | None = None) -> Path:
    """The file of a broken booth with these shots."""
    folder = full(stick.with_name(f"{stick.name}-folder"), shots or {})
    write_durably(Disk(), stick, Export("booth-1", config, folder, Disk()).pieces(), stick.with_name("part"))
    return stick


def held(stick: Path) -> list[str]:
    """The shots in a file, in order."""
    with opened(stick) as bundle:
        return list(bundle.shots)


def access(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)


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
    assert held(stick) == [shot_id(2), shot_id(3)]

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
    stick = written(tmp_path / "hall-1.booth", dump_config(world.config).encode())
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
    stick = written(tmp_path / "hall-1.booth", dump_config(world.config).encode(), {7: b"sealed"})
    world.run(60)
    paths = BoothPaths(world.config.storage.folder)
    told = (paths.instructions, paths.roster)
    assert all(path.exists() for path in told)
    for code, status in (("wrong", 1), (world.office.code_for_booth(), 0)):
        say(code)
        assert main(["take-over", str(stick), "--config", str(own)]) == status
    assert own.read_text("utf-8") == dump_config(world.config)
    assert own.with_name("booth.toml.before").read_text("utf-8") == before
    assert world.envelope(7).read_bytes() == b"sealed"
    assert "1 of 1 photos taken over" in capsys.readouterr().err
    assert not any(path.exists() for path in told), "what the office told the spare booth is not for this one"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to another account")
def test_the_service_can_read_what_root_took_over_and_nobody_else_can(world: World, tmp_path: Path, say: Say) -> None:
    folder, credential, service = world.config.storage.folder, world.office.credential, (4_711, 4_712)
    os.chown(folder, *service)
    own = tmp_path / "etc" / "booth.toml"
    own.parent.mkdir()
    own.write_text(dump_config(world.config) + "# of before\n", "utf-8")
    own.chmod(0o644)
    stick = written(tmp_path / "hall-1.booth", dump_config(world.config).encode(), {7: b"sealed"})
    for code, status in (("wrong", 1), (world.office.code_for_booth(), 0)):
        say(code)
        assert main(["take-over", str(stick), "--config", str(own)]) == status
        for config in (own, own.with_name("booth.toml.before")):
            assert access(config) == (0, service[1], 0o640)
        assert access(world.envelope(7)) == (*service, 0o600)
    assert access(credential) == (*service, 0o600)
    assert access(folder / "spool") == (*service, 0o700)


def test_the_hash_of_the_pin_is_not_in_the_file(world: World, tmp_path: Path) -> None:
    service = world.config.service.model_copy(update={"pin_hash": hash_pin("204938")})
    config, stick = tmp_path / "booth.toml", tmp_path / "hall-1.booth"
    config.write_text(dump_config(world.config.model_copy(update={"service": service})), "utf-8")
    assert main(["export-identity", "--config", str(config), "--out", str(stick)]) == 0
    assert b"scrypt-" not in stick.read_bytes()
    with opened(stick) as bundle:
        config.write_bytes(bundle.config)
    assert load_config(config) == world.config, "all else is in it"


def test_one_photo_that_can_not_be_read_is_named_and_all_others_are_in_the_file(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world.keep(1, 2, 3)
    world.envelope(2).unlink()
    world.envelope(2).mkdir()  # reading it fails, as on a bad block
    config, stick = tmp_path / "booth.toml", tmp_path / "hall-1.booth"
    config.write_text(dump_config(world.config), "utf-8")
    assert main(["export-identity", "--config", str(config), "--out", str(stick)]) == 1
    told = capsys.readouterr().err
    assert f"shot {shot_id(2)} is not in the file: it can't be read" in told
    assert "2 sealed photos" in told
    assert "1 photos are on it only" in told
    assert held(stick) == [shot_id(1), shot_id(3)]


def test_photos_are_listed_at_the_spare_booth_as_the_broken_one_saved_them(
    world: World, tmp_path: Path, say: Say
) -> None:
    numbers = (9, 3, 7, 1, 8)  # not the order of their ids
    for number in numbers:
        world.keep(number)
        world.clock.advance(HOUR_MS * 1_000_000)
    world.loop.close()
    world.saver.close()
    outbox, broken = world.config.storage.folder / "outbox.sqlite3", tmp_path / "broken"
    with Outbox(outbox) as rows:
        before = rows.saved()
    config, stick = tmp_path / "booth.toml", tmp_path / "hall-1.booth"
    config.write_text(dump_config(world.config), "utf-8")
    world.config.storage.folder.rename(broken)
    for path in (broken / "spool").iterdir():
        os.utime(path, ns=(1, 1))  # copied without its times: the outbox knows them
    assert main(["export-identity", "--config", str(config), "--folder", str(broken), "--out", str(stick)]) == 0
    say(world.office.code_for_booth())
    assert main(["take-over", str(stick), "--config", str(tmp_path / "spare.toml")]) == 0
    world.clock.advance(HOUR_MS * 1_000_000)
    world.saver = ShotSaverWorker(world.config.storage, world.events.append, world.clock)
    world.saver.open()
    world.loop = world.new_loop()
    with Outbox(outbox) as rows:
        assert rows.saved() == before
        assert list(before) == [shot_id(number) for number in numbers]


def test_a_configuration_that_can_not_be_used_here_changes_nothing(
    world: World, tmp_path: Path, say: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    own, texts = tmp_path / "booth.toml", tmp_path / "texts"
    before = dump_config(world.config)
    own.write_text(before, "utf-8")
    display = world.config.display.model_copy(update={"texts": texts})
    theirs = dump_config(world.config.model_copy(update={"display": display})).encode()
    say("no code is asked for")
    for number, config, told in (
        (1, theirs, f"{texts}: this folder with texts of the screens is missing here"),
        (2, b"profile = 7", "hall-2.booth: booth.toml:1: profile = 7"),
        (3, b"\xff", "hall-3.booth: booth.toml: is not UTF-8 text"),
    ):
        stick = written(tmp_path / f"hall-{number}.booth", config, {7: b"sealed"})
        assert main(["take-over", str(stick), "--config", str(own)]) == 1
        assert told in capsys.readouterr().err
        assert own.read_text("utf-8") == before
        assert not own.with_name("booth.toml.before").exists()
        assert not world.envelope(7).exists()


def test_a_booth_is_exported_whose_texts_are_on_another_disk(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    display = world.config.display.model_copy(update={"texts": tmp_path / "texts"})
    config, stick = tmp_path / "booth.toml", tmp_path / "hall-1.booth"
    config.write_text(dump_config(world.config.model_copy(update={"display": display})), "utf-8")
    assert main(["export-identity", "--config", str(config), "--out", str(stick)]) == 0
    assert f"{tmp_path / 'texts'} is not in the file: copy that folder, too" in capsys.readouterr().err


def test_a_season_of_photos_needs_the_memory_of_a_few_and_the_outbox_is_opened_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, stick = full(tmp_path / "booth", {number: bytes(MEGABYTE) for number in range(40)}), tmp_path / "hall-1"
    Outbox(folder / "outbox.sqlite3").close()
    begin, begun = Outbox.__init__, list[Path]()

    def counting(outbox: Outbox, path: Path) -> None:
        begun.append(path)
        begin(outbox, path)

    monkeypatch.setattr(Outbox, "__init__", counting)
    tracemalloc.start()
    try:
        write_durably(Disk(), stick, Export("booth-1", b"", folder, Disk()).pieces(), tmp_path / "part")
        with opened(stick) as bundle:
            assert take_in(bundle, tmp_path / "spare", Disk()) == 40
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * MEGABYTE
    assert len(begun) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("booth.toml", None),  # what is in it is checked when it is loaded
        *((name, content) for name in ("bundle.json", f"spool/{shot_id(7)}") for content in (None, b"", b"others")),
    ],
)
def test_a_damaged_bundle_is_refused(tmp_path: Path, name: str, content: bytes | None) -> None:
    path = tmp_path / "spoilt.booth"
    with zipfile.ZipFile(written(tmp_path / "hall-1.booth", b"", {7: b"sealed"})) as packed:
        entries = {entry: packed.read(entry) for entry in packed.namelist()}
    with zipfile.ZipFile(path, "w") as spoilt:
        for entry, data in entries.items():
            if entry != name:
                spoilt.writestr(entry, data)
            elif content is not None:
                spoilt.writestr(entry, content)
    with pytest.raises(BundleFault, match="Export it anew"):
        held(path)


METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 9, 97)
MARKS = (b"PK\x01\x02", b"PK\x03\x04")
CHANGE = st.tuples(st.integers(0, 2_000), st.binary(max_size=6), st.integers(0, 40))
"""A place in the file, the bytes to write there, and how many bytes they replace."""


@given(
    changes=st.lists(CHANGE, max_size=5),
    method=st.sampled_from(METHODS),
    flags=st.sampled_from((0, 1, 0x40, 0x800)),
    only=st.sampled_from((b"", *MARKS)),
)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_in_the_file_it_is_refused_or_read(
    tmp_path: Path, changes: list[tuple[int, bytes, int]], method: int, flags: int, only: bytes
) -> None:
    """Bytes changed, left out and put in; another compression or an encryption said where there is none."""
    good = tmp_path / "good.booth"
    if not good.exists():
        written(good, b"", {7: b"sealed" * 20, 8: b""})
    data = bytearray(good.read_bytes())
    for mark, at in zip(MARKS, (8, 6), strict=True):
        place = data.find(mark) if only in (b"", mark) else -1
        while place >= 0:
            data[place + at : place + at + 4] = flags.to_bytes(2, "little") + method.to_bytes(2, "little")
            place = data.find(mark, place + 1)
    for place, put, gone in changes:
        data[place : place + gone] = put
    path = tmp_path / "changed.booth"
    path.write_bytes(data)
    with contextlib.suppress(BundleFault):
        assert held(path) == [shot_id(7), shot_id(8)]


def test_a_file_that_is_no_bundle_and_one_that_is_not_there_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, path = str(tmp_path / "booth.toml"), tmp_path / "letter.txt"
    path.write_text("nothing of ours")
    assert main(["take-over", str(path), "--config", config]) == 1
    assert "is no file of `kiosk export-identity`" in capsys.readouterr().err
    assert main(["take-over", str(tmp_path / "none"), "--config", config]) == 2
    assert not Path(config).exists()
