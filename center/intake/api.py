"""`/v2/shots`: booths send envelopes, and ask for the state of one shot or of several at once."""

from asyncio import wrap_future
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from center.api.access import BoothOf
from center.api.answers import message
from center.api.bodies import declared_length, json_body, read_body, read_message
from center.api.problems import Refused, later, responses
from center.booths.service import Booth
from center.intake.service import Filed, ForeignShot, Intake, OtherDigest, WrongDigest
from center.platform.configuration import LimitsConfig
from center.platform.limits import ByteBudget
from wire.digest import format_digest, parse_digest
from wire.model import HEX_ID
from wire.problem import ProblemType
from wire.receipt import Receipt, RefusedShot, ShotsAnswer, ShotsAsked, ShotStatus

ShotIdPath = Annotated[str, Path(pattern=f"^{HEX_ID}$", description="The shot's random name, 32 hex digits.")]
HexDigest = Annotated[
    str | None, Query(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the booth's copy, 64 hex digits.")
]

_MOST_BYTES = 64 << 10

_BODY = {
    "requestBody": {
        "required": True,
        "description": "The envelope's bytes as the booth stored them.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
    "parameters": [
        {
            "name": "Content-Digest",
            "in": "header",
            "required": True,
            "description": "SHA-256 of the body (RFC 9530).",
            "schema": {"type": "string", "pattern": "^sha-256=:[A-Za-z0-9+/]{43}=:$"},
        }
    ],
}


def router(intake: Intake, booth_of: BoothOf, limits: LimitsConfig) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["shots"])
    room = ByteBudget(limits.in_flight_bytes)
    InBooth = Annotated[Booth, Depends(booth_of)]  # noqa: N806 - a type

    @routes.put(
        "/v2/shots/{shot_id}",
        summary="Bring an envelope",
        status_code=201,
        response_model=None,
        openapi_extra=_BODY,
        responses={
            201: {"model": Receipt, "description": "Stored, read back, and new."},
            200: {"model": Receipt, "description": "The same bytes are here already: the same receipt."},
            **responses(400, 401, 403, 409, 411, 413, 422, 429, 503),
        },
    )
    async def put_shot(shot_id: ShotIdPath, request: Request, booth: InBooth) -> Response:
        """Answers once the bytes are durable and were read back. Sending the same shot again is harmless."""
        header = request.headers.get("content-digest")
        if header is None:
            raise Refused(400, ProblemType.BAD_REQUEST, "send Content-Digest: sha-256=:<base64>:")
        sha256 = parse_digest(header)
        length = declared_length(request, limits.envelope_bytes)
        with room.reserve(length) as fits:
            if not fits:
                raise later("too many envelopes are coming in at once")
            data = await read_body(request, length, limits.body_timeout_s, limits.body_idle_s)
            filed = await _receive(intake, booth.booth_id, shot_id, sha256, data)
        return _answer(filed)

    @routes.get(
        "/v2/shots/{shot_id}",
        summary="Ask how far a shot is",
        response_model=None,
        responses={
            200: {"model": Receipt, "description": "The receipt; its status may have moved on."},
            **responses(400, 401, 403, 404, 422, 429, 503),
        },
    )
    def get_shot(shot_id: ShotIdPath, booth: InBooth, sha256: HexDigest = None) -> Response:
        """The state of one of the booth's own shots, or of a shot whose digest it knows."""
        try:
            filed = intake.status(booth.booth_id, shot_id, None if sha256 is None else bytes.fromhex(sha256))
        except ForeignShot:
            raise _foreign() from None
        if filed is None:
            raise Refused(404, ProblemType.UNKNOWN_SHOT, "the office does not have this shot: send it")
        return _answer(filed)

    @routes.post(
        "/v2/shots/status",
        summary="Ask how far several shots are",
        response_model=None,
        openapi_extra=json_body("ShotsAsked"),
        responses={
            200: {"model": ShotsAnswer, "description": "For every shot a receipt, or why there is none."},
            **responses(400, 401, 411, 413, 429, 503),
        },
    )
    async def post_status(request: Request, booth: InBooth) -> Response:
        """Answers for each shot as if the booth had asked for it alone."""
        asked = await read_message(request, ShotsAsked, _MOST_BYTES)
        return message(await run_in_threadpool(_statuses, intake, booth.booth_id, asked.shot_ids))

    return routes


def _statuses(intake: Intake, booth_id: str, shot_ids: Sequence[str]) -> ShotsAnswer:
    answers = [_status(intake, booth_id, shot_id) for shot_id in shot_ids]
    return ShotsAnswer(
        receipts=tuple(one for one in answers if isinstance(one, Receipt)),
        refused=tuple(one for one in answers if isinstance(one, RefusedShot)),
    )


def _status(intake: Intake, booth_id: str, shot_id: str) -> Receipt | RefusedShot:
    try:
        filed = intake.status(booth_id, shot_id)
    except ForeignShot:
        return RefusedShot(shot_id=shot_id, type=ProblemType.FORBIDDEN)
    if filed is None:
        return RefusedShot(shot_id=shot_id, type=ProblemType.UNKNOWN_SHOT)
    if filed.refusal:
        return RefusedShot(shot_id=shot_id, type=ProblemType.BAD_ENVELOPE)
    return _receipt(filed)


async def _receive(intake: Intake, booth_id: str, shot_id: str, sha256: bytes, data: bytes) -> Filed:
    try:
        return await wrap_future(intake.submit(booth_id, shot_id, sha256, data))
    except WrongDigest:
        detail = "the bytes that came are not those of Content-Digest: send them again"
        raise Refused(400, ProblemType.DIGEST_MISMATCH, detail) from None
    except OtherDigest:
        detail = "the stored envelope has another digest; it stays. Send this one under the shot id of its own manifest"
        raise Refused(409, ProblemType.OTHER_DIGEST, detail) from None
    except ForeignShot:
        raise _foreign() from None


def _foreign() -> Refused:
    detail = "another booth brought this shot: a booth may see its own shots, and those whose digest it names"
    return Refused(403, ProblemType.FORBIDDEN, detail)


def _answer(filed: Filed) -> Response:
    if filed.refusal:
        raise Refused(422, ProblemType.BAD_ENVELOPE, "; ".join(filed.refusal))
    return message(_receipt(filed), 201 if filed.new else 200)


def _receipt(filed: Filed) -> Receipt:
    return Receipt(
        shot_id=filed.shot_id,
        digest=format_digest(filed.sha256),
        status=ShotStatus.RECEIVED if filed.verified_at is None else ShotStatus.VERIFIED,
        received_at=filed.received_at,
        verified_at=filed.verified_at,
    )
