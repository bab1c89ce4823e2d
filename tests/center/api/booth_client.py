"""A booth that talks to the office by HTTP, and the office's refusals."""

import requests

from tests.center.conftest import Served
from tests.center.factories import shot_id
from wire.digest import content_digest
from wire.problem import MEDIA_TYPE, Problem, ProblemType


class BoothClient:
    """A booth that talks to the office by HTTP."""

    def __init__(self, served: Served, token: str | None) -> None:
        self.url = served.url
        self.session = requests.Session()
        self.session.trust_env = False
        if token is not None:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def put(self, number: int, data: bytes, **headers: str | None) -> requests.Response:
        wanted = {"Content-Digest": content_digest(data)} | {
            key.replace("_", "-"): value for key, value in headers.items()
        }
        return self.session.put(f"{self.url}/v2/shots/{shot_id(number)}", data=data, headers=wanted, timeout=30)

    def get(self, path: str, **headers: str) -> requests.Response:
        given = {key.replace("_", "-"): value for key, value in headers.items()}
        return self.session.get(self.url + path, headers=given, timeout=30)

    def post(self, path: str, data: bytes) -> requests.Response:
        return self.session.post(self.url + path, data=data, timeout=30)


def problem(answer: requests.Response) -> tuple[int, ProblemType]:
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    found = Problem.decode(answer.content)
    assert found.status == answer.status_code
    return found.status, found.type
