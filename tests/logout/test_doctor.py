"""`make doctor` checks the configuration of Universal Logout."""

import asyncio
from typing import Any

from fastapi_okta_auth.doctor.setup import check_universal_logout
from local_okta.state import LocalOkta

from tests.support.api import settings_for


def lines(okta: LocalOkta, **changes: Any) -> list[tuple[str, str]]:
    """Return check and colour of each line."""

    async def collect() -> list[tuple[str, str]]:
        settings = settings_for(okta, **changes)
        return [(result.check, result.colour) async for result in check_universal_logout(settings)]

    return asyncio.run(collect())


def test_nothing_while_it_is_off(local_okta: LocalOkta) -> None:
    """The doctor says nothing of what nobody uses."""
    assert lines(local_okta) == []


def test_org_whose_keys_can_be_fetched(local_okta: LocalOkta) -> None:
    """It names the endpoint, and counts the keys."""
    assert lines(local_okta, universal_logout_issuer=local_okta.org) == [
        ("universal logout", "green"), ("universal logout", "green"), ("org keys", "green"),
    ]  # fmt: skip


def test_org_that_does_not_respond(local_okta: LocalOkta) -> None:
    """Then no request could be verified."""
    assert lines(local_okta, universal_logout_issuer="http://127.0.0.1:9")[-1] == ("org keys", "red")


def test_endpoint_that_okta_cannot_reach(local_okta: LocalOkta) -> None:
    """An org cannot send anything to this machine."""
    issuer, org = "https://acme.okta.com/oauth2/default", "https://acme.invalid"
    changes = {"okta_issuer": issuer, "universal_logout_issuer": org}
    assert lines(local_okta, **changes)[0] == ("universal logout", "red")
