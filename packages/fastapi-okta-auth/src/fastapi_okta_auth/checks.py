"""`POST /checks`: what a route would say to a token, check by check. For development."""

from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.requests import HTTPConnection
from pydantic import BaseModel

from .credentials import BEARER_OR_DPOP, credentials
from .dependencies import active_token, check_scopes
from .errors import OktaAuthError
from .explain import Check, recording, with_those_not_reached
from .openapi import find_route, required_checks, requirements_of, scopes_of
from .principal import Principal
from .public import PUBLIC

if TYPE_CHECKING:
    from .okta import Okta


class Question(BaseModel):
    """A request that is not made."""

    method: str
    path: str


class Verdict(BaseModel):
    """The status and the code of the refusal, or 200 without a code, and each check."""

    status: int
    code: str | None
    checks: list[Check]


def add_checks(app: FastAPI, okta: "Okta") -> None:
    """Add `POST /checks` to `app`. It calls no route, stores nothing and fetches only keys from Okta."""

    async def judge(question: Question, request: Request) -> Verdict:
        status, code = 200, None
        with recording() as checks:
            try:
                user = await okta.verifier.verify(credentials(request.headers.raw, BEARER_OR_DPOP).token)
                await _check_route(app, question, user, request)
            except OktaAuthError as error:
                status, code = error.status, error.code
        required = required_checks(app, question.method.upper(), question.path)
        return Verdict(status=status, code=code, checks=with_those_not_reached(checks, required))

    app.add_api_route(
        "/checks",
        judge,
        methods=["POST"],
        openapi_extra=PUBLIC,
        include_in_schema=False,
        response_model=Verdict,
    )


async def _check_route(app: FastAPI, question: Question, user: Principal, request: HTTPConnection) -> None:
    method = question.method.upper()
    context = find_route(app, method, question.path)
    if context is None:
        return
    check_scopes(scopes_of(app, context, method), user)
    for requirement in requirements_of(context.dependant):
        if requirement is not active_token:  # only Okta knows
            await requirement.check(user, request)
