"""Every screen that the booth can show, with its main variants: named sessions, in the form in which the core makes
them.

The golden pictures are made from this list: adding a screen or a variant here adds a picture in every language.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kiosk.core.events import Agreement, CallState, DecisionState, Device, FinishFault, SeasonState, ShootFault
from kiosk.core.identity import Identification, IdentificationRule
from kiosk.core.session.guidance import WORDS, Guidance
from kiosk.core.session.quality import NOBODY, Judgement, judge
from kiosk.core.session.state import Flag, HelpReason, Hint, Person, Reason, Session, SessionPolicy, State, Take, Volume
from kiosk.ui.viewmodel import Facts, Masked, NumberQueue
from rules.checks import CheckId
from rules.profile import load_profile

NOW_NS = 40_000_000_000
JIANGSU = load_profile("jiangsu-2019")
NATIONAL = load_profile("national-2017")
POLICY = SessionPolicy(IdentificationRule.EITHER, JIANGSU.live_rules)
FACTS = Facts(
    JIANGSU.prepare,
    180,
    (8, 1),
    (11, 20),
    ("9:00–11:30", "13:30–17:00"),
    bring_both=True,
    desk_place="一楼大厅服务台",
    desk_phone="025-8000 0000",
)

SCHOOLS = {
    "s1": "南京航空航天大学",
    "s2": "江苏科技大学苏州理工学院",
    "s3": "南京信息工程大学滨江学院（继续教育）",
    "s4": "南京工业大学",
    "s5": "苏州大学应用技术学院",
}


PEOPLE = {
    "row": Masked("王*", "320102********0017", SCHOOLS["s1"]),
    "card": Masked("李*", "110105********002X", ""),
    "rare": Masked("\U00030000*", "320102********0017", SCHOOLS["s3"]),
}


RECORDS = {
    "r1": (SCHOOLS["s1"], "2026 · 计算机科学与技术 · 2022级3班"),
    "r2": (SCHOOLS["s3"], "2026 · 机械设计制造及其自动化（中外合作办学） · 机械2024（专转本）2班"),
    "r3": (SCHOOLS["s1"], "2026 · 国际经济与贸易（辅修） · 辅修1班"),
}
LINES = {
    "short": "工作人员马上过来，请稍候。",
    "long": "请您带上身份证和学生证，从大厅右侧的楼梯上二楼，到 205 房间找值班的老师办理，"
    "办理时间到下午五点，中午十一点半到一点半休息，请合理安排时间，如有不便敬请谅解，谢谢您的配合。",
}
LI = Person("card", "row", Identification.CARD)
REJECTIONS = {
    "rejected-one": ("glasses",),
    "rejected-three": ("hair_brows", "top_colour", "roll"),
    "rejected-many": ("shadow", "head_cover", "jewellery", "neutral", "sharp", "other"),
    "rejected-no-reason": (),
}


class Known:
    """Names and numbers of made-up people, in place of a vault."""

    def shown(self, token: str) -> Masked | None:
        return PEOPLE.get(token)

    def school(self, token: str) -> str | None:
        return SCHOOLS.get(token)

    def record(self, token: str) -> tuple[str, str] | None:
        return RECORDS.get(token)

    def line(self, token: str) -> str | None:
        return LINES.get(token)


@dataclass(frozen=True)
class Shown:
    """What one picture shows: a session, and the profile under which it runs."""

    name: str
    session: Session
    policy: SessionPolicy = POLICY
    facts: Facts = FACTS
    now_ns: int = NOW_NS


def gallery() -> Iterator[Shown]:
    """All screens and variants, in the order a graduate meets them."""
    for one in (*_before(), *_identity(), *_photo(), *_keep(), *_aside()):
        since_ns = one.session.since_ns or NOW_NS - 4_000_000_000
        person = LI if one.session.state is State.CHOOSE else one.session.person
        yield replace(one, session=replace(one.session, since_ns=since_ns, person=person))


def _before() -> Iterator[Shown]:
    closed = (SeasonState.BEFORE_SEASON, SeasonState.AFTER_SEASON, SeasonState.NOT_A_WORKING_DAY)
    for season in (*closed, SeasonState.OUT_OF_HOURS):
        yield Shown(f"closed-{season.value}", Session(State.CLOSED, season=season))
    by_appointment = Session(State.CLOSED, season=SeasonState.AFTER_SEASON, appointments=True)
    yield Shown("closed-by-appointment", by_appointment)
    yield Shown("closed-asking", Session(State.CLOSED))
    no_hours = replace(FACTS, hours=())
    yield Shown("closed-no-hours", Session(State.CLOSED, season=SeasonState.AFTER_SEASON), facts=no_hours)
    yield Shown("attract", Session(State.ATTRACT))
    for name, facts in _queues():
        yield Shown(f"attract-{name}", Session(State.ATTRACT), facts=facts)
    yield Shown("options", Session(State.ATTRACT, options=True))
    yield Shown("options-silent", Session(State.CONSENT, options=True, volume=Volume.OFF, contrast=True))
    yield Shown("options-no-voice", Session(State.ATTRACT, options=True), facts=replace(FACTS, voice=False))
    yield Shown("options-guided", Session(State.CONSENT, options=True, audio_guide=True, curtain_open=True))
    yield Shown("consent-dark", Session(State.CONSENT, audio_guide=True))
    yield Shown("attract-contrast", Session(State.ATTRACT, contrast=True))
    national = replace(FACTS, preparations=NATIONAL.prepare, bring_both=False, backdrop=(255, 255, 255))
    card_only = replace(POLICY, identification=IdentificationRule.CARD)
    yield Shown("attract-national", Session(State.ATTRACT), card_only, national)
    yield Shown("consent", Session(State.CONSENT))


def _queues() -> Iterator[tuple[str, Facts]]:
    """The variants of the start screen with the queue of numbers."""
    page = replace(FACTS, number_page="https://photos.example.edu.cn/number")
    yield "numbers", replace(page, queue=NumberQueue((118, 119, 121), 37, given=True))
    yield "numbers-one", replace(page, queue=NumberQueue((7,), 0, given=True))
    yield "numbers-none-called", replace(FACTS, queue=NumberQueue((), 3, given=True))
    yield "numbers-ended", replace(page, queue=NumberQueue((12_003,), 12, given=False))


def _identity() -> Iterator[Shown]:
    for hint in Hint:
        yield Shown(f"identify-{hint.value}", Session(State.IDENTIFY, hint=hint))
    card_only = replace(POLICY, identification=IdentificationRule.CARD)
    yield Shown("identify-card-only", Session(State.IDENTIFY), card_only)
    broken = Session(State.IDENTIFY, failed=((Device.CARD_READER, "fault.card_reader_silent"),))
    yield Shown("identify-no-reader", broken)
    yield Shown("school-two", Session(State.SCHOOL, schools=("s1", "s2")))
    yield Shown("school-three", Session(State.SCHOOL, schools=("s1", "s2", "s3")))
    many = tuple(f"s{number}" for number in range(1, 6))
    yield Shown("school-five", Session(State.SCHOOL, schools=many))
    yield Shown("school-five-last", Session(State.SCHOOL, schools=many, page=1))
    yield Shown("school-records", Session(State.SCHOOL, records=("r1", "r2", "r3")))
    yield Shown("confirm-photographed", Session(State.CONFIRM, person=LI, photographed=True))
    yield Shown("confirm-data-wrong", Session(State.CONFIRM, person=LI, flags=(Flag.DATA_WRONG,)))
    yield Shown("confirm-allowed", Session(State.CONFIRM, person=LI, photographed=True, allowed=True))
    yield Shown("confirm", Session(State.CONFIRM, person=LI))
    takes = (Take(1, 0.9),)
    yield Shown("confirm-takes-kept", Session(State.CONFIRM, person=LI, takes=takes, picked=1, changed=True))
    provisional = Person("card", None, Identification.CARD)
    yield Shown("confirm-provisional", Session(State.CONFIRM, person=provisional, flags=(Flag.PROVISIONAL_ROW,)))
    rare = Person("rare", None, Identification.CARD)
    yield Shown("confirm-rare-expired", Session(State.CONFIRM, person=rare, flags=(Flag.CARD_EXPIRED,)))


def _photo() -> Iterator[Shown]:
    yield Shown("prepare", Session(State.PREPARE))
    yield Shown("prepare-met", Session(State.PREPARE, looks=_worn(), jewellery_off=True))
    yield Shown("prepare-jewellery", Session(State.PREPARE, looks=_worn()))
    yield Shown("prepare-unmet", Session(State.PREPARE, looks=_worn(GLASSES=30.0, EARS=0.1, JEWELLERY=None)))
    yield Shown("prepare-nobody", Session(State.PREPARE, looks=NOBODY))
    yield Shown("wrong-top", Session(State.WRONG_TOP, looks=_worn(TOP_COLOUR=10.0)))
    yield Shown("prepare-card-lies", Session(State.PREPARE, card_lies=True))
    national = replace(FACTS, preparations=NATIONAL.prepare, bring_both=False, backdrop=(255, 255, 255))
    yield Shown("prepare-national", Session(State.PREPARE), facts=national)
    yield Shown("wrong-top-contrast", Session(State.WRONG_TOP), facts=national)
    yield Shown("pose-waiting", Session(State.POSE))
    for guide in dict.fromkeys(WORDS.values()):
        yield Shown(f"pose-{guide.removeprefix('guide.')}", Session(State.POSE, guidance=Guidance(guide)))
    for percent in (40, 90):
        held = NOW_NS - POLICY.hold_ms * percent * 10_000
        still = Guidance("guide.hold_still")
        yield Shown(f"pose-holding-{percent}", Session(State.POSE, guidance=still, held_since_ns=held))
    for fault in ShootFault:
        again = Session(State.POSE, guidance=Guidance("guide.too_far"), shoot_fault=fault)
        yield Shown(f"pose-after-{fault.value}", again)
    for refused in FinishFault:
        yield Shown(f"pose-advice-{refused.value}", Session(State.POSE, takes=(Take(1, fault=refused),)))
        again = Session(State.POSE, guidance=Guidance("guide.sit_lower"), takes=(Take(1, fault=refused),))
        yield Shown(f"pose-refused-{refused.value}", again)
    short = (Take(1, 0.6, failures=("hair_brows",)),)
    yield Shown("pose-advice-failed", Session(State.POSE, takes=short))
    in_vain = Session(State.POSE, since_ns=NOW_NS - 25_000_000_000, guidance=Guidance("guide.eyes_open"))
    yield Shown("pose-in-vain", in_vain)
    said_why = Session(State.POSE, guidance=Guidance("guide.too_far"), reason=Reason.EYES)
    yield Shown("pose-excused", said_why)
    called = Session(State.POSE, guidance=Guidance("guide.glasses"), call=9, call_state=CallState.ANSWERED)
    for name in LINES:
        yield Shown(f"pose-staff-say-{name}", replace(called, answer=name))
    waived = Session(State.POSE, guidance=Guidance("guide.too_far"), waived=CheckId.GLASSES)
    yield Shown("pose-waived", waived)
    yield Shown("reason", Session(State.REASON))
    yield Shown("capture", Session(State.CAPTURE))


WELL_WORN: dict[str, float | None] = {
    "TOP_COLOUR": 70.0,
    "TOP_CONTRAST": 40.0,
    "GLASSES": 5.0,
    "GLARE": 0.0,
    "HAIR_EYES": -3.0,
    "HAIR_BROWS": 0.1,
    "EARS": 0.6,
    "JEWELLERY": 0.1,
    "HEAD_COVER": 0.2,
}


def _worn(**values: float | None) -> Judgement:
    """The check results of a person who is dressed as the notice asks. `values`: other measured values, by the names of
    their checks."""
    measured = {CheckId[name]: value for name, value in {**WELL_WORN, **values}.items()}
    return judge(measured, JIANGSU.live_rules)


def _keep() -> Iterator[Shown]:
    good, other = Take(1, 0.8), Take(2, 0.9)
    yield Shown("choose-working", Session(State.CHOOSE, takes=(Take(1),)))
    yield Shown("choose-one", Session(State.CHOOSE, takes=(good,), proposed=1, picked=1))
    advised = Take(1, 0.5, warnings=("hair_brows", "top_colour"))
    yield Shown("choose-advice", Session(State.CHOOSE, takes=(advised,), proposed=1, picked=1))
    yield Shown("choose-second-working", Session(State.CHOOSE, takes=(good, Take(2)), proposed=1, picked=1))
    three = (good, other, Take(3, fault=FinishFault.HAIR_TOO_HIGH))
    yield Shown("choose-three", Session(State.CHOOSE, takes=three, proposed=2, picked=1))
    yield Shown("choose-all-good", Session(State.CHOOSE, takes=(good, other, Take(3, 0.7)), proposed=2, picked=2))
    doubtful = Take(1, 0.6, doubts=("glare", "file"))
    yield Shown("choose-doubt", Session(State.CHOOSE, takes=(doubtful,), proposed=1, picked=1))
    twice = (doubtful, Take(2, 0.7, doubts=("hair_brows",)))
    yield Shown("choose-doubt-twice", Session(State.CHOOSE, takes=twice, proposed=2, picked=2))
    failed = Take(1, 0.6, warnings=("hair_brows",), failures=("hair_brows",))
    yield Shown("choose-failed", Session(State.CHOOSE, takes=(failed,), proposed=1, picked=1))
    both = (failed, replace(failed, number=2))
    yield Shown("choose-failed-twice", Session(State.CHOOSE, takes=both, proposed=2, picked=2))
    better = (failed, Take(2, 0.5))
    yield Shown("choose-failed-other", Session(State.CHOOSE, takes=better, proposed=2, chosen=1, picked=1))
    noted = Session(State.CHOOSE, takes=(failed,), proposed=1, picked=1, reason=Reason.EYES)
    yield Shown("choose-excused", noted)
    yield Shown("saving", Session(State.SAVING, takes=(good,)))
    receipt = "4T7QK2M9XR3WB8HNZC5VD6JPYA"
    yield Shown("done", Session(State.DONE, receipt=receipt))
    page = replace(FACTS, receipt_page="https://photos.example.edu.cn/r/")
    with_staff = Session(State.DONE, receipt=receipt, decision=DecisionState.WITH_STAFF)
    yield Shown("done-with-staff", with_staff, facts=page)
    yield Shown("approved", Session(State.APPROVED, receipt=receipt, decision=DecisionState.APPROVED), facts=page)
    yield Shown("approved-earlier", Session(State.APPROVED, decision=DecisionState.APPROVED))
    yield Shown("done-card-lies", replace(with_staff, card_lies=True), facts=page)
    yield Shown("approved-card-lies", Session(State.APPROVED, receipt=receipt, card_lies=True), facts=page)
    for name, reasons in REJECTIONS.items():
        yield Shown(name, Session(State.REJECTED, person=LI, decision=DecisionState.REJECTED, reasons=reasons))


def _aside() -> Iterator[Shown]:
    yield Shown("still-there", Session(State.STILL_THERE, resume=State.POSE))
    for reason in HelpReason:
        resume = {HelpReason.ASKED: State.IDENTIFY, HelpReason.NO_TOP: State.PREPARE}.get(reason)
        yield Shown(f"staff-help-{reason.value}", Session(State.STAFF_HELP, help=reason, resume=resume))
    calling = Session(State.STAFF_HELP, help=HelpReason.ASKED, resume=State.POSE, call=9)
    yield Shown("staff-help-ringing", calling)
    heard = replace(calling, call_state=CallState.WAITING)
    yield Shown("staff-help-heard", heard)
    for name in LINES:
        yield Shown(f"staff-help-answered-{name}", replace(heard, call_state=CallState.ANSWERED, answer=name))
    for agreement in Agreement:
        asked = replace(heard, person=LI, agreement=agreement)
        yield Shown(f"staff-help-stills-{agreement.value}", asked)
    seen = replace(asked, agreement=Agreement.GIVEN)
    yield Shown("staff-help-stills-answered", replace(seen, call_state=CallState.ANSWERED, answer="long"))
    yield Shown("staff-help-stills-options", replace(seen, options=True))
    yield Shown("staff-help-stills-large", replace(seen, large=True))
    failed = ((Device.CAMERA, "fault.queue_overflow"),)
    yield Shown("out-of-service", Session(State.OUT_OF_SERVICE, failed=failed))
    yield Shown("out-of-service-unsaved", Session(State.OUT_OF_SERVICE, failed=failed), facts=replace(FACTS, unsaved=2))
    yield Shown("out-of-service-key", Session(State.OUT_OF_SERVICE, service=True))
    yield Shown("card-left", Session(State.CARD_LEFT, season=SeasonState.OPEN))
    yield Shown("card-left-closed", Session(State.CARD_LEFT, season=SeasonState.OUT_OF_HOURS))
