"""The application as a server loads it: `uvicorn backend.main:app`."""

from backend.app import create_app
from backend.observability.logging import configure_logging
from backend.settings import load_or_exit

settings = load_or_exit()
configure_logging(settings)
app = create_app(settings)
