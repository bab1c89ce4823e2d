"""The questions of `kiosk setup` and the file that the answers make. Both ways to answer use them: a terminal, and the
set-up pages of the service menu."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.config_file import dump_config, parse_config
from common.disk import Disk
from kiosk.commands.service_account import account_of, write_config
from kiosk.hardware.plugged_in import panel_sizes, scanners, serial_ports
from kiosk.ports.config import BoothConfig
from kiosk.text.catalog import LANGUAGES
from rules.profile import profile_names

FIRST_LINE = "# Written by kiosk setup; to be edited by hand, too. kiosk config FILE checks it.\n\n"
NONE = "none"

Convert = Callable[[str], object]


def _text(answer: str) -> object:
    return None if answer == NONE else answer


def _size(answer: str) -> object:
    return [int(side) for side in answer.lower().split("x")]


def _keys(answer: str) -> object:
    return [] if answer == NONE else answer.replace(",", " ").split()


@dataclass(frozen=True, slots=True)
class Question:
    """One setting to ask for. `offers`: the devices of this machine to choose from; `convert`: turns an answer into the
    setting's value."""

    key: str
    words: str
    offers: Callable[[], Sequence[str]] = tuple
    convert: Convert = _text


QUESTIONS = (
    Question("profile", "Whose rules do the photos follow?", profile_names),
    Question("display.size", "Panel, pixels across and down, upright", panel_sizes, _size),
    Question("display.language", "Language of the first screen", lambda: LANGUAGES),
    Question("card.port", "Port of the ID-card reader", serial_ports),
    Question("scanner.input_path", "Scanner that types like a keyboard", lambda: (*scanners(), NONE)),
    Question("scanner.serial_port", "Scanner on a serial port", lambda: (*serial_ports(), NONE)),
    Question("office.url", "Address of the office"),
    Question("office.booth_id", "This booth's name at the office"),
    Question("office.public_url", "Address of the office for the graduates' phones", lambda: (NONE,)),
    Question("storage.seal_to", "Public keys of the office and of the escrow (age1... age1...)", convert=_keys),
    Question("desk.place", "Where is the staff desk? As the help screen says it", lambda: (NONE,)),
    Question("desk.phone", "Its phone number", lambda: (NONE,)),
)
"""The questions, in the order in which they are asked: about the notice, the machine, the office, the room."""


def put_answer(question: Question, answer: str, table: dict[str, Any]) -> None:
    """Put one answer into `table`, the configuration as JSON values. Raises `ValueError` if the answer does
    not have the form that its question requires."""
    place, name = place_of(question, table)
    place[name] = question.convert(answer)


def place_of(question: Question, table: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The section of `table` with the question's setting, and the setting's name there."""
    section, _, name = question.key.rpartition(".")
    return (table[section] if section else table), name


def defaults(path: Path) -> BoothConfig:
    """The default configuration. The package fixes where the files of credential and secret are (beside `path`), so
    that nobody has to choose this."""
    folder = path.resolve().parent
    table = BoothConfig().model_dump(mode="json")
    table["office"]["credential_file"] = str(folder / "credential")
    table["storage"]["secret_file"] = str(folder / "device.secret")
    return parse_config(BoothConfig, table, str(path))


def write(path: Path, config: BoothConfig) -> None:
    """Write the configuration with every setting and its meaning, and keep a copy of the former file beside it. Raises
    `OSError`."""
    disk, account = Disk(), account_of(config.storage.folder)
    if path.exists():
        write_config(disk, path.with_name(f"{path.name}.before"), path.read_bytes(), account)
    write_config(disk, path, (FIRST_LINE + dump_config(config)).encode(), account)
