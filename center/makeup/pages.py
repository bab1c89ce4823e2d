"""The page for graduates who missed the campus day. Everybody may see it;
it neither asks for nor shows personal data."""

from starlette.responses import Response

from center.makeup.service import LATELY, MakeupQueue
from center.platform.configuration import PublicConfig
from center.season.model import show_hours
from center.season.service import Seasons
from center.web.gate import Page
from center.web.page_request import PageRequest
from rules.season import season_state


def makeup(request: PageRequest) -> Response:
    """Where, when, what to bring, how the photo must look, how busy it is; a link to the state of a receipt."""
    config, table = request.service(PublicConfig), request.service(Seasons).table()
    profile = request.services.profiles[config.profile]
    today = request.today
    season = season_state(request.now, True, table)
    shown = season.window_from or today
    return request.page(
        "makeup.html",
        place=config.place_en if request.language == "en" else config.place,
        phone=config.phone,
        profile=profile,
        title=profile.title.en if request.language == "en" else profile.title.zh,
        season=season,
        first=table.rules.first_day.of(shown.year),
        last=table.rules.last_day.of(shown.year),
        hours=show_hours(table.rules.hours),
        ahead=[one for one in table.rules.exceptions if one.day >= today][:6],
        hours_of=show_hours,
        queue=request.service(MakeupQueue).now(),
        minutes=int(LATELY.total_seconds() // 60),
    )


PAGES = (Page("GET", "/makeup", makeup, public=True, by_address="visits"),)
