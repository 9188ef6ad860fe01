"""`/`: the configuration of this server, and its switches as buttons."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from local_okta.config import PEOPLE, SCOPES
from local_okta.endpoints.switches import is_from_this_machine, state_of
from local_okta.pages import page
from local_okta.state import CurrentOkta

router = APIRouter()


@router.get("/")
async def start_page(request: Request, okta: CurrentOkta) -> Response:
    """Return the start page; its buttons are disabled for other machines."""
    return page(
        "start.html",
        form_action=("'self'",),
        issuer=okta.issuer,
        people=PEOPLE,
        clients=okta.clients.values(),
        scopes=SCOPES,
        state=state_of(okta),
        on_this_machine=is_from_this_machine(request),
    )
