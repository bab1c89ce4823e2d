"""`kiosk setup --answers`: what root takes from the booth's own screen, and what it does not."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from common.disk import Disk
from kiosk.__main__ import main
from kiosk.commands.setup.questions import defaults
from kiosk.ports.config import BoothConfig
from kiosk.runtime.load import dump_config, load_config
from kiosk.runtime.service.pin import is_pin
from kiosk.runtime.service.setup_answers import SetupAnswers
from kiosk.uplink.shared.paths import BoothPaths
from kiosk.uplink.storage.takeover import unsent
from wire.seal import new_identity, recipient_of

KEYS = " ".join(recipient_of(new_identity()) for _ in range(2))
OFFICE = {"office.url": "https://office.example.edu.cn", "office.booth_id": "hall-2", "storage.seal_to": KEYS}
TAKEN = {"settings": {}, "pin": "", "code": ""}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[int, str]]:
    """Does what `booth-answers.service` does; returns the exit code, and what it says to the booth."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run-answers").mkdir()
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "run-answers"))

    def take() -> tuple[int, str]:
        file, config = tmp_path / "run" / "answers", tmp_path / "booth.toml"
        code = main(["setup", "--answers", str(file), "--config", str(config)])
        assert not os.path.lexists(file), "systemd would start it again and again"
        said = tmp_path / "run-answers" / "said"
        return code, said.read_text("utf-8") if said.exists() else ""

    return take


def test_the_answers_become_the_configuration_and_the_booth_hears_of_it(
    tmp_path: Path, root: Callable[[], tuple[int, str]]
) -> None:
    answers = SetupAnswers(tmp_path / "run")
    answers.give({**OFFICE, "card.port": "/dev/ttyUSB3"})
    assert answers.outcome() is None
    assert root()[0] == 0
    assert answers.outcome() == ("done", "")
    config = load_config(tmp_path / "booth.toml")
    assert (config.office.url, config.office.booth_id) == (OFFICE["office.url"], "hall-2")
    assert (config.card.port, config.storage.seal_to) == ("/dev/ttyUSB3", tuple(KEYS.split()))
    assert config.office.credential_file == tmp_path / "credential"
    answers.give({"display.language": "en"})
    assert answers.outcome() is None, "the former answers' outcome is not that of these"


def test_a_pin_is_stored_as_its_hash_only(tmp_path: Path, root: Callable[[], tuple[int, str]]) -> None:
    SetupAnswers(tmp_path / "run").give({}, pin="204938")
    code, said = root()
    stored = load_config(tmp_path / "booth.toml").service.pin_hash
    assert code == 0
    assert stored is not None
    assert is_pin("204938", stored)
    assert "204938" not in said + (tmp_path / "booth.toml").read_text("utf-8").replace(stored, "")


@pytest.mark.parametrize(
    ("settings", "pin"),
    [
        ({"office.url": "http://office.example.edu.cn"}, ""),
        ({"card.port": "../../etc/shadow"}, ""),
        ({"display.size": "large"}, ""),
        ({"storage.folder": "/root"}, ""),
        ({"storage.seal_to": "age1nonsense"}, ""),
        ({}, "123456"),
        ({}, "12"),
    ],
)
def test_a_wrong_answer_changes_nothing_and_says_why(
    tmp_path: Path, root: Callable[[], tuple[int, str]], settings: dict[str, str], pin: str
) -> None:
    answers = SetupAnswers(tmp_path / "run")
    answers.give(settings, pin=pin)
    assert root()[0] == 1
    outcome, why = answers.outcome() or ("", "")
    assert outcome == "refused"
    assert why
    assert not (tmp_path / "booth.toml").exists()


@pytest.mark.parametrize("change", [*OFFICE.items(), ("profile", "jiangsu-2019"), ("code", "AAAAA")])
def test_an_enrolled_booth_keeps_its_office_and_keys_whatever_its_own_account_asks(
    tmp_path: Path, root: Callable[[], tuple[int, str]], change: tuple[str, str]
) -> None:
    answers = SetupAnswers(tmp_path / "run")
    answers.give(OFFICE)
    assert root()[0] == 0
    (tmp_path / "credential").write_text("secret")
    before = (tmp_path / "booth.toml").read_bytes()
    answers.give({} if change[0] == "code" else dict([change]), code=change[1] if change[0] == "code" else "")
    assert root()[0] == 1
    assert (answers.outcome() or ("",))[0] == "refused"
    assert (tmp_path / "booth.toml").read_bytes() == before
    answers.give({"card.port": "/dev/ttyUSB1"})
    assert root()[0] == 0, "its devices may change"


