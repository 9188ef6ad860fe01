"""What tests import besides the fixtures of the plugin."""

import time
from collections.abc import Mapping
from typing import Any, Final

from local_okta.config import AUDIENCE, PEOPLE, SERVICE_CLIENT_ID, SPA_CLIENT_ID, Config, Person
from local_okta.dpop import DPoPKey
from local_okta.serving import running, serve
from local_okta.state import Grant, LocalOkta, Session
from local_okta.tokens import access_claims, own_claims

__all__ = ["Config", "DPoPKey", "LocalOkta", "OktaToken", "Person", "person_claims", "running", "serve"]

ADA: Final = PEOPLE[0]
PERSON_SCOPES: Final = ("openid", "profile", "email")
SERVICE_SCOPES: Final = ("reports:read",)


class OktaToken:
    """Signs access tokens: `okta_token(person="grace", scp=["reports:read"])`.

    The local Okta introspects them as active until `local_okta.revoke(token)`.
    """

    def __init__(self, okta: LocalOkta) -> None:
        self._okta = okta

    def __call__(
        self,
        *,
        person: str | None = ADA.uid,
        headers: Mapping[str, Any] | None = None,
        dpop: DPoPKey | None = None,
        **claims: Any,
    ) -> str:
        """Return a token of the person with this login, first name or uid; of a service if it is None.

        Any other keyword sets a claim; None leaves it out. `headers` does the same to the header,
        and `dpop` binds the token to a key. Raises `LookupError` for an unknown person.
        """
        okta = self._okta
        grant = _service_grant() if person is None else _grant(okta.person(person), okta.switches.now())
        grant.jkt = dpop.jkt if dpop else None
        payload = access_claims(okta, grant, grant.scopes) | claims
        present = {name: value for name, value in payload.items() if value is not None}
        return okta.keys.sign(present, headers)


def person_claims(issuer: str, person: Person = ADA) -> dict[str, Any]:
    """Return the claims of a person's access token, valid for an hour, for an issuer of one's own."""
    now = int(time.time())
    times = {"iat": now, "exp": now + 3600}
    own = own_claims(_grant(person, now), PERSON_SCOPES)
    return {"jti": f"AT.test-{now}", "iss": issuer, "aud": AUDIENCE, **times, **own}


def _grant(person: Person, auth_time: int) -> Grant:
    return Grant(SPA_CLIENT_ID, PERSON_SCOPES, Session(person, auth_time))


def _service_grant() -> Grant:
    return Grant(SERVICE_CLIENT_ID, SERVICE_SCOPES)
