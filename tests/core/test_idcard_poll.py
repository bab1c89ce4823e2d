"""The polling of the reader, against the module of the simulator, without a line: time moves by hand."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.events import CardTrouble
from kiosk.core.idcard.card_events import (
    CardGone,
    CardPresent,
    CardUnreadable,
    Cause,
    HolderRead,
    Output,
    ReaderFault,
    Send,
)
from kiosk.core.idcard.poll import MS, CardPoll
from kiosk.core.idcard.protocol import Command, frame
from kiosk.core.idcard.text import holder_of
from sim.twins.card_tty import CardFault, SamModule
from sim.twins.cards import MadeUpCard, made_up_card


@dataclass
class Bench:
    """A poll and a module, 10 ms by 10 ms."""

    poll: CardPoll = field(default_factory=lambda: CardPoll(400))
    module: SamModule = field(default_factory=SamModule)
    now_ns: int = 0
    line: list[tuple[int, bytes]] = field(default_factory=list)

    def run(self, ms: int) -> list[Output]:
        """What was found within `ms`, without the sent bytes."""
        told: list[Output] = []
        for _ in range(ms // 10):
            self.now_ns += 10 * MS
            outputs = self.poll.tick(self.now_ns)
            due = [answer for at_ns, answer in self.line if at_ns <= self.now_ns]
            self.line = [(at_ns, answer) for at_ns, answer in self.line if at_ns > self.now_ns]
            for answer in due:
                outputs += self.poll.feed(answer, self.now_ns)
            for output in outputs:
                if isinstance(output, Send):
                    self.line += [(self.now_ns + d, a) for d, a in self.module.hear(output.data)]
                else:
                    told.append(output)
        return told


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.poll.listen(True, 0)
    return bench


def holder(card: MadeUpCard) -> HolderRead:
    return HolderRead(holder_of(card.record()))


def test_a_card_is_found_and_read_once(bench: Bench) -> None:
    card = made_up_card(1)
    bench.module.card = card
    assert bench.run(10_000) == [CardPresent(), holder(card)]


def test_no_card_is_touched_before_anyone_consented() -> None:
    bench = Bench()
    bench.module.card = made_up_card(1)
    assert bench.run(20_000) == []
    assert set(bench.module.asked) == {Command.STATUS}


def test_a_card_is_left_alone_when_listening_ends_in_the_middle_of_a_read(bench: Bench) -> None:
    bench.module.card = made_up_card(1)
    while Command.READ not in bench.module.asked:
        bench.run(10)
    bench.poll.listen(False, bench.now_ns)
    assert bench.run(10_000) == []


def test_half_a_record_is_forgotten_when_listening_ends(bench: Bench) -> None:
    bench.module.card = made_up_card(1)
    while Command.READ not in bench.module.asked:
        bench.run(10)
    bench.poll.feed(frame(bytes.fromhex("000090") + made_up_card(1).record())[:700], bench.now_ns)
    bench.poll.listen(False, bench.now_ns)
    assert len(bench.poll._decoder._buffer) == 0


def test_find_is_asked_at_most_every_poll_interval(bench: Bench) -> None:
    bench.run(10_000)
    assert 20 <= bench.module.asked.count(Command.FIND) <= 25


def test_a_removed_card_is_told_after_a_quiet_period(bench: Bench) -> None:
    bench.module.card = made_up_card(1)
    bench.run(3_000)
    bench.module.card = None
    assert bench.run(1_000) == []
    assert bench.run(2_000) == [CardGone()]


def test_a_reader_that_hides_a_read_card_for_good_gives_one_reading(bench: Bench) -> None:
    bench.module.shows_read_card = bench.module.shows_after_reset = False
    bench.module.card = made_up_card(1)
    assert bench.run(10_000) == [CardPresent(), holder(made_up_card(1)), CardGone()]


def test_a_reader_that_hides_a_read_card_until_a_reset_gives_one_reading_and_no_removal(bench: Bench) -> None:
    bench.module.shows_read_card = False
    bench.module.card = made_up_card(1)
    assert bench.run(20_000) == [CardPresent(), holder(made_up_card(1))]
    bench.module.card = None
    assert bench.run(6_000) == [CardGone()]


@pytest.mark.parametrize("shows", [True, False])
def test_a_card_left_lying_is_watched_until_it_is_gone_and_never_read(bench: Bench, *, shows: bool) -> None:
    bench.module.shows_read_card = shows
    bench.module.card = made_up_card(1)
    bench.run(2_000)
    bench.module.asked.clear()
    bench.poll.listen(False, bench.now_ns)
    assert bench.run(20_000) == []
    assert not {Command.SELECT, Command.READ} & set(bench.module.asked)
    bench.module.card = None
    assert bench.run(6_000) == [CardGone()]
    bench.module.asked.clear()
    assert bench.run(20_000) == []
    assert set(bench.module.asked) == {Command.STATUS}, "an empty reader is left alone again"


@pytest.mark.parametrize("watched_ms", [0, 1_000])
def test_a_card_taken_away_while_listening_begins_again_is_told(bench: Bench, watched_ms: int) -> None:
    """Whoever takes the card while the screen asks "are you still there?", and answers at once."""
    bench.module.card = made_up_card(1)
    bench.run(2_000)
    bench.poll.listen(False, bench.now_ns)
    bench.run(watched_ms)
    bench.module.card = None
    bench.poll.listen(True, bench.now_ns)
    assert bench.run(6_000) == [CardGone()]
    bench.poll.listen(False, bench.now_ns)
    assert bench.run(20_000) == []


def test_a_card_taken_away_between_two_times_of_listening_is_told(bench: Bench) -> None:
    bench.module.card = made_up_card(1)
    bench.run(2_000)
    for on in (False, True, False):
        bench.poll.listen(on, bench.now_ns)
    bench.module.card = None
    assert bench.run(6_000) == [CardGone()]


def test_a_card_that_still_lies_there_when_listening_begins_again_is_read_again(bench: Bench) -> None:
    card = made_up_card(1)
    bench.module.card = card
    bench.run(2_000)
    bench.poll.listen(False, bench.now_ns)
    bench.run(2_000)
    bench.poll.listen(True, bench.now_ns)
    assert bench.run(2_000) == [CardPresent(), holder(card)]


def test_a_card_left_lying_is_watched_by_a_module_that_answers_no_reset() -> None:
    """Nothing but the card's own answers tells then; no fault is made up."""
    bench = Bench()
    bench.poll.listen(True, 0)
    bench.module.card = made_up_card(1)
    bench.run(2_000)
    bench.poll.listen(False, bench.now_ns)
    bench.module.deaf = {Command.RESET}
    assert bench.run(10_000) == []
    bench.module.card = None
    assert bench.run(10_000) == [CardGone()]


