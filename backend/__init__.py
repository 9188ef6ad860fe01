"""The API: FastAPI, protected by Okta access tokens."""

from typing import Final

NAME: Final = "FastAPI with Okta"
"""What this service is called."""
