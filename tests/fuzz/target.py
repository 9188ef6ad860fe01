"""What is fuzzed: from the bytes of an Authorization header to checked claims."""

import time
from typing import Final

from backend.okta.bearer import bearer_token
from backend.okta.claims import Expected, check_claims
from backend.okta.errors import OktaAuthError
from backend.okta.jws import parse_token

EXPECTED: Final = Expected("https://dev-1.okta.com/oauth2/default", "api://default", frozenset({"0oa1"}), 60)


def read_header(value: bytes) -> None:
    """Read `value` as the service does, up to the signature.

    Raises AssertionError where a refusal is none of the contract's; whatever else is raised
    is a fault that a request would see as a 500.
    """
    try:
        token = parse_token(bearer_token([(b"authorization", value)]))
        check_claims(token.claims, EXPECTED, time.time())
    except OktaAuthError as error:
        assert error.status in (400, 401)
        assert error.challenge
