"""`python -m sim replay JOURNAL`: show the screens of a booth's journal again, as text and as contact sheets.

A journal contains tokens instead of personal data, and no pictures. So a token is shown as `***`, and a preview or
photo as an empty area.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from kiosk.core import events as ev
from kiosk.core.session.journal import as_written_under, replayed
from kiosk.core.session.state import Session, SessionPolicy, State
from kiosk.ports.config import BoothConfig
from kiosk.runtime.calibration import load
from kiosk.runtime.policy_and_facts import configured_policy, facts_of
from kiosk.text.catalog import load_all
from kiosk.ui.screens import draw
from kiosk.ui.screens.ops import Text
from kiosk.ui.shell import Shell
from kiosk.ui.viewmodel import Facts, Masked, View
from kiosk.ui.viewmodel.compute import view
from rules.profile import load_profile
from rules.season import load_season
from sim.play.contact_sheet import ContactSheet

HIDDEN = "***"
HEADER, STEPS = 120.0, 215.0
"""Where the header and the bar of steps end, in base units from the top: only the words below belong to the screen."""


@dataclass(slots=True)
class Visit:
    """The screens of one visit: for each change of the screen's words, a line of text and a picture."""

    lines: list[str] = field(default_factory=list)
    sheet: ContactSheet = field(default_factory=ContactSheet)


class Nobody:
    """The `IdentityResolver` of a replay, which has no values of the vault."""

    def shown(self, token: ev.Token) -> Masked | None:  # noqa: ARG002 - whoever it is
        """A person without name and number."""
        return Masked(HIDDEN, HIDDEN, "")

    def school(self, token: ev.Token) -> str | None:
        """A school without a name; its token distinguishes it from other schools."""
        return f"{HIDDEN} {token[:4]}"

    def record(self, token: ev.Token) -> tuple[str, str]:
        """A record without its words; its token distinguishes it from other records."""
        return HIDDEN, token[:4]

    def line(self, token: ev.Token) -> str | None:  # noqa: ARG002 - whatever they wrote
        """An answer without its words."""
        return HIDDEN


def replay_visits(journal: Path, config: BoothConfig, *, calibrated: bool, anyway: bool = False) -> Iterator[Visit]:
    """The visits of a journal file, in order; what comes before the first touch belongs to the first visit.

    `config`: the configuration under which the journal was written. `calibrated`: whether the calibration of that booth
    lies in the storage folder of `config`. `anyway`: replay even if limits have changed since then. Raises `OSError`,
    `JournalError` (with the line, and what differs), `ProfileError`.
    """
    profile = load_profile(config.profile)
    found = load(config.storage.folder) if calibrated else None
    policy = configured_policy(config, profile, None if found is None else found.calibration)
    facts = facts_of(profile, load_season(profile.season), config)
    screens = _Screens(config, policy, facts)
    try:
        with journal.open(encoding="utf-8", errors="replace") as lines:
            visit, was, begun = Visit(), State.CLOSED, False
            for event, session in replayed(as_written_under(lines, policy) if anyway else lines, policy):
                if was is State.ATTRACT and session.state not in (was, State.CLOSED) and begun:
                    yield visit
                    visit = Visit()
                begun = begun or session.state not in (State.ATTRACT, State.CLOSED)
                was = session.state
                screens.show(visit, event, session)
        if visit.lines:
            yield visit
    finally:
        screens.close()


class _Screens:
    """Draws each session as the booth's panel would, into memory."""

    def __init__(self, config: BoothConfig, policy: SessionPolicy, facts: Facts) -> None:
        os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
        self._policy, self._facts = policy, facts
        self._catalogs = load_all(config.display.languages, config.display.texts)
        self._shell = Shell(config.display, lambda _: None, _NoClock(), headless=True)
        self._words = ""

    def show(self, visit: Visit, event: ev.Event | None, session: Session) -> None:
        """Add the screen to `visit` if its words differ from those of the last screen."""
        now_ns = session.since_ns if event is None else event.at_ns
        shown = view(session, self._policy, self._facts, Nobody(), now_ns)
        words = self._words_of(shown)
        if words == self._words:
            return
        self._words = words
        cause = "" if event is None else type(event).__name__
        visit.lines.append(f"{now_ns / 1e9:10.3f} s  {session.state.value:<14}{cause:<16} {words}")
        self._shell.show(shown)
        visit.sheet.take(self._shell.grab())

    def close(self) -> None:
        """Close the panel."""
        self._shell.close()

    def _words_of(self, shown: View) -> str:
        ops = draw(shown, self._catalogs[shown.language])
        top = HEADER if shown.step is None else STEPS
        return " | ".join(op.text.replace("\n", " ") for op in ops if isinstance(op, Text) and op.box.y >= top)


class _NoClock:
    """The clock of a replay. It stands still, because nobody touches the panel."""

    def now_ns(self) -> int:
        return 0

    def wall(self) -> NoReturn:
        raise AssertionError("a replay asks no wall clock")
