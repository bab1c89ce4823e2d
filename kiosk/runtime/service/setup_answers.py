"""The answers of the set-up. The booth itself may neither write its configuration nor enrol. So it writes the answers
into a file in its runtime folder; systemd watches for this file (`systemd/booth-answers.path`), and root takes the
answers (`kiosk setup --answers`). Root writes the outcome into a file that the booth reads."""

import contextlib
import json
import logging
import secrets
from collections.abc import Mapping
from pathlib import Path

log = logging.getLogger(__name__)

FILE, NEW, OUTCOME = "answers", "answers.new", "said"
MOST_BYTES = 16_384


class SetupAnswers:
    """Hands root what staff answered in the set-up, and reads the outcome; one set at a time. `folder`: the runtime
    folder that systemd made for the unit; None: systemd did not start this process."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._id = ""

    def give(self, settings: Mapping[str, str], *, pin: str = "", code: str = "") -> None:
        """Write the answers. If systemd does not watch for the file, nothing happens; after some time the menu says
        so."""
        self._id = secrets.token_hex(8)
        if self._folder is None:
            log.error("the answers of the set-up have nobody to take them: the booth was not started by systemd")
            return
        content = {"id": self._id, "settings": dict(settings), "pin": pin, "code": code}
        try:
            new = self._folder / NEW
            new.write_text(json.dumps(content), encoding="utf-8")
            new.rename(self._folder / FILE)
        except OSError as error:
            log.error("the answers of the set-up can't be left in %s: %s", self._folder, error.strerror)

    def withdraw(self) -> None:
        """Delete the answers if nobody has taken them: they contain a PIN or a code, and whoever starts
        `booth-answers.path` later must not get answers that staff have given up."""
        if self._folder is not None:
            for name in (FILE, NEW):
                with contextlib.suppress(OSError):
                    (self._folder / name).unlink()

    def outcome(self) -> tuple[str, str] | None:
        """The outcome of the last answers, and in technical words why they were not taken; None while there is none.
        Each outcome is returned only once. It is read from `/run/kiosk-answers`, the folder beside the booth's
        runtime folder."""
        if self._folder is None or not self._id:
            return None
        try:
            with (self._folder.with_name(f"{self._folder.name}-answers") / OUTCOME).open("rb") as file:
                said = json.loads(file.read(MOST_BYTES))
        except (OSError, ValueError):
            return None
        if not isinstance(said, dict) or said.get("id") != self._id:
            return None
        self._id = ""
        return str(said.get("outcome")), str(said.get("why", ""))
