"""The actions of the session's rules: each changes a draft of the session, or requests an effect."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from kiosk.core import events as ev
from kiosk.core.events import Event
from kiosk.core.identity import Identification
from kiosk.core.inputs import Sight
from kiosk.core.session import effects as fx
from kiosk.core.session.flags import flags_of
from kiosk.core.session.guards import is_excused, is_last_try, looking_up, seen, two_in_vain, with_rows
from kiosk.core.session.guidance import Guidance
from kiosk.core.session.identify import IdentityFinding, find
from kiosk.core.session.lighting import Lighting, balanced_anew, switched_on, tested
from kiosk.core.session.quality import judge_live
from kiosk.core.session.seat import after_look, claimed
from kiosk.core.session.state import Flag, HelpReason, Hint, Person, Reason, Session, SessionPolicy, State, Take, Volume


class Draft:
    """A session while one event is applied to it; actions write to it."""

    def __init__(self, session: Session, event: Event, policy: SessionPolicy) -> None:
        self.session = session
        self.event = event
        self.policy = policy
        self.effects: list[fx.Effect] = []

    def set(self, **changes: object) -> None:
        self.session = replace(self.session, **changes)  # type: ignore[arg-type]  # field names are checked by replace

    def ask(self, make: Callable[[int], fx.Effect]) -> int:
        """Add the effect `make` gives for the next id; returns the id."""
        number = self.session.next_id
        self.set(next_id=number + 1)
        self.effects.append(make(number))
        return number


Do = Callable[[Draft], None]


def wipe(draft: Draft) -> None:
    """Delete everything about the person; only the booth's own state stays."""
    old = draft.session
    draft.session = Session(
        state=old.state,
        since_ns=old.since_ns,
        active_ns=old.active_ns,
        next_id=old.next_id,
        language=draft.policy.languages[0],
        large=draft.policy.large,
        season=old.season,
        appointments=old.appointments,
        failed=old.failed,
        service=old.service,
        service_by_pin=old.service_by_pin,
        card_lies=old.card_lies,
        former_card=old.former_card or old.card_lies,
    )
    draft.ask(fx.Forget)


def rest(draft: Draft) -> None:
    """Devices at rest: readers off, vision off, lamps dark."""
    draft.ask(lambda number: fx.Listen(number, on=False))
    draft.ask(lambda number: fx.Watch(number, on=False))
    draft.ask(lambda number: fx.Light(number, on=False))
    if draft.session.lighting is not None:
        draft.set(lighting=replace(draft.session.lighting, on=False))


def ask_season(draft: Draft) -> None:
    draft.ask(fx.AskSeason)


def note_season(draft: Draft) -> None:
    assert isinstance(draft.event, ev.SeasonTold)
    draft.set(season=draft.event.season, appointments=draft.event.appointments)


def note_failure(draft: Draft) -> None:
    assert isinstance(draft.event, ev.DeviceFailed)
    draft.set(failed=(*draft.session.failed, (draft.event.device, draft.event.fault)))
    if draft.event.device is ev.Device.CARD_READER:
        draft.set(card_lies=False)  # the booth can't tell any more


def note_recovery(draft: Draft) -> None:
    assert isinstance(draft.event, ev.DeviceRecovered)
    left, gone = list(draft.session.failed), (draft.event.device, draft.event.fault)
    if gone in left:
        left.remove(gone)  # remove one entry only: another reporter may report the same cause
    draft.set(failed=tuple(left))


def note_key(draft: Draft) -> None:
    assert isinstance(draft.event, ev.KeyTurned)
    draft.set(**{"service_by_pin" if draft.event.by_pin else "service": draft.event.service})


def switch_language(draft: Draft) -> None:
    draft.set(language=draft.policy.language_after(draft.session.language))


def toggle_options(draft: Draft) -> None:
    draft.set(options=not draft.session.options, page=0)


def close_options(draft: Draft) -> None:
    draft.set(options=False)


def switch_contrast(draft: Draft) -> None:
    draft.set(contrast=not draft.session.contrast)


def switch_large(draft: Draft) -> None:
    draft.set(large=not draft.session.large, page=0)


def switch_low(draft: Draft) -> None:
    draft.set(low=not draft.session.low)


def switch_audio_guide(draft: Draft) -> None:
    _guide(draft, on=not draft.session.audio_guide)


