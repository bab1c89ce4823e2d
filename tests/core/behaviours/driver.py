"""A session under test: tests act on it, its effects are recorded, and its invariants are checked at every step."""

from collections.abc import Iterable
from copy import copy
from types import MappingProxyType

from kiosk.core import events as ev
from kiosk.core.events import Action, CallState, CardTrouble, CodeKind, DecisionState, RowTokens, SeasonState
from kiosk.core.identity import IdentificationRule
from kiosk.core.inputs import Measures, Sight
from kiosk.core.session import effects as fx
from kiosk.core.session import machine as core
from kiosk.core.session.state import Session, SessionPolicy, State
from rules.checks import CheckId, CheckRule, Limit
from rules.checks import Policy as CheckPolicy

LIVE_RULES = (
    CheckRule(CheckId.ONE_FACE, CheckPolicy.REQUIRED, Limit(max=0.03), "share"),
    CheckRule(CheckId.DISTANCE, CheckPolicy.REQUIRED, Limit(min=0.2, max=0.3), "share"),
    CheckRule(CheckId.ROLL, CheckPolicy.REQUIRED, Limit(min=-3, max=3), "deg", Limit(min=-4, max=4)),
    CheckRule(CheckId.SHOULDERS, CheckPolicy.WARN, Limit(min=-4, max=4), "deg"),
    CheckRule(CheckId.GLASSES, CheckPolicy.REQUIRED, Limit(max=15), "L*"),
    CheckRule(CheckId.TOP_COLOUR, CheckPolicy.WARN, Limit(min=58), "L*"),
    CheckRule(CheckId.EYES_OPEN, CheckPolicy.REQUIRED, Limit(min=0.15), "ratio"),
)
FINE: dict[CheckId, float | None] = {
    CheckId.ONE_FACE: 0.0,
    CheckId.DISTANCE: 0.25,
    CheckId.ROLL: 0.0,
    CheckId.SHOULDERS: 0.0,
    CheckId.EYES_OPEN: 0.3,
    CheckId.LIGHT_EVEN: 0.0,
    CheckId.EXPOSURE: 0.0,
}
WELL_DRESSED: dict[CheckId, float | None] = {CheckId.GLASSES: 5.0, CheckId.TOP_COLOUR: 70.0}
EITHER = SessionPolicy(IdentificationRule.EITHER, LIVE_RULES)
LIT = SessionPolicy(
    IdentificationRule.EITHER,
    (
        LIVE_RULES[0],
        CheckRule(CheckId.EXPOSURE, CheckPolicy.REQUIRED, Limit(min=-0.05, max=0.005), "share"),
        CheckRule(CheckId.LIGHT_EVEN, CheckPolicy.REQUIRED, Limit(min=-0.1, max=0.1), "ratio"),
        *LIVE_RULES[1:],
    ),
)
"""A profile that asks for even light: the lamps balance themselves."""
CARD = SessionPolicy(IdentificationRule.CARD, LIVE_RULES)
BOTH = SessionPolicy(IdentificationRule.BOTH, LIVE_RULES)

AT_REST = frozenset({State.CLOSED, State.ATTRACT, State.OUT_OF_SERVICE, State.CARD_LEFT})
HEARING = (State.IDENTIFY, State.SCHOOL, State.CONFIRM)
SEAT_WATCHED = frozenset(
    {State.CONFIRM, State.WRONG_TOP, State.REASON, State.CHOOSE, State.REJECTED, State.STILL_THERE, State.STAFF_HELP}
)
"""States in which the booth watches only the seat, once a person is known."""
TICK_MS = 500
FRAME_MS = 70

LI = RowTokens("row-li", "school-a")
LI_AT_B = RowTokens("row-li-b", "school-b")
LI_AGAIN = RowTokens("row-li-2", "school-a")
LI_AT_C = RowTokens("row-li-c", "school-c")
WU = RowTokens("row-wu", "school-b")

Asked = tuple[fx.Effect, ...]


