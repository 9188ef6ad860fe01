"""An issuer with a cacheable key set, as Okta has it; the local Okta forbids caching."""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import FastAPI
from starlette.responses import JSONResponse

from local_okta.keys import KeyRing
from local_okta.pytest_plugin import person_claims
from local_okta.serving import serve

PATH = "/oauth2/default"


class Issuer:
    """Signs tokens and publishes the key at `url`/v1/keys."""

    def __init__(self) -> None:
        self.url = ""
        self._keys = KeyRing()

    def tokens(self, count: int) -> Iterator[str]:
        """Sign `count` tokens that differ in `jti` and expire after a day."""
        claims = person_claims(self.url)
        for number in range(count):
            yield self._keys.sign({**claims, "exp": claims["iat"] + 86_400, "jti": f"AT.{number}"})

    async def publish(self) -> JSONResponse:
        """Return the key set, cacheable for an hour."""
        return JSONResponse(self._keys.jwks(), headers={"Cache-Control": "max-age=3600"})


@contextmanager
def issuer() -> Iterator[Issuer]:
    """Serve an Issuer on a free port."""
    state = Issuer()
    app = FastAPI(openapi_url=None)
    app.add_api_route(f"{PATH}/v1/keys", state.publish)
    with serve(app) as url:
        state.url = url + PATH
        yield state
