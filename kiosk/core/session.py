"""The session of one graduate, as tables. All rules about session state live in this file.

`RULES` says what an event does in a state; the first rule of the state whose guard holds applies, then the rules
of `EVERYWHERE`. `ENTER` says what every entry into a state does. `DEADLINES` are compared on ticks: there are no
timers, so none can be lost. `IGNORED` lists what a state may hear and does not care about. `NEEDS` says what must
work in a state; where it does not, the next tick leads out of service.

An event that is neither ruled nor ignored changes nothing, and `step` says so.
"""

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.core import effects as fx
from kiosk.core import events as ev
from kiosk.core.actions import (
    Do,
    Draft,
    add_take,
    ask_season,
    back,
    come_back_later,
    count_burst_failure,
    count_card_failure,
    count_save_failure,
    drop_keys,
    help_and_back,
    help_for,
    hint,
    keep_opaque_code,
    light,
    listen,
    look_away,
    note_consent,
    note_failure,
    note_finished,
    note_key,
    note_receipt,
    note_recovery,
    note_refused,
    note_rows,
    note_season,
    offer_schools,
    pick,
    rest,
    save,
    see,
    settle_person,
    settle_school,
    shoot,
    stop_listening,
    switch_language,
    take_card,
    take_code,
    watch,
    wipe,
)
from kiosk.core.events import Action, CardTrouble, Event
from kiosk.core.guards import (
    Guard,
    accepts_finished_take,
    always,
    awaited,
    can_go_back,
    finds,
    has_take,
    held_long_enough,
    knows_school,
    last_burst_try,
    last_card_try,
    last_card_try_without_code,
    last_save_try,
    may_retake,
    not_serving,
    only_hope_refused,
    only_hope_refused_and_no_take_left,
    opaque,
    picks_finished_take,
    serving,
    starts,
    touched,
    trouble,
)
from kiosk.core.health import Need, stops
from kiosk.core.identify import Finding
from kiosk.core.state import HelpReason, Hint, Policy, Session, State

Target = State | Callable[[Session], State] | None


@dataclass(frozen=True, slots=True)
class Rule:
    """In `state`, `event` with `when` leads to `to` (None: stay) after `do`."""

    state: State | None  # None: in every state
    event: type[Event]
    when: Guard
    to: Target = None
    do: tuple[Do, ...] = ()


@dataclass(frozen=True, slots=True)
class Deadline:
    """After `ms` without a sign of the graduate (or, with `whole`, in the state at all): `do`, then `to`."""

    ms: int
    to: State
    do: tuple[Do, ...] = ()
    whole: bool = False


def broken(session: Session, _event: Event, policy: Policy) -> bool:
    needs = NEEDS.get(session.state)
    return bool(needs) and (
        session.service or stops(session.failed, needs or frozenset(), policy.identification) is not None
    )


def well(session: Session, _event: Event, policy: Policy) -> bool:
    return not session.service and stops(session.failed, NEEDS[State.ATTRACT], policy.identification) is None


# --- the tables -----------------------------------------------------------------------------------------------

S = State
IN_SESSION = (S.CONSENT, S.IDENTIFY, S.SCHOOL, S.CONFIRM, S.PREPARE, S.POSE, S.CHOOSE)
IDENTIFYING = (S.IDENTIFY, S.SCHOOL, S.CONFIRM)

