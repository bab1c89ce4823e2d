"""Rules about identification: how consent and a card or code lead to the person on the screen."""

from dataclasses import replace

from kiosk.core import events as ev
from kiosk.core.events import CardTrouble, CodeKind, Event
from kiosk.core.identity import Identification, IdentificationRule
from kiosk.core.session import effects as fx
from kiosk.core.session.draft import Do, Draft, Guard, marked
from kiosk.core.session.identify import Finding, IdentityFinding, find
from kiosk.core.session.state import Flag, Hint, Person, Session, SessionPolicy
from kiosk.core.session.station import serving

CARD_TRIES = 3


def with_rows(session: Session, event: ev.RosterAnswered) -> Session:
    """`session` with the roster's answer stored under its key. A code without a roster row (any barcode in the room)
    does not replace a code that has one."""
    if event.key == session.card:
        return replace(session, card_rows=event.rows)
    if not event.rows and session.known_code is not None:
        (code, rows), unknown = session.known_code, (*session.unknown_codes, event.key)
        return replace(session, code=code, code_rows=rows, known_code=None, unknown_codes=unknown)
    return replace(session, code_rows=event.rows, known_code=None)


def looking_up(session: Session) -> bool:
    """Whether a roster look-up is still running."""
    return (session.card is not None and session.card_rows is None) or (
        session.code is not None and session.code_rows is None
    )


