"""The key holders' command: from three new keys to a release that a booth accepts, and what it refuses to sign."""

import json
from pathlib import Path

import pytest

from center.__main__ import main
from wire.release import KeySet, open_header, read_header, trusted_keys

PASSPHRASE = "twelve signs or more"


class Desk:
    """Three holders at one machine."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys
        (folder / "passphrase").write_text(PASSPHRASE + "\n")

    def __call__(self, *words: str, code: int = 0) -> dict[str, object]:
        secret = ["--passphrase-file", str(self.folder / "passphrase")] if words[0] in ("new-key", "sign") else []
        assert main(["signing", *words, *secret, "--json"]) == code
        said = self.capsys.readouterr()
        return dict(json.loads(said.out)) if code == 0 else {"refused": said.err}

    def path(self, name: str) -> str:
        return str(self.folder / name)


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    desk = Desk(tmp_path, capsys)
    for holder in ("anna", "bert", "carl"):
        desk("new-key", holder, desk.path(f"{holder}.pem"))
    public = [desk.path(f"{holder}.pem.pub") for holder in ("anna", "bert", "carl")]
    desk("key-set", desk.path("keys-1.json"), "--version", "1", *public)
    for holder in ("anna", "bert"):
        desk("sign", desk.path("keys-1.json"), "--key", desk.path(f"{holder}.pem"))
    return desk


def make(desk: Desk, code: int = 0, **changes: str) -> dict[str, object]:
    (desk.folder / "a.tar.xz").write_bytes(b"archive")
    settings = {
        "archive": desk.path("a.tar.xz"),
        "version": "0.3.0",
        "architecture": "arm64",
        "minimum-version": "0.2.0",
        "not-after": "2027-03-31",
        "installed-bytes": "1000",
        "key-set": desk.path("keys-1.json"),
    } | changes
    words = [word for name, value in settings.items() for word in (f"--{name}", value)]
    return desk("make", desk.path("a.release"), *words, code=code)


def keys(desk: Desk) -> KeySet:
    return trusted_keys(Path(desk.path("keys-1.json")).read_bytes())


def test_three_holders_make_a_release_that_two_of_them_sign(desk: Desk) -> None:
    assert make(desk)["signed by"] == []
    assert desk("sign", desk.path("a.release"), "--key", desk.path("carl.pem"))["signed by"] == ["carl"]
    assert desk("sign", desk.path("a.release"), "--key", desk.path("carl.pem"))["signed by"] == ["carl"]
    told = desk("sign", desk.path("a.release"), "--key", desk.path("anna.pem"))
    assert (told["signed by"], told["threshold"], told["not after"]) == (["anna", "carl"], 2, "2027-03-31")
    with Path(desk.path("a.release")).open("rb") as file:
        assert open_header(read_header(file), keys(desk)).statement.version == "0.3.0"
        assert file.read() == b"archive"


def test_a_holder_signs_no_archive_that_is_another_one(desk: Desk) -> None:
    make(desk)
    path = Path(desk.path("a.release"))
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    refused = desk("sign", str(path), "--key", desk.path("anna.pem"), code=1)
    assert "sign nothing" in str(refused["refused"])


def test_secret_keys_lie_under_a_passphrase_and_are_the_owners_alone(desk: Desk) -> None:
    path = Path(desk.path("anna.pem"))
    assert b"ENCRYPTED" in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    Path(desk.path("passphrase")).write_text("another one, quite long\n")
    make(desk)
    assert "another passphrase" in str(
        desk("sign", desk.path("a.release"), "--key", desk.path("anna.pem"), code=1)["refused"]
    )
    Path(desk.path("passphrase")).write_text("short\n")
    assert "take 12 or more" in str(desk("new-key", "dora", desk.path("dora.pem"), code=1)["refused"])


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("version", "0.3", "three numbers"),
        ("minimum-version", "x.y", "three numbers"),
        ("installed-bytes", "0", "installed"),
    ],
)
def test_what_no_booth_would_read_is_not_made(desk: Desk, setting: str, value: str, said: str) -> None:
    refused = str(make(desk, code=1, **{setting: value})["refused"])
    assert said in refused
    assert value in refused or setting == "installed-bytes"
    assert not Path(desk.path("a.release")).exists()


def test_files_are_not_overwritten_and_missing_ones_are_2(desk: Desk) -> None:
    assert "is there already" in str(desk("new-key", "anna", desk.path("anna.pem"), code=1)["refused"])
    desk("show", desk.path("nothing"), code=2)
    Path(desk.path("noise")).write_bytes(b"noise")
    assert "no set of release keys" in str(desk("show", desk.path("noise"), code=1)["refused"])
