"""The session of one graduate, as tables. All rules about the session's state are here; their guards and actions are
in the modules that are imported below.

`RULES` says what a trigger does in a state. The state's own rules are tried first, then the rules in `ANY_STATE_RULES`;
the first rule whose guard holds applies. A trigger is a class of events or, for a touch, the requested action. `ENTER`
says what happens on every entry into a state. `DEADLINES` are compared on ticks: there are no timers, so none can be
lost. `IGNORED` lists events that a state may receive and ignores. `NEEDS` says what must work in a state; if it does
not work, the next tick takes the booth out of service. If a state has no rule for a trigger and does not ignore it,
nothing changes, and `kiosk.core.session.machine` reports the trigger."""

from dataclasses import replace

from kiosk.core import events as ev
from kiosk.core.events import Action, CardTrouble, DecisionState, Event
from kiosk.core.session.cards_and_codes import (
    all_answered,
    card_and_code_failed,
    count_card_failure,
    drop_keys,
    drop_opaque_codes,
    earlier_card_gone,
    earlier_card_still_there,
    finds,
    hint,
    keep_opaque_code,
    knows_record,
    knows_school,
    last_card_try,
    last_card_try_without_code,
    listen,
    look_again,
    loses_reader,
    may_be_former_card,
    needs_pass,
    new_code,
    new_opaque_code,
    note_card_gone,
    note_card_laid,
    note_consent,
    note_rows,
    offer_records,
    offer_schools,
    reading,
    resolve_person,
    resolve_record,
    resolve_school,
    stop_listening,
    take_card,
    take_code,
    toggle_data_wrong,
    trouble,
    was_photographed,
)
from kiosk.core.session.draft import Do, always
from kiosk.core.session.health import Need, stops
from kiosk.core.session.identify import Finding
from kiosk.core.session.posing import (
    balance,
    excuse,
    gives_reason,
    held_long_enough,
    see,
    stop_watching,
    tried_in_vain,
    watch,
)
from kiosk.core.session.preparing import (
    answered_and_in_wrong_top,
    answered_and_ready,
    ask_top,
    is_ready,
    keep_top,
    light,
    not_ready_yet,
    note_jewellery_off,
    note_ready,
    note_tested,
    ready_in_wrong_top,
    see_looks,
    storage_answered,
    study_looks,
)
from kiosk.core.session.saving import (
    count_save_failure,
    last_save_try,
    lost_one_of_several,
    lost_the_last,
    note_lost,
    note_receipt,
    save,
    saved_late,
)
from kiosk.core.session.seat import (
    ask_who_sits,
    came_after_another,
    claim_seat,
    comes_after_another_with_papers,
    comes_back_to_the_choice,
    drop_lost_takes,
    is_asked_in_the_choice,
    see_seat,
    somebody_else_may_sit,
    watch_seat,
)
from kiosk.core.session.settings import (
    close_options,
    follow_earphone,
    guided,
    louder,
    move_curtain,
    mute,
    softer,
    switch_audio_guide,
    switch_contrast,
    switch_language,
    switch_large,
    switch_low,
    toggle_options,
    turn_page,
)
from kiosk.core.session.staff_decision import (
    answers_last_question,
    confirms,
    event_reports,
    follow,
    learns_of_approval,
    needs_no_photo,
    not_with_staff,
    note_decision,
    postpone_while_somebody_waits,
    somebody_waited,
    with_staff,
)
from kiosk.core.session.staff_help import (
    back,
    call_staff,
    can_go_back,
    end_call,
    ended_before_going_on,
    ended_by_staff,
    help_and_back,
    help_for,
    may_waive,
    nobody_comes,
    note_call,
    note_call_state,
    note_state_to_return_to,
    of_open_call,
    send_call_after_two_attempts,
    staff_know,
    waive_check,
)
from kiosk.core.session.state import HelpReason, Hint, Session, SessionPolicy, State
from kiosk.core.session.station import (
    ask_season,
    by_appointment,
    not_serving,
    note_failure,
    note_key,
    note_recovery,
    note_season,
    rest,
    serving,
    wipe,
)
from kiosk.core.session.stills import (
    agree,
    agreed,
    agreed_and_left,
    end_agreement,
    lost_while_agreed,
    may_agree,
    not_answered,
    refuse,
    see_agreeing,
)
from kiosk.core.session.table import Deadline, Rule, Trigger
from kiosk.core.session.taking import (
    add_take,
    awaited,
    count_burst_failure,
    drop_takes,
    has_picked,
    has_usable_take,
    last_burst_try,
    last_burst_try_with_usable_take,
    no_usable_take_left,
    note_finished,
    note_refused,
    nothing_finished,
    of_open_take,
    pick,
    picks_finished_take,
    shoot,
    takes_left,
    takes_used_up,
)