class Booth:
    """One booth. `do` is the only way to the session, and checks what must always hold."""

    def __init__(self, policy: SessionPolicy = EITHER, *, now_ms: int = 1_000) -> None:
        self.policy = policy
        self.now_ns = now_ms * 1_000_000
        self.asked: list[fx.Effect] = []
        self.happened: list[ev.Event] = [ev.Tick(self.now_ns)]
        self.session = Session()
        self._take(core.start(policy, self.now_ns))

    def twin(self) -> "Booth":
        """A copy of this booth, with the same history."""
        twin = copy(self)
        twin.asked, twin.happened = list(self.asked), list(self.happened)
        return twin

    @property
    def state(self) -> State:
        return self.session.state

    def expect(self, state: State, why: str = "") -> None:
        """The session is in `state`."""
        assert self.session.state is state, why or f"in {self.session.state}, not in {state}"

    def do(self, event: ev.Event, *, foreseen: bool | None = True) -> Asked:
        """Apply `event`; returns the effects. `foreseen`: whether the tables must have a rule for it; None: either."""
        self.happened.append(event)
        step = core.step(self.session, event, self.policy)
        if foreseen is not None:
            assert step.foreseen is foreseen, f"{core.trigger(event)} in {self.state}: foreseen is {step.foreseen}"
        if not step.foreseen:
            assert step.session == self.session, "an unforeseen event changed the session"
            assert step.effects == ()
        if any(isinstance(effect, fx.Save) for effect in step.effects):
            assert isinstance(event, ev.SaveFailed) or core.trigger(event) is Action.ACCEPT, "saved, not accepted"
        self._take(step)
        return step.effects

    def _take(self, step: core.Step) -> None:
        ids = [effect.id for effect in step.effects]
        last = self.asked[-1].id if self.asked else 0
        assert ids == list(range(last + 1, last + 1 + len(ids))), "ids are counted up without a gap"
        self.asked += step.effects
        before, self.session = self.session, step.session
        self._check(before, step.effects)

    def _check(self, before: Session, effects: Asked) -> None:
        session = self.session
        if session.state in AT_REST:
            assert nothing_of_a_person(session), f"{session.state} holds something of a person"
            assert (self.listening, self.watching, self.lit) == (False, False, False), f"{session.state} is not at rest"
            assert self.forgotten, f"{session.state} without a Forget"
        if self.listening:
            assert session.consent_ns is not None, "something may be read before consent"
        assert self.listening == (session.state in HEARING), f"listening is {self.listening} in {session.state}"
        waited_for = session.state is State.DONE and session.decision is DecisionState.WITH_STAFF
        between = session.state in SEAT_WATCHED and session.person is not None
        watched = session.state in (State.PREPARE, State.POSE) or between or waited_for
        assert self.watching == watched, f"watching is {self.watching} in {session.state}"
        newest = self.newest(fx.Watch)
        assert isinstance(newest, fx.Watch)
        if newest.on:
            sight = {State.PREPARE: Sight.WORN, State.POSE: Sight.POSE}.get(session.state, Sight.SEAT)
            assert newest.sight is sight, f"{newest.sight} is looked at in {session.state}"
        assert len(session.takes) <= self.policy.max_takes, "too many takes"
        for effect in effects:
            if isinstance(effect, fx.Save):
                take = session.take(effect.take)
                assert session.consent_ns is not None
                assert session.person is not None
                assert effect.person == session.person.key
                assert take is not None, "a take that does not exist is saved"
                assert take.score is not None, "an unfinished take is saved"
        if session.state is State.REJECTED:
            assert session.takes == (), "the takes of a rejected shot are kept"
        if session.state is State.DONE and before.state is not State.DONE:
            assert session.receipt is not None, "done without a receipt"
            assert any(isinstance(effect, fx.Save) and effect.id == before.waiting_for for effect in self.asked)

    # the state of the devices after the newest effects

    def newest(self, kind: type[fx.Effect]) -> fx.Effect:
        return next(effect for effect in reversed(self.asked) if isinstance(effect, kind))

    @property
    def listening(self) -> bool:
        newest = self.newest(fx.Listen)
        return isinstance(newest, fx.Listen) and newest.on

    @property
    def watching(self) -> bool:
        newest = self.newest(fx.Watch)
        return isinstance(newest, fx.Watch) and newest.on

    @property
    def lit(self) -> bool:
        newest = self.newest(fx.Light)
        return isinstance(newest, fx.Light) and newest.on

    @property
    def forgotten(self) -> bool:
        """Whether no effect since the last Forget was about a person."""
        personal = (fx.LookUp, fx.Recall, fx.Watch, fx.Shoot, fx.Finish, fx.Save, fx.Follow)
        newest = next(
            (
                effect
                for effect in reversed(self.asked)
                if isinstance(effect, (fx.Forget, *personal)) and getattr(effect, "on", True)
            ),
            None,
        )
        return isinstance(newest, fx.Forget)

    # what people and devices do

    def touch(self, action: Action, arg: str = "", *, foreseen: bool = True) -> Asked:
        return self.do(ev.Touched(self.now_ns, action, arg), foreseen=foreseen)

    def tell_season(self, season: SeasonState) -> Asked:
        return self.do(ev.SeasonTold(self.now_ns, season))

    def wait(self, seconds: float, tick_ms: int = TICK_MS) -> None:
        """Nothing happens but ticks."""
        end_ns = self.now_ns + int(seconds * 1e9)
        while self.now_ns < end_ns:
            self.now_ns = min(end_ns, self.now_ns + tick_ms * 1_000_000)
            self.do(ev.Tick(self.now_ns))

    def lay_card(self, person: str = "card-li", valid: bool | None = True) -> Asked:
        return self.do(ev.CardRead(self.now_ns, person, valid))

    def card_found(self) -> Asked:
        return self.do(ev.CardFound(self.now_ns))

    def card_removed(self) -> Asked:
        return self.do(ev.CardRemoved(self.now_ns))

    def card_fails(self, trouble: CardTrouble = CardTrouble.HOLD_STILL) -> Asked:
        return self.do(ev.CardFailed(self.now_ns, trouble))

    def scan(self, code: str = "code-li") -> Asked:
        return self.do(ev.CodeRead(self.now_ns, code, CodeKind.STUDENT_OR_EXAM_NUMBER))

    def show_qr(self, code: str = "qr") -> Asked:
        return self.do(ev.CodeRead(self.now_ns, code, CodeKind.OPAQUE))

    def answer(self, *rows: RowTokens) -> Asked:
        """The roster answers the newest look-up."""
        order = self.newest(fx.LookUp)
        assert isinstance(order, fx.LookUp)
        return self.do(ev.RosterAnswered(self.now_ns, order.id, order.key, rows))

    def answer_for(self, key: str, *rows: RowTokens) -> Asked:
        """The roster answers the newest look-up of `key`."""
        orders = [effect for effect in self.asked if isinstance(effect, fx.LookUp) and effect.key == key]
        return self.do(ev.RosterAnswered(self.now_ns, orders[-1].id, key, rows))

    def look(self, faces: int = 1, **values: float | None) -> Asked:
        """One measured frame in which everything is fine, except `values` (by the checks' names)."""
        all_values = FINE | {CheckId(name): value for name, value in values.items()}
        return self.do(ev.Measured(self.now_ns, Measures(self.now_ns, faces, MappingProxyType(all_values))))

    def dress(self, faces: int = 1, **values: float | None) -> Asked:
        """One look at what people wear, once the light is steady: everything is fine, except `values` (by the checks'
        names).
        """
        if self.session.lighting is not None:
            self.now_ns = max(self.now_ns, self.session.lighting.steady_ns)
        worn = MappingProxyType(WELL_DRESSED | {CheckId(name): value for name, value in values.items()})
        return self.do(ev.LooksSeen(self.now_ns, Measures(self.now_ns, faces, worn)))

    def see_seat(self, faces: int = 1) -> Asked:
        """One look at who sits there."""
        return self.do(ev.SeatSeen(self.now_ns, faces))

    def pose(self, seconds: float, faces: int = 1, frame_ms: int = FRAME_MS, **values: float | None) -> None:
        """Frames and ticks for `seconds`, or until the shot is ordered."""
        end_ns = self.now_ns + int(seconds * 1e9)
        while self.now_ns < end_ns and self.state is State.POSE:
            self.now_ns += frame_ms * 1_000_000
            self.do(ev.Tick(self.now_ns))
            if self.state is State.POSE:
                self.look(faces, **values)

    def burst_taken(self) -> Asked:
        order = self.newest(fx.Shoot)
        assert isinstance(order, fx.Shoot)
        return self.do(ev.BurstTaken(self.now_ns, order.id, order.take))

    def burst_fails(self, fault: ev.ShootFault = ev.ShootFault.POSE_LOST) -> Asked:
        return self.do(ev.BurstFailed(self.now_ns, self.newest(fx.Shoot).id, fault))

    def finish(
        self,
        take: int,
        score: float = 0.5,
        warnings: tuple[str, ...] = (),
        doubts: tuple[str, ...] = (),
        failures: tuple[str, ...] = (),
    ) -> Asked:
        return self.do(ev.TakeFinished(self.now_ns, take, score, warnings, doubts, failures))

    def refuse(self, take: int, fault: ev.FinishFault = ev.FinishFault.TOO_CLOSE) -> Asked:
        return self.do(ev.TakeRefused(self.now_ns, take, fault))

    def saved(self, receipt: str = "AB12") -> Asked:
        return self.do(ev.Saved(self.now_ns, self.newest(fx.Save).id, receipt))

    def stands(self, decision: DecisionState, *reasons: str) -> Asked:
        """News of the shot that is followed."""
        return self.do(ev.ShotStands(self.now_ns, self.newest(fx.Follow).id, decision, reasons))

    def recalled(self, decision: DecisionState | None, *reasons: str) -> Asked:
        """Tell the session what staff decided on the person's earlier shots."""
        return self.do(ev.Recalled(self.now_ns, self.newest(fx.Recall).id, decision, reasons))

    def call_stands(self, state: CallState, line: str | None = None) -> Asked:
        """News of the call for help."""
        return self.do(ev.CallStands(self.now_ns, self.newest(fx.CallStaff).id, state, line))

    def save_fails(self) -> Asked:
        return self.do(ev.SaveFailed(self.now_ns, self.newest(fx.Save).id))

    def lose_photo(self) -> Asked:
        return self.do(ev.PhotoLost(self.now_ns, self.newest(fx.Save).id))

    def fail(self, device: ev.Device, fault: str = "fault.test") -> None:
        self.do(ev.DeviceFailed(self.now_ns, device, fault))
        self.do(ev.Tick(self.now_ns))

    def recover(self, device: ev.Device, fault: str = "fault.test") -> None:
        self.do(ev.DeviceRecovered(self.now_ns, device, fault))
        self.do(ev.Tick(self.now_ns))

    def lamps_tested(self) -> Asked:
        return self.do(ev.LampsTested(self.now_ns))

    def turn_key(self, *, service: bool, by_pin: bool = False) -> None:
        self.do(ev.KeyTurned(self.now_ns, service, by_pin))
        self.do(ev.Tick(self.now_ns))

    # the way to a state

    def at_attract(self) -> "Booth":
        self.tell_season(SeasonState.OPEN)
        self.expect(State.ATTRACT)
        return self

    def at_consent(self) -> "Booth":
        self.at_attract().touch(Action.START)
        return self

    def at_identify(self) -> "Booth":
        self.at_consent().touch(Action.AGREE)
        return self

    def at_school(self) -> "Booth":
        """Get to the school screen: by an ambiguous student number or, if the profile requires a card, by a card with
        two rows.
        """
        self.at_identify()
        if self.policy.identification is IdentificationRule.EITHER:
            self.scan()
            self.answer(LI, WU)
        else:
            self.show_keys(LI, LI_AT_B)
        return self

    def at_confirm(self) -> "Booth":
        self.at_identify().show_keys(LI)
        return self

    def show_keys(self, *rows: RowTokens) -> None:
        """The card, and the code where the profile wants both; both lead to `rows`."""
        self.lay_card()
        self.answer(*rows)
        if self.policy.identification is IdentificationRule.BOTH:
            self.scan()
            self.answer(*rows)

    def at_prepare(self) -> "Booth":
        """Get to the prepare screen; the storage has answered by then, as it does within milliseconds."""
        self.at_confirm().recalled(None)
        self.touch(Action.CONFIRM)
        return self

    def at_wrong_top(self) -> "Booth":
        self.at_prepare().dress(top_colour=20)
        self.touch(Action.READY)
        return self

    def at_pose(self) -> "Booth":
        self.at_prepare().touch(Action.READY)
        return self

    def at_reason(self) -> "Booth":
        """After twenty seconds of eyes that the booth calls closed."""
        self.at_pose().pose(20.5, frame_ms=500, eyes_open=0)
        self.touch(Action.BOOTH_WRONG)
        return self

    def at_capture(self) -> "Booth":
        self.at_pose().lamps_tested()
        self.pose(2)
        return self

    def take_and_accept(self) -> fx.Save:
        """From the pose on: sit right, one take, accept it. The order to save it."""
        self.pose(2)
        self.burst_taken()
        self.finish(1)
        self.touch(Action.ACCEPT)
        order = self.newest(fx.Save)
        assert isinstance(order, fx.Save)
        return order

    def at_choose(self) -> "Booth":
        """Get to the choose screen with one take that is still being finished."""
        self.at_capture().burst_taken()
        return self

    def at_retake(self) -> "Booth":
        """Get to the pose of the second take, with a finished first one."""
        self.at_choose().finish(1)
        self.touch(Action.RETAKE)
        return self

    def at_saving(self) -> "Booth":
        self.at_choose().finish(1)
        self.touch(Action.ACCEPT)
        return self

    def at_done(self) -> "Booth":
        self.at_saving().saved()
        return self

    def at_approved(self) -> "Booth":
        self.at_done().stands(DecisionState.APPROVED)
        return self

    def at_rejected(self) -> "Booth":
        self.at_done().stands(DecisionState.REJECTED, "glasses")
        return self

    def at_still_there(self) -> "Booth":
        self.at_consent().wait(45)
        return self

    def at_staff_help(self) -> "Booth":
        self.at_pose().touch(Action.HELP)
        return self

    def at_out_of_service(self) -> "Booth":
        self.at_attract().fail(ev.Device.CAMERA)
        return self

    def at_card_left(self) -> "Booth":
        self.at_identify().card_found()
        self.touch(Action.CANCEL)
        self.do(ev.Tick(self.now_ns))
        return self

    def shoot_again(self, seconds: float = 2) -> None:
        """One more take, from the choose screen; `seconds` are enough for the pose."""
        self.touch(Action.RETAKE)
        self.pose(seconds)
        self.burst_taken()