def follow_earphone(draft: Draft) -> None:
    """Plugging an earphone in starts the audio guide; pulling it out ends the guide."""
    assert isinstance(draft.event, ev.EarphoneChanged)
    _guide(draft, on=draft.event.plugged)


def _guide(draft: Draft, *, on: bool) -> None:
    """Start or end the audio guide; it starts with the screen dark and the voice on."""
    silent = draft.session.volume is Volume.OFF
    draft.set(audio_guide=on, curtain_open=False, options=False, page=0)
    if on and silent:
        draft.set(volume=Volume.NORMAL)


def move_curtain(draft: Draft) -> None:
    draft.set(curtain_open=not draft.session.curtain_open)


def turn_page(draft: Draft) -> None:
    draft.set(page=draft.session.page + 1)


IN_VAIN = "in_vain"
"""What staff are told in place of a screen when the booth rings by itself."""
LOUDNESS = (Volume.LOW, Volume.NORMAL, Volume.HIGH)


def louder(draft: Draft) -> None:
    """One step louder; from off, the lowest step."""
    now = draft.session.volume
    place = LOUDNESS.index(now) + 1 if now in LOUDNESS else 0
    draft.set(volume=LOUDNESS[min(place, len(LOUDNESS) - 1)])


def softer(draft: Draft) -> None:
    """One step softer; from the lowest step, off."""
    place = LOUDNESS.index(draft.session.volume) if draft.session.volume in LOUDNESS else 0
    draft.set(volume=LOUDNESS[place - 1] if place > 0 else Volume.OFF)


def mute(draft: Draft) -> None:
    draft.set(volume=Volume.NORMAL if draft.session.volume is Volume.OFF else Volume.OFF)


def note_card_laid(draft: Draft) -> None:
    draft.set(card_lies=True)


def note_card_gone(draft: Draft) -> None:
    draft.set(card_lies=False, former_card=False)


def note_consent(draft: Draft) -> None:
    draft.set(consent_ns=draft.event.at_ns)


def listen(draft: Draft) -> None:
    draft.ask(lambda number: fx.Listen(number, on=True))


def drop_keys(draft: Draft) -> None:
    """Start over. A card that was already read is not read again before it is removed: its owner may have forgotten it
    there."""
    not_me = isinstance(draft.event, ev.Touched) and draft.event.action is ev.Action.NOT_ME
    shown = Hint.TAKE_AWAY if not_me and draft.session.card is not None else Hint.NONE
    draft.set(card=None, card_rows=None, code=None, code_rows=None, schools=(), records=(), person=None)
    draft.set(hint=shown, flags=(), photographed=False, allowed=False)
    draft.set(asked=None, standing=None, reasons=())


def drop_opaque_codes(draft: Draft) -> None:
    """Drop the opaque codes: they may belong to the person of the card or code that was rejected."""
    draft.set(opaque_codes=())


def hint(shown: Hint) -> Do:
    def do(draft: Draft) -> None:
        draft.set(hint=shown)

    return do


def help_for(reason: HelpReason) -> Do:
    def do(draft: Draft) -> None:
        draft.set(help=reason, resume=None)

    return do


def help_and_back(reason: HelpReason) -> Do:
    def do(draft: Draft) -> None:
        draft.set(help=reason, resume=draft.session.state)

    return do


def call_staff(draft: Draft) -> None:
    """Ring the desk; staff are told the state in which the graduate needed help."""
    ring(draft, draft.session.state.value)


def ring(draft: Draft, screen: str) -> None:
    draft.set(call=draft.ask(lambda number: fx.CallStaff(number, screen)), call_state=None, answer=None)


def ring_after_two_in_vain(draft: Draft) -> None:
    """Ring the desk if two checks were in vain, once in a session; the screen stays."""
    if not draft.session.rung and draft.session.call is None and two_in_vain(draft.session):
        ring(draft, IN_VAIN)
        draft.set(rung=True)


def end_call(draft: Draft) -> None:
    if draft.session.call is not None:
        draft.set(call=None, call_state=None, answer=None)
        draft.ask(fx.EndCall)


def hear_call(draft: Draft) -> None:
    """Note news of the call."""
    assert isinstance(draft.event, ev.CallStands)
    draft.set(call_state=draft.event.state, answer=draft.event.line)


