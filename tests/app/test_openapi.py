"""The OpenAPI document, and the pages that show it."""

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import fastapi_okta_auth
import httpx
import pytest
from fastapi import FastAPI, Security
from fastapi_okta_auth import Principal, current_user
from fastapi_okta_auth.openapi import complete_openapi
from local_okta.serving import serve
from local_okta.state import LocalOkta

from backend.main import create_app
from tests.support.api import settings_for

ASSETS = Path(fastapi_okta_auth.__file__).parent / "swagger" / "assets"
OPERATIONS = {
    "index": "GET /",
    "hello": "GET /hello/{name}",
    "me": "GET /me",
    "list_reports": "GET /reports",
    "create_report": "POST /reports",
    "read_report": "GET /reports/{id}",
    "delete_report": "DELETE /reports/{id}",
    "approve_report": "POST /reports/{id}/approve",
    "admin": "GET /admin",
    "payslip": "GET /payslip",
    "healthz": "GET /healthz",
    "readyz": "GET /readyz",
}
SCOPES = {
    "list_reports": ["reports:read"],
    "create_report": ["reports:write"],
    "read_report": ["reports:read"],
    "delete_report": ["reports:write"],
    "approve_report": ["reports:approve"],
}
FORBIDDEN = {*SCOPES, "admin"}
PUBLIC = {"healthz", "readyz"}


@pytest.fixture(scope="module")
def document(local_okta_server: LocalOkta) -> dict[str, Any]:
    """The document of the service."""
    return create_app(settings_for(local_okta_server)).openapi()


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the operations by operation id."""
    return {
        operation["operationId"]: operation
        for path in document["paths"].values()
        for operation in path.values()
    }


def test_operation_ids_fit_a_client_generator(document: dict[str, Any]) -> None:
    """The operation id is the name of the route's function; HEAD has no operation."""
    found = {
        operation["operationId"]: f"{method.upper()} {path}"
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }
    assert found.items() >= OPERATIONS.items()  # a new route needs no change here


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_is_described(document: dict[str, Any], name: str) -> None:
    """Every operation has a tag, a summary, a description and a named response model."""
    operation = operations(document)[name]
    assert len(operation["tags"]) == 1
    assert operation["summary"]
    assert operation["description"]
    [success] = [response for status, response in operation["responses"].items() if status < "300"]
    if name != "delete_report":
        schema = success["content"]["application/json"]["schema"]
        assert schema["$ref"].startswith("#/components/schemas/")


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_documents_its_refusals(document: dict[str, Any], name: str) -> None:
    """Protected operations document 400, 401 and 503, and 403 where they require more than a token."""
    responses = set(operations(document)[name]["responses"])
    expected = set() if name in PUBLIC else {"400", "401", "503"}
    expected |= {"403"} if name in FORBIDDEN else set()
    expected |= {"503"} if name == "readyz" else set()
    assert responses - {"200", "201", "204", "404", "409", "422"} == expected
    assert ("404" in responses) == (name in {"read_report", "delete_report", "approve_report"})
    assert ("409" in responses) == (name in {"create_report", "delete_report", "approve_report"})


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_requires_a_token_unless_public(document: dict[str, Any], name: str) -> None:
    """Each operation names its scopes, for either way to authorize."""
    scopes = SCOPES.get(name, [])
    security = [] if name in PUBLIC else [{"okta": scopes}, {"bearer": scopes}]
    assert operations(document)[name]["security"] == security


def test_refusals_have_an_example_of_the_real_text(document: dict[str, Any], api: httpx.Client) -> None:
    """The example of the 400 is the body that a malformed header gets."""
    example = document["components"]["responses"]["MalformedRequest"]["content"]["application/json"][
        "example"
    ]
    assert api.get("/", headers={"Authorization": "Bearer a b"}).json() == example


def test_document_names_server_and_issuer(local_okta: LocalOkta) -> None:
    """Server and sign-in come from the settings."""
    document = create_app(settings_for(local_okta, resource_url="https://example.com/v1/api")).openapi()
    assert document["servers"] == [{"url": "https://example.com/v1/api"}]
    assert document["security"] == [{"okta": []}, {"bearer": []}]
    flow = document["components"]["securitySchemes"]["okta"]["flows"]["authorizationCode"]
    assert flow["authorizationUrl"] == f"{local_okta.issuer}/v1/authorize"
    assert flow["tokenUrl"] == f"{local_okta.issuer}/v1/token"
    assert flow["scopes"] == {
        "openid": "Sign in",
        "profile": "Name",
        "email": "Email address",
        "reports:read": "Required by GET /reports",
        "reports:write": "Required by POST /reports",
        "reports:approve": "Required by POST /reports/{id}/approve",
    }


