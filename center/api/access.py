"""Booths' access: a credential identifies each booth, and a booth can access only its own data."""

import contextlib
import math
from asyncio import wrap_future
from collections.abc import Awaitable, Callable, Iterator
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from center.api.problems import Refused, later
from center.booths.service import Booth, Booths
from center.platform.limits import Rate, network_of
from wire.problem import ProblemType

_LONGEST_TOKEN = 200
_TOO_MANY = "too many refused requests from this address"

_bearer = HTTPBearer(auto_error=False, scheme_name="booth", description="The booth's credential, from its enrolment.")


BoothOf = Callable[..., Awaitable[Booth]]
"""The dependency that gives a route its booth."""


class BoothAccess:
    """Authenticates booths, and limits the rate of requests."""

    def __init__(self, booths: Booths, booth_rate: Rate, stranger_rate: Rate) -> None:
        self._booths = booths
        self._booth_rate = booth_rate
        self._stranger_rate = stranger_rate

    async def booth(self, request: Request, token: str | None) -> Booth:
        """The booth with this credential. Raises `Refused`, `Unavailable`."""
        booth = None
        if token and len(token) <= _LONGEST_TOKEN:
            booth = await wrap_future(self._booths.authenticating(token))
        if booth is None:
            self.count_refusal(request)
            detail = "the booth's credential is missing, wrong or revoked: enrol the booth (`center booths enrol`)"
            raise Refused(401, ProblemType.UNAUTHORISED, detail)
        wait_s = self._booth_rate.take(booth.booth_id)
        if wait_s > 0:
            raise later("this booth asks too often", 429, math.ceil(wait_s))
        return booth

    @contextlib.contextmanager
    def secret(self, request: Request, kind: str) -> Iterator[None]:
        """The context in which a secret other than a credential is looked up. If the look-up raises `Refused`, this
        counts as a refusal.

        Raises `Refused` before the look-up if there were too many refusals. `kind`: refusals of one kind do not count
        for another, so that a booth with a revoked credential, which asks for ever, delays no enrolment at its address.
        """
        key = f"{kind} {_address(request)}"
        wait_s = self._stranger_rate.take(key)
        if wait_s > 0:
            raise later(_TOO_MANY, 429, math.ceil(wait_s))
        refused = False
        try:
            yield
        except Refused:
            refused = True
            raise
        finally:
            if not refused:
                self._stranger_rate.give_back(key)

    def count_refusal(self, request: Request) -> None:
        """Count a refusal for the request's address; raises `Refused` if there were too many."""
        wait_s = self._stranger_rate.take(_address(request))
        if wait_s > 0:
            raise later(_TOO_MANY, 429, math.ceil(wait_s))


def _address(request: Request) -> str:
    return network_of(request.client.host) if request.client else ""


def booth_of(booth_access: BoothAccess) -> BoothOf:
    """The FastAPI dependency that gives a route its booth."""

    async def booth(
        request: Request, credential: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> Booth:
        return await booth_access.booth(request, None if credential is None else credential.credentials)

    return booth
