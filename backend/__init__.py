"""The API: FastAPI, protected by Okta access tokens."""

from typing import Final

__version__: Final = "0.1.0"
