"""The tutorial's two routes, unchanged."""

from fastapi import APIRouter

router = APIRouter()


@router.get("/")
async def index() -> dict[str, str]:
    """Say that the token was good."""
    return {"message": "Congratulations, FastAPI this side."}


@router.get("/hello/{name}")
async def read_item(name: str) -> dict[str, str]:
    """Greet `name`."""
    return {"message": f"Hello, {name}"}
