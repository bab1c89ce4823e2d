"""The page "Check before you travel" without a browser: limits, policies, languages, files."""

import gzip
import json
import re
from dataclasses import replace
from html import unescape
from importlib.resources import files
from pathlib import Path

import pytest
import requests

from center.platform.faults import Unavailable
from center.travel import service
from center.travel.engine import PINNED, engine_folder, read_packed, wrong_files
from center.travel.pages import CHECKS, SCRIPTS
from center.travel.service import TravelFiles
from center.web.headers import CONTENT_SECURITY_POLICY
from center.wiring.console import PAGES
from center.wiring.office import Office
from common.catalog import read_messages
from rules.checks import CheckId, Policy
from rules.profile import load_profile, profile_names
from sim.browser_numbers import script
from tests.center.factories import HandClock
from tests.center.office_server import OfficeServer, serving

needs_engine = pytest.mark.skipif(
    bool(wrong_files(engine_folder())), reason="NOT RUN: the check's files are not here; `center travel fetch`"
)


def read(office_server: OfficeServer, path: str, **headers: str) -> requests.Response:
    return requests.get(office_server.address + path, headers=headers, allow_redirects=False, timeout=60)


@needs_engine
def test_the_browser_gets_the_limits_of_the_offices_profile(office_server: OfficeServer) -> None:
    page = read(office_server, "/travel").text
    found = re.search(r'data-travel="([^"]*)"', page)
    assert found is not None
    told = json.loads(unescape(found[1]))
    rules = {rule.check.value: rule.limit for rule in load_profile("jiangsu-2019").shot_rules}
    assert [one["check"] for one in told["rules"]] == [check.value for check in CHECKS]
    assert all((one["min"], one["max"]) == (rules[one["check"]].min, rules[one["check"]].max) for one in told["rules"])
    assert set(told["words"]) > {check.value for check in CHECKS}


def page_of(office: Office) -> str:
    """The page of an office, in English."""
    with serving(office) as address:
        return requests.get(f"{address}/travel?in=en", timeout=60).text


def test_a_check_that_a_profile_switches_off_is_not_shown(office_server: OfficeServer) -> None:
    office = office_server.office
    for name in profile_names():
        public = office.config.public.model_copy(update={"profile": name})
        page = page_of(replace(office, config=office.config.model_copy(update={"public": public})))
        assert ("No glasses" in page) == (load_profile(name).checks[CheckId.GLASSES].policy is not Policy.OFF), name


@needs_engine
def test_only_this_page_may_run_webassembly(office_server: OfficeServer) -> None:
    anna = office_server.client("anna")
    for page in PAGES:
        if page.method != "GET" or "{" in page.path:
            continue
        policy = anna.get(page.path).headers["Content-Security-Policy"]
        if page.path == "/travel":
            assert policy == CONTENT_SECURITY_POLICY.replace(
                "script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"
            ).replace("img-src 'self'", "img-src 'self' blob:")
        else:
            assert policy == CONTENT_SECURITY_POLICY, page.path


@needs_engine
def test_files_are_served_by_name_packed_or_plain_and_nothing_else(office_server: OfficeServer) -> None:
    found = re.search(r"/travel/([0-9a-f]{16})/page\.js", read(office_server, "/travel").text)
    assert found is not None
    folder = f"/travel/{found[1]}"
    packed = read(office_server, f"{folder}/litert.js", **{"Accept-Encoding": "gzip"})
    plain = read(office_server, f"{folder}/litert.js", **{"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.content == plain.content
    assert "immutable" in packed.headers["Cache-Control"]
    assert (
        read(office_server, f"{folder}/litert_wasm_compat_internal.wasm").headers["Content-Type"] == "application/wasm"
    )
    for wrong in (f"{folder}/pages.py", f"{folder}/..%2Fpages.py", "/travel/0123456789abcdef/litert.js"):
        assert read(office_server, wrong).status_code == 404


def test_an_office_without_the_files_says_so_and_names_the_points(
    office_server: OfficeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CENTER_TRAVEL", str(tmp_path))
    page = page_of(office_server.office)
    assert "does not offer the check at present" in page
    assert "Both eyes open" in page
    assert "<script" not in page


def test_missing_or_damaged_files_are_looked_at_once_a_minute_and_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []

    def looked(folder: Path, name: str) -> bytes | None:
        looks.append(name)
        return read_packed(folder, name)

    monkeypatch.setattr(service, "read_packed", looked)
    (tmp_path / "litert.js.gz").write_bytes(b"damaged")
    clock = HandClock()
    kept = TravelFiles(tmp_path, clock)

    def visits(count: int) -> int:
        """How often the folder is read when `count` people come."""
        before = len(looks)
        for _ in range(count):
            with pytest.raises(Unavailable):
                _ = kept.digest
        return (len(looks) - before) // len(PINNED)

    assert visits(50) == 1
    clock.move(seconds=61)
    assert visits(50) == 1
    clock.move(days=-1)  # somebody set the machine's clock
    assert visits(50) == 1
    assert caplog.text.count("/travel is not offered") == 1


@needs_engine
def test_files_that_were_put_there_are_offered_within_a_minute(tmp_path: Path) -> None:
    clock, folder = HandClock(), tmp_path / "travel"
    kept = TravelFiles(folder, clock)
    with pytest.raises(Unavailable):
        _ = kept.digest
    folder.symlink_to(engine_folder())
    clock.move(seconds=61)
    assert kept.digest


@pytest.mark.parametrize(
    ("accepted", "asked", "lang"),
    [
        ("zh-CN", "", "zh-CN"),
        ("zh-TW,zh;q=0.9", "", "zh-Hant"),
        ("zh-HK", "", "zh-Hant"),
        ("en-GB", "", "en"),
        ("en-GB", "?in=tw", "zh-Hant"),
        ("zh-TW", "?in=zh", "zh-CN"),
        ("zh-TW", "?in=xx", "zh-Hant"),
    ],
)
def test_the_page_speaks_what_the_browser_or_the_address_asks(
    office_server: OfficeServer, accepted: str, asked: str, lang: str
) -> None:
    page = read(office_server, f"/travel{asked}", **{"Accept-Language": accepted}).text
    assert f'<html lang="{lang}">' in page


def test_the_three_languages_say_the_same() -> None:
    assert SCRIPTS == ("zh", "tw", "en")
    said = [
        {name for name in read_messages("center.travel", f"text/{file}.toml") if name.startswith("travel.")}
        for file in ("zh_CN", "zh_TW", "en")
    ]
    assert said[0] == said[1] == said[2]
    for check in CHECKS:
        assert {f"travel.{check.value}_{part}" for part in ("name", "pass", "look")} <= said[0]


def test_the_browsers_constants_are_the_booths() -> None:
    written = files("center.travel").joinpath("browser/numbers.js").read_text("utf-8")
    assert written == script(), "run: python -m sim.browser_numbers center/travel/browser/numbers.js"


@needs_engine
def test_what_is_told_to_be_loaded_is_what_is_loaded() -> None:
    kept = TravelFiles(engine_folder(), HandClock())
    names = {*PINNED, *(one.name for one in files("center.travel").joinpath("browser").iterdir())}
    assert kept.bytes_to_load == sum(len(kept.packed(kept.digest, name)) for name in names)
    assert gzip.decompress(kept.packed(kept.digest, "page.js")).startswith(b"// The page")
