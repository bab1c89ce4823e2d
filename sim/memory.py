"""`python -m sim.memory --people 20`: search the memory of an idle booth for personal data; print one JSON object.

The booth's identity path runs in its own process, from the reader's serial line to the sealed envelope: card worker,
vault, roster, decisions on earlier shots, manifest, shot saver; then the booth forgets everything. This process knows
the people and searches the booth's memory twice: while the last session is open (to prove that the search works) and
when the booth is idle. Pictures and the screen, which shows only masked names, are not part of the test.
"""

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from kiosk.core.events import CardRead, Event, Saved
from kiosk.core.identity import Identification
from kiosk.core.session.effects import Save
from kiosk.hardware.card_serial import CardWorker
from kiosk.ports.config import CardConfig, StorageConfig
from kiosk.ports.eye import FinishedPhoto
from kiosk.runtime.identity_resolver import IdentityResolver
from kiosk.runtime.submission import Submissions
from kiosk.runtime.system_clock import SystemClock
from kiosk.runtime.vault import SessionVault
from kiosk.uplink.roster.roster_cache import RosterCache
from kiosk.uplink.saving.shot_saver import ShotSaverWorker
from rules.profile import load_profile
from sim.needles import in_memory, needles
from sim.play.register import row_of
from sim.twins.card_tty import CardTty, CardTtyThread
from sim.twins.cards import made_up_card
from wire.roster_change import RosterPage, RowSet
from wire.seal import new_identity, recipient_of

UNIT = Path(__file__).parents[1] / "systemd" / "booth.service"


def unit_environment(unit: Path = UNIT) -> dict[str, str]:
    """The environment variables that a systemd unit gives its program."""
    lines = unit.read_text("utf-8").splitlines()
    given = (line.removeprefix("Environment=") for line in lines if line.startswith("Environment="))
    return dict(word.split("=", 1) for line in given for word in line.split())


def measure(folder: Path, people: int, environment: Mapping[str, str]) -> dict[str, object]:
    """Let `people` graduates use a booth in `folder`. For each of the two searches, returns how many names and numbers
    were found in the booth's memory, by encoding."""
    rows = [row_of(seed) for seed in range(1, people + 1)]
    texts = {row.id_number for row in rows} | {row.student_no for row in rows} | {row.exam_no for row in rows}
    names = {row.name for row in rows if len(row.name) > 2}  # a name of two characters may also be in memory by chance
    keys = [recipient_of(new_identity()) for _ in range(2)]
    storage = StorageConfig(folder=folder / "booth", floor_bytes=0, seal_to=tuple(keys))
    storage.folder.mkdir(parents=True)
    changes = tuple(RowSet(sequence=place, row_id=f"{place:032x}", row=row) for place, row in enumerate(rows, start=1))
    cache = RosterCache(storage)
    cache.apply(RosterPage(changes=changes, next=people, more=False), 0)
    cache.close()
    sought = needles(texts | names)
    tty = CardTty(time.monotonic_ns)
    pump = CardTtyThread(tty)
    command = [sys.executable, "-m", "sim.memory", "--booth", tty.port, str(storage.folder), *keys]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | environment
    ) as booth:
        for seed in range(1, people + 1):
            tty.lay(made_up_card(seed))
            _say(booth, "session")
        during = in_memory(booth.pid, sought)
        tty.take()
        _say(booth, "forget")
        idle = in_memory(booth.pid, sought)
        _say(booth, "end")
    pump.close()
    tty.close()
    return {
        "people": people,
        "during_a_session": _figures(during),
        "idle": _figures(idle),
        "idle_people": len({text for text, _ in idle}),
    }


def _figures(hits: list[tuple[str, str]]) -> dict[str, int]:
    return dict(Counter(f"{'name' if not text.isascii() else 'number'} {encoding}" for text, encoding in hits))


def _say(booth: "subprocess.Popen[str]", word: str) -> None:
    assert booth.stdin is not None
    assert booth.stdout is not None
    booth.stdin.write(word + "\n")
    booth.stdin.flush()
    answer = booth.stdout.readline().strip()
    assert answer == word, f"the booth answered {answer!r}"


class _Booth:
    """The part of a booth that handles identities. Between sessions it contains nothing about a person."""

    def __init__(self, port: str, storage: StorageConfig) -> None:
        self.events: list[Event] = []
        self.clock = SystemClock()
        self.vault = SessionVault()
        self.card = CardWorker(CardConfig(port=port), self.vault, self.events.append, self.clock)
        self.resolver = IdentityResolver(self.vault, RosterCache(storage))
        profile = load_profile("jiangsu-2019")
        self.submissions = Submissions("booth-1", profile, self.resolver, self.clock, {})
        self.saver = ShotSaverWorker(storage, self.events.append, self.clock)
        self.card.open()
        self.saver.open()
        self.sessions = 0

    def session(self) -> None:
        """Play the session of one graduate, up to the saved photo."""
        self.forget()
        self.sessions += 1
        self.card.listen(True)
        while not any(isinstance(event, CardRead) for event in self.events):
            self.card.poll(0.05)
        token = next(event.person for event in self.events if isinstance(event, CardRead))
        (row,) = self.resolver.look_up(token)
        self.saver.recall(2 * self.sessions, self.resolver.id_number(token, row.row))
        self.saver.poll(0.0)
        order = Save(self.sessions, self.sessions, token, Identification.CARD, row.row, (), (), self.clock.now_ns())
        photo = FinishedPhoto(self.sessions, b"\xff\xd8", np.zeros((1, 1, 3), np.uint8))
        manifest = self.submissions.manifest(order, photo, self.clock.now_ns())
        self.saver.save(2 * self.sessions + 1, manifest, photo.jpeg)
        self.saver.poll(0.0)
        self.saver.follow(2 * self.sessions + 1, manifest.shot_id)
        self.saver.poll(0.0)
        assert any(isinstance(event, Saved) for event in self.events)
        self.card.listen(False)
        self.card.poll(0.0)

    def forget(self) -> None:
        """Forget the person as the runtime does, and then do what every idle booth does."""
        self.events.clear()
        self.resolver.forget()
        self.submissions.forget()
        self.saver.forget()
        self.saver.poll(0.0)
        gc.collect()


def _serve(port: str, folder: str, keys: Sequence[str]) -> int:
    booth = _Booth(port, StorageConfig(folder=Path(folder), floor_bytes=0, seal_to=tuple(keys)))
    for line in sys.stdin:
        word = line.strip()
        if word == "session":
            booth.session()
        elif word == "forget":
            booth.forget()
        sys.stdout.write(word + "\n")
        sys.stdout.flush()
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["--booth"]:
        return _serve(arguments[1], arguments[2], arguments[3:])
    parser = argparse.ArgumentParser(prog="python -m sim.memory", description="Search an idle booth's memory.")
    parser.add_argument("--people", type=int, default=20)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="memory-") as folder:
        found = {
            "plain": measure(Path(folder) / "plain", options.people, {}),
            "as_a_service": measure(Path(folder) / "service", options.people, unit_environment()),
        }
        sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