def note_call(draft: Draft) -> None:
    """Note news of the call and postpone the deadline: the graduate waits for staff, or reads their answer."""
    hear_call(draft)
    draft.set(active_ns=draft.event.at_ns)


def release_check(draft: Draft) -> None:
    """Staff released a check. What was refused for it may be tried again."""
    assert isinstance(draft.event, ev.HelpDirected)
    draft.set(released=draft.event.release, failed_bursts=0, shoot_fault=None)


def come_back_later(draft: Draft) -> None:
    draft.set(resume=draft.session.state)


def take_card(draft: Draft) -> None:
    assert isinstance(draft.event, ev.CardRead)
    person, valid = draft.event.person, draft.event.valid_today
    kept = marked(draft.session.flags, {Flag.CARD_VALIDITY_UNKNOWN: valid is None, Flag.CARD_EXPIRED: valid is False})
    draft.set(card=person, card_rows=None, card_failures=0, flags=kept, hint=Hint.LOOKING_UP)
    draft.ask(lambda number: fx.LookUp(number, person))


def marked(flags: tuple[Flag, ...], changes: Mapping[Flag, bool]) -> tuple[Flag, ...]:
    """`flags` with each flag of `changes` set or removed."""
    return (*(flag for flag in flags if flag not in changes), *(flag for flag, on in changes.items() if on))


def count_card_failure(draft: Draft) -> None:
    draft.set(card_failures=draft.session.card_failures + 1)


def take_code(draft: Draft) -> None:
    assert isinstance(draft.event, ev.CodeRead)
    code = draft.event.code
    draft.set(code=code, code_rows=None, hint=Hint.LOOKING_UP)
    draft.ask(lambda number: fx.LookUp(number, code))


def keep_opaque_code(draft: Draft) -> None:
    assert isinstance(draft.event, ev.CodeRead)
    draft.set(opaque_codes=(*draft.session.opaque_codes, draft.event.code))


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


def offer_records(draft: Draft) -> None:
    draft.set(records=tuple(row.row for row in found(draft).rows), schools=())


def resolve_record(draft: Draft) -> None:
    assert isinstance(draft.event, ev.Touched)
    answer = found(draft)
    assert answer.by is not None
    set_person(draft, next(row for row in answer.rows if row.row == draft.event.arg), answer.by)


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


def resolve_school(draft: Draft) -> None:
    assert isinstance(draft.event, ev.Touched)
    answer = found(draft)
    assert answer.by is not None
    row = next(row for row in answer.rows if row.school == draft.event.arg)
    set_person(draft, row, answer.by)


def set_person(draft: Draft, found: ev.RowTokens | None, by: Identification) -> None:
    session = draft.session
    key = session.card or session.code
    assert key is not None
    row = None if found is None else found.row
    flags = marked(session.flags, {Flag.CODE_ONLY: by is Identification.CODE, Flag.PROVISIONAL_ROW: row is None})
    recall = draft.ask(lambda number: fx.Recall(number, key, row))
    draft.set(person=Person(key, row, by), flags=flags, hint=Hint.NONE)
    draft.set(photographed=found is not None and found.photographed, allowed=found is not None and found.allowed)
    draft.set(asked=recall, recalled=False, standing=None, reasons=())


def stop_listening(draft: Draft) -> None:
    draft.ask(lambda number: fx.Listen(number, on=False))


def light(draft: Draft) -> None:
    """Switch the lamps on: at the working levels, or at their last levels in this session."""
    lighting = switched_on(draft.session.lighting, draft.policy.lamps, draft.event.at_ns)
    draft.set(lighting=lighting)
    ask_levels(draft, lighting)


def ask_levels(draft: Draft, lighting: Lighting) -> None:
    left, right = lighting.levels.left, lighting.levels.right
    draft.ask(lambda number: fx.Light(number, on=True, left=left, right=right))


def note_tested(draft: Draft) -> None:
    if draft.session.lighting is not None:
        draft.set(lighting=tested(draft.session.lighting, draft.policy.lamps, draft.event.at_ns), looks=None)


def balance(draft: Draft) -> None:
    """Start to balance the lamps for the person who sits down."""
    assert draft.session.lighting is not None
    draft.set(lighting=balanced_anew(draft.session.lighting, draft.event.at_ns))


