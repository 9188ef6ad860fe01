"""What this service is called."""

from typing import Final

NAME: Final = "FastAPI with Okta"
