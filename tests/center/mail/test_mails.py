"""Schools are told by mail: once, in the background, over TLS; again where the server says "not now"."""

import asyncio
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from sqlalchemy import insert

from center.accounts.model.roles import Role
from center.commands.jobs import make_runner
from center.corrections.model import CaseKind, CaseState
from center.mail.model import GIVEN_UP_AFTER, WAITS, MailState, next_try
from center.mail.tables import MailRow
from center.platform.configuration import CenterConfig, MailConfig
from center.schools.model import Contact
from center.web.refusals import translated
from center.wiring.office import Office
from tests.center.billing.test_billing import payable
from tests.center.certificates import Certificate, self_signed
from tests.center.conftest import free_port, make_config
from tests.center.delivery.test_deliveries import SCHOOL, YEAR, approve, enter
from tests.center.factories import START, HandClock, shot_id, somebody
from tests.center.office_server import OfficeServer

ADDRESS = "wang@shifan.example"


@dataclass
class Inbox:
    """The mail server's part: what it took, and what it says instead, in turn."""

    taken: list[EmailMessage] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    says: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    waits_s: float = 0.0
    leave: str = "221 Bye"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.waits_s:
            await asyncio.sleep(self.waits_s)
        if self.says and (said := self.says.pop(0)):
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        return self.leave

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        self.to += envelope.rcpt_tos
        assert server.transport is not None
        self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        return "250 OK"


PLAIN: dict[str, Any] = {"require_starttls": False, "tls_context": None, "authenticator": None}
TLS: dict[str, Any] = {"tls from the first byte": True}
BOTH_WAYS = pytest.mark.parametrize("mail_server", [{}, TLS], indirect=True, ids=["starttls", "tls"])


