"""The polling of an ID-card reader as a pure state machine: it gets bytes and the time, and returns bytes and findings.

Theory of operation. While listening, the poll sends "find" every `poll_ms`; if a card answers, the poll selects and
reads the card. Each question has a time-out. If three of these questions fail, the poll asks the module for its status,
resets it and reports the failure. While not listening (before consent) it accesses no card: it only asks for the
module's status from time to time, so that a dead reader is noticed before the next graduate comes. If a card lies on
the reader when listening ends, the poll watches until the card is gone, so that nobody forgets it: the poll finds the
card, but never selects or reads it. A card that was read or refused is not read again until it is removed. After a
read, some readers answer "no card" although the card still lies there, and find it again only after a reset. So the
poll reports `CardGone` only after a quiet period and a reset. A card that appears again within that period is read
again. If its holder is the same, nothing is reported; if not, a removal and a new card are reported.

The poll must not take a late answer to an earlier question for the answer to the present one. So it accepts "find ok"
only while finding, and a record only while reading; it ignores any other misplaced answer until the time-out.
"""

from dataclasses import dataclass

from kiosk.core.events import CardTrouble
from kiosk.core.idcard.card_events import (
    CardGone,
    CardPresent,
    CardUnreadable,
    Cause,
    HolderRead,
    Output,
    ReaderFault,
    ReaderRecovered,
    Send,
)
from kiosk.core.idcard.protocol import Command, Damaged, FrameDecoder, Outcome, Reply, outcome, request
from kiosk.core.idcard.text import RecordError, holder_of, number_is_plausible
from kiosk.core.identity import CardHolder

MS = 1_000_000
TIMEOUT_MS = {
    Command.FIND: 500,
    Command.SELECT: 500,
    Command.READ: 3500,
    Command.STATUS: 500,
    Command.RESET: 1000,
}
"""How many milliseconds the answer to each command may take."""

LONGEST_MS = {Command.READ: 8000}
"""How many milliseconds an answer may take in all, as long as its bytes keep arriving; for a command that is not
listed, 2000. The 1295 bytes of a record need 1.35 s at 9600 baud."""

GAP_MS = 700  # if an answer has begun and then pauses for this long, it is incomplete
TRIES = 3
FRUITLESS_ROUNDS = 2  # after this many rounds of "find" without an answer, the module counts as faulty
QUIET_MS = 1500  # if no card has answered for this long, the card was removed
CHECK_MS = 5000  # how often the poll asks for the module's status while not listening
WATCH_MS = 800  # how often the poll looks for a card that was left lying
# a reply with at most this many bytes of data is no record: replies to find and select carry 4 and 8 bytes, and a
# record more than a thousand
SHORT_BYTES = 64


@dataclass(slots=True)
class _Card:
    """What is known of the card on the reader."""

    holder: CardHolder | None = None
    seen_ns: int | None = None  # when a card last answered
    missing: bool = False  # the last find said "no card"
    handled: bool = False  # this card was read or refused
    reported: bool = False  # `CardPresent` was reported for this card, and `CardGone` was not
    reported_before: bool = False  # `CardPresent` was reported before listening began, so it is reported once more
    sought: bool = False  # the module was reset after the card's last answer


@dataclass(slots=True)
class _Round:
    """The questions from one rest of the poll to the next (find, select, read), and how they failed."""

    tries: int = 0  # how many questions failed
    status: int | None = None  # the module's last code that reported a failure
    bad_record: bool = False
    failed: bool = False  # three questions failed; the poll next asks for the status and resets the module
    doubtful: CardHolder | None = None  # a record to be confirmed by a second read