RULES: tuple[Rule, ...] = (
    # closed, attract
    Rule(S.CLOSED, ev.SeasonTold, serving, S.ATTRACT, (note_season,)),
    Rule(S.ATTRACT, ev.SeasonTold, not_serving, S.CLOSED, (note_season,)),
    Rule(S.ATTRACT, ev.Touched, starts, S.CONSENT),
    # consent: nothing is read before it
    Rule(S.CONSENT, ev.Touched, touched(Action.AGREE), S.IDENTIFY, (note_consent,)),
    Rule(S.CONSENT, ev.Touched, touched(Action.DECLINE), S.STAFF_HELP, (help_for(HelpReason.DECLINED_CONSENT),)),
    # identify; a card or code may still come when a school is asked for or a person is shown
    *(
        rule
        for state in IDENTIFYING
        for rule in (
            Rule(state, ev.CardRead, always, None, (take_card,)),
            Rule(state, ev.CodeRead, opaque, None, (keep_opaque_code, hint(Hint.QR_KEPT))),
            Rule(state, ev.CodeRead, always, None, (take_code,)),
            Rule(state, ev.RosterAnswered, finds(Finding.PERSON), S.CONFIRM, (note_rows, settle_person)),
            Rule(
                state, ev.RosterAnswered, finds(Finding.SCHOOLS), S.SCHOOL, (note_rows, offer_schools, hint(Hint.NONE))
            ),
            Rule(state, ev.RosterAnswered, finds(Finding.NEED_CARD), None, (note_rows, hint(Hint.CARD_ALSO))),
            Rule(state, ev.RosterAnswered, finds(Finding.NEED_CODE), None, (note_rows, hint(Hint.CODE_ALSO))),
            Rule(
                state, ev.RosterAnswered, finds(Finding.DISAGREE), S.STAFF_HELP, (help_for(HelpReason.KEYS_DISAGREE),)
            ),
            Rule(
                state, ev.RosterAnswered, finds(Finding.UNCLEAR), S.STAFF_HELP, (help_for(HelpReason.ROSTER_UNCLEAR),)
            ),
            Rule(
                state,
                ev.RosterAnswered,
                finds(Finding.UNKNOWN_CODE),
                S.STAFF_HELP,
                (help_for(HelpReason.NOT_ON_ROSTER),),
            ),
        )
    ),
    Rule(S.IDENTIFY, ev.CardFound, always, None, (hint(Hint.READING),)),
    Rule(S.IDENTIFY, ev.CardFailed, last_card_try_without_code, S.STAFF_HELP, (help_for(HelpReason.CARD_UNREADABLE),)),
    Rule(S.IDENTIFY, ev.CardFailed, last_card_try, None, (count_card_failure, hint(Hint.USE_CODE))),
    Rule(S.IDENTIFY, ev.CardFailed, trouble(CardTrouble.HOLD_STILL), None, (count_card_failure, hint(Hint.HOLD_STILL))),
    Rule(S.IDENTIFY, ev.CardFailed, trouble(CardTrouble.NOT_ID_CARD), None, (hint(Hint.NOT_ID_CARD),)),
    Rule(S.IDENTIFY, ev.CardFailed, trouble(CardTrouble.DAMAGED), S.STAFF_HELP, (help_for(HelpReason.CARD_DAMAGED),)),
    Rule(S.SCHOOL, ev.Touched, knows_school, S.CONFIRM, (settle_school,)),
    Rule(S.SCHOOL, ev.CardFound, always, None, (hint(Hint.READING),)),
    Rule(S.CONFIRM, ev.Touched, touched(Action.CONFIRM), S.PREPARE),
    Rule(S.CONFIRM, ev.Touched, touched(Action.NOT_ME), S.IDENTIFY, (drop_keys,)),
    # photograph
    Rule(S.PREPARE, ev.Touched, touched(Action.READY), S.POSE),
    Rule(S.POSE, ev.Measured, held_long_enough, S.CAPTURE, (see,)),
    Rule(S.POSE, ev.Measured, always, None, (see,)),
    Rule(S.CAPTURE, ev.BurstTaken, awaited, S.CHOOSE, (add_take,)),
    Rule(
        S.CAPTURE,
        ev.BurstFailed,
        last_burst_try,
        S.STAFF_HELP,
        (count_burst_failure, help_for(HelpReason.NO_LEGAL_PHOTO)),
    ),
    Rule(S.CAPTURE, ev.BurstFailed, awaited, S.POSE, (count_burst_failure,)),
    # choose
    Rule(S.CHOOSE, ev.TakeFinished, has_take, None, (note_finished,)),
    Rule(
        S.CHOOSE,
        ev.TakeRefused,
        only_hope_refused_and_no_take_left,
        S.STAFF_HELP,
        (note_refused, help_for(HelpReason.NO_LEGAL_PHOTO)),
    ),
    Rule(S.CHOOSE, ev.TakeRefused, only_hope_refused, S.POSE, (note_refused,)),
    Rule(S.CHOOSE, ev.TakeRefused, has_take, None, (note_refused,)),
    Rule(S.CHOOSE, ev.Touched, picks_finished_take, None, (pick,)),
    Rule(S.CHOOSE, ev.Touched, accepts_finished_take, S.SAVING),
    Rule(S.CHOOSE, ev.Touched, may_retake, S.POSE),
    # save: an accepted shot is durable before the screen says so
    Rule(S.SAVING, ev.Saved, awaited, S.DONE, (note_receipt,)),
    Rule(S.SAVING, ev.SaveFailed, last_save_try, S.STAFF_HELP, (help_for(HelpReason.NOT_SAVED),)),
    Rule(S.SAVING, ev.SaveFailed, awaited, None, (count_save_failure, save)),
    Rule(S.DONE, ev.Touched, touched(Action.FINISH), S.ATTRACT),
    # interruptions
    Rule(S.STILL_THERE, ev.Touched, can_go_back, back),
    Rule(S.STILL_THERE, ev.TakeFinished, has_take, None, (note_finished,)),
    Rule(S.STILL_THERE, ev.TakeRefused, has_take, None, (note_refused,)),
    Rule(S.STILL_THERE, ev.Touched, touched(Action.CANCEL), S.ATTRACT),
    Rule(S.STAFF_HELP, ev.Touched, can_go_back, back),
    Rule(S.STAFF_HELP, ev.TakeFinished, has_take, None, (note_finished,)),
    Rule(S.STAFF_HELP, ev.TakeRefused, has_take, None, (note_refused,)),
    Rule(S.STAFF_HELP, ev.Touched, touched(Action.FINISH, Action.CANCEL), S.ATTRACT),
    *(
        rule
        for state in IN_SESSION
        for rule in (
            Rule(state, ev.Touched, touched(Action.CANCEL), S.ATTRACT),
            Rule(state, ev.Touched, touched(Action.HELP), S.STAFF_HELP, (help_and_back(HelpReason.ASKED),)),
        )
    ),
    Rule(S.OUT_OF_SERVICE, ev.Tick, well, S.ATTRACT),
)

