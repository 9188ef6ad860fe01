"""The tutorial's two routes."""

from collections.abc import Sequence

from fastapi import FastAPI
from fastapi.params import Depends
from pydantic import BaseModel


class Message(BaseModel):
    """A text for the caller."""

    message: str


def add_routes(app: FastAPI, dependencies: Sequence[Depends] = ()) -> None:
    """Declare the routes on the application itself, as backend/main.py does."""

    @app.get("/", dependencies=dependencies)
    async def index() -> Message:
        """Return the tutorial's message."""
        return Message(message="Congratulations, FastAPI this side.")

    @app.get("/hello/{name}", dependencies=dependencies)
    async def hello(name: str) -> Message:
        """Return a greeting for the name in the path."""
        return Message(message=f"Hello, {name}")
