"""Reports: what is accepted, who sees which, and who may do what."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.data.conftest import REPORT, Callers, submit


def test_report_is_stored_and_returned(caller: Callers) -> None:
    """A report comes back as it was sent, with two decimals, its owner and a time in UTC."""
    ada = caller("ada")
    response = ada("POST", json=REPORT | {"amount": "7"})
    report = response.json()
    assert response.status_code == 201
    created = datetime.fromisoformat(report["created"])
    assert created.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - created) < timedelta(minutes=1)
    assert report == {
        "id": report["id"],
        "title": "Train to Graz",
        "amount": "7.00",
        "currency": "EUR",
        "created": report["created"],
        "status": "submitted",
        "owner": "00ulocalada",
        "approved_by": None,
        "approved_at": None,
    }
    assert ada("GET", f"/reports/{report['id']}").json() == report
    assert ada("GET").json() == {"reports": [report], "next": None}


@pytest.mark.parametrize("amount", ["0.01", "999999999999.99", "0000000012.5"])
def test_amounts_are_exact(caller: Callers, amount: str) -> None:
    """No amount is rounded."""
    number = submit(caller("ada"), amount=amount)
    stored = caller("ada")("GET", f"/reports/{number}").json()["amount"]
    assert stored == {"0000000012.5": "12.50"}.get(amount, amount)


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""},
        {"title": "x" * 201},
        {"title": "a\0b"},
        {"title": 7},
        {"amount": 48.2},
        {"amount": "0"},
        {"amount": "0.00"},
        {"amount": "-1"},
        {"amount": "1.234"},
        {"amount": "1e3"},
        {"amount": "1234567890123"},
        {"amount": "\N{ARABIC-INDIC DIGIT ONE}"},
        {"amount": "1\n"},
        {"currency": "EURO"},
        {"currency": "eur"},
        {"currency": "ABC"},
    ],
)
def test_invalid_reports_are_refused(caller: Callers, change: dict[str, object]) -> None:
    """A report with an invalid field gets 422, and the field is named."""
    response = caller("ada")("POST", json=REPORT | change)
    assert response.status_code == 422
    [fault] = response.json()["detail"]
    assert fault["loc"] == ["body", *change]
    assert set(fault) == {"type", "loc", "msg"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"title": "\\ud800", "amount": "1", "currency": "EUR"}', 422),
        (b'{"title": "x", "amount": NaN, "currency": "EUR"}', 422),
        (b'{"title": "\xff", "amount": "1", "currency": "EUR"}', 400),
        (b'{"title": "x", "amount": 1' + b"0" * 5000 + b"}", 400),
        (b"[" * 100_000, 400),
        (b"{", 422),
        (b"", 422),
    ],
)
def test_hostile_bodies_are_refused(caller: Callers, body: bytes, status: int) -> None:
    """What JSON cannot say, or Python cannot read, is the client's fault."""
    response = caller("ada")("POST", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == status, response.text


def test_titles_of_any_language(caller: Callers) -> None:
    """200 characters count as characters, not as bytes."""
    title = "Grüße 🚆 " * 25
    number = submit(caller("ada"), title=title)
    assert caller("ada")("GET", f"/reports/{number}").json()["title"] == title


def test_only_the_owner_and_admins_see_a_report(caller: Callers) -> None:
    """What is not visible does not exist: 404 for every method."""
    number = submit(caller("ada"))
    grace, admin = caller("grace"), caller("alan", "Admins")
    assert grace("GET").json()["reports"] == []
    for method in ("GET", "DELETE"):
        assert grace(method, f"/reports/{number}").status_code == 404
    assert [report["id"] for report in admin("GET").json()["reports"]] == [number]
    assert admin("GET", f"/reports/{number}").status_code == 200
    refused = admin("DELETE", f"/reports/{number}")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_owner")


def test_owner_withdraws_a_report(caller: Callers) -> None:
    """A withdrawn report is gone, and its id is not used again."""
    ada = caller("ada")
    number = submit(ada)
    assert ada("DELETE", f"/reports/{number}").status_code == 204
    assert ada("DELETE", f"/reports/{number}").status_code == 404
    assert submit(ada) > number


def test_somebody_else_approves(caller: Callers) -> None:
    """Nobody approves their own report, nor one that is approved; an approved one stays."""
    number = submit(caller("ada"))
    path = f"/reports/{number}/approve"
    own = caller("ada", "Admins")("POST", path)
    assert (own.status_code, own.json()["code"]) == (403, "own_report")
    approved = caller("grace", "Admins")("POST", path)
    assert approved.status_code == 200
    assert approved.json()["status"] == "approved"
    assert approved.json()["approved_by"] == "00ulocalgrace"
    again = caller("alan", "Admins")("POST", path)
    assert (again.status_code, again.json()["code"]) == (409, "already_approved")
    withdrawn = caller("ada")("DELETE", f"/reports/{number}")
    assert (withdrawn.status_code, withdrawn.json()["code"]) == (409, "already_approved")


def test_approval_requires_scope_group_and_an_active_token(caller: Callers) -> None:
    """The scope says what the app may do, the group what the person may do."""
    path = f"/reports/{submit(caller('ada'))}/approve"
    assert caller("grace")("POST", path).status_code == 403
    without_scope = caller("grace", "Admins", scopes=["reports:read", "reports:write"])("POST", path)
    assert 'scope="reports:approve"' in without_scope.headers["WWW-Authenticate"]
    unknown = caller("grace", "Admins", jti="AT.unknown")("POST", path)
    assert unknown.status_code == 401


def test_service_has_no_reports(caller: Callers) -> None:
    """A token without a user id gets a sentence and a code."""
    service = caller("service", "Admins", uid=None, sub="0oalocalservice")
    for method, path in [
        ("GET", "/reports"),
        ("POST", "/reports"),
        ("GET", "/reports/1"),
        ("DELETE", "/reports/1"),
        ("POST", "/reports/1/approve"),
    ]:
        refused = service(method, path, json=REPORT if path == "/reports" and method == "POST" else None)
        assert refused.status_code == 403
        assert refused.json() == {
            "detail": "This requires a user's token; a service stores no data.",
            "code": "user_required",
        }


@pytest.mark.parametrize("user_id", ["a\0b", "x" * 256])
def test_user_ids_that_cannot_be_stored(caller: Callers, user_id: str) -> None:
    """They are nobody's."""
    assert caller("ada", uid=user_id)("GET").status_code == 403


def test_names_that_cannot_be_stored(caller: Callers) -> None:
    """A strange login or name costs the user nothing."""
    submit(caller("ada", sub="a\0", name="\0"))


def test_login_may_change_hands(caller: Callers) -> None:
    """Reports stay with the user id; the old login given to somebody else shows nothing."""
    number = submit(caller("ada"))
    renamed = caller("ada", sub="countess@example.com")
    assert [report["id"] for report in renamed("GET").json()["reports"]] == [number]
    newcomer = caller("newcomer", sub="ada@example.com")
    assert newcomer("GET").json()["reports"] == []
    assert newcomer("GET", f"/reports/{number}").status_code == 404


def test_pages_are_read_by_cursor(caller: Callers) -> None:
    """Newest first; what is added meanwhile moves nothing, and the last page has no next."""
    ada = caller("ada")
    numbers = [submit(ada) for _ in range(5)]
    submit(caller("grace"))
    first = ada("GET", params={"limit": 2}).json()
    later = submit(ada)
    second = ada("GET", params={"limit": 2, "cursor": first["next"]}).json()
    third = ada("GET", params={"limit": 2, "cursor": second["next"]}).json()
    seen = [report["id"] for page in (first, second, third) for report in page["reports"]]
    assert seen == numbers[::-1]
    assert third["next"] is None
    assert ada("GET", params={"limit": 1}).json()["reports"][0]["id"] == later
    exact = ada("GET", params={"limit": 6}).json()
    assert exact["next"] is None


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "cursor=0", "cursor=x", f"cursor={2**63}"]
)
def test_invalid_pages_are_refused(caller: Callers, query: str) -> None:
    """A limit is 1 to 100, a cursor what `next` was."""
    assert caller("ada")("GET", f"/reports?{query}").status_code == 422