def watch(draft: Draft) -> None:
    draft.set(judgement=None, guidance=Guidance(), held_since_ns=None)
    draft.ask(lambda number: fx.Watch(number, on=True))


def study_looks(draft: Draft) -> None:
    """Start the checks before the pose; the graduate's answers about an earlier top or jewellery no longer count."""
    flags = marked(draft.session.flags, {Flag.TOP_KEPT: False})
    draft.set(looks=None, jewellery_off=False, flags=flags)
    draft.ask(lambda number: fx.Watch(number, on=True, sight=Sight.WORN))


def see_looks(draft: Draft) -> None:
    """Judge what the graduate wears, but not in the changing light of the lamps' self-test."""
    assert isinstance(draft.event, ev.LooksSeen)
    draft.session = after_look(draft.session, draft.event.measures.faces, draft.event.at_ns)
    lighting = draft.session.lighting
    if lighting is not None and draft.event.measures.frame_ns < lighting.steady_ns:
        return
    draft.set(looks=judge_live(draft.event.measures, draft.policy.live_rules, draft.session.looks))


def note_jewellery_off(draft: Draft) -> None:
    draft.set(jewellery_off=True)


def keep_top(draft: Draft) -> None:
    draft.set(flags=marked(draft.session.flags, {Flag.TOP_KEPT: True}))


def ask_top(draft: Draft) -> None:
    """Ring the desk for a top; a graduate who comes back with one is checked again."""
    call_staff(draft)
    draft.set(help=HelpReason.NO_TOP, resume=State.PREPARE)


def look_away(draft: Draft) -> None:
    draft.set(held_since_ns=None)
    draft.ask(lambda number: fx.Watch(number, on=False))


def ask_who_sits(draft: Draft) -> None:
    """Somebody else may sit there now: drop everything seen of the person before, and what staff did for them."""
    draft.set(tried_in_vain=False, held_since_ns=None, rung=False, released=None)
    end_call(draft)
    drop_takes(draft)


def claim_seat(draft: Draft) -> None:
    draft.session = claimed(draft.session, draft.event.at_ns)


def see(draft: Draft) -> None:
    assert isinstance(draft.event, ev.Measured)
    before = draft.session.lighting
    draft.session = seen(draft.session, draft.event, draft.policy)
    after = draft.session.lighting
    if before is not None and after is not None and after.levels != before.levels:
        ask_levels(draft, after)


def excuse(draft: Draft) -> None:
    """The graduate said why the checks cannot be met: note the reason; the checks no longer prevent the shot."""
    assert isinstance(draft.event, ev.Touched)
    draft.set(reason=Reason(draft.event.arg), failed_bursts=0, shoot_fault=None)


def shoot(draft: Draft) -> None:
    take, decided = len(draft.session.takes) + 1, draft.event.at_ns
    excused = is_excused(draft.session) or is_last_try(draft.session, draft.policy)
    released = draft.session.released
    draft.set(waiting_for=draft.ask(lambda number: fx.Shoot(number, take, decided, excused, released)))


def count_burst_failure(draft: Draft) -> None:
    assert isinstance(draft.event, ev.BurstFailed)
    draft.set(shoot_fault=draft.event.fault, failed_bursts=draft.session.failed_bursts + 1, waiting_for=None)


def add_take(draft: Draft) -> None:
    assert isinstance(draft.event, ev.BurstTaken)
    number = draft.event.take
    draft.set(
        takes=(*draft.session.takes, Take(number)), chosen=None, waiting_for=None, failed_bursts=0, shoot_fault=None
    )
    draft.ask(lambda effect: fx.Finish(effect, number))


def note_finished(draft: Draft) -> None:
    """Propose the best finished take; also pick it, unless the graduate has chosen one since the last capture."""
    event = draft.event
    assert isinstance(event, ev.TakeFinished)
    told = {"score": event.score, "warnings": event.warnings, "doubts": event.doubts, "failures": event.failures}
    takes = tuple(
        replace(take, **told) if take.number == event.take else take  # type: ignore[arg-type]  # as in Draft.set
        for take in draft.session.takes
    )
    best = max((take for take in takes if take.score is not None), key=_likely_to_pass)
    draft.set(takes=takes, proposed=best.number, picked=draft.session.chosen or best.number)


