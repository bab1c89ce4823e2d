"""`kiosk setup --answers FILE`: take answers that staff gave on the booth's own screen.

The booth's program may neither write its configuration nor use the network. It leaves the answers in a file, and root
runs this command (`systemd/booth-answers.service`). This command takes from the file only answers to the questions of
`kiosk setup` and, once the booth is enrolled, no answer about the office. Otherwise somebody who takes over the
program's account could lead photos to an office of their own.
"""

import contextlib
import json
import os
import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from common.config_file import parse_config
from common.disk import Disk
from kiosk.commands.enrol import REFUSED_CODE, enrol
from kiosk.commands.setup.questions import QUESTIONS, defaults, put_answer, write
from kiosk.core.service.setup import fit_for_pin
from kiosk.ports.config import BoothConfig
from kiosk.runtime.load import load_config
from kiosk.runtime.notify import runtime_folder
from kiosk.runtime.service.pin import hash_pin
from kiosk.runtime.service.setup_answers import OUTCOME
from kiosk.runtime.service.station import is_enrolled
from kiosk.uplink.saving.sealing import LEAST_KEYS
from kiosk.uplink.storage.takeover import unsent

MOST_BYTES = 16_384
OF_THE_OFFICE = frozenset({"profile", "office.url", "office.booth_id", "office.public_url", "storage.seal_to"})


class Outcome(StrEnum):
    """How the answers were taken."""

    DONE = "done"
    REFUSED = "refused"  # an answer is not right; nothing is written
    CODE = "code"  # the settings are written, but the office does not take the code
    FAILED = "failed"  # a file can't be written, or the office can't be reached


class Answers(BaseModel):
    """The content of the file. `settings`: each question's answer, as it would be typed at a terminal; `pin`, `code`:
    "" for none."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)

    id: str = Field(pattern=r"^[0-9a-f]{16}$")
    settings: dict[str, str] = Field(default_factory=dict)
    pin: str = Field(default="", repr=False)
    code: str = Field(default="", max_length=80, repr=False)


def run(file: Path, config: Path) -> int:
    """Delete the file, take what was in it, and leave the outcome for the booth's screen: one line of JSON in the file
    `said` of the folder that systemd made (`RuntimeDirectory=`), or else on standard output. Returns 0 if everything
    was taken."""
    try:
        answers = Answers.model_validate_json(_taken(file))
    except (OSError, ValidationError) as fault:
        sys.stderr.write(f"kiosk setup: what lay in {file} is no set of answers ({type(fault).__name__})\n")
        return 1
    outcome, why = take(answers, config)
    _leave(json.dumps({"id": answers.id, "outcome": outcome.value, "why": why}, ensure_ascii=False) + "\n")
    return 0 if outcome is Outcome.DONE else 1


def _leave(said: str) -> None:
    folder = runtime_folder(os.environ)
    if folder is None:
        sys.stdout.write(said)
        return
    new = folder / f"{OUTCOME}.new"
    new.write_text(said, encoding="utf-8")
    new.replace(folder / OUTCOME)


def take(answers: Answers, path: Path) -> tuple[Outcome, str]:
    """Check the answers, write the configuration, and enrol the booth if there is a code. Returns the outcome, and in
    technical words why it is not `DONE`."""
    try:
        before = load_config(path) if path.exists() else defaults(path)
        config = _answered(answers, before, path)
        write(path, config)
    except ValueError as fault:  # `ConfigFault` is one, too
        return Outcome.REFUSED, str(fault)
    except OSError as failure:
        return Outcome.FAILED, f"{path} can't be written ({failure.strerror})"
    if not answers.code:
        return Outcome.DONE, ""
    said = enrol(config, answers.code)
    if said:
        return Outcome.CODE if said == REFUSED_CODE else Outcome.FAILED, said
    return Outcome.DONE, ""


def _answered(answers: Answers, before: BoothConfig, path: Path) -> BoothConfig:
    """The configuration with the answers. Raises `ConfigFault` or `ValueError`."""
    enrolled = is_enrolled(before)  # also if the configuration names no place for a credential
    table: dict[str, Any] = before.model_dump(mode="json")
    questions = {question.key: question for question in QUESTIONS}
    for key, answer in answers.settings.items():
        if key not in questions:
            raise ValueError(f"{key[:40]!r} is not among the questions of kiosk setup")
        if enrolled and key in OF_THE_OFFICE:
            raise ValueError(f"{key}: this booth is enrolled; change its office by kiosk setup on a terminal")
        put_answer(questions[key], answer, table)
    if enrolled and answers.code:
        raise ValueError("this booth is enrolled; enrol it again by kiosk enrol on a terminal")
    if answers.pin:
        if not fit_for_pin(answers.pin):
            raise ValueError("this PIN has not 6 to 12 digits, or is among the first that anybody tries")
        table["service"]["pin_hash"] = hash_pin(answers.pin)
    config = parse_config(BoothConfig, table, str(path))
    if config.office.identity != before.office.identity and (waiting := unsent(before.storage.folder, Disk())):
        # if the new office confirmed photos that were taken for the former one, the booth would delete them
        raise ValueError(
            f"{len(waiting)} photos of {before.office.booth_id} are not verified by its office yet: enrol it there, or "
            "change its office by kiosk setup on a terminal"
        )
    if answers.code and len(set(config.storage.seal_to)) < LEAST_KEYS:
        raise ValueError(
            f"the code has fewer than {LEAST_KEYS} public keys: set the office's backup.seal_to to the escrow key, "
            "then make a new code"
        )
    return config


def _taken(file: Path) -> bytes:
    """The content of the file, which is deleted. A link is not followed, because the booth's account made the file."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as opened:
            return opened.read(MOST_BYTES)
    finally:
        if file.is_dir() and not file.is_symlink():
            shutil.rmtree(file, ignore_errors=True)  # otherwise systemd would start this command again and again
        with contextlib.suppress(OSError):
            file.unlink()
