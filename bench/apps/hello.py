"""The tutorial's two routes."""

from fastapi import APIRouter
from pydantic import BaseModel

router = APIRouter()


class Message(BaseModel):
    """A text for the caller."""

    message: str


@router.get("/")
async def index() -> Message:
    """Return the tutorial's message."""
    return Message(message="Congratulations, FastAPI this side.")


@router.get("/hello/{name}")
async def hello(name: str) -> Message:
    """Return a greeting for the name in the path."""
    return Message(message=f"Hello, {name}")