STATIONS = {
    State.CLOSED: lambda booth: booth,
    State.ATTRACT: Booth.at_attract,
    State.CONSENT: Booth.at_consent,
    State.IDENTIFY: Booth.at_identify,
    State.SCHOOL: Booth.at_school,
    State.CONFIRM: Booth.at_confirm,
    State.PREPARE: Booth.at_prepare,
    State.WRONG_TOP: Booth.at_wrong_top,
    State.POSE: Booth.at_pose,
    State.REASON: Booth.at_reason,
    State.CAPTURE: Booth.at_capture,
    State.CHOOSE: Booth.at_choose,
    State.SAVING: Booth.at_saving,
    State.DONE: Booth.at_done,
    State.APPROVED: Booth.at_approved,
    State.REJECTED: Booth.at_rejected,
    State.STILL_THERE: Booth.at_still_there,
    State.STAFF_HELP: Booth.at_staff_help,
    State.OUT_OF_SERVICE: Booth.at_out_of_service,
    State.CARD_LEFT: Booth.at_card_left,
}
"""How each state is reached."""


def booth_in(state: State, policy: SessionPolicy = EITHER) -> Booth:
    """A booth in `state`."""
    booth: Booth = STATIONS[state](Booth(policy))
    assert booth.state is state, f"the way to {state} ends in {booth.state}"
    return booth


def nothing_of_a_person(session: Session) -> bool:
    """Whether `session`, except for the parts that belong to the booth, is as it was when the booth was switched on."""
    blank = Session(
        state=session.state,
        since_ns=session.since_ns,
        active_ns=session.active_ns,
        next_id=session.next_id,
        language=session.language,
        volume=session.volume,
        contrast=session.contrast,
        large=session.large,
        low=session.low,
        audio_guide=session.audio_guide,
        curtain_open=session.curtain_open,
        page=session.page,
        options=session.options,
        season=session.season,
        appointments=session.appointments,
        failed=session.failed,
        service=session.service,
        service_by_pin=session.service_by_pin,
        card_lies=session.card_lies,
        former_card=session.former_card,
    )
    return session == blank


def kinds(effects: Iterable[fx.Effect]) -> list[str]:
    """The effects' names, with on and off told apart."""
    switched = {True: " on", False: " off", None: ""}
    return [type(effect).__name__ + switched[getattr(effect, "on", None)] for effect in effects]