def test_scope_of_a_new_route_is_documented(local_okta: LocalOkta) -> None:
    """A scope that a new route requires is in the document without being listed anywhere else."""
    app = create_app(settings_for(local_okta))
    app.openapi()

    @app.get("/figures")
    async def figures(user: Annotated[Principal, Security(current_user, scopes=["figures:read"])]) -> str:
        return user.subject

    document = app.openapi()
    flow = document["components"]["securitySchemes"]["okta"]["flows"]["authorizationCode"]
    assert flow["scopes"]["figures:read"] == "Required by GET /figures"
    assert operations(document)["figures"]["security"][0] == {"okta": ["figures:read"]}
    assert "403" in operations(document)["figures"]["responses"]


def test_app_without_schemas_has_a_document() -> None:
    """An app without models, and one without routes, has a complete document."""
    app = FastAPI()
    complete_openapi(app, "https://example.okta.com/oauth2/default")
    assert app.openapi()["paths"] == {}

    @app.get("/plain")
    async def plain() -> None:
        """Return nothing."""

    document = app.openapi()
    assert document["paths"]["/plain"]["get"]["security"] == [{"okta": []}, {"bearer": []}]
    assert set(document["components"]["schemas"]) == {"Error"}


def test_document_of_fastapi_is_not_edited(local_okta: LocalOkta) -> None:
    """A caller that changes the document changes only its own copy."""
    app = create_app(settings_for(local_okta))
    app.openapi()["paths"].clear()
    assert app.openapi()["paths"]
    assert app.openapi_schema is not None
    assert "responses" not in app.openapi_schema["components"]


def test_docs_page_is_self_contained(api: httpx.Client) -> None:
    """The page only runs scripts from the API, and its URLs are relative, for an API behind a path."""
    response = api.get("/docs")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self';" in policy
    links = re.findall(r'(?:src|href)="([^"]*)"', response.text)
    assert [link for link in links if not link.startswith("docs/")] == ["data:,"]
    for link in links:
        if link.startswith("docs/"):
            assert api.get(f"/{link}").status_code == 200
    assert re.findall(r"<script>", response.text) == []


def test_docs_page_signs_in_a_public_client(api: httpx.Client) -> None:
    """The page has the first client's id and uses PKCE; it knows no secret."""
    sign_in = re.findall(r'<script id="sign-in" type="application/json">(.*)</script>', api.get("/docs").text)
    assert [json.loads(settings) for settings in sign_in] == [
        {"clientId": "0oalocalspa", "usePkceWithAuthorizationCodeGrant": True}
    ]


def test_docs_page_escapes_its_settings(local_okta: LocalOkta) -> None:
    """No setting can close the HTML element that it is in."""
    settings = settings_for(local_okta)
    hostile = settings.model_copy(update={"okta_client_id": ("</script><script>",)})
    with serve(create_app(hostile)) as url:
        assert "</script><script>" not in httpx.get(f"{url}/docs").text


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("swagger-ui-bundle.js", "e6a898692f2d768e807c3ba4626068a69a2c5dd960dd6c76f3e4d3a3de180af2"),
        ("swagger-ui.css", "5ed08757e53da3e026d6cbecc61fe5d43585c9560b302d534ad56692519a273d"),
        ("oauth2-redirect.js", "a5c8a34e09e49737382cc5019446eec7c3db3461963fc5bfe448361d3c5549e9"),
    ],
)
def test_vendored_file_is_the_published_one(name: str, digest: str) -> None:
    """The files are those of swagger-ui-dist 5.35.0: `npm pack swagger-ui-dist@5.35.0`, then sha256sum."""
    assert sha256((ASSETS / name).read_bytes()).hexdigest() == digest


def test_asset_is_not_sent_again_while_it_is_unchanged(api: httpx.Client) -> None:
    """A browser asks with the tag of its copy."""
    first = api.get("/docs/assets/swagger-ui-bundle.js")
    again = api.get("/docs/assets/swagger-ui-bundle.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_operation_declares_what_it_requires(document: dict[str, Any]) -> None:
    """`x-okta` has the scopes, groups and sign-in of each route, from the route's own dependencies."""
    declared = {name: operation.get("x-okta") for name, operation in operations(document).items()}
    assert declared["index"] == {"scopes": []}
    assert declared["admin"] == {"scopes": [], "groups": ["Admins"]}
    assert declared["list_reports"] == {"scopes": ["reports:read"]}
    assert declared["approve_report"] == {
        "scopes": ["reports:approve"],
        "groups": ["Admins"],
        "active": True,
    }
    assert declared["payslip"] == {"scopes": [], "acr_values": ["urn:okta:loa:2fa:any"], "max_age": 300}
    assert declared["healthz"] is None


@pytest.mark.parametrize(
    ("dpop", "schemes"),
    [("off", ["okta", "bearer"]), ("allowed", ["okta", "bearer", "dpop"]), ("required", ["dpop"])],
)
def test_document_names_the_accepted_schemes(local_okta: LocalOkta, dpop: str, schemes: list[str]) -> None:
    """Where DPoP is accepted the document has its scheme, and where it is required no other."""
    document = create_app(settings_for(local_okta, dpop=dpop)).openapi()
    assert list(document["components"]["securitySchemes"]) == schemes
    assert document["security"] == [{name: []} for name in schemes]
    assert operations(document)["list_reports"]["security"] == [{name: ["reports:read"]} for name in schemes]
