"""Requests to Okta, authenticated with a client secret."""

import base64
import json
import logging
import re
from typing import Any, Final, Self
from urllib.parse import quote_plus, urlencode

from .errors import MAX_SHOWN, ServiceUnavailable
from .session import IssuerSession, RequestError

TIMEOUT_SECONDS: Final = 2.0
MAX_BYTES: Final = 64 * 1024
MAX_RETRY_SECONDS: Final = 60

_log = logging.getLogger(__name__)


FAULTS: Final = ("unreachable", "malformed", "rate_limited", "rejected", "failed")
"""What can go wrong with a request: the last part of a reason code."""


class ConfidentialClient:
    """Posts forms to an endpoint of Okta.

    An async context manager. `purpose` is the first part of each reason code in log and metrics.
    """

    def __init__(self, url: str, client_id: str, client_secret: str, purpose: str) -> None:
        # RFC 6749 section 2.3.1 encodes both before HTTP's own encoding.
        credentials = f"{quote_plus(client_id)}:{quote_plus(client_secret)}"
        basic = base64.b64encode(credentials.encode()).decode()
        self._headers = {
            "Authorization": f"Basic {basic}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self._session = IssuerSession(url)
        self._purpose = purpose

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.aclose()

    async def post(self, form: dict[str, str]) -> dict[str, Any]:
        """Post `form`, and return the JSON object of a response with status 200.

        Raises ServiceUnavailable for any other response, and for none within TIMEOUT_SECONDS.
        """
        try:
            response = await self._session.request(
                "POST",
                seconds=TIMEOUT_SECONDS,
                max_bytes=MAX_BYTES,
                headers=self._headers,
                content=urlencode(form).encode(),
            )
        except RequestError as error:
            raise self._unavailable("unreachable", str(error)) from None
        members = _json_object(response.body)
        match response.status:
            case 200 if members:
                return members
            case 200:
                raise self._unavailable("malformed", "the response is not a JSON object")
            case 429:
                wait = response.headers.get("retry-after", "")
                seconds = int(wait) if re.fullmatch("[0-9]{1,9}", wait) else 1
                raise self._unavailable("rate_limited", f"Retry-After {wait[:MAX_SHOWN]!r}", seconds)
            case 400 | 401 | 403:
                # Not the caller's fault: our client or its access policy in Okta is wrong.
                code = str(members.get("error"))[:MAX_SHOWN]
                raise self._unavailable("rejected", f"HTTP status {response.status}, error {code!r}")
            case status:
                raise self._unavailable("failed", f"HTTP status {status}")

    def _unavailable(self, what: str, detail: str, retry_after: int = 1) -> ServiceUnavailable:
        level = logging.ERROR if what == "rejected" else logging.WARNING
        _log.log(level, "%s %s: %s", self._purpose, what.replace("_", " "), detail)
        return ServiceUnavailable(f"{self._purpose}_{what}", min(max(retry_after, 1), MAX_RETRY_SECONDS))


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        members = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return members if isinstance(members, dict) else {}
