"""The tutorial's implementation: BaseHTTPMiddleware and a new verifier for each request."""

import os

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, Response
from okta_jwt_verifier import BaseJWTVerifier
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint

from bench.apps.hello import add_routes

ISSUER = os.environ["OKTA_ISSUER"]
CLIENT_ID = os.environ["OKTA_CLIENT_ID"]


class TutorialMiddleware(BaseHTTPMiddleware):
    """The tutorial's middleware."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Verify the token and call the route."""
        access_token = request.headers.get("authorization")
        if access_token is None:
            return JSONResponse({"error": "Unauthorized Access"}, status_code=401)
        try:
            token = access_token.split(" ")[1]
            # JWTVerifier itself prints a deprecation for each request, which would cost it even more.
            # The library takes no http issuer, and the benchmark's is local.
            verifier = BaseJWTVerifier(ISSUER.replace("http://", "https://"), CLIENT_ID, "api://default")
            verifier.issuer = ISSUER
            await verifier.verify_access_token(token)
            return await call_next(request)
        except Exception as error:  # noqa: BLE001 - as published
            return JSONResponse({"error": f"Unauthorized token or {error}"}, status_code=401)


app = FastAPI(openapi_url=None)
app.add_middleware(CORSMiddleware, allow_origins=["http://localhost:3000"])
app.add_middleware(TutorialMiddleware)
add_routes(app)
