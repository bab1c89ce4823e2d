"""What follows from the profile, the configuration, the season and the calibration: the policy of the sessions, and the
facts that screens show.
"""

from dataclasses import replace

from kiosk.core.session.lighting import LampRange, Levels
from kiosk.core.session.state import SessionPolicy
from kiosk.ports.calibration import Calibration
from kiosk.ports.config import BoothConfig
from kiosk.runtime.lights import lamp_range
from kiosk.text.catalog import LANGUAGES
from kiosk.ui.panel import Panel
from kiosk.ui.viewmodel import Facts
from kiosk.vision.checks.framing import EYE_PLACE
from rules.profile import IdentificationRule, Profile
from rules.season import SeasonTable


def policy_of(
    profile: Profile, lamps: LampRange | None = None, languages: tuple[str, ...] = LANGUAGES
) -> SessionPolicy:
    """The policy of every session. It follows from the profile, the booth's lamps and its languages (the first one is
    the default)."""
    return SessionPolicy(
        identification=profile.identification,
        live_rules=profile.live_rules,
        max_takes=profile.takes,
        lamps=lamps or LampRange(),
        languages=languages,
    )


def configured_policy(config: BoothConfig, profile: Profile, calibration: Calibration | None) -> SessionPolicy:
    """The policy of a booth's sessions. It follows from profile, configuration and calibration (None: not
    calibrated)."""
    lamps = None if calibration is None else calibration.lamps
    working = None if lamps is None else Levels(lamps.left, lamps.right)
    policy = policy_of(profile, lamp_range(config.lamps, working), config.display.from_first)
    return replace(policy, large=Panel.of(config.display).begins_large)


def facts_of(profile: Profile, season: SeasonTable, config: BoothConfig) -> Facts:
    """The facts that screens show about the notice, the season and the office."""
    rules, page, panel = season.rules, config.office.public_url, Panel.of(config.display)
    return Facts(
        preparations=tuple(rule.value for rule in profile.prepare),
        retention_days=profile.consent.retention_days,
        first_day=(rules.first_day.month, rules.first_day.day),
        last_day=(rules.last_day.month, rules.last_day.day),
        bring_both=profile.to_bring is IdentificationRule.BOTH,
        backdrop=profile.background.rgb,
        keep_days=config.storage.keep_days,
        desk_place=config.desk.place or "",
        desk_phone=config.desk.phone or "",
        receipt_page=f"{page}/r/" if page else "",
        number_page=f"{page}/number" if page else "",
        eye_y=EYE_PLACE,
        large=panel.large,
        low=panel.low,
        staff_door=config.service.pin_hash is not None,
        hours=tuple(f"{span.opens:%-H:%M}–{span.closes:%-H:%M}" for span in rules.hours),
    )
