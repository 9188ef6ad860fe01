"""`/local`: the switches over HTTP, for this machine alone and never for a web page."""

import ipaddress
import logging
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request

from local_okta.config import origin_of
from local_okta.state import MAX_TOKEN_LIFETIME, CurrentOkta, LocalOkta

log = logging.getLogger(__name__)


def only_this_machine(request: Request, okta: CurrentOkta) -> None:
    """Refuse with 403 a peer that is not on loopback, and a web page of another origin."""
    peer = ipaddress.ip_address(request.client.host) if request.client else None
    if peer is None or not peer.is_loopback:
        raise HTTPException(403, "The switches are for this machine alone.")
    if request.headers.get("origin", origin_of(okta.issuer)) != origin_of(okta.issuer):
        raise HTTPException(403, "The switches are not for web pages.")


router = APIRouter(prefix="/local", dependencies=[Depends(only_this_machine)])


@router.get("")
async def show(okta: CurrentOkta) -> dict[str, Any]:
    """Return how the switches stand; times in seconds."""
    return _state(okta)


@router.post("/rotate")
async def rotate(okta: CurrentOkta, overlap: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002 -- a query parameter
    """Sign with a new key; publish the old one beside it unless `overlap` is false."""
    okta.keys.rotate(overlap=overlap)
    return _state(okta)


@router.post("/outage")
async def outage(okta: CurrentOkta, seconds: Annotated[float | None, Query(gt=0)] = None) -> dict[str, Any]:
    """Answer 503 everywhere but here, for so many seconds or until the reset."""
    okta.switches.start_outage(seconds)
    return _state(okta)


@router.post("/skew")
async def skew(okta: CurrentOkta, seconds: int) -> dict[str, Any]:
    """Set this server's clock so many seconds ahead, or behind if negative."""
    okta.switches.skew = seconds
    return _state(okta)


@router.post("/delay")
async def delay(okta: CurrentOkta, seconds: Annotated[float, Query(ge=0, le=60)]) -> dict[str, Any]:
    """Answer so many seconds late, everywhere but here."""
    okta.switches.delay = seconds
    return _state(okta)


@router.post("/token-lifetime")
async def token_lifetime(
    okta: CurrentOkta, seconds: Annotated[int, Query(gt=0, le=MAX_TOKEN_LIFETIME)]
) -> dict[str, Any]:
    """Let the tokens issued from now on live so many seconds."""
    okta.switches.token_lifetime = seconds
    return _state(okta)


@router.post("/reset")
async def reset(okta: CurrentOkta) -> dict[str, Any]:
    """Put everything back to normal; the keys stay as they are."""
    okta.switches.reset(okta.config.access_token_lifetime)
    return _state(okta)


def _state(okta: LocalOkta) -> dict[str, Any]:
    switches = okta.switches
    state = {
        "outage": switches.outage,
        "skew": switches.skew,
        "delay": switches.delay,
        "token_lifetime": switches.token_lifetime,
        "keys": [key.kid for key in okta.keys.published],
    }
    log.info("switches: %s", state)
    return state