def test_a_reader_that_falls_silent_ends_the_watch_with_its_fault(bench: Bench) -> None:
    bench.module.card = made_up_card(1)
    bench.run(2_000)
    bench.poll.listen(False, bench.now_ns)
    bench.module.fault = CardFault.SILENCE
    assert bench.run(10_000) == [ReaderFault(Cause.SILENT)]


def test_a_card_that_flickers_inside_the_quiet_period_is_not_reported_twice(bench: Bench) -> None:
    card = made_up_card(1)
    bench.module.card = card
    bench.run(3_000)
    bench.module.card = None
    bench.run(800)
    bench.module.card = card
    assert bench.run(5_000) == []


def test_another_card_inside_the_quiet_period_is_a_removal_and_a_new_card(bench: Bench) -> None:
    bench.module.card = made_up_card(1)
    bench.run(3_000)
    bench.module.card = None
    bench.run(800)
    bench.module.card = made_up_card(2)
    assert bench.run(5_000) == [CardGone(), CardPresent(), holder(made_up_card(2))]


@pytest.mark.parametrize("code", [0x81, 0x41, 0x47, 0x24])
def test_a_retry_code_leads_to_three_tries_status_reset_and_hold_still(bench: Bench, code: int) -> None:
    bench.module.card = made_up_card(1)
    bench.module.codes[Command.READ] = code
    told = bench.run(5_000)
    assert told[:2] == [CardPresent(), CardUnreadable(CardTrouble.HOLD_STILL, code)]
    asked = bench.module.asked
    first_round = asked[: asked.index(Command.RESET) + 1]
    assert first_round.count(Command.READ) == 3
    assert first_round[-2:] == [Command.STATUS, Command.RESET]