@dataclass
class MailServer:
    """aiosmtpd on a free port."""

    inbox: Inbox
    port: int
    certificate: Certificate
    security: str


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return self_signed(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def mail_server(request: pytest.FixtureRequest, certificate: Certificate) -> Iterator[MailServer]:
    """A server that offers STARTTLS and asks for a password; `param` changes what it is given, `TLS` its whole kind."""
    inbox, port = Inbox(), free_port()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.file, certificate.key)

    def known(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        inbox.users.append(data.login.decode())
        return AuthResult(success=data.password == b"a password")

    settings: dict[str, Any] = {"tls_context": context, "require_starttls": True, "authenticator": known}
    if (param := getattr(request, "param", {})) is TLS:
        # As at port 465. aiosmtpd doesn't count it as encryption when it asks for a password.
        settings = {"ssl_context": context, "authenticator": known, "auth_require_tls": False}
    else:
        settings |= param
    controller = Controller(inbox, hostname="127.0.0.1", port=port, **settings)
    controller.start()
    yield MailServer(inbox, port, certificate, "tls" if param is TLS else "starttls")
    controller.stop()


def office_of(
    request: pytest.FixtureRequest, folder: Path, clock: HandClock, server: MailServer, **changes: object
) -> Office:
    (folder / "mail.password").write_text("a password\n")
    values: dict[str, Any] = {"host": "127.0.0.1", "port": server.port, "sender": "office@centre.example"}
    values |= {"user": "office", "password_file": folder / "mail.password", "ca_file": server.certificate.file}
    values |= {"office_url": "https://photos.centre.example", "timeout_s": 20, "security": server.security}
    config: CenterConfig = make_config(request, folder, "sqlite", mail=MailConfig(**(values | changes)))
    return Office.open(config, clock)


@pytest.fixture
def office(
    request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock, mail_server: MailServer
) -> Iterator[Office]:
    with office_of(request, tmp_path, clock, mail_server) as office:
        office.booths.enrol("test", "booth-1")
        yield office


def delivered(office: Office, clock: HandClock, *, mail: str = ADDRESS) -> None:
    """A delivery of one photo to a school whose contact has this address."""
    enter(office, 1)
    approve(office, clock, 1)
    office.schools.announce("sue", SCHOOL, YEAR, 1, Contact("王老师", "", mail))
    office.deliveries.make("sue", SCHOOL, YEAR)


def work(office: Office) -> None:
    """What the process of jobs does when it is idle, until nothing is left."""
    runner = make_runner(office)
    for _ in range(5):
        office.mails.ask_due()
        while runner.run_one():
            pass


def states(office: Office) -> list[tuple[MailState, int, str]]:
    return [(one.state, one.tries, str(one.fault)) for one in office.mails.newest(10)]


@BOTH_WAYS
def test_a_school_is_told_of_a_delivery_once_and_of_nobody_in_it(
    office: Office, clock: HandClock, mail_server: MailServer
) -> None:
    delivered(office, clock)
    work(office)
    work(office)
    (message,) = mail_server.inbox.taken
    assert mail_server.inbox.to == [ADDRESS]
    assert mail_server.inbox.encrypted == [True]
    assert mail_server.inbox.users == ["office"]
    assert message["Subject"] == "2026年毕业生图像已可领取"
    assert SCHOOL not in message["Subject"]
    text = message.get_content()
    assert "https://photos.centre.example/packs" in text
    for secret in (somebody(1).name, str(somebody(1).id_number), str(somebody(1).student_no), "王老师", shot_id(1)):
        assert secret not in str(message)
        assert secret not in text
    assert states(office) == [(MailState.SENT, 1, "")]


def test_a_decision_on_what_the_school_marked_is_told(
    office: Office, clock: HandClock, mail_server: MailServer
) -> None:
    delivered(office, clock)
    case = office.corrections.open_of_shot("shifan", shot_id(1), CaseKind.WRONG_IMAGE, "", "")
    office.corrections.close("sue", case, CaseState.DONE, "已核对")
    work(office)
    assert [one["Subject"] for one in mail_server.inbox.taken][-1] == "2026年毕业生图像勘误已处理"
    assert "已核对" not in mail_server.inbox.taken[-1].get_content(), "what was done stands on the page, after a login"


def test_an_accepted_message_is_sent_however_the_server_takes_leave(
    office: Office, clock: HandClock, mail_server: MailServer
) -> None:
    mail_server.inbox.leave = "421 4.3.2 too busy for a farewell"
    delivered(office, clock)
    work(office)
    assert states(office) == [(MailState.SENT, 1, "")]
    clock.move(days=1)
    work(office)
    assert len(mail_server.inbox.taken) == 1


def test_a_letter_that_is_cancelled_before_its_message_was_sent_is_not_announced(
    office: Office, clock: HandClock, mail_server: MailServer
) -> None:
    delivered(office, clock)
    work(office)
    payable(office)
    mail_server.inbox.says = ["450 4.2.0 greylisted, come again"]
    made = office.billing.issue("sue", SCHOOL, YEAR, None)
    work(office)
    office.letters.cancel("sue", made.letter_id, "标准有误")
    clock.move(days=1)
    work(office)
    assert [one.occasion.value for one in office.mails.newest(9)] == ["delivery"]
    assert len(mail_server.inbox.taken) == 1
    again = office.billing.issue("sue", SCHOOL, YEAR, None)
    work(office)
    office.letters.cancel("sue", again.letter_id, "标准有误")
    assert [one.state for one in office.mails.newest(1)] == [MailState.SENT], "what was announced stays noted"


def test_greylisting_is_waited_for(office: Office, clock: HandClock, mail_server: MailServer) -> None:
    mail_server.inbox.says = [f"450 4.2.0 <{ADDRESS}>: greylisted, come again", "451 4.7.1 not yet"]
    delivered(office, clock)
    work(office)
    assert states(office) == [
        (MailState.WAITING, 1, "the mail server says to come again: 450 4.2.0 (address): greylisted, come again")
    ]
    work(office)
    assert mail_server.inbox.says, "not before its time"
    clock.move(minutes=5)
    work(office)
    assert [one[:2] for one in states(office)] == [(MailState.WAITING, 2)]
    clock.move(minutes=15)
    work(office)
    assert states(office) == [(MailState.SENT, 3, "")]
    assert len(mail_server.inbox.taken) == 1


@BOTH_WAYS
def test_an_unknown_address_is_given_up_at_once_shown_and_sent_again_when_mended(
    office: Office, clock: HandClock, mail_server: MailServer
) -> None:
    mail_server.inbox.says = [f"550 5.1.1 <{ADDRESS}> no such user"]
    delivered(office, clock)
    work(office)
    assert states(office) == [(MailState.FAILED, 1, "the mail server refuses: 550 5.1.1 (address) no such user")]
    assert (
        translated(office.mails.newest(1)[0].fault, "zh")
        == "邮件服务器拒收。服务器答复：550 5.1.1 (address) no such user"
    )
    assert [(late.kind.value, late.count) for late in office.dashboards.of().late if late.kind.value == "mails"] == [
        ("mails", 1)
    ]
    office.schools.announce("sue", SCHOOL, YEAR, 1, Contact("李老师", "", "li@shifan.example"))
    office.mails.send_again("sue", office.mails.newest(1)[0].mail_id)
    work(office)
    assert mail_server.inbox.to == ["li@shifan.example"]
    assert office.mails.failed() == 0


def test_a_school_without_an_address_is_shown_as_not_told(office: Office, clock: HandClock) -> None:
    delivered(office, clock, mail="")
    work(office)
    ((state, tries, fault),) = states(office)
    assert (state, tries) == (MailState.FAILED, 1)
    assert "no mail address" in fault


@pytest.mark.parametrize(("mail_server", "security"), [({}, "tls"), (TLS, "starttls")], indirect=["mail_server"])
def test_a_port_that_begins_encryption_otherwise_is_told_and_gets_nothing(
    request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock, mail_server: MailServer, security: str
) -> None:
    with office_of(request, tmp_path, clock, mail_server, security=security, timeout_s=1) as office:
        office.booths.enrol("test", "booth-1")
        delivered(office, clock)
        work(office)
        ((state, _, fault),) = states(office)
        assert state is MailState.WAITING
        # One side speaks first and the other hears no TLS in it; or each waits for the other.
        assert ("WRONG_VERSION_NUMBER" in fault) == (security == "tls")
        assert ("no answer" in fault) == (security == "starttls")
        assert not mail_server.inbox.taken


@pytest.mark.parametrize(("port", "security"), [(465, "starttls"), (587, "tls")])
def test_a_port_of_submission_with_the_other_ones_security_is_refused(port: int, security: Any) -> None:
    with pytest.raises(ValueError, match=rf"port {port} is for .* port = (587|465)"):
        MailConfig(host="mail.centre.example", sender="office@centre.example", port=port, security=security)
    MailConfig(host="mail.centre.example", sender="office@centre.example", port=2525, security=security)


@pytest.mark.parametrize("mail_server", [PLAIN], indirect=True)
def test_a_server_without_encryption_gets_nothing(office: Office, clock: HandClock, mail_server: MailServer) -> None:
    delivered(office, clock)
    work(office)
    ((state, _, fault),) = states(office)
    assert state is MailState.WAITING
    assert "no encryption" in fault
    assert not mail_server.inbox.taken


@BOTH_WAYS
def test_a_certificate_nobody_vouches_for_is_not_accepted(
    request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock, mail_server: MailServer
) -> None:
    with office_of(request, tmp_path, clock, mail_server, ca_file=None) as office:
        office.booths.enrol("test", "booth-1")
        delivered(office, clock)
        work(office)
        assert "certificate" in states(office)[0][2].lower()
        assert not mail_server.inbox.taken


@BOTH_WAYS
def test_a_wrong_password_is_told_without_it(
    request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock, mail_server: MailServer
) -> None:
    with office_of(request, tmp_path, clock, mail_server, timeout_s=3) as office:
        office.booths.enrol("test", "booth-1")
    (tmp_path / "mail.password").write_text("another one\n")
    with Office.open(office.config, clock) as office:
        delivered(office, clock)
        work(office)
        ((state, _, fault),) = states(office)
        assert state is MailState.WAITING
        assert "user and password" in fault
        assert "another" not in fault


@BOTH_WAYS
def test_a_server_that_is_down_or_silent_is_tried_again_and_given_up_after_three_days(
    request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock, mail_server: MailServer
) -> None:
    mail_server.inbox.waits_s = 30
    with office_of(request, tmp_path, clock, mail_server, timeout_s=1) as office:
        office.booths.enrol("test", "booth-1")
        delivered(office, clock)
        work(office)
        ((state, tries, fault),) = states(office)
        assert (state, tries) == (MailState.WAITING, 1)
        assert "no answer" in fault
    gone = office.config.mail.model_copy(update={"port": free_port()})
    with Office.open(office.config.model_copy(update={"mail": gone}), clock) as office:
        for _ in range(20):
            clock.move(hours=8)
            work(office)
        assert states(office)[0][0] is MailState.FAILED
        assert states(office)[0][1] < 15


def test_without_a_mail_server_nothing_is_written_down(plain_office: Office, clock: HandClock) -> None:
    delivered(plain_office, clock)
    work(plain_office)
    assert not plain_office.mails.on
    assert plain_office.mails.newest(10) == []


def test_waits_grow_and_end() -> None:
    assert [next_try(tries, START, START) for tries in (1, 2, 5, 50)] == [
        START + wait for wait in (WAITS[0], WAITS[1], WAITS[-1], WAITS[-1])
    ]
    assert next_try(9, START, START + GIVEN_UP_AFTER) is None
    assert next_try(9, START, START + GIVEN_UP_AFTER - timedelta(seconds=1)) is not None


def test_a_failed_message_is_on_its_page_however_many_newer_ones_there_are(office_server: OfficeServer) -> None:
    office, now = office_server.office, office_server.clock.now
    rows = [
        {"occasion": "letter", "about": str(number), "school": SCHOOL, "year": YEAR, "made_at": now, "tries": 1,
         "state": "failed" if number < 3 else "sent", "fault": ""}
        for number in range(1_000)
    ]  # fmt: skip
    with office.database.write() as session:
        session.execute(insert(MailRow), rows)
    page = office_server.client("sue", Role.SUPERVISOR).get("/mails").text
    assert office.mails.failed() == 3
    assert page.count('value="again"') == 3
