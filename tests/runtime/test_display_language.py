"""`display.language`: what the booth's screens speak until the graduate changes it."""

import pytest

from kiosk.core import events as ev
from kiosk.core.session import machine as core
from kiosk.core.session.state import State
from kiosk.ports.config import DisplayConfig
from kiosk.runtime.policy_and_facts import policy_of
from rules.profile import load_profile

PROFILE = load_profile("jiangsu-2019")


@pytest.mark.parametrize(("configured", "other"), [("zh_CN", "en"), ("en", "zh_CN")])
def test_a_session_starts_in_the_configured_language_and_can_change_it(configured: str, other: str) -> None:
    policy = policy_of(PROFILE, languages=DisplayConfig(language=configured).from_first)
    session = core.start(policy, 0).session
    session = core.step(session, ev.SeasonTold(1, ev.SeasonState.OPEN), policy).session
    assert (session.state, session.language) == (State.ATTRACT, configured)
    session = core.step(session, ev.Touched(2, ev.Action.LANGUAGE), policy).session
    assert session.language == other
