"""PyJWT's PyJWKClient in a FastAPI dependency, as PyJWT's documentation shows it."""

import os
from typing import Annotated, Any

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.middleware.cors import CORSMiddleware
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bench.apps.hello import add_routes

ISSUER = os.environ["OKTA_ISSUER"]
keys = jwt.PyJWKClient(f"{ISSUER}/v1/keys")
bearer = HTTPBearer()


def verified(credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> dict[str, Any]:
    """Return the claims of the token. Not async, because PyJWKClient blocks."""
    try:
        key = keys.get_signing_key_from_jwt(credentials.credentials)
        return jwt.decode(
            credentials.credentials, key, algorithms=["RS256"], audience="api://default", issuer=ISSUER
        )
    except jwt.PyJWTError as error:
        raise HTTPException(401) from error


app = FastAPI(openapi_url=None)
app.add_middleware(CORSMiddleware, allow_origins=["http://localhost:3000"])
add_routes(app, [Depends(verified)])
