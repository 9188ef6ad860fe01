"""What is fuzzed: from the bytes of an Authorization header to checked claims."""

import time
from typing import Final

from backend.okta.credentials import bearer_token
from backend.okta.errors import OktaAuthError
from backend.okta.token import TokenRequirements, check_claims, parse_token

REQUIREMENTS: Final = TokenRequirements(
    issuers=frozenset({"https://dev-1.okta.com/oauth2/default"}),
    audiences=frozenset({"api://default"}),
    client_ids=frozenset({"0oa1"}),
    leeway=60,
)


def read_header(value: bytes) -> None:
    """Read `value` as the service does, up to the signature.

    Raises AssertionError where a refusal is none of the contract's; whatever else is raised
    is a fault that a request would see as a 500.
    """
    try:
        token = parse_token(bearer_token([(b"authorization", value)]))
        check_claims(token.claims, REQUIREMENTS, time.time())
    except OktaAuthError as error:
        assert error.status in (400, 401)
        assert error.challenge
