"""The start page `/`, and below `/local` the people, and the faults to switch on, for pages that may.

The buttons of the page post to `/local`; a request that accepts HTML is redirected back.
"""

import ipaddress
import logging
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from local_okta.config import origin_of
from local_okta.pages import page
from local_okta.state import MAX_TOKEN_LIFETIME, CurrentOkta, LocalOkta
from local_okta.universal_logout import send_logout

# okta-auth-js renews a token 30 s before it expires: below this it would renew without a pause.
MIN_TOKEN_LIFETIME: Final = 33

log = logging.getLogger(__name__)


def is_from_this_machine(request: Request, okta: LocalOkta) -> bool:
    """Whether the request came over the loopback interface; in a container it comes from the engine."""
    if okta.config.switches_for_all:
        return True
    return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback


def is_from_an_app(request: Request, okta: LocalOkta) -> bool:
    """Whether the page of a registered app sent the request, and a POST as JSON.

    For JSON a browser first asks this server with a preflight, and no form can send it.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_asked_for = request.method == "GET" or media_type == "application/json"
    return is_asked_for and {*request.headers.getlist("origin")} in [{app} for app in okta.config.app_origins]


def only_this_machine(request: Request, okta: CurrentOkta) -> None:
    """Refuse with 403 a request from another machine or from another site's page."""
    if not is_from_this_machine(request, okta):
        raise HTTPException(403, "The switches work from this machine only.")
    if is_from_an_app(request, okta):
        return
    own_origins = {origin_of(okta.issuer), origin_of(str(request.base_url))}
    # Browsers send Origin with every POST, and Sec-Fetch-Site with every request.
    if not own_origins >= set(request.headers.getlist("origin")):
        raise HTTPException(403, "The switches are not for other web pages.")
    if not {"same-origin", "none"} >= set(request.headers.getlist("sec-fetch-site")):
        raise HTTPException(403, "The switches are not for other web pages.")


router = APIRouter()
switches_router = APIRouter(prefix="/local", dependencies=[Depends(only_this_machine)])


@router.get("/")
async def start_page(request: Request, okta: CurrentOkta) -> Response:
    """Return the start page; its buttons are disabled for other machines."""
    return page(
        "start.html",
        form_action=("'self'",),
        issuer=okta.issuer,
        people=okta.people,
        clients=okta.clients.values(),
        scopes=okta.config.scopes,
        state=state_of(okta),
        on_this_machine=is_from_this_machine(request, okta),
    )


@router.get("/local/people")
async def people(okta: CurrentOkta) -> list[dict[str, Any]]:
    """Return whom the sign-in page offers, so that the page of an app can offer them with `login_hint`."""
    return [{"name": person.name, "login": person.login, "groups": person.groups} for person in okta.people]


@switches_router.get("")
async def show(okta: CurrentOkta) -> dict[str, Any]:
    """Return the state of the switches; times are in seconds."""
    return state_of(okta)


@switches_router.post("/rotate")
async def rotate(request: Request, okta: CurrentOkta, overlap: bool = True) -> Response:  # noqa: FBT001, FBT002 -- a query parameter
    """Sign with a new key; also publish the old one unless `overlap` is false."""
    okta.keys.rotate(overlap=overlap)
    return _done(request, okta)


@switches_router.post("/outage")
async def outage(
    request: Request, okta: CurrentOkta, seconds: Annotated[float | None, Query(gt=0)] = None
) -> Response:
    """Return 503 for every other request, for `seconds` or until the reset."""
    okta.switches.start_outage(seconds)
    return _done(request, okta)


@switches_router.post("/skew")
async def skew(request: Request, okta: CurrentOkta, seconds: int) -> Response:
    """Set this server's clock `seconds` ahead, or behind if negative."""
    okta.switches.skew = seconds
    return _done(request, okta)


@switches_router.post("/delay")
async def delay(
    request: Request, okta: CurrentOkta, seconds: Annotated[float, Query(ge=0, le=60)]
) -> Response:
    """Delay every other response by `seconds`."""
    okta.switches.delay = seconds
    return _done(request, okta)


@switches_router.post("/token-lifetime")
async def token_lifetime(
    request: Request,
    okta: CurrentOkta,
    seconds: Annotated[int, Query(ge=MIN_TOKEN_LIFETIME, le=MAX_TOKEN_LIFETIME)],
) -> Response:
    """Set the lifetime of new tokens."""
    okta.switches.token_lifetime = seconds
    return _done(request, okta)


@switches_router.post("/universal-logout")
async def universal_logout(request: Request, okta: CurrentOkta, person: str) -> Response:
    """Sign a person out here and at the API; the page then shows what the API answered."""
    try:
        found = okta.person(person)
    except LookupError as error:
        raise HTTPException(404, str(error)) from None
    okta.last_logout = f"{found.login}: {await send_logout(okta, found)}"
    return _done(request, okta)


@switches_router.post("/reset")
async def reset(request: Request, okta: CurrentOkta) -> Response:
    """Switch every fault off; the keys stay as they are."""
    okta.switches.reset(okta.config.access_token_lifetime)
    return _done(request, okta)


def state_of(okta: LocalOkta) -> dict[str, Any]:
    """Return the state of the switches; times are in seconds."""
    switches = okta.switches
    return {
        "outage": switches.outage,
        "skew": switches.skew,
        "delay": switches.delay,
        "token_lifetime": switches.token_lifetime,
        "universal_logout": okta.last_logout,
        "keys": [key.kid for key in okta.keys.published],
    }


def _done(request: Request, okta: LocalOkta) -> Response:
    state = state_of(okta)
    log.info("switches: %s", state)
    if "text/html" in request.headers.get("accept", ""):
        return RedirectResponse("/", 303)
    return JSONResponse(state)
