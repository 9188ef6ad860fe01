"""The local Okta's values, for whoever has set nothing."""

import os
from typing import Final

from dotenv import dotenv_values

LOCAL: Final = {
    "OKTA_ISSUER": "http://localhost:9000/oauth2/default",
    "OKTA_CLIENT_ID": "0oalocalspa,0oalocalservice",
}


def use_local_okta() -> bool:
    """Return whether the issuer is the local Okta, which it is made where none is set."""
    configured = {**dotenv_values(".env"), **os.environ}.get("OKTA_ISSUER")
    if not configured:
        os.environ.update(LOCAL)
    return not configured or configured == LOCAL["OKTA_ISSUER"]
