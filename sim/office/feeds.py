"""The feeds of the stand-in office: decisions, roster changes, instructions; and the heartbeats it received."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wire.decision import DecisionPage, ShotDecision
from wire.heartbeat import Heartbeat
from wire.help_call import HelpAnswer, HelpCall, HelpState
from wire.instructions import Instructions, Opening, Pass, PassKind, Season
from wire.roster_change import RosterChange, RosterPage, RosterRow, RowRemoved, RowSet

_PLACES = 1 << 32
_FEED = re.compile(r"/v2/(decisions|roster)\?after=([0-9]{1,16})")


@dataclass
class OfficeFeeds:
    """Feeds of one booth. `page_items`: how many one answer holds. A place beyond the feed begins anew."""

    decisions: list[ShotDecision] = field(default_factory=list)
    changes: list[RosterChange] = field(default_factory=list)
    heartbeats: list[Heartbeat] = field(default_factory=list)
    instructions: Instructions = Instructions(
        season=Season(
            version=0,
            source="as it came with the program",
            first_day="08-01",
            last_day="11-20",
            hours=(Opening(opens="09:00", closes="17:00"),),
            exceptions=(),
            years=(),
        )
    )
    help_line: str | None = None  # what staff answer to every call for help
    help_calls: list[HelpCall] = field(default_factory=list)
    page_items: int = 500
    generation: int = 0

    def set_row(self, row_id: str, row: RosterRow, *, photographed: bool = False) -> None:
        """A row is new or corrected."""
        place = len(self.changes) + 1
        self.changes.append(RowSet(sequence=place, row_id=row_id, row=row, photographed=photographed))

    def open_for(self, row_ids: Sequence[str], now: datetime) -> None:
        """Passes for the people of these rows, for a day."""
        until = now + timedelta(days=1)
        passes = tuple(
            Pass(pass_id=row_id[::-1], kind=PassKind.LATE, row_id=row_id, valid_from=now, valid_until=until)
            for row_id in row_ids
        )
        self.instructions = self.instructions.model_copy(update={"passes": passes})

    def remove_row(self, row_id: str) -> None:
        """A row is gone."""
        self.changes.append(RowRemoved(sequence=len(self.changes) + 1, row_id=row_id))

    def call(self, call: HelpCall) -> HelpAnswer:
        """Note a call for help; what staff say to it."""
        self.help_calls.append(call)
        if call.ended:
            return HelpAnswer(call_id=call.call_id, state=HelpState.ENDED)
        state = HelpState.WAITING if self.help_line is None else HelpState.ANSWERED
        return HelpAnswer(call_id=call.call_id, state=state, line=self.help_line)

    def page(self, address: str) -> bytes | None:
        """The page at an address, None when it is no feed's."""
        if address == "/v2/instructions":
            return self.instructions.encode()
        asked = _FEED.fullmatch(address)
        if asked is None:
            return None
        after = int(asked[2])
        if asked[1] == "decisions":
            # An office restored from a backup has another generation, which its places hold.
            generation = self.generation * _PLACES
            reset = after > 0 and after // _PLACES != self.generation
            after = generation if reset or not after else after
            placed = [
                one.model_copy(update={"sequence": generation + one.sequence % _PLACES}) for one in self.decisions
            ]
            rest = [decision for decision in placed if decision.sequence > after]
            shown = tuple(rest[: self.page_items])
            following = shown[-1].sequence if shown else after
            return DecisionPage(reset=reset, decisions=shown, next=following, more=len(rest) > len(shown)).encode()
        reset = after > len(self.changes)
        after = 0 if reset else after
        changes = [change for change in self.changes if change.sequence > after]
        told = tuple(changes[: self.page_items])
        place = told[-1].sequence if told else after
        return RosterPage(reset=reset, changes=told, next=place, more=len(changes) > len(told)).encode()
