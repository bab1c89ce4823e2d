"""The keypad reaches every button of every screen, shows where it is, and chooses nothing unseen."""

import pytest

from kiosk.core.events import Action
from kiosk.text.catalog import load
from kiosk.ui.focus import Focus, Key, in_order, moved, start
from kiosk.ui.screens import draw
from kiosk.ui.screens.ops import Op, TouchArea
from kiosk.ui.viewmodel import View, view
from sim.gallery import Known, Shown, gallery

GALLERY = list(gallery())
CATALOG = load("zh_CN")
every_screen = pytest.mark.parametrize("shown", GALLERY, ids=lambda shown: shown.name)


def view_of(shown: Shown) -> View:
    return view(shown.session, shown.policy, shown.facts, Known(), shown.now_ns)


def ops_of(shown: Shown, focus: Focus | None = None) -> tuple[Op, ...]:
    return draw(view_of(shown), CATALOG, None, focus)


def areas_of(shown: Shown) -> tuple[TouchArea, ...]:
    return tuple(op for op in ops_of(shown) if isinstance(op, TouchArea))


@every_screen
@pytest.mark.parametrize("key", [Key.NEXT, Key.BACK])
def test_one_key_alone_reaches_every_button(shown: Shown, key: Key) -> None:
    areas = areas_of(shown)
    focus, seen = None, set()
    for _ in areas:
        focus = moved(areas, focus, key, sheet=False)
        seen.add(focus)
    assert seen == {(area.action, area.arg) for area in areas}


@every_screen
def test_the_focus_is_seen_on_every_button(shown: Shown) -> None:
    """On a dark screen the audio guide says where the focus is, and nothing is drawn."""
    plain = ops_of(shown)
    marks = 0 if view_of(shown).dark else 2
    for focus in in_order(areas_of(shown)):
        assert len(ops_of(shown, focus)) == len(plain) + marks


def test_the_first_key_leads_to_the_button_that_goes_on() -> None:
    first = {shown.name: start(areas_of(shown)) for shown in GALLERY}
    assert first["attract"] == (Action.START, "")
    assert first["consent"] == (Action.AGREE, "")
    assert first["choose-three"] == (Action.ACCEPT, "")
    assert first["capture"] is None


@every_screen
def test_escape_goes_to_a_way_out_and_presses_nothing(shown: Shown) -> None:
    areas = areas_of(shown)
    focus = moved(areas, None, Key.ESCAPE, sheet=view_of(shown).options)
    ways = {Action.CANCEL, Action.DECLINE, Action.NOT_ME, Action.FINISH, Action.STILL_HERE, Action.HELP, Action.OPTIONS}
    offered = {area.action for area in areas}
    if view_of(shown).options:
        assert focus == (Action.OPTIONS, "")
    elif offered & (ways - {Action.OPTIONS}):
        assert focus is not None
        assert focus[0] in ways
    else:
        assert focus is None