def test_a_card_held_still_at_last_is_read(bench: Bench) -> None:
    bench.module.card = made_up_card(1)
    bench.module.codes[Command.READ] = 0x41
    bench.run(4_000)
    bench.module.codes.clear()
    assert bench.run(4_000)[-1] == holder(made_up_card(1))


@pytest.mark.parametrize(
    ("command", "code", "trouble"),
    [
        (Command.SELECT, 0x40, CardTrouble.NOT_ID_CARD),
        (Command.READ, 0x40, CardTrouble.NOT_ID_CARD),
        (Command.SELECT, 0x31, CardTrouble.DAMAGED),
        (Command.READ, 0x31, CardTrouble.DAMAGED),
        (Command.READ, 0x32, CardTrouble.DAMAGED),
        (Command.READ, 0x33, CardTrouble.DAMAGED),
        (Command.READ, 0x91, CardTrouble.DAMAGED),  # there is no text on this card
        (Command.SELECT, 0x77, CardTrouble.DAMAGED),
        (Command.READ, 0x77, CardTrouble.DAMAGED),
    ],
)
def test_a_refused_card_is_reported_once_until_it_is_taken_away(
    bench: Bench, command: Command, code: int, trouble: CardTrouble
) -> None:
    bench.module.card = made_up_card(1)
    bench.module.codes[command] = code
    told = bench.run(10_000)
    assert [type(item) for item in told] == [CardPresent, CardUnreadable]
    assert told[1].trouble is trouble  # type: ignore[union-attr]  # its type was just asserted
    bench.module.card = None
    assert bench.run(3_000) == [CardGone()]


@pytest.mark.parametrize("code", [0x60, 0x66])
@pytest.mark.parametrize("command", [Command.STATUS, Command.FIND, Command.SELECT, Command.READ])
def test_a_broken_module_is_a_fault_wherever_it_says_so(bench: Bench, command: Command, code: int) -> None:
    bench.module.card = made_up_card(1)
    bench.module.codes[command] = code
    told = bench.run(3_000)
    assert ReaderFault(Cause.SELF_TEST, code) in told
    assert not any(isinstance(item, HolderRead) for item in told)


@pytest.mark.parametrize("code", [0x21, 0x23])
def test_a_module_that_refuses_our_commands_is_a_fault(bench: Bench, code: int) -> None:
    bench.module.card = made_up_card(1)
    bench.module.codes[Command.READ] = code
    assert ReaderFault(Cause.REFUSES, code) in bench.run(6_000)


@pytest.mark.parametrize("code", [0x10, 0x11])
def test_a_frame_the_module_saw_damaged_is_sent_again(bench: Bench, code: int) -> None:
    bench.module.card = made_up_card(1)
    bench.module.codes[Command.READ] = code
    bench.run(2_000)
    bench.module.codes.clear()
    assert holder(made_up_card(1)) in bench.run(4_000)


def test_a_silent_module_is_a_fault_within_four_seconds() -> None:
    bench = Bench()
    bench.module.fault = CardFault.SILENCE
    assert bench.run(4_000) == [ReaderFault(Cause.SILENT)]


def test_a_module_that_falls_silent_while_listening_is_a_fault(bench: Bench) -> None:
    bench.run(2_000)
    bench.module.fault = CardFault.SILENCE
    assert ReaderFault(Cause.SILENT) in bench.run(6_000)


@pytest.mark.parametrize("fault", [CardFault.PARTIAL, CardFault.BAD_CHECKSUM])
def test_damaged_answers_are_a_line_fault(bench: Bench, fault: CardFault) -> None:
    bench.module.fault = fault
    assert ReaderFault(Cause.GARBLED) in bench.run(9_000)


