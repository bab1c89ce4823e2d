"""The paths in the booth's folder."""

from pathlib import Path

from common.disk import Disk

HELP_VIEWS = "help-views"
HELP_DIRECTIONS = "help-directions"
"""The names of the sockets of live help in the booth's folder: the uplink reads views, the booth reads directions."""


class BoothPaths:
    """The paths below the storage folder (`storage.folder` of the configuration)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.spool = folder / "spool"
        self.outbox = folder / "outbox.sqlite3"
        # Version 0.2.0 cannot read this form of the file, and its own file has another name. So a booth that goes back
        # to that version still has a roster.
        self.roster = folder / "roster-2.sqlite3"
        self.roster_0_2 = folder / "roster.sqlite3"
        self.secret = folder / "device.secret"
        self.lock = folder / "booth.lock"
        self.ballast = folder / "ballast"
        self.probe = folder / "probe"
        self.journal = folder / "journal"
        self.instructions = folder / "instructions.json"
        self.health = folder / "health.json"
        self.help_call = folder / "help-call.json"
        self.update = folder / "update"
        self.help_answer = folder / "help-answer.json"
        self.link_state = folder / "link.json"
        self.file_ages = folder / "file-ages.json"
        self.machine = folder / "machine.json"
        self.waiting = folder / "waiting.json"
        self.staff_settings = folder / "staff.json"

    def set_aside(self, disk: Disk, now_ms: int) -> Path:
        """Rename a damaged outbox, with its journal, so that a new one can be created; returns the new name.

        The renaming becomes durable with the new outbox's first commit, which syncs the same folder.
        """
        aside = self.folder / f"outbox.damaged-{now_ms}.sqlite3"
        disk.rename(self.outbox, aside)
        journal = self.outbox.with_name(self.outbox.name + "-journal")
        if journal.exists():
            disk.rename(journal, aside.with_name(aside.name + "-journal"))
        return aside
