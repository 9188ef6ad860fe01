"""An issuer with a cacheable key set, as Okta has it; the local Okta forbids caching."""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import FastAPI
from local_okta.keys import KeyRing
from local_okta.serving import serve
from local_okta.testing import DPoPKey, person_claims
from starlette.responses import JSONResponse

PATH = "/oauth2/default"
REQUEST_URL = "http://localhost:8000/hello/Ada"  # with the default RESOURCE_URL, on whatever port


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

    def proofs(self, algorithm: str, count: int) -> Iterator[str]:
        """Sign `count` proofs that expire after a minute, each with the token that is bound to their key."""
        key = DPoPKey(algorithm)
        claims = person_claims(self.url)
        bound = {**claims, "exp": claims["iat"] + 86_400, "cnf": {"jkt": key.jkt}}
        token = self._keys.sign(bound)
        for _ in range(count):
            yield f"{token} {key.proof('GET', REQUEST_URL, token)}"

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