EVERYWHERE: tuple[Rule, ...] = (
    Rule(None, ev.Tick, broken, S.OUT_OF_SERVICE),
    Rule(None, ev.DeviceFailed, always, None, (note_failure,)),
    Rule(None, ev.DeviceRecovered, always, None, (note_recovery,)),
    Rule(None, ev.KeyTurned, always, None, (note_key,)),
    Rule(None, ev.SeasonTold, always, None, (note_season,)),
    Rule(None, ev.Touched, touched(Action.LANGUAGE), None, (switch_language,)),
)

ENTER: dict[State, tuple[Do, ...]] = {
    S.CLOSED: (wipe, rest),
    S.ATTRACT: (wipe, rest, ask_season),
    S.IDENTIFY: (drop_keys, listen),
    S.SCHOOL: (listen,),
    S.CONFIRM: (listen,),
    S.PREPARE: (stop_listening, light),
    S.POSE: (light, watch),
    S.CAPTURE: (look_away, shoot),
    S.SAVING: (save,),
    S.STAFF_HELP: (rest,),
    S.STILL_THERE: (stop_listening, look_away),
    S.OUT_OF_SERVICE: (wipe, rest),
}

# The seconds are ours; crowd.md's medians (3 s to find a card, 3 s to tidy hair, 3 s to choose) times ten or more.
DEADLINES: dict[State, tuple[Deadline, ...]] = {
    S.CLOSED: (Deadline(60_000, S.CLOSED, (ask_season,)),),
    S.ATTRACT: (Deadline(60_000, S.ATTRACT),),
    S.CONSENT: (Deadline(45_000, S.STILL_THERE, (come_back_later,)),),
    S.IDENTIFY: (Deadline(45_000, S.STILL_THERE, (come_back_later,)),),
    S.SCHOOL: (Deadline(45_000, S.STILL_THERE, (come_back_later,)),),
    S.CONFIRM: (Deadline(30_000, S.STILL_THERE, (come_back_later,)),),
    S.PREPARE: (Deadline(60_000, S.STILL_THERE, (come_back_later,)),),
    S.POSE: (
        Deadline(15_000, S.STILL_THERE, (come_back_later,)),
        Deadline(180_000, S.STAFF_HELP, (help_and_back(HelpReason.NO_LEGAL_PHOTO),), whole=True),
    ),
    S.CAPTURE: (Deadline(15_000, S.STAFF_HELP, (help_for(HelpReason.NO_LEGAL_PHOTO),), whole=True),),
    S.CHOOSE: (Deadline(45_000, S.STILL_THERE, (come_back_later,)),),
    S.SAVING: (Deadline(20_000, S.STAFF_HELP, (help_for(HelpReason.NOT_SAVED),), whole=True),),
    S.DONE: (Deadline(30_000, S.ATTRACT),),
    S.STILL_THERE: (Deadline(15_000, S.ATTRACT, whole=True),),
    S.STAFF_HELP: (Deadline(60_000, S.ATTRACT),),
}

ALL = frozenset(State)
READING_OFF = ALL - set(IDENTIFYING)

