"""All that a running local Okta remembers. Nothing of it is on disk."""

from typing import Annotated, Final

from fastapi import Depends
from starlette.requests import HTTPConnection

from local_okta.authorize_request import AuthorizeRequest
from local_okta.config import Config
from local_okta.grants import Code, Grant, RefreshToken, Session
from local_okta.keys import KeyRing
from local_okta.store import Store
from local_okta.switches import Switches

CODE_LIFETIME: Final = 60
SIGN_IN_LIFETIME: Final = 600
SESSION_LIFETIME: Final = 12 * 3600
REFRESH_TOKEN_LIFETIME: Final = 7 * 24 * 3600
MAX_TOKEN_LIFETIME: Final = 24 * 3600


class LocalOkta:
    """The state of one server: its configuration, keys, switches and what it issued."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.clients = config.clients
        self.keys = KeyRing()
        self.switches = Switches(token_lifetime=config.access_token_lifetime)
        self.sign_ins: Store[tuple[str, AuthorizeRequest]] = Store(SIGN_IN_LIFETIME)
        self.sessions: Store[Session] = Store(SESSION_LIFETIME)
        # A used code is kept past its life: using it again has to end the grant.
        self.codes: Store[Code] = Store(MAX_TOKEN_LIFETIME)
        self.refresh_tokens: Store[RefreshToken] = Store(REFRESH_TOKEN_LIFETIME)
        self.issued: Store[Grant] = Store(MAX_TOKEN_LIFETIME)

    @property
    def issuer(self) -> str:
        """The issuer URL, as `iss` carries it."""
        return self.config.issuer


def _of(connection: HTTPConnection) -> LocalOkta:
    state = connection.app.state.okta
    assert isinstance(state, LocalOkta)  # noqa: S101 -- tells the type checker
    return state


CurrentOkta = Annotated[LocalOkta, Depends(_of)]
