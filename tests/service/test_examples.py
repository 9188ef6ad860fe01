"""The example routes: a scope, a group and a stronger sign-in."""

import time

import httpx
from local_okta.testing import OktaToken


def bearer(token: str) -> dict[str, str]:
    """Return the header that carries `token`."""
    return {"Authorization": f"Bearer {token}"}


def submit(api: httpx.Client, okta_token: OktaToken) -> int:
    """Submit a report of Grace's; return its number."""
    report = {"title": "Travel", "amount": "12.50", "currency": "EUR"}
    token = okta_token(person="grace", scp=["reports:write"])
    return int(api.post("/reports", json=report, headers=bearer(token)).json()["id"])


def test_reports_require_a_scope(api: httpx.Client, okta_token: OktaToken) -> None:
    """The challenge names the scope that is missing."""
    assert api.get("/reports", headers=bearer(okta_token(scp=["reports:read"]))).status_code == 200
    refused = api.get("/reports", headers=bearer(okta_token()))
    assert refused.status_code == 403
    assert 'scope="reports:read"' in refused.headers["WWW-Authenticate"]


def test_report_belongs_to_the_person_who_submits_it(api: httpx.Client, okta_token: OktaToken) -> None:
    """Ada, without the group, does not see that Grace's report exists."""
    path = f"/reports/{submit(api, okta_token)}"
    grace = okta_token(person="grace", scp=["reports:read"])
    ada = okta_token(person="ada", scp=["reports:read"], groups=["Everyone"])
    assert api.get(path, headers=bearer(grace)).status_code == 200
    assert api.get(path, headers=bearer(ada)).status_code == 404


def test_approving_requires_a_scope_and_the_group(api: httpx.Client, okta_token: OktaToken) -> None:
    """The scope says what the app may do, the group what the person may do."""
    path = f"/reports/{submit(api, okta_token)}/approve"
    without_scope = okta_token(groups=["Admins"])
    without_group = okta_token(scp=["reports:approve"], groups=["Everyone"])
    assert api.post(path, headers=bearer(without_scope)).status_code == 403
    assert api.post(path, headers=bearer(without_group)).status_code == 403
    both = okta_token(scp=["reports:approve"], groups=["Admins"])
    assert api.post(path, headers=bearer(both)).status_code == 200


def test_admin_requires_the_group(api: httpx.Client, okta_token: OktaToken) -> None:
    """No new token would help, so there is no challenge."""
    assert api.get("/admin", headers=bearer(okta_token(groups=["Admins"]))).status_code == 200
    refused = api.get("/admin", headers=bearer(okta_token(groups=["Everyone"])))
    assert (refused.status_code, "WWW-Authenticate" in refused.headers) == (403, False)


def test_payslip_requires_two_factors(api: httpx.Client, okta_token: OktaToken) -> None:
    """The challenge says how to sign in."""
    token = okta_token(acr="urn:okta:loa:2fa:any", auth_time=int(time.time()))
    assert api.get("/payslip", headers=bearer(token)).status_code == 200
    refused = api.get("/payslip", headers=bearer(okta_token()))
    assert refused.status_code == 401
    assert 'acr_values="urn:okta:loa:2fa:any"' in refused.headers["WWW-Authenticate"]