IGNORED: dict[type[Event], frozenset[State]] = {
    ev.Tick: ALL,  # deadlines only
    ev.CardFound: READING_OFF | {S.CONFIRM},
    ev.CardRead: READING_OFF,
    ev.CardFailed: ALL - {S.IDENTIFY},  # the card is a second key there, or the answer to "which school"
    ev.CardRemoved: ALL,
    ev.CodeRead: READING_OFF,
    ev.RosterAnswered: READING_OFF,
    ev.Measured: ALL - {S.POSE},
    # Outcomes that come after the graduate has gone, or of an order that was given up:
    ev.BurstTaken: ALL - {S.CAPTURE},
    ev.BurstFailed: ALL - {S.CAPTURE},
    ev.TakeFinished: ALL - {S.CHOOSE, S.STILL_THERE, S.STAFF_HELP},
    ev.TakeRefused: ALL - {S.CHOOSE, S.STILL_THERE, S.STAFF_HELP},
    ev.Saved: ALL - {S.SAVING},
    ev.SaveFailed: ALL - {S.SAVING},
}

_SESSION_NEEDS = frozenset(Need)
NEEDS: dict[State, frozenset[Need]] = {
    S.ATTRACT: _SESSION_NEEDS,
    S.CONSENT: _SESSION_NEEDS,
    S.IDENTIFY: _SESSION_NEEDS,
    S.SCHOOL: _SESSION_NEEDS,
    S.CONFIRM: _SESSION_NEEDS,
    S.PREPARE: frozenset({Need.SHOW, Need.SHOOT, Need.KEEP}),
    S.POSE: frozenset({Need.SHOW, Need.SHOOT, Need.KEEP}),
    S.CAPTURE: frozenset({Need.SHOW, Need.SHOOT}),
}
"""A state that is not here can be finished with whatever fails: an accepted shot is kept first."""


# --- the step -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """What came of one event: the session, what it asks for, and whether the event was foreseen at all."""

    session: Session
    effects: tuple[fx.Effect, ...]
    foreseen: bool = True


def start(policy: Policy, at_ns: int) -> Step:
    """The session of a booth that was just switched on: closed, until the season is told."""
    draft = Draft(Session(since_ns=at_ns, active_ns=at_ns), ev.Tick(at_ns), policy)
    _enter(draft, State.CLOSED)
    ask_season(draft)
    return Step(draft.session, tuple(draft.effects))


def step(session: Session, event: Event, policy: Policy) -> Step:
    """Apply one event. Pure: the same arguments give the same step, and nothing else is read or changed."""
    draft = Draft(session, event, policy)
    if isinstance(event, ev.Touched):
        draft.set(active_ns=event.at_ns)
    rule = rule_for(session, event, policy)
    if rule is not None:
        _apply(draft, rule.to, rule.do)
    elif isinstance(event, ev.Tick) and (deadline := _overdue(session, event.at_ns)) is not None:
        _apply(draft, deadline.to, deadline.do)
    return Step(draft.session, tuple(draft.effects), rule is not None or foreseen(session.state, type(event)))


def rule_for(session: Session, event: Event, policy: Policy) -> Rule | None:
    """The rule that `event` meets in `session`: the state's own first."""
    return next(
        (
            rule
            for rule in (*RULES, *EVERYWHERE)
            if rule.state in (session.state, None) and type(event) is rule.event and rule.when(session, event, policy)
        ),
        None,
    )


def foreseen(state: State, event: type[Event]) -> bool:
    """Whether `event` has a rule in `state` (its guard may be false), or is listed as ignored there."""
    ruled = any(rule.state in (state, None) and rule.event is event for rule in (*RULES, *EVERYWHERE))
    return ruled or state in IGNORED.get(event, frozenset())


def _overdue(session: Session, now_ns: int) -> Deadline | None:
    for deadline in DEADLINES.get(session.state, ()):
        since = session.since_ns if deadline.whole else max(session.since_ns, session.active_ns)
        if now_ns - since >= deadline.ms * 1_000_000:
            return deadline
    return None


def _apply(draft: Draft, to: Target, actions: tuple[Do, ...]) -> None:
    for do in actions:
        do(draft)
    if to is not None:
        _enter(draft, to if isinstance(to, State) else to(draft.session))


def _enter(draft: Draft, state: State) -> None:
    now_ns = draft.event.at_ns
    draft.set(state=state, since_ns=now_ns, active_ns=now_ns)
    for do in ENTER.get(state, ()):
        do(draft)
