"""Whatever happened, in whatever order: what the screen then says can be said, and what it offers can be had."""

from dataclasses import replace

from behaviours.chance import VISITS
from behaviours.driver import Booth
from hypothesis import given, settings

from kiosk.core import events as ev
from kiosk.core.session import machine as core
from kiosk.core.session.state import State
from kiosk.core.session.station import SERVED
from kiosk.text.catalog import load_all
from kiosk.ui.screens import draw
from kiosk.ui.viewmodel import View, view
from sim.gallery import FACTS, Known

CATALOGS = load_all()
RELAXED = settings(max_examples=100, deadline=None)


def seen(booth: Booth) -> View:
    return view(booth.session, booth.policy, FACTS, Known(), booth.now_ns)


@RELAXED
@given(VISITS)
def test_every_screen_a_visit_leads_to_can_be_drawn_in_both_languages(booth: Booth) -> None:
    for catalog in CATALOGS.values():
        assert draw(seen(booth), catalog)


@RELAXED
@given(VISITS)
def test_every_button_that_is_offered_does_something(booth: Booth) -> None:
    for button in seen(booth).buttons:
        closing = booth.state is State.ATTRACT and booth.session.season not in SERVED  # the next event closes it
        if not button.enabled or closing:
            continue
        touch = ev.Touched(booth.now_ns, button.action, button.arg)
        step = core.step(booth.session, touch, booth.policy)
        assert step.foreseen, f"{button.action} in {booth.state}"
        changed = replace(step.session, active_ns=booth.session.active_ns)
        picked = button.action is ev.Action.PICK_TAKE and booth.session.picked == int(button.arg)
        assert picked or changed != booth.session, f"{button.action} in {booth.state} does nothing"