@pytest.mark.parametrize(("number", "status"), [("0", 422), ("x", 422), (2**53, 422), (2**53 - 1, 404)])
def test_ids_outside_of_the_range(caller: Callers, number: object, status: int) -> None:
    """No id reaches the database that it cannot compare."""
    assert caller("ada")("GET", f"/reports/{number}").status_code == status


def test_same_key_creates_one_report(caller: Callers) -> None:
    """A repeated request gets the first response, also if the report has changed since."""
    ada, key = caller("ada"), {"Idempotency-Key": "k-1"}
    first = ada("POST", json=REPORT, headers=key)
    caller("grace", "Admins")("POST", f"/reports/{first.json()['id']}/approve")
    second = ada("POST", json=REPORT, headers=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert len(ada("GET").json()["reports"]) == 1


def test_key_belongs_to_its_user_and_body(caller: Callers) -> None:
    """Somebody else's key is another one; another body is 422; a refused request stores nothing."""
    ada, key = caller("ada"), {"Idempotency-Key": "k-1"}
    assert ada("POST", json=REPORT | {"amount": "0"}, headers=key).status_code == 422
    assert ada("POST", json=REPORT, headers=key).status_code == 201
    assert caller("grace")("POST", json=REPORT, headers=key).status_code == 201
    reused = ada("POST", json=REPORT | {"amount": "9"}, headers=key)
    assert reused.status_code == 422
    assert reused.json()["detail"][0]["type"] == "idempotency_key_reused"


@pytest.mark.parametrize("key", ["", "with space", "x" * 256, "é", "tab\t"])
def test_malformed_keys_are_refused(caller: Callers, key: str) -> None:
    """A key is 1 to 255 visible ASCII characters."""
    response = caller("ada")("POST", json=REPORT, headers={"Idempotency-Key": key.encode()})
    assert response.status_code == 400
    assert "Idempotency-Key" in response.json()["detail"]