def broken(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """Something that the state needs does not work, or staff have taken the booth out of service. If CONFIRM interrupts
    the choice of a take to ask who sits there, CONFIRM needs no more devices than CHOOSE."""
    needs = None if is_asked_in_the_choice(session, event, policy) else NEEDS.get(session.state)
    return needs is not None and (session.taken_out or stops(session.failed, needs, policy.identification) is not None)


def broken_with_usable_take(session: Session, event: Event, policy: SessionPolicy) -> bool:
    return broken(session, event, policy) and has_usable_take(session, event, policy)


def may_retake(session: Session, event: Event, policy: SessionPolicy) -> bool:
    """Another take is allowed, and the devices for it work; otherwise the session would leave POSE at once."""
    return takes_left(session, event, policy) and not broken(replace(session, state=State.POSE), event, policy)


def works_again(session: Session, _event: Event, policy: SessionPolicy) -> bool:
    return not session.taken_out and stops(session.failed, NEEDS[State.ATTRACT], policy.identification) is None


S = State
A = Action
IDENTIFYING = (S.IDENTIFY, S.SCHOOL, S.CONFIRM)
IN_SESSION = (S.CONSENT, *IDENTIFYING, S.PREPARE, S.WRONG_TOP, S.POSE, S.REASON, S.CHOOSE, S.REJECTED)
SEAT_WATCHED = (S.CONFIRM, S.WRONG_TOP, S.REASON, S.CHOOSE, S.REJECTED, S.STILL_THERE, S.STAFF_HELP)
FINISHING = (S.CONFIRM, S.POSE, S.REASON, S.CAPTURE, S.CHOOSE, S.STILL_THERE, S.STAFF_HELP)


def _staff(reason: HelpReason) -> tuple[Do, ...]:
    return (help_for(reason),)


def _identifying(state: State) -> tuple[Rule, ...]:
    """Rules for a card or code that arrives while IDENTIFY, SCHOOL or CONFIRM is shown: card and code are judged
    again together."""
    told = ev.RosterAnswered
    return (
        Rule(state, ev.CardRead, may_be_former_card, None, (hint(Hint.TAKE_AWAY),)),
        Rule(state, ev.CardRead, always, None, (take_card,)),
        Rule(state, ev.CodeRead, new_opaque_code, None, (keep_opaque_code, hint(Hint.QR_KEPT))),
        Rule(state, ev.CodeRead, new_code, None, (take_code,)),
        Rule(state, told, finds(Finding.PERSON), S.CONFIRM, (note_rows, resolve_person)),
        Rule(state, told, finds(Finding.SCHOOLS), S.SCHOOL, (note_rows, offer_schools, hint(Hint.NONE))),
        Rule(state, told, finds(Finding.RECORDS), S.SCHOOL, (note_rows, offer_records, hint(Hint.NONE))),
        Rule(state, told, finds(Finding.NEED_CARD), None, (note_rows, hint(Hint.CARD_ALSO))),
        Rule(state, told, finds(Finding.NEED_CODE), None, (note_rows, hint(Hint.CODE_ALSO))),
        Rule(state, told, finds(Finding.DISAGREE), S.STAFF_HELP, _staff(HelpReason.KEYS_DISAGREE)),
        Rule(state, told, finds(Finding.UNCLEAR), S.STAFF_HELP, _staff(HelpReason.ROSTER_UNCLEAR)),
        Rule(state, told, finds(Finding.UNKNOWN_CODE), S.STAFF_HELP, _staff(HelpReason.NOT_ON_ROSTER)),
    )


RULES: tuple[Rule, ...] = (
    # Closed, or showing the first screen.
    Rule(S.CLOSED, ev.SeasonTold, serving, S.ATTRACT, (note_season,)),
    Rule(S.CLOSED, A.START, by_appointment, S.CONSENT),
    Rule(S.ATTRACT, ev.SeasonTold, not_serving, S.CLOSED, (note_season,)),
    Rule(S.ATTRACT, A.START, serving, S.CONSENT),
    # While a card that was left behind lies there, nobody can begin.
    *(Rule(state, ev.Tick, earlier_card_still_there, S.CARD_LEFT) for state in (S.CLOSED, S.ATTRACT)),
    Rule(S.CARD_LEFT, ev.Tick, earlier_card_gone, S.ATTRACT),
    # Consent: nothing is read before the graduate agrees.
    Rule(S.CONSENT, A.AGREE, always, S.IDENTIFY, (note_consent,)),
    Rule(S.CONSENT, A.DECLINE, always, S.STAFF_HELP, _staff(HelpReason.DECLINED_CONSENT)),
    # Identification.
    Rule(S.IDENTIFY, ev.CardFound, always, None, (note_card_laid, hint(Hint.READING))),
    Rule(S.IDENTIFY, ev.CardRemoved, reading, None, (note_card_gone, hint(Hint.HOLD_STILL))),
    Rule(S.IDENTIFY, ev.CardFailed, last_card_try_without_code, S.STAFF_HELP, _staff(HelpReason.CARD_UNREADABLE)),
    Rule(S.IDENTIFY, ev.CardFailed, last_card_try, None, (count_card_failure, hint(Hint.USE_CODE))),
    Rule(S.IDENTIFY, ev.CardFailed, trouble(CardTrouble.HOLD_STILL), None, (count_card_failure, hint(Hint.HOLD_STILL))),
    Rule(S.IDENTIFY, ev.CardFailed, trouble(CardTrouble.NOT_ID_CARD), None, (hint(Hint.NOT_ID_CARD),)),
    Rule(S.IDENTIFY, ev.CardFailed, trouble(CardTrouble.DAMAGED), S.STAFF_HELP, _staff(HelpReason.CARD_DAMAGED)),
    Rule(S.IDENTIFY, ev.DeviceFailed, loses_reader, None, (note_failure, hint(Hint.NONE))),
    Rule(S.IDENTIFY, ev.RosterAnswered, card_and_code_failed, S.STAFF_HELP, _staff(HelpReason.NOT_ON_ROSTER)),
    *_identifying(S.IDENTIFY),
    *_identifying(S.SCHOOL),
    # A person who sits down after another is asked for consent before the booth uses anything of this person.
    *(
        Rule(S.CONFIRM, on, comes_after_another_with_papers, S.CONSENT, (wipe, rest))
        for on in (ev.CardRead, ev.CodeRead)
    ),
    # if CONFIRM interrupts the choice of a take, the screen only asks who sits there: a card or code is not looked up,
    # and the takes stay
    *(Rule(S.CONFIRM, on, is_asked_in_the_choice) for on in (ev.CardRead, ev.CodeRead)),
    *_identifying(S.CONFIRM),
    Rule(S.SCHOOL, A.PICK_SCHOOL, knows_school, S.CONFIRM, (resolve_school,)),
    Rule(S.SCHOOL, A.PICK_RECORD, knows_record, S.CONFIRM, (resolve_record,)),
    Rule(S.CONFIRM, ev.Recalled, answers_last_question, None, (note_decision,)),
    Rule(S.CONFIRM, A.CONFIRM, is_asked_in_the_choice, S.CHOOSE, (claim_seat, stop_listening)),
    Rule(S.CONFIRM, A.CONFIRM, needs_pass, S.STAFF_HELP, _staff(HelpReason.NO_APPOINTMENT)),
    Rule(S.CONFIRM, A.CONFIRM, was_photographed, None, (look_again,)),
    Rule(S.CONFIRM, A.CONFIRM, needs_no_photo, S.APPROVED),
    Rule(S.CONFIRM, A.CONFIRM, confirms(DecisionState.REJECTED), S.REJECTED, (claim_seat,)),
    Rule(S.CONFIRM, A.CONFIRM, all_answered, S.PREPARE, (claim_seat,)),
    Rule(S.CONFIRM, A.DATA_WRONG, always, None, (toggle_data_wrong,)),
    Rule(S.CONFIRM, A.NOT_ME, came_after_another, S.CONSENT, (wipe, rest)),
    Rule(S.CONFIRM, A.NOT_ME, always, S.IDENTIFY, (drop_opaque_codes,)),
    # Photograph. If an earlier take is usable or is still being finished, the failure of a later take does not end
    # the session.
    Rule(S.PREPARE, ev.Recalled, learns_of_approval, S.APPROVED, (note_decision,)),
    Rule(S.PREPARE, ev.Recalled, event_reports(DecisionState.REJECTED), S.REJECTED, (note_decision,)),
    Rule(S.PREPARE, ev.Recalled, answered_and_in_wrong_top, S.WRONG_TOP, (note_decision,)),
    Rule(S.PREPARE, ev.Recalled, answered_and_ready, S.POSE, (note_decision,)),
    Rule(S.PREPARE, ev.Recalled, answers_last_question, None, (note_decision,)),
    # Before the graduate poses, the storage tries a write and answers whether it can save a shot.
    Rule(S.PREPARE, A.READY, ready_in_wrong_top, S.WRONG_TOP),
    Rule(S.PREPARE, A.READY, storage_answered, S.POSE),
    Rule(S.PREPARE, A.READY, always, None, (note_ready,)),
    Rule(S.PREPARE, ev.LooksSeen, somebody_else_may_sit, S.CONFIRM, (ask_who_sits,)),
    Rule(S.PREPARE, ev.LooksSeen, always, None, (see_looks,)),
    Rule(S.PREPARE, A.JEWELLERY_OFF, always, None, (note_jewellery_off,)),
    # A graduate can take off glasses and put back hair, but has no other top at hand.
    Rule(S.WRONG_TOP, A.KEEP_TOP, always, S.POSE, (keep_top,)),
    Rule(S.WRONG_TOP, A.ASK_TOP, always, S.STAFF_HELP, (ask_top,)),
    Rule(S.WRONG_TOP, A.STILL_HERE, always, S.PREPARE),
    Rule(S.POSE, ev.Measured, somebody_else_may_sit, S.CONFIRM, (ask_who_sits,)),
    Rule(S.POSE, ev.Measured, held_long_enough, S.CAPTURE, (see,)),
    Rule(S.POSE, ev.Measured, always, None, (see,)),
    Rule(S.POSE, ev.Tick, broken_with_usable_take, S.CHOOSE),
    # The graduate says that the booth is wrong: with a reason the shot is taken anyway, and staff look at it first.
    Rule(S.POSE, A.BOOTH_WRONG, tried_in_vain, S.REASON),
    Rule(S.REASON, A.GIVE_REASON, gives_reason, S.POSE, (excuse,)),
    Rule(S.REASON, A.STILL_HERE, always, S.POSE),
    Rule(S.REASON, ev.Tick, broken_with_usable_take, S.CHOOSE),
    Rule(S.CAPTURE, ev.BurstTaken, awaited, S.CHOOSE, (add_take,)),
    Rule(S.CAPTURE, ev.BurstFailed, last_burst_try_with_usable_take, S.CHOOSE, (count_burst_failure,)),
    Rule(S.CAPTURE, ev.BurstFailed, last_burst_try, S.STAFF_HELP, _staff(HelpReason.NO_LEGAL_PHOTO)),
    Rule(S.CAPTURE, ev.BurstFailed, awaited, S.POSE, (count_burst_failure,)),
    Rule(S.CAPTURE, ev.Tick, broken_with_usable_take, S.CHOOSE),
    # Choice. A take may also be finished while the graduate already poses for the next take, or is away.
    Rule(S.CHOOSE, ev.TakeRefused, takes_used_up, S.STAFF_HELP, (note_refused, *_staff(HelpReason.NO_LEGAL_PHOTO))),
    Rule(S.STAFF_HELP, ev.TakeRefused, takes_used_up, None, (note_refused, *_staff(HelpReason.NO_LEGAL_PHOTO))),
    Rule(S.CHOOSE, ev.TakeRefused, no_usable_take_left, S.POSE, (note_refused,)),
    Rule(S.CONFIRM, ev.TakeRefused, no_usable_take_left, None, (drop_takes,)),
    *(Rule(state, ev.TakeFinished, of_open_take, None, (note_finished,)) for state in FINISHING),
    *(Rule(state, ev.TakeRefused, of_open_take, None, (note_refused,)) for state in FINISHING),
    Rule(S.CHOOSE, A.PICK_TAKE, picks_finished_take, None, (pick,)),
    # This screen shows the photos of the former person, so whoever comes back into the picture is asked at once.
    Rule(S.CHOOSE, ev.SeatSeen, comes_back_to_the_choice, S.CONFIRM, (see_seat,)),
    *(Rule(S.CHOOSE, on, comes_back_to_the_choice, S.CONFIRM) for on in (A.ACCEPT, A.RETAKE)),
    Rule(S.CHOOSE, A.ACCEPT, has_picked, S.SAVING),
    Rule(S.CHOOSE, A.RETAKE, may_retake, S.POSE),
    # Saving: an accepted shot is durable before the screen says so.
    Rule(S.SAVING, ev.Saved, awaited, S.DONE, (note_receipt,)),
    Rule(S.SAVING, ev.SaveFailed, last_save_try, S.STAFF_HELP, _staff(HelpReason.NOT_SAVED)),
    Rule(S.SAVING, ev.SaveFailed, awaited, None, (count_save_failure, save)),
    Rule(S.SAVING, ev.PhotoLost, lost_one_of_several, S.CHOOSE, (note_lost,)),
    Rule(S.SAVING, ev.PhotoLost, lost_the_last, S.STAFF_HELP, (note_lost, *_staff(HelpReason.NO_LEGAL_PHOTO))),
    Rule(S.SAVING, ev.PhotoLost, awaited, S.POSE, (note_lost,)),
    Rule(S.STAFF_HELP, ev.Saved, saved_late, S.DONE, (note_receipt,)),  # the shot became durable late
    # The decision of staff, while the graduate is still there or when the graduate returns.
    Rule(S.DONE, ev.ShotStands, event_reports(DecisionState.APPROVED), S.APPROVED, (note_decision,)),
    Rule(S.DONE, ev.ShotStands, event_reports(DecisionState.REJECTED), S.REJECTED, (note_decision,)),
    Rule(S.DONE, ev.ShotStands, answers_last_question, None, (note_decision, watch_seat)),
    Rule(S.DONE, ev.SeatSeen, with_staff, None, (postpone_while_somebody_waits,)),
    Rule(S.REJECTED, A.RETAKE, always, S.PREPARE),
    *(Rule(state, A.FINISH, always, S.ATTRACT) for state in (S.DONE, S.APPROVED)),
    # These rules only note who comes and goes. The session asks who sits there as soon as it is in PREPARE, POSE or
    # CHOOSE.
    Rule(S.STAFF_HELP, ev.SeatSeen, agreed_and_left, None, (see_seat, end_agreement)),
    Rule(S.STAFF_HELP, ev.SeatSeen, agreed, None, (see_seat, see_agreeing)),
    *(Rule(state, ev.SeatSeen, always, None, (see_seat,)) for state in SEAT_WATCHED),
    # Staff see the graduate only while the graduate agrees. An answer to the question about stills does not end the
    # call.
    Rule(S.STAFF_HELP, A.AGREE_STILLS, may_agree, None, (agree,)),
    Rule(S.STAFF_HELP, A.END_STILLS, agreed, None, (end_agreement,)),
    Rule(S.STAFF_HELP, A.END_STILLS, not_answered, None, (refuse,)),
    Rule(S.STAFF_HELP, ev.Tick, agreed_and_left, None, (end_agreement,)),
    Rule(S.STAFF_HELP, ev.HelpLost, lost_while_agreed, None, (end_agreement,)),
    # Interruptions.
    *(
        Rule(state, A.HELP, always, S.STAFF_HELP, (help_and_back(HelpReason.ASKED), call_staff))
        for state in (*IN_SESSION, S.APPROVED)
    ),
    *(Rule(state, A.CANCEL, always, S.ATTRACT) for state in (*IN_SESSION, S.STILL_THERE, S.STAFF_HELP)),
    Rule(S.STILL_THERE, A.STILL_HERE, always, back),
    # A graduate who hears the question but does not see it can answer with any key.
    *(Rule(S.STILL_THERE, on, guided, back) for on in (ev.FocusMoved, A.REPEAT)),
    Rule(S.STILL_THERE, A.LOUDER, guided, back, (louder,)),
    Rule(S.STILL_THERE, A.SOFTER, guided, back, (softer,)),
    Rule(S.STILL_THERE, A.MUTE, guided, back, (mute,)),
    Rule(S.STILL_THERE, A.AUDIO_GUIDE, guided, back, (switch_audio_guide,)),
    Rule(S.STAFF_HELP, A.STILL_HERE, can_go_back, back, (end_call,)),
    # When staff end the call, the graduate goes on. If the booth itself sent the graduate to the desk, the graduate
    # still has to go there.
    Rule(S.STAFF_HELP, ev.CallStands, ended_before_going_on, back, (end_call,)),
    Rule(S.STAFF_HELP, ev.CallStands, ended_by_staff, None, (end_call,)),
    Rule(S.STAFF_HELP, ev.CallStands, of_open_call, None, (note_call,)),
    Rule(S.STAFF_HELP, A.FINISH, always, S.ATTRACT),
    Rule(S.OUT_OF_SERVICE, ev.Tick, works_again, S.ATTRACT),
)

ANY_STATE_RULES: tuple[Rule, ...] = (
    Rule(None, ev.Tick, broken, S.OUT_OF_SERVICE),
    Rule(None, ev.CardFound, always, None, (note_card_laid,)),
    Rule(None, ev.CardRemoved, always, None, (note_card_gone,)),
    Rule(None, ev.DeviceFailed, always, None, (note_failure,)),
    Rule(None, ev.DeviceRecovered, always, None, (note_recovery,)),
    Rule(None, ev.KeyTurned, always, None, (note_key,)),
    Rule(None, ev.SeasonTold, always, None, (note_season,)),
    Rule(None, ev.LampsTested, always, None, (note_tested,)),
    # A call for help stays open while the session continues, until staff end it.
    Rule(None, ev.CallStands, ended_by_staff, None, (end_call,)),
    Rule(None, ev.CallStands, of_open_call, None, (note_call_state,)),
    Rule(None, ev.HelpDirected, may_waive, None, (waive_check,)),
    Rule(None, A.LANGUAGE, always, None, (switch_language,)),
    Rule(None, A.OPTIONS, always, None, (toggle_options,)),
    Rule(None, A.REPEAT, always, None, (close_options,)),  # the narration decides what is spoken again
    Rule(None, A.LOUDER, always, None, (louder,)),
    Rule(None, A.SOFTER, always, None, (softer,)),
    Rule(None, A.MUTE, always, None, (mute,)),
    Rule(None, A.CONTRAST, always, None, (switch_contrast,)),
    Rule(None, A.LARGE, always, None, (switch_large,)),
    Rule(None, A.LOW, always, None, (switch_low,)),
    Rule(None, A.MORE, always, None, (turn_page,)),
    Rule(None, A.AUDIO_GUIDE, always, None, (switch_audio_guide,)),
    Rule(None, A.CURTAIN, always, None, (move_curtain,)),
    Rule(None, ev.EarphoneChanged, always, None, (follow_earphone,)),
    Rule(None, ev.FocusMoved, always),
)

ENTER: dict[State, tuple[Do, ...]] = {
    S.CLOSED: (wipe, rest),
    S.ATTRACT: (wipe, rest, ask_season),
    S.IDENTIFY: (drop_keys, stop_watching, listen),
    S.SCHOOL: (stop_watching, listen),
    S.CONFIRM: (drop_lost_takes, watch_seat, listen),
    S.PREPARE: (stop_listening, light, not_ready_yet, study_looks),
    S.WRONG_TOP: (watch_seat,),
    S.POSE: (light, balance, watch, send_call_after_two_attempts),
    S.REASON: (watch_seat,),
    S.CAPTURE: (stop_watching, shoot),
    S.CHOOSE: (watch_seat,),
    S.SAVING: (stop_watching, save),
    S.DONE: (rest, follow, end_call),
    S.APPROVED: (rest,),
    S.REJECTED: (rest, watch_seat, drop_takes),
    S.STAFF_HELP: (rest, watch_seat),
    S.STILL_THERE: (stop_listening, watch_seat),
    S.OUT_OF_SERVICE: (wipe, rest),
    S.CARD_LEFT: (wipe,),  # only a booth at rest enters this state
}

WAIT_FOR_STAFF_MS = 120_000
"""How long DONE waits for staff: long enough for a short queue, a review of some seconds, and the ten seconds in which
staff can undo their decision (ADR 074)."""
STORAGE_ANSWERS_MS = 5_000
"""After this time the session continues without the storage's answer. Trying the storage takes milliseconds; if
this hangs, the worker that watches the storage reports it."""
POSE_MS = 180_000
"""How long a graduate may try to meet the live checks."""
STAFF_COME_MS = 180_000
"""How long the screen shows a call that staff have seen, and how long it then shows their answer: long enough for
a walk through a building."""
SEAT_EMPTY_MS = 8_000
"""How long the seat must be empty before DONE ends, because the next person must not see the decision."""

# No standard prescribes these times: each is ten or more times the median time that people took (3 s each to find a
# card, to tidy hair, to choose).
DEADLINES: dict[State, tuple[Deadline, ...]] = {
    S.CLOSED: (Deadline(60_000, S.CLOSED, (ask_season,)),),
    S.ATTRACT: (Deadline(60_000, S.ATTRACT),),
    S.CARD_LEFT: (Deadline(60_000, S.CARD_LEFT, (ask_season,)),),
    **dict.fromkeys((S.CONSENT, S.IDENTIFY, S.SCHOOL), (Deadline(45_000, S.STILL_THERE, (note_state_to_return_to,)),)),
    S.CONFIRM: (Deadline(30_000, S.STILL_THERE, (note_state_to_return_to,)),),
    S.PREPARE: (
        Deadline(STORAGE_ANSWERS_MS, S.POSE, when=is_ready, whole=True),
        Deadline(60_000, S.STILL_THERE, (note_state_to_return_to,)),
    ),
    S.WRONG_TOP: (Deadline(60_000, S.STILL_THERE, (note_state_to_return_to,)),),
    S.POSE: (
        Deadline(15_000, S.STILL_THERE, (note_state_to_return_to,)),
        Deadline(POSE_MS, S.CHOOSE, whole=True, when=has_usable_take),
        Deadline(POSE_MS, S.STAFF_HELP, (help_and_back(HelpReason.NO_LEGAL_PHOTO),), whole=True),
    ),
    S.REASON: (Deadline(45_000, S.STILL_THERE, (note_state_to_return_to,)),),
    S.CAPTURE: (
        # Even on a slow machine every burst is answered, or a hung camera reported as failed, before this limit.
        Deadline(60_000, S.CHOOSE, whole=True, when=has_usable_take),
        Deadline(60_000, S.STAFF_HELP, _staff(HelpReason.NO_LEGAL_PHOTO), whole=True),
    ),
    S.CHOOSE: (
        Deadline(20_000, S.STAFF_HELP, _staff(HelpReason.NO_LEGAL_PHOTO), whole=True, when=nothing_finished),
        Deadline(45_000, S.STILL_THERE, (note_state_to_return_to,)),
    ),
    S.SAVING: (Deadline(20_000, S.STAFF_HELP, _staff(HelpReason.NOT_SAVED), whole=True),),
    S.DONE: (
        Deadline(WAIT_FOR_STAFF_MS, S.ATTRACT, whole=True, when=with_staff),
        Deadline(SEAT_EMPTY_MS, S.ATTRACT, when=somebody_waited),
        # time enough to find a phone, unlock it and photograph the code
        Deadline(60_000, S.ATTRACT, when=not_with_staff),
    ),
    S.APPROVED: (Deadline(30_000, S.ATTRACT),),
    S.REJECTED: (Deadline(60_000, S.STILL_THERE, (note_state_to_return_to,)),),
    # WCAG 2.2.1: the question is shown for 20 s before the session ends, and a graduate can answer it any number of
    # times.
    S.STILL_THERE: (Deadline(20_000, S.ATTRACT, whole=True),),
    S.STAFF_HELP: (
        Deadline(60_000, S.ATTRACT, when=nobody_comes),
        Deadline(STAFF_COME_MS, S.ATTRACT, when=staff_know),
        Deadline(300_000, S.ATTRACT),  # the screen stays until staff have come, because the receipt may still arrive
    ),
}

AUDIO_GUIDE_FACTOR = 3
"""With the audio guide, waits for a person are multiplied by this: reading the consent takes 45 s, hearing it 70 s."""

ALL = frozenset(State)
READERS_OFF = ALL - set(IDENTIFYING)

# Touches are not listed: a touch that the state does not offer is an error of a screen, or a second tap.
IGNORED: dict[Trigger, frozenset[State]] = {
    # Cards and codes that were read before the readers were switched off, or that this state does not wait for.
    ev.CardRead: READERS_OFF,
    ev.CardFailed: ALL - {S.IDENTIFY},
    ev.CodeRead: READERS_OFF,
    ev.RosterAnswered: READERS_OFF,
    ev.Measured: ALL - {S.POSE},
    ev.LooksSeen: ALL - {S.PREPARE},
    ev.SeatSeen: ALL - {*SEAT_WATCHED, S.DONE},
    # Outcomes that arrive after the graduate has left, or that belong to an effect that was given up.
    ev.BurstTaken: ALL - {S.CAPTURE},
    ev.BurstFailed: ALL - {S.CAPTURE},
    ev.TakeFinished: ALL - set(FINISHING),
    ev.TakeRefused: ALL - set(FINISHING),
    ev.Saved: ALL - {S.SAVING, S.STAFF_HELP},
    ev.SaveFailed: ALL - {S.SAVING},
    ev.PhotoLost: ALL - {S.SAVING},
    ev.ShotStands: ALL - {S.DONE},
    ev.Recalled: ALL - {S.CONFIRM, S.PREPARE},
    ev.HelpLost: ALL - {S.STAFF_HELP},
    ev.StaffDid: ALL,  # only the journal needs it
}

SIGNS_OF_LIFE = (
    *(ev.Touched, ev.FocusMoved, ev.EarphoneChanged),
    *(ev.CardFound, ev.CardRead, ev.CardFailed, ev.CardRemoved, ev.CodeRead),
)
"""Events that show that the graduate did something. In a state that has a rule for such an event, the event postpones
the deadlines."""

NEEDS: dict[State, frozenset[Need]] = {
    **dict.fromkeys((S.ATTRACT, S.CONSENT, *IDENTIFYING), frozenset(Need)),
    **dict.fromkeys((S.PREPARE, S.WRONG_TOP, S.POSE, S.REASON), frozenset({Need.SHOW, Need.SHOOT, Need.KEEP})),
    S.CAPTURE: frozenset({Need.SHOW, Need.SHOOT}),
    # In these states no device is needed, but staff can take the booth out of service.
    **dict.fromkeys((S.CLOSED, S.CARD_LEFT), frozenset[Need]()),
}
"""For each state, what must work in it. A state that is not listed continues even if a device fails or staff turn the
key, so that an accepted shot is saved first."""
