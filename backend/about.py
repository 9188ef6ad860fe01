"""What this service is called."""

from typing import Final

NAME: Final = "FastAPI with Okta"
SLUG: Final = "fastapi-okta"
DESCRIPTION: Final = "An API that verifies Okta access tokens on every request"