def _likely_to_pass(take: Take) -> tuple[int, int, float]:
    """Sort key: takes with failed checks come last, however good their other values are; before them takes with
    checks without a result."""
    return -len(take.failures), -len(take.doubts), take.score or 0.0


def note_refused(draft: Draft) -> None:
    event = draft.event
    assert isinstance(event, ev.TakeRefused)
    draft.set(
        takes=tuple(
            replace(take, fault=event.fault) if take.number == event.take else take for take in draft.session.takes
        )
    )


def pick(draft: Draft) -> None:
    assert isinstance(draft.event, ev.Touched)
    number = int(draft.event.arg)
    draft.set(chosen=number, picked=number)


def save(draft: Draft) -> None:
    session = draft.session
    assert session.person is not None
    assert session.picked is not None
    assert session.consent_ns is not None
    person, take, consent_ns = session.person, session.picked, session.consent_ns
    flags = flags_of(session, session.takes[take - 1])
    draft.set(
        waiting_for=draft.ask(
            lambda number: fx.Save(
                id=number,
                take=take,
                person=person.key,
                identified_by=person.identified_by,
                row=person.row,
                opaque_codes=session.opaque_codes,
                flags=flags,
                consent_ns=consent_ns,
            )
        )
    )


def count_save_failure(draft: Draft) -> None:
    draft.set(save_failures=draft.session.save_failures + 1)


def note_receipt(draft: Draft) -> None:
    assert isinstance(draft.event, ev.Saved)
    draft.set(receipt=draft.event.receipt, kept=draft.event.request, waiting_for=None)


def follow(draft: Draft) -> None:
    """Request a report of every new state of the shot."""
    kept = draft.session.kept
    assert kept is not None
    draft.set(asked=draft.ask(lambda number: fx.Follow(number, kept)), standing=None, reasons=())
    draft.set(seated=False, left_ns=draft.event.at_ns)  # the seat is watched again once staff have the photo


def watch_seat(draft: Draft) -> None:
    """Watch who comes and goes, but only once the person is known; before that the booth looks at nobody."""
    draft.set(held_since_ns=None)
    if draft.session.person is not None:
        draft.ask(lambda number: fx.Watch(number, on=True, sight=Sight.SEAT))


def see_seat(draft: Draft) -> None:
    assert isinstance(draft.event, ev.SeatSeen)
    draft.session = after_look(draft.session, draft.event.faces, draft.event.at_ns)


def see_who_waits(draft: Draft) -> None:
    """Postpone the deadline while somebody is seen waiting: the decision must not be shown to anybody else."""
    see_seat(draft)
    if isinstance(draft.event, ev.SeatSeen) and draft.event.faces:
        draft.set(active_ns=draft.event.at_ns)


def note_standing(draft: Draft) -> None:
    """Note the state of the shot, without reasons if the graduate was identified by a code alone, which
    proves nothing."""
    event, person = draft.event, draft.session.person
    assert isinstance(event, ev.ShotStands | ev.Recalled)
    told = isinstance(event, ev.ShotStands) or (person is not None and person.identified_by is not Identification.CODE)
    draft.set(standing=event.standing, reasons=event.reasons if told else ())
    draft.set(recalled=draft.session.recalled or isinstance(event, ev.Recalled))


def note_ready(draft: Draft) -> None:
    draft.set(ready=True)


def not_ready_yet(draft: Draft) -> None:
    draft.set(ready=False)


def drop_takes(draft: Draft) -> None:
    """Begin another shot of the same person: keep only the reasons why the last one was rejected."""
    draft.set(
        takes=(),
        proposed=None,
        chosen=None,
        picked=None,
        failed_bursts=0,
        shoot_fault=None,
        save_failures=0,
        receipt=None,
        kept=None,
        reason=None,
    )
    draft.ask(fx.DropTakes)


def back(session: Session) -> State:
    """The state to go back to from STILL_THERE or STAFF_HELP: the interrupted one, if its condition is still
    true."""
    assert session.resume is not None
    if session.resume is State.CHOOSE and all(take.fault is not None for take in session.takes):
        return State.POSE
    if looking_up(session):
        return State.IDENTIFY  # the roster may have answered in a state that ignores it: look card and code up again
    return session.resume
