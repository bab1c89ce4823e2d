"""Whatever happens to one message, the others go out, no job is made without end, and other jobs have their turn."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import func, select

from center.commands.jobs import make_runner
from center.jobs.tables import JobRow
from center.mail.model import Message, NotTaken, Occasion, OutOfReach, Refused, TryAgain
from center.mail.smtp import SmtpMessenger
from center.mail.tables import MailRow
from center.platform.configuration import MailConfig, is_mail_address
from center.platform.faults import WrongRequest
from center.platform.office_keys import OfficeKeysFault
from center.schools.model import Contact, read_contact
from center.wiring.office import Office
from center.wiring.storage import NotReady, open_messenger
from tests.center.conftest import free_port, make_config
from tests.center.factories import HandClock

SECRET = "wang@shifan.example"
Fails = Callable[[Message], None]


class Hand:
    """A messenger that does with each message what the test says, and keeps what it accepted."""

    def __init__(self) -> None:
        self.fails: Fails = lambda message: None
        self.taken: list[str] = []
        self.tried = 0

    def send(self, message: Message) -> None:
        self.tried += 1
        self.fails(message)
        self.taken.append(message.key)


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    hand = Hand()
    monkeypatch.setattr("center.wiring.office.open_messenger", lambda config: hand)
    return hand


@pytest.fixture
def office(request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock, hand: Hand) -> Iterator[Office]:
    with Office.open(make_config(request, tmp_path, "sqlite"), clock) as office:
        yield office


def tell(office: Office, count: int) -> None:
    with office.database.write() as session:
        for number in range(1, count + 1):
            office.mails.tell(session, Occasion.LETTER, number, f"学校{number}", "2026")


def idle(office: Office, clock: HandClock, seconds: int) -> None:
    """What the process of jobs does in so many seconds."""
    runner = make_runner(office)
    for _ in range(seconds):
        if not runner.run_one():
            office.mails.ask_due()
        clock.move(seconds=1)


def jobs(office: Office) -> int:
    with office.database.read() as session:
        return session.execute(select(func.count()).select_from(JobRow)).scalar_one()


@pytest.mark.parametrize(
    "fault",
    [
        UnicodeError("label empty or too long"),
        UnicodeEncodeError("ascii", SECRET, 0, 1, "ordinal not in range"),
        IndexError(SECRET),
        AttributeError(SECRET),
        ValueError(SECRET),
        RuntimeError(SECRET),
        RecursionError(),
        OfficeKeysFault("a sealed value can't be opened"),
        OSError(SECRET),
        Refused("the school has no mail address: enter it on the page of schools, then send again"),
        TryAgain("no answer from the mail server ({kind})", kind="TimeoutError"),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_a_message_that_fails_in_any_way_stops_no_other_and_makes_no_jobs_without_end(
    office: Office, clock: HandClock, hand: Hand, fault: Exception
) -> None:
    def fails(message: Message) -> None:
        if message.key.startswith("letter-1-"):
            raise fault

    hand.fails = fails
    tell(office, 3)
    idle(office, clock, 60)
    assert sorted(key.rpartition("-")[0] for key in hand.taken) == ["letter-2", "letter-3"]
    failed = next(one for one in office.mails.newest(3) if one.about == "1")
    assert failed.tries == 1
    assert str(failed.fault)
    assert SECRET not in str(failed.fault)
    assert jobs(office) <= 2


def test_a_contact_that_cannot_be_read_stops_no_other(office: Office, clock: HandClock, hand: Hand) -> None:
    for number in (1, 2):
        office.schools.announce("sue", f"学校{number}", "2026", 1, Contact("", "", SECRET))
    with office.database.write() as session:
        session.connection().exec_driver_sql("UPDATE school_years SET sealed = x'00' WHERE school = '学校1'")
    tell(office, 2)
    idle(office, clock, 60)
    assert [key.rpartition("-")[0] for key in hand.taken] == ["letter-2"]
    assert jobs(office) <= 2


def test_a_server_that_swallows_packets_is_waited_for_once_and_this_counts_for_every_message(
    office: Office, clock: HandClock, hand: Hand
) -> None:
    def fails(message: Message) -> None:
        clock.move(seconds=20)
        raise OutOfReach("no answer from the mail server ({kind})", kind="TimeoutError")

    hand.fails = fails
    tell(office, 250)
    idle(office, clock, 60)
    assert hand.tried == 1
    with office.database.read() as session:
        assert set(session.scalars(select(MailRow.tries))) == {1}
    assert jobs(office) == 1
    clock.move(days=4)
    idle(office, clock, 5)
    assert hand.tried == 2
    assert office.mails.failed() == 250


def test_messages_that_each_take_long_let_another_job_have_its_turn(
    office: Office, clock: HandClock, hand: Hand
) -> None:
    def fails(message: Message) -> None:
        clock.move(seconds=20)
        raise TryAgain("no answer from the mail server ({kind})", kind="TimeoutError")

    hand.fails = fails
    tell(office, 100)
    office.mails.ask_due()
    begun = clock()
    make_runner(office).run_one()
    assert clock() - begun <= timedelta(minutes=2)
    idle(office, clock, 120)
    with office.database.read() as session:
        assert session.scalars(select(MailRow.tries).where(MailRow.tries == 0)).first() is None, "all had a try"


ADDRESSES = st.one_of(
    st.text(max_size=30),
    st.text("aA1.-_@[]()<>,;:\"' \\张é＠", max_size=20),
    st.builds("{}@{}".format, st.text('ab.[]"(é+', max_size=8), st.text("ab.-[]1:é", max_size=8)),
)


@given(ADDRESSES)
@example("a@")
@example("a@[1")
@example("张@shifan.example")
@example("a@shifan..example")
@example("wang@shifan.example")
def test_what_a_contact_may_have_as_address_can_be_written_into_a_message(text: str) -> None:
    config = MailConfig(host="127.0.0.1", port=free_port(), sender="office@centre.example", timeout_s=1)
    try:
        contact = read_contact({"mail": text})
    except WrongRequest:
        with pytest.raises(Refused):  # also one that is noted already
            SmtpMessenger(config, None).send(Message("a key", Contact("", "", text)))
        return
    if not isinstance(contact, Contact) or not contact.mail:
        return
    written = EmailMessage()
    written["To"] = contact.mail
    assert [one.addr_spec for one in written["To"].addresses] == [contact.mail]
    assert contact.mail.isascii()


def test_usual_addresses_are_addresses() -> None:
    for text in ("wang@shifan.edu.cn", "wang.li+2026@mail-1.shifan.edu.cn", "12345678@qq.example", "a_b@x"):
        assert is_mail_address(text)


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "smtp..x.example"},
        {"host": "a" * 64 + ".example"},
        {"sender": "张@x.example"},
        {"sender": "a@[1"},
        {"user": "张", "password_file": Path("/secret")},
    ],
)
def test_a_configuration_no_mail_could_be_sent_with_is_refused_when_read(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MailConfig(**({"host": "mail.centre.example", "sender": "office@centre.example"} | changes))


def test_a_password_that_cannot_be_sent_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("pässword\n")
    config = MailConfig(
        host="mail.centre.example", sender="office@centre.example", user="office", password_file=tmp_path / "password"
    )
    with pytest.raises(NotReady, match="other letters than Latin ones") as refused:
        open_messenger(config)
    assert "pässword" not in str(refused.value)


def test_a_missing_file_of_authorities_is_named(tmp_path: Path) -> None:
    config = MailConfig(
        host="127.0.0.1", port=free_port(), sender="office@centre.example", ca_file=tmp_path / "no such file"
    )
    with pytest.raises(NotTaken, match=r"mail\.ca_file can't be read"):
        SmtpMessenger(config, None).send(Message("a key", Contact("", "", SECRET)))