class CardPoll:
    """The polling of one reader.

    Call `tick` at `due_ns` or later, and `feed` with received bytes. `now_ns` is the time of any monotonic clock. The
    poll starts without listening. After a `ReaderFault` it continues to poll, and it reports `ReaderRecovered` once
    when the module works again.
    """

    def __init__(self, poll_ms: int, *, faulty: bool = False) -> None:
        """`faulty`: a fault was reported before the line was reopened, and no valid answer has come since."""
        self._poll_ms = poll_ms
        self._decoder = FrameDecoder()
        self._listening = False
        self._watching = False  # the poll is not listening, but watches a card that was left lying
        self._greeted = False  # the module was asked for its status once; not every maker's module answers this request
        self._asked: Command | None = None  # the request that waits for its answer
        self._asked_ns = 0
        self._due_ns = 0  # the request's time-out, or the moment of the next question
        self._bytes_arrived = False  # bytes arrived since the last request to find, select or read a card was sent
        self._card = _Card()
        self._round = _Round()
        self._fruitless = 0
        self._faulty = faulty  # a `ReaderFault` was reported, and no valid answer has come since

    @property
    def due_ns(self) -> int:
        """When `tick` must be called next."""
        return self._due_ns

    @property
    def card_missing(self) -> bool:
        """Whether the module's last answer was that there is no card."""
        return self._card.missing

    @property
    def asked(self) -> Command | None:
        """The request that waits for its answer; None if no request waits."""
        return self._asked

    def listen(self, on: bool, now_ns: int) -> None:
        """Read cards (`on`), or stop reading them. The holder of the last card is forgotten.

        A card that lies on the reader at the end of listening is watched until it is gone (`CardGone`), even if
        listening begins again before that.
        """
        lies = self._card.reported
        self._watching, self._listening = not on and lies, on
        self._card = _Card(seen_ns=now_ns, reported=True, reported_before=on) if lies else _Card()
        if self._asked not in (Command.STATUS, Command.RESET):
            self._round = _Round()
            self._asked, self._due_ns = None, now_ns
            self._decoder.give_up()  # half a record is personal data, too

    def tick(self, now_ns: int) -> list[Output]:
        """The outputs due at `now_ns`."""
        out: list[Output] = []
        if now_ns < self._due_ns:
            return out
        if self._asked is None:
            looks = self._greeted and (self._listening or self._watching)
            self._ask(Command.FIND if looks else Command.STATUS, now_ns, out)
            return out
        asked = self._asked
        # A false preamble in noise may hide the true answer: look behind it before giving up.
        self._take(self._decoder.give_up(), now_ns, out)
        if self._asked is asked and now_ns >= self._due_ns:
            self._failed(None, now_ns, out)
        return out

    def feed(self, data: bytes, now_ns: int) -> list[Output]:
        """The outputs that follow from the received `data`."""
        out: list[Output] = []
        if data:
            self._bytes_arrived = True
            self._take(self._decoder.feed(data), now_ns, out)
            if self._asked is not None and self._decoder.pending:
                longest_ns = self._asked_ns + LONGEST_MS.get(self._asked, 2000) * MS
                self._due_ns = min(now_ns + GAP_MS * MS, longest_ns)
        return out

    # The answers of the module.

    def _take(self, items: list[Reply | Damaged], now_ns: int, out: list[Output]) -> None:
        for item in items:
            if isinstance(item, Reply):
                self._answer(item, now_ns, out)
            elif item.why == "checksum" and not self._decoder.pending and self._asked is not None:
                self._failed(None, now_ns, out)

    def _answer(self, reply: Reply, now_ns: int, out: list[Output]) -> None:
        asked, what = self._asked, outcome(reply.status)
        if asked is None or _is_stale(asked, reply):
            return
        if self._faulty and what not in (Outcome.DEVICE_FAULT, Outcome.PROGRAM_ERROR):
            self._faulty = False
            out.append(ReaderRecovered())
        match what:
            case Outcome.DEVICE_FAULT:
                self._fault(Cause.SELF_TEST, reply.status, now_ns, out)
            case _ if asked in (Command.STATUS, Command.RESET):
                self._module_answered(now_ns, out)
            case Outcome.NO_CARD:
                self._no_card(now_ns, out)
            case Outcome.GO_ON | Outcome.EMPTY:
                self._go_on(asked, reply, now_ns, out)
            case Outcome.NOT_ID_CARD:
                self._refuse(CardTrouble.NOT_ID_CARD, reply.status, now_ns, out)
            case Outcome.DAMAGED:
                self._refuse(CardTrouble.DAMAGED, reply.status, now_ns, out)
            case _:
                self._failed(reply.status, now_ns, out)

    def _go_on(self, asked: Command, reply: Reply, now_ns: int, out: list[Output]) -> None:
        if asked is Command.FIND:
            lying = self._card.seen_ns is not None and not self._card.missing
            self._card.seen_ns, self._card.missing, self._card.sought, self._fruitless = now_ns, False, False, 0
            if self._watching or (self._card.handled and lying):
                self._rest(now_ns)
                return
            if not self._card.reported or self._card.reported_before:
                out.append(CardPresent())
                self._card.reported, self._card.reported_before = True, False
            self._ask(Command.SELECT, now_ns, out)
        elif asked is Command.SELECT:
            self._ask(Command.READ, now_ns, out)
        else:
            self._record(reply, now_ns, out)

    def _record(self, reply: Reply, now_ns: int, out: list[Output]) -> None:
        try:
            holder = holder_of(reply.data)
        except RecordError:
            self._round.bad_record = True
            self._failed(reply.status, now_ns, out)
            return
        if not number_is_plausible(holder.number) and self._round.doubtful != holder:
            self._round.doubtful = holder  # the line may have damaged this number: a second read shows whether it did
            self._ask(Command.READ, now_ns, out)
            return
        if holder != self._card.holder:
            if self._card.holder is not None:
                out += [CardGone(), CardPresent()]
            out.append(HolderRead(holder))
        self._card.holder, self._card.handled = holder, True
        self._rest(now_ns)

    def _no_card(self, now_ns: int, out: list[Output]) -> None:
        self._card.missing, self._fruitless = True, 0
        if self._card.seen_ns is not None and now_ns - self._card.seen_ns >= QUIET_MS * MS:
            if self._card.reported and not self._card.sought:
                self._card.sought = True
                # some modules find a card that already lies there only after a reset
                self._ask(Command.RESET, now_ns, out)
                return
            self._card, self._watching = _Card(), False
            out.append(CardGone())
        self._rest(now_ns)

    def _refuse(self, trouble: CardTrouble, status: int | None, now_ns: int, out: list[Output]) -> None:
        """Ignore this card until it is removed."""
        if self._card.holder is None:
            out.append(CardUnreadable(trouble, status))
        self._card.handled = True
        self._rest(now_ns)

    # Failures.

    def _failed(self, status: int | None, now_ns: int, out: list[Output]) -> None:
        """The request got no valid answer: repeat it or find the card again; after the third failure ask for the
        module's status."""
        asked = self._asked
        assert asked is not None
        if status is not None:
            self._round.status = status
            if outcome(status) in (Outcome.RETRY, Outcome.UNKNOWN):
                self._card.seen_ns = now_ns  # any answer but "no card" means that a card is there
        self._round.tries += 1
        if asked is Command.RESET and self._card.sought and not self._round.failed:
            self._rest(now_ns)  # the reset got no answer, so rely on what the module answered before
        elif asked is Command.STATUS and self._listening and not self._greeted:
            self._end_greeting(now_ns)
        elif asked is Command.RESET and self._round.status is not None:
            # The module works, because it answered before; some modules ignore the requests for status and reset.
            self._round_failed(now_ns, out)
        elif asked is Command.RESET:
            self._fault(Cause.GARBLED if self._bytes_arrived else Cause.SILENT, None, now_ns, out)
        elif self._round.tries < TRIES:
            # A card that could not be selected or read has to be found again first.
            resend = status is None or outcome(status) is Outcome.RESEND or asked is Command.STATUS
            self._ask(asked if resend else Command.FIND, now_ns, out)
        elif asked is Command.STATUS:
            self._ask(Command.RESET, now_ns, out)
        else:
            self._round.failed = True
            self._round.tries = 0
            self._ask(Command.STATUS, now_ns, out)

    def _module_answered(self, now_ns: int, out: list[Output]) -> None:
        """The module has answered a request for its status or a reset. After three failed questions the poll resets
        the module and then reports the failure."""
        if self._round.failed and self._asked is Command.STATUS:
            self._round.tries = 0
            self._ask(Command.RESET, now_ns, out)
            return
        if self._round.failed:
            self._round_failed(now_ns, out)
        else:
            self._end_greeting(now_ns)

    def _end_greeting(self, now_ns: int) -> None:
        first, self._greeted = not self._greeted, True
        self._rest(now_ns)
        if first and self._listening:
            self._due_ns = now_ns

    def _round_failed(self, now_ns: int, out: list[Output]) -> None:
        what = Outcome.RETRY if self._round.status is None else outcome(self._round.status)
        if what is Outcome.PROGRAM_ERROR:
            self._fault(Cause.REFUSES, self._round.status, now_ns, out)
        elif self._card.seen_ns is None:
            self._fruitless += 1
            if self._fruitless >= FRUITLESS_ROUNDS:
                self._fault(Cause.GARBLED if self._bytes_arrived else Cause.SILENT, self._round.status, now_ns, out)
            else:
                self._rest(now_ns)
        elif self._watching:
            self._rest(now_ns)
        elif what is Outcome.UNKNOWN or self._round.bad_record:
            self._refuse(CardTrouble.DAMAGED, self._round.status, now_ns, out)
        else:
            if self._card.holder is None:
                out.append(CardUnreadable(CardTrouble.HOLD_STILL, self._round.status))
            self._rest(now_ns)

    def _fault(self, cause: Cause, status: int | None, now_ns: int, out: list[Output]) -> None:
        out.append(ReaderFault(cause, status))
        self._faulty = True
        self._fruitless, self._greeted = 0, False
        self._card, self._watching = _Card(), False
        self._rest(now_ns)

    # Transitions.

    def _ask(self, command: Command, now_ns: int, out: list[Output]) -> None:
        self._asked, self._asked_ns = command, now_ns
        self._due_ns = now_ns + TIMEOUT_MS[command] * MS
        if command is not Command.STATUS and command is not Command.RESET:
            self._bytes_arrived = False
        out.append(Send(request(command)))

    def _rest(self, now_ns: int) -> None:
        self._asked = None
        self._round = _Round()
        wait_ms = self._poll_ms if self._listening else WATCH_MS if self._watching else CHECK_MS
        self._due_ns = now_ns + wait_ms * MS


def _is_stale(asked: Command, reply: Reply) -> bool:
    """Whether `reply` is a valid answer, but to another request than `asked`."""
    if outcome(reply.status) is not Outcome.GO_ON:
        return False
    if asked is Command.READ:
        return len(reply.data) <= SHORT_BYTES
    return len(reply.data) > SHORT_BYTES or (reply.status == 0x9F) != (asked is Command.FIND)