def all_answered(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    """No look-up is running, so the person on the screen can be determined from both card and code."""
    return not looking_up(session)


def trouble(kind: CardTrouble) -> Guard:
    def guard(_session: Session, event: Event, _policy: SessionPolicy) -> bool:
        return isinstance(event, ev.CardFailed) and event.trouble is kind

    return guard


def last_card_try(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return trouble(CardTrouble.HOLD_STILL)(session, event, policy) and session.card_failures + 1 >= CARD_TRIES


def last_card_try_without_code(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """The card can't be read, and a code does not help: the profile does not accept a code alone, or the scanned code
    has no roster row."""
    no_help = policy.identification is not IdentificationRule.EITHER or session.code_rows == ()
    return last_card_try(session, event, policy) and no_help


def reading(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    return session.hint is Hint.READING


def earlier_card_still_there(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    """A card of an earlier session still lies on the reader."""
    return session.former_card and session.card_lies


def earlier_card_gone(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return not earlier_card_still_there(session, event, policy)


def may_be_former_card(session: Session, _event: Event, _policy: SessionPolicy) -> bool:
    """The reader failed while a card of an earlier session lay on it: the next card that it reads may be that card."""
    return session.former_card


def loses_reader(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    """The reader fails while the screen refers to the card on it, so this card can't be read any more."""
    about_card = session.hint in (Hint.READING, Hint.HOLD_STILL, Hint.NOT_ID_CARD, Hint.CARD_ALSO)
    return about_card and isinstance(event, ev.DeviceFailed) and event.device is ev.Device.CARD_READER


def new_code(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    """This code was not looked up yet. The guard is needed because the camera reads a visible code again in every
    frame."""
    if not (isinstance(event, ev.CodeRead) and event.kind is CodeKind.STUDENT_OR_EXAM_NUMBER):
        return False
    return event.code not in (session.code, *session.unknown_codes)


def new_opaque_code(session: Session, event: Event, _policy: SessionPolicy) -> bool:
    return isinstance(event, ev.CodeRead) and event.kind is CodeKind.OPAQUE and event.code not in session.opaque_codes


def finds(finding: Finding) -> Guard:
    def guard(session: Session, event: Event, policy: SessionPolicy) -> bool:
        return (
            isinstance(event, ev.RosterAnswered)
            # A second answer about the same card or code does not count: its rows are noted already.
            and (event.key, None) in ((session.card, session.card_rows), (session.code, session.code_rows))
            and find(with_rows(session, event), policy.identification).finding is finding
        )

    return guard


def card_and_code_failed(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """The code has no roster row, and the card can't be read."""
    unreadable = session.card_failures >= CARD_TRIES or any(
        device is ev.Device.CARD_READER for device, _ in session.failed
    )
    no_rows = isinstance(event, ev.RosterAnswered) and not event.rows
    return unreadable and no_rows and finds(Finding.NEED_CARD)(session, event, policy)


def knows_school(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return isinstance(event, ev.Touched) and event.arg in session.schools and all_answered(session, event, policy)


def knows_record(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return isinstance(event, ev.Touched) and event.arg in session.records and all_answered(session, event, policy)


def needs_pass(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """The booth is open by appointment only, and the person on the screen has no pass."""
    return not serving(session, event, policy) and not session.allowed and all_answered(session, event, policy)


def was_photographed(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """There is a photo from the campus (已有照片), and staff have not opened the booth for this person."""
    return session.photographed and not session.allowed and all_answered(session, event, policy)


def note_consent(draft: Draft) -> None:
    draft.set(consent_ns=draft.event.at_ns)


def listen(draft: Draft) -> None:
    draft.ask(lambda number: fx.Listen(number, on=True))


def stop_listening(draft: Draft) -> None:
    draft.ask(lambda number: fx.Listen(number, on=False))


def note_card_laid(draft: Draft) -> None:
    draft.set(card_lies=True)


def note_card_gone(draft: Draft) -> None:
    draft.set(card_lies=False, former_card=False)


def take_card(draft: Draft) -> None:
    assert isinstance(draft.event, ev.CardRead)
    person, valid = draft.event.person, draft.event.valid_today
    kept = marked(draft.session.flags, {Flag.CARD_VALIDITY_UNKNOWN: valid is None, Flag.CARD_EXPIRED: valid is False})
    # If this card belongs to another person than the earlier card, the codes shown before do not count.
    if draft.session.card not in (None, person):
        draft.set(code=None, code_rows=None, known_code=None, opaque_codes=())
        kept = marked(kept, {Flag.DATA_WRONG: False})
    draft.set(card=person, card_rows=None, card_failures=0, flags=kept, hint=Hint.LOOKING_UP)
    draft.ask(lambda number: fx.LookUp(number, person))


def count_card_failure(draft: Draft) -> None:
    draft.set(card_failures=draft.session.card_failures + 1)


def take_code(draft: Draft) -> None:
    assert isinstance(draft.event, ev.CodeRead)
    code, session = draft.event.code, draft.session
    known = (session.code, session.code_rows) if session.code and session.code_rows else session.known_code
    draft.set(code=code, code_rows=None, known_code=known, hint=Hint.LOOKING_UP)
    draft.ask(lambda number: fx.LookUp(number, code))


def keep_opaque_code(draft: Draft) -> None:
    assert isinstance(draft.event, ev.CodeRead)
    draft.set(opaque_codes=(*draft.session.opaque_codes, draft.event.code))


def drop_keys(draft: Draft) -> None:
    """Start over. A card that was already read is not read again until it is removed, because its owner may have left
    it on the reader."""
    not_me = isinstance(draft.event, ev.Touched) and draft.event.action is ev.Action.NOT_ME
    shown = Hint.TAKE_AWAY if not_me and draft.session.card is not None else Hint.NONE
    draft.set(card=None, card_rows=None, code=None, code_rows=None, known_code=None, unknown_codes=())
    draft.set(schools=(), records=(), person=None)
    draft.set(hint=shown, flags=(), photographed=False, allowed=False)
    draft.set(asked=None, decision=None, reasons=())


def drop_opaque_codes(draft: Draft) -> None:
    """Drop the opaque codes: they may belong to the same person as the rejected card or code."""
    draft.set(opaque_codes=())


def hint(shown: Hint) -> Do:
    def do(draft: Draft) -> None:
        draft.set(hint=shown)

    return do


def note_rows(draft: Draft) -> None:
    assert isinstance(draft.event, ev.RosterAnswered)
    draft.session = with_rows(draft.session, draft.event)


def found(draft: Draft) -> IdentityFinding:
    return find(draft.session, draft.policy.identification)


def resolve_person(draft: Draft) -> None:
    """Note the person: the only roster row, or a provisional row if there is none."""
    answer = found(draft)
    assert answer.by is not None
    set_person(draft, answer.rows[0] if answer.rows else None, answer.by)


def offer_schools(draft: Draft) -> None:
    draft.set(schools=tuple(row.school for row in found(draft).rows), records=())


def resolve_school(draft: Draft) -> None:
    assert isinstance(draft.event, ev.Touched)
    answer = found(draft)
    assert answer.by is not None
    row = next(row for row in answer.rows if row.school == draft.event.arg)
    set_person(draft, row, answer.by)


def offer_records(draft: Draft) -> None:
    draft.set(records=tuple(row.row for row in found(draft).rows), schools=())


def resolve_record(draft: Draft) -> None:
    assert isinstance(draft.event, ev.Touched)
    answer = found(draft)
    assert answer.by is not None
    set_person(draft, next(row for row in answer.rows if row.row == draft.event.arg), answer.by)


def set_person(draft: Draft, found: ev.RowTokens | None, by: Identification) -> None:
    session = draft.session
    key = session.card or session.code
    assert key is not None
    row = None if found is None else found.row
    flags = marked(session.flags, {Flag.CODE_ONLY: by is Identification.CODE, Flag.PROVISIONAL_ROW: row is None})
    # If this is another person than before, the former person's codes and remarks do not count.
    if session.person is not None and session.person.row != row:
        draft.set(opaque_codes=())
        flags = marked(flags, {Flag.DATA_WRONG: False})
    recall = draft.ask(lambda number: fx.Recall(number, key, row))
    draft.set(person=Person(key, row, by), flags=flags, hint=Hint.NONE)
    draft.set(photographed=found is not None and found.photographed, allowed=found is not None and found.allowed)
    draft.set(asked=recall, recalled=False, decision=None, reasons=())


def toggle_data_wrong(draft: Draft) -> None:
    """Note that the graduate says the data are wrong, or that they are right after all."""
    session = draft.session
    draft.set(flags=marked(session.flags, {Flag.DATA_WRONG: Flag.DATA_WRONG not in session.flags}))


def look_again(draft: Draft) -> None:
    """Look the person up once more: staff may have opened the booth for them meanwhile."""
    session = draft.session
    key = session.card or session.code
    assert key is not None
    draft.set(**({"card_rows": None} if key == session.card else {"code_rows": None}))
    draft.ask(lambda number: fx.LookUp(number, key))
