"""The page "Check before you travel" and its files. Everybody may load them; nobody sends anything to them."""

import gzip
import json
from dataclasses import replace
from functools import cache

from starlette.responses import Response

from center.platform.configuration import PublicConfig
from center.platform.faults import Unavailable
from center.travel.service import TravelFiles
from center.web.catalog import PageCatalog, catalog
from center.web.gate import Page
from center.web.headers import WASM_POLICY
from center.web.page_request import PageRequest
from center.web.static_files import IMMUTABLE
from common.catalog import read_messages
from rules.checks import CheckId, Policy

CHECKS = (
    CheckId.ONE_FACE,
    CheckId.ENOUGH_PIXELS,
    CheckId.ROLL,
    CheckId.YAW,
    CheckId.PITCH,
    CheckId.EYES_OPEN,
    CheckId.MOUTH_CLOSED,
    CheckId.GLASSES,
    CheckId.TOP_COLOUR,
)
"""What the browser measures, in the order of the page."""
_TO_BROWSER = (
    *("loading", "not_loaded", "ready", "working", "failed", "heic", "unreadable", "no_face", "nothing_seen"),
    *("picture", "unknown", "state_pass", "state_look", "state_unknown"),
)
_KINDS = {".js": "text/javascript", ".wasm": "application/wasm", ".tflite": "application/octet-stream"}
SCRIPTS = ("zh", "tw", "en")
"""The languages of this page; `tw` is Chinese in traditional characters."""
_HTML_LANGUAGE = {"zh": "zh-CN", "tw": "zh-Hant", "en": "en"}


def travel(request: PageRequest) -> Response:
    """The page. It says what is checked and that the picture stays on the phone. Scripts in the browser do the
    check.
    """
    script = _script(request)
    request = replace(request, language="en" if script == "en" else "zh")
    t = _texts(script)
    files, profile = request.service(TravelFiles), request.services.profiles[request.service(PublicConfig).profile]
    rules = [rule for rule in profile.shot_rules if rule.check in CHECKS and rule.policy is not Policy.OFF]
    rules.sort(key=lambda rule: CHECKS.index(rule.check))
    words = {name: t.text(f"travel.{name}") for name in _TO_BROWSER}
    words["look"] = t.text("travel.look", count="{count}")  # the browser inserts the count
    told = {
        "rules": [{"check": rule.check.value, "min": rule.limit.min, "max": rule.limit.max} for rule in rules],
        "words": words | {rule.check.value: _words_of(t, rule.check) for rule in rules},
        "face_width": profile.photo.aim_face_width_px,
    }
    try:
        digest, megabytes = files.digest, f"{files.bytes_to_load / 1e6:.0f}"
    except Unavailable:
        digest = megabytes = ""
    return request.page(
        "travel.html",
        headers={"Content-Security-Policy": WASM_POLICY},
        t=t,
        html_language=_HTML_LANGUAGE[script],
        script=script,
        digest=digest,
        megabytes=megabytes,
        told=json.dumps(told, ensure_ascii=False),
        names=[t.text(f"travel.{rule.check.value}_name") for rule in rules],
    )


def travel_file(request: PageRequest) -> Response:
    """A script, the runtime or a model. Its address contains the digest of all files, so it may be cached without
    limit.
    """
    name = request.http.path_params["name"]
    content = request.service(TravelFiles).packed(request.http.path_params["digest"], name)
    headers = {"Cache-Control": IMMUTABLE, "Vary": "Accept-Encoding"}
    if "gzip" in request.http.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
    else:
        content = gzip.decompress(content)
    return Response(content, media_type=_KINDS[name[name.rindex(".") :]], headers=headers)


def _script(request: PageRequest) -> str:
    """The language of the page: as the address asks, else as the browser does."""
    asked = request.http.query_params.get("in", "")
    if asked in SCRIPTS:
        return asked
    first = request.http.headers.get("accept-language", "").lower().partition(",")[0]
    traditional = first.startswith(("zh-tw", "zh-hk", "zh-mo", "zh-hant"))
    return "tw" if traditional and request.language == "zh" else request.language


@cache
def _texts(script: str) -> PageCatalog:
    """The texts of a language. In traditional characters only the texts of this page and of its frame exist."""
    if script != "tw":
        return catalog(script)
    own = read_messages("center.travel", "text/zh_TW.toml")
    return PageCatalog("zh_TW", {**catalog("zh").messages, **own}, "center/travel/text/zh_TW.toml")


def _words_of(t: PageCatalog, check: CheckId) -> dict[str, str]:
    return {name: t.text(f"travel.{check.value}_{name}") for name in ("name", "pass", "look")}


PAGES = (
    Page("GET", "/travel", travel, public=True, by_address="visits"),
    Page("GET", "/travel/{digest}/{name}", travel_file, public=True),
)
