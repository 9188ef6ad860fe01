"""The fuzz target for tokens: from the bytes of an Authorization header to checked claims."""

import time
from typing import Final

from fastapi_okta_auth.credentials import credentials
from fastapi_okta_auth.errors import OktaAuthError
from fastapi_okta_auth.token import TokenRequirements, check_claims, parse_token

REQUIREMENTS: Final = TokenRequirements(
    issuers=frozenset({"https://dev-1.okta.com/oauth2/default"}),
    audiences=frozenset({"api://default"}),
    client_ids=frozenset({"0oa1"}),
    leeway=60,
)


def read_header(value: bytes) -> None:
    """Parse `value` as the service does, except for the signature.

    Raises AssertionError for a refusal that is not in the contract. Any other exception would
    be a 500 in the service.
    """
    try:
        token = parse_token(credentials([(b"authorization", value)]).token)
        check_claims(token.claims, REQUIREMENTS, time.time())
    except OktaAuthError as error:
        assert error.status in (400, 401)
        assert error.challenge
