"""The language of a page."""

import pytest
import requests

from tests.center.office_server import OfficeServer


@pytest.mark.parametrize("language", ["zh-CN,zh;q=0.9", "en-GB", "fr", ""])
def test_the_browsers_language_is_spoken_and_chinese_to_others(office_server: OfficeServer, language: str) -> None:
    answer = requests.get(f"{office_server.address}/login", headers={"Accept-Language": language}, timeout=20)
    assert ('lang="en"' in answer.text.split("<head>")[0]) == language.startswith("en")


def test_a_chosen_language_is_remembered(office_server: OfficeServer) -> None:
    came = {"Referer": f"{office_server.address}/login?next=%2Fqueue"}
    answer = requests.get(f"{office_server.address}/language/en", headers=came, allow_redirects=False, timeout=20)
    assert answer.headers["location"] == "/login?next=%2Fqueue"
    assert answer.headers["set-cookie"].startswith("__Host-language=en")