def test_noise_with_a_false_preamble_does_not_keep_a_card_from_being_read(bench: Bench) -> None:
    bench.module.fault = CardFault.GARBAGE
    bench.module.card = made_up_card(1)
    assert bench.run(5_000) == [CardPresent(), holder(made_up_card(1))]


def test_a_slow_find_is_not_taken_for_another_answer(bench: Bench) -> None:
    bench.module.fault = CardFault.SLOW
    bench.run(3_000)
    bench.module.fault = CardFault.NONE
    bench.module.card = made_up_card(1)
    assert bench.run(6_000) == [CardPresent(), holder(made_up_card(1))]


def test_a_late_record_is_not_taken_for_a_found_card(bench: Bench) -> None:
    bench.run(1_000)
    late = frame(bytes.fromhex("000090") + made_up_card(1).record())
    for _ in range(200):
        bench.poll.feed(late, bench.now_ns)
        assert bench.run(20) == []


def test_a_record_broken_off_is_read_again_without_waiting_the_whole_time_out(bench: Bench) -> None:
    bench.module.card = made_up_card(1)
    while Command.READ not in bench.module.asked:
        bench.run(10)
    bench.line = [(at_ns, answer[:700]) for at_ns, answer in bench.line]
    assert bench.run(2_500) == [holder(made_up_card(1))]


def test_an_answer_that_trickles_in_is_taken(bench: Bench) -> None:
    bench.module.card = made_up_card(1)
    while Command.READ not in bench.module.asked:
        bench.run(10)
    ((at_ns, record),) = bench.line
    bench.line = [(at_ns + i * 300 * MS, record[i * 64 : i * 64 + 64]) for i in range(21)]
    assert bench.run(8_000) == [holder(made_up_card(1))]


def test_a_number_whose_check_character_fails_is_believed_after_two_equal_readings(bench: Bench) -> None:
    odd = MadeUpCard("王明", "110105194912310021")
    bench.module.card = odd
    assert bench.run(5_000) == [CardPresent(), holder(odd)]
    assert bench.module.asked.count(Command.READ) == 2


def test_two_flips_the_checksum_misses_are_caught_by_a_second_reading(bench: Bench) -> None:
    bench.module.card = made_up_card(1)
    while Command.READ not in bench.module.asked:
        bench.run(10)
    ((at_ns, record),) = bench.line
    flipped = bytearray(record)
    number = 5 + 2 + 3 + 4 + 122
    flipped[number] ^= 1  # a digit of the number
    flipped[number + 200 * 4] ^= 1  # and the same bit in the photo: the XOR is right again
    bench.line = [(at_ns, bytes(flipped))]
    assert bench.run(5_000) == [holder(made_up_card(1))]


@given(
    st.lists(st.tuples(st.integers(1, 120), st.binary(max_size=30)), max_size=60),
    st.sampled_from(CardFault),
    st.booleans(),
)
def test_whatever_comes_the_poll_goes_on_and_reads_no_wrong_card(
    noise: list[tuple[int, bytes]], fault: CardFault, listening: bool
) -> None:
    bench, card = Bench(), made_up_card(1)
    bench.poll.listen(listening, 0)
    bench.module.card, bench.module.fault = card, fault
    told: list[Output] = []
    for steps, data in noise:
        told += bench.run(10 * steps)
        told += [o for o in bench.poll.feed(data, bench.now_ns) if not isinstance(o, Send)]
        assert bench.poll.due_ns - bench.now_ns <= 9_000 * MS
    assert all(item == holder(card) for item in told if isinstance(item, HolderRead))
    if not listening:
        assert not [item for item in told if isinstance(item, (CardPresent, HolderRead, CardUnreadable, CardGone))]


@given(st.lists(st.tuples(st.integers(1, 60), st.binary(max_size=20).filter(lambda b: b"\xaa" not in b)), max_size=8))
def test_a_card_is_read_after_any_noise_ends(noise: list[tuple[int, bytes]]) -> None:
    bench = Bench()
    bench.poll.listen(True, 0)
    for steps, data in noise:
        bench.run(10 * steps)
        bench.poll.feed(data, bench.now_ns)
    bench.module.card = made_up_card(1)
    assert holder(made_up_card(1)) in bench.run(12_000)