def with_office(tmp_path: Path, **office: object) -> BoothConfig:
    """Write the configuration of a booth that has its office, and store shots in a folder of the test."""
    config = defaults(tmp_path / "booth.toml")
    told = {"url": OFFICE["office.url"], "booth_id": OFFICE["office.booth_id"], **office}
    config = config.model_copy(
        update={
            "office": config.office.model_copy(update=told),
            "storage": config.storage.model_copy(update={"folder": tmp_path / "booth"}),
        }
    )
    (tmp_path / "booth.toml").write_text(dump_config(config), "utf-8")
    return config


def test_a_booth_without_a_place_for_a_credential_keeps_its_office(
    tmp_path: Path, root: Callable[[], tuple[int, str]]
) -> None:
    """A configuration that somebody wrote by hand."""
    with_office(tmp_path, credential_file=None)
    before = (tmp_path / "booth.toml").read_bytes()
    answers = SetupAnswers(tmp_path / "run")
    answers.give({**OFFICE, "office.url": "https://another.example.edu.cn"}, code="AAAAA")
    assert root()[0] == 1
    assert (answers.outcome() or ("",))[0] == "refused"
    assert (tmp_path / "booth.toml").read_bytes() == before


def test_unsent_photos_go_to_no_other_office(tmp_path: Path, root: Callable[[], tuple[int, str]]) -> None:
    """A spare booth that took over a broken one's photos, and whose code the office refused, has no PIN and no
    credential: another office could confirm these photos, and the booth would delete them."""
    config = with_office(tmp_path)
    spool = BoothPaths(config.storage.folder).spool
    spool.mkdir(parents=True)
    shot = spool / f"{1:032x}.envelope"
    shot.write_bytes(b"sealed")
    assert len(unsent(config.storage.folder, Disk())) == 1
    before = (tmp_path / "booth.toml").read_bytes()
    answers = SetupAnswers(tmp_path / "run")
    for other in ({"office.url": "https://another.example.edu.cn"}, {"office.booth_id": "hall-3"}):
        answers.give({**OFFICE, **other})
        assert root()[0] == 1
        outcome, why = answers.outcome() or ("", "")
        assert (outcome, "1 photos of hall-2" in why) == ("refused", True)
        assert (tmp_path / "booth.toml").read_bytes() == before
    answers.give(OFFICE)
    assert root()[0] == 0, "its own office may have it again"
    shot.unlink()
    answers.give({**OFFICE, "office.booth_id": "hall-3"})
    assert root()[0] == 0


@pytest.mark.parametrize("keys", ["", KEYS.split()[0]], ids=["no key", "one key"])
def test_a_code_with_too_few_keys_is_not_used_up(
    tmp_path: Path, root: Callable[[], tuple[int, str]], keys: str
) -> None:
    """The enrolled booth would be out of service, and its panel can't change the keys any more."""
    answers = SetupAnswers(tmp_path / "run")
    answers.give({**OFFICE, "storage.seal_to": keys}, code="AAAAA")
    assert root()[0] == 1
    outcome, why = answers.outcome() or ("", "")
    assert (outcome, "backup.seal_to" in why) == ("refused", True)
    assert not (tmp_path / "booth.toml").exists()


def test_answers_that_nobody_took_are_taken_back(tmp_path: Path, root: Callable[[], tuple[int, str]]) -> None:
    answers = SetupAnswers(tmp_path / "run")
    answers.give({}, pin="204938")
    answers.withdraw()
    assert list((tmp_path / "run").iterdir()) == []
    assert root()[0] == 1
    assert not (tmp_path / "booth.toml").exists()
    answers.withdraw()


def test_whatever_else_lies_there_is_taken_away_and_does_nothing(
    tmp_path: Path, root: Callable[[], tuple[int, str]]
) -> None:
    file = tmp_path / "run" / "answers"
    (tmp_path / "elsewhere").write_text(json.dumps({"id": "0" * 16, **TAKEN}))
    for make in (
        lambda: file.write_text("{}"),
        lambda: file.write_text("[" * 10_000),
        lambda: file.write_bytes(b"\0" * 1_000_000),
        lambda: file.write_text(json.dumps({"id": "../said", **TAKEN})),
        lambda: file.write_text(json.dumps({"id": "0" * 16, **TAKEN, "more": 1})),
        lambda: file.symlink_to(tmp_path / "elsewhere"),
        lambda: os.mkfifo(file),
        lambda: (file / "deep").mkdir(parents=True),
        lambda: None,
    ):
        make()
        assert root() == (1, "")
    assert not (tmp_path / "booth.toml").exists()
    assert (tmp_path / "elsewhere").exists()


def test_without_a_terminal_a_new_booth_gets_a_configuration_that_shows_its_set_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "booth.toml"
    command = ["setup", "--at-panel", "--config", str(path)]
    assert main(command) == 0
    assert "start uplink booth" in capsys.readouterr().err
    config = load_config(path)
    assert config.office.credential_file == tmp_path / "credential"
    before = path.read_bytes()
    assert main(command) == 1
    assert path.read_bytes() == before
