"""What a client does that Schemathesis cannot read in the document (SCHEMATHESIS_HOOKS)."""

import re
import uuid
from typing import Any

import schemathesis

KEY = "Idempotency-Key"


@schemathesis.hook
def before_call(_: Any, case: schemathesis.Case[Any], __: dict[str, Any]) -> None:
    """Send a new key with each request, if the generated one is valid: with another body it is 422."""
    if case.headers and re.fullmatch("[!-~]{1,255}", str(case.headers.get(KEY, ""))):
        case.headers[KEY] = str(uuid.uuid4())
