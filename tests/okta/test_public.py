"""The list of public routes."""

import pytest
from fastapi import APIRouter, FastAPI

from backend.okta import PUBLIC
from backend.okta.public import public_routes


async def endpoint() -> None:
    """An endpoint."""


def test_what_says_so_is_public() -> None:
    """A route is public by its own word, with its router's prefix and for its methods alone."""
    router = APIRouter()
    router.add_api_route("/a", endpoint, methods=["GET", "POST"], openapi_extra=PUBLIC)
    router.add_api_route("/b", endpoint, openapi_extra={"security": [{"x": []}]})
    router.add_api_route("/c", endpoint)
    app = FastAPI()
    app.include_router(router, prefix="/v1")
    assert public_routes(app.routes) == {("GET", "/v1/a"), ("HEAD", "/v1/a"), ("POST", "/v1/a")}


def test_parameters_are_refused() -> None:
    """A public route with parameters would be a rule for paths nobody has listed."""
    app = FastAPI()
    app.add_api_route("/a/{b}", endpoint, openapi_extra=PUBLIC)
    with pytest.raises(ValueError, match="has path parameters"):
        public_routes(app.routes)


def test_a_hidden_public_route_is_refused() -> None:
    """A public path that a protected route answers first would open that route."""
    app = FastAPI()
    app.add_api_route("/{anything}", endpoint)
    app.add_api_route("/a", endpoint, openapi_extra=PUBLIC)
    with pytest.raises(ValueError, match=r"/a stands behind /\{anything\}"):
        public_routes(app.routes)
