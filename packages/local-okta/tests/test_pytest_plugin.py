"""The test kit's fixtures."""

from pathlib import Path

import jwt
import pytest
from local_okta.config import API_CLIENT_ID, API_CLIENT_SECRET, SERVICE_CLIENT_ID, SPA_CLIENT_ID
from local_okta.dpop import ALGORITHMS, ath_of
from local_okta.state import LocalOkta
from local_okta.testing import DPoPKey, OktaToken, Person
from local_okta_browser import Browser, decoded
from local_okta_commands import run_pytest

API = (API_CLIENT_ID, API_CLIENT_SECRET)


def is_active(browser: Browser, token: str) -> bool:
    """Introspect a token as the API does."""
    response = browser.post("/v1/introspect", data={"token": token}, auth=API)
    return response.json()["active"] is True


def test_token_is_active_until_it_is_revoked(
    browser: Browser, local_okta: LocalOkta, okta_token: OktaToken
) -> None:
    """`okta.revoke` ends one token; others stay active."""
    token, other = okta_token(), okta_token()
    assert is_active(browser, token)
    local_okta.revoke(token)
    assert not is_active(browser, token)
    assert is_active(browser, other)


def test_revoked_refresh_token_ends_its_grant(browser: Browser, local_okta: LocalOkta) -> None:
    """`okta.revoke` of a refresh token ends the access token, as in Okta."""
    tokens = browser.tokens(scope="openid offline_access")
    local_okta.revoke(tokens["refresh_token"])
    assert not is_active(browser, tokens["access_token"])
    assert browser.refresh(tokens["refresh_token"]).status_code == 400


@pytest.mark.parametrize("name", ["grace", "Grace", "grace@example.com", "00ulocalgrace"])
def test_token_of_a_person(okta_token: OktaToken, name: str) -> None:
    """A person is named by first name, login or uid, and has a login, a uid and groups of their own."""
    claims = decoded(okta_token(person=name))[1]
    assert (claims["sub"], claims["uid"]) == ("grace@example.com", "00ulocalgrace")
    assert (claims["cid"], claims["groups"]) == (SPA_CLIENT_ID, ["Everyone"])


def test_token_of_ada_by_default(okta_token: OktaToken) -> None:
    """Without a name it is Ada's token."""
    claims = decoded(okta_token())[1]
    assert (claims["sub"], claims["uid"]) == ("ada@example.com", "00ulocalada")
    assert claims["groups"] == ["Everyone", "Admins"]


def test_token_of_a_service(browser: Browser, okta_token: OktaToken) -> None:
    """`person=None` is the service client's token: no uid, no groups, no sign-in."""
    token = okta_token(person=None)
    claims = decoded(token)[1]
    issued = decoded(browser.client_credentials().json()["access_token"])[1]
    assert claims.keys() == issued.keys()
    assert (claims["sub"], claims["cid"], claims["scp"]) == (
        SERVICE_CLIENT_ID,
        SERVICE_CLIENT_ID,
        ["reports:read"],
    )
    assert is_active(browser, token)


def test_token_is_that_of_a_sign_in(browser: Browser, okta_token: OktaToken) -> None:
    """The kit's token of a person has the claims that the token endpoint gives them."""
    issued, kit = (
        decoded(browser.tokens("grace@example.com")["access_token"])[1],
        decoded(okta_token(person="grace"))[1],
    )
    for name in ("jti", "iat", "exp", "auth_time"):
        assert type(issued.pop(name)) is type(kit.pop(name))
    assert kit == issued


def test_unknown_person_is_an_error_that_lists_the_known_ones(okta_token: OktaToken) -> None:
    """The error for an unknown person has the logins to choose from."""
    with pytest.raises(LookupError, match=r"eve is nobody.*: ada@example\.com, grace@example\.com$"):
        okta_token(person="eve")


def test_first_name_of_two_people_is_an_error(local_okta: LocalOkta, okta_token: OktaToken) -> None:
    """A first name that two people share picks neither."""
    local_okta.people.append(Person("00utwo", "two@example.com", "Grace", "Slick"))
    with pytest.raises(LookupError, match="several people"):
        okta_token(person="grace")
    assert decoded(okta_token(person="two@example.com"))[1]["uid"] == "00utwo"


def test_person_can_be_changed(browser: Browser, local_okta: LocalOkta, okta_token: OktaToken) -> None:
    """A change of login, groups or claims is in the next tokens, those of a refresh too; the uid stays."""
    refresh_token = browser.tokens("ada@example.com", scope="openid offline_access")["refresh_token"]
    ada = local_okta.person("ada")
    ada.login, ada.groups, ada.claims["department"] = "ada.new@example.com", ("Everyone",), "Finance"
    refreshed = browser.refresh(refresh_token).json()["access_token"]
    for token in (okta_token(person="ada"), okta_token(), refreshed):
        claims = decoded(token)[1]
        assert (claims["sub"], claims["uid"]) == ("ada.new@example.com", "00ulocalada")
        assert (claims["groups"], claims["department"]) == (["Everyone"], "Finance")
    local_okta.person("grace").login = "ada@example.com"  # the old login changes hands
    assert decoded(okta_token(person="ada@example.com"))[1]["uid"] == "00ulocalgrace"


CHANGES = """
def test_change(local_okta, okta_token):
    local_okta.person("ada").login = "ada.new@example.com"
    local_okta.person("ada").claims["department"] = "Finance"
    local_okta.people.pop()
    local_okta.keys.rotate(overlap=False)
    local_okta.switches.skew = 600

def test_next(local_okta, okta_token):
    assert [person.login for person in local_okta.people] == ["ada@example.com", "grace@example.com"]
    assert local_okta.person("ada").claims == {}
    assert len(local_okta.keys.published) == 1
    assert local_okta.switches.skew == 0
"""


def test_changes_are_undone_after_each_test(tmp_path: Path) -> None:
    """People, keys and switches that a test changed are as before in the next one."""
    (tmp_path / "test_it.py").write_text(CHANGES)
    assert "2 passed" in run_pytest(tmp_path)


def test_file_in_the_root_folder_is_read(tmp_path: Path) -> None:
    """The kit knows the people of `local-okta.toml`."""
    file = '[[people]]\nlogin = "linus@example.com"\ngiven_name = "Linus"\nfamily_name = "Pauling"\n'
    (tmp_path / "local-okta.toml").write_text(file)
    (tmp_path / "test_it.py").write_text("def test_it(okta_token):\n    assert okta_token(person='linus')\n")
    assert "1 passed" in run_pytest(tmp_path)


def test_claims_are_set_by_keyword(okta_token: OktaToken) -> None:
    """`acr`, `auth_time` and any other claim are set as given; None leaves one out."""
    token = okta_token(acr="urn:okta:loa:2fa:any", auth_time=1, cid=None, act={"sub": "agent"})
    claims = decoded(token)[1]
    assert (claims["acr"], claims["auth_time"], claims["act"]) == (
        "urn:okta:loa:2fa:any",
        1,
        {"sub": "agent"},
    )
    assert "cid" not in claims


def test_token_is_bound_to_a_dpop_key(browser: Browser, okta_token: OktaToken) -> None:
    """`dpop=key` sets cnf, in the token and in its introspection."""
    key = DPoPKey()
    token = okta_token(dpop=key)
    assert decoded(token)[1]["cnf"] == {"jkt": key.jkt}
    response = browser.post("/v1/introspect", data={"token": token}, auth=API).json()
    assert response["cnf"] == {"jkt": key.jkt}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_proof_verifies_with_the_key_in_its_header(algorithm: str) -> None:
    """A proof has the header and claims of RFC 9449 §4.2, and verifies with a JWT library."""
    key = DPoPKey(algorithm)
    proof = key.proof("GET", "http://localhost:8000/me", "token")
    header = jwt.get_unverified_header(proof)
    assert (header["typ"], header["alg"]) == ("dpop+jwt", algorithm)
    claims = jwt.decode(proof, jwt.PyJWK(header["jwk"], algorithm), algorithms=[algorithm])
    assert claims.keys() == {"jti", "htm", "htu", "iat", "ath"}
    assert (claims["htm"], claims["htu"]) == ("GET", "http://localhost:8000/me")
    assert claims["ath"] == ath_of("token")


def test_settings_describe_an_api_that_accepts_the_tokens(local_okta: LocalOkta) -> None:
    """`okta.settings` returns the API's settings, with changes."""
    settings = local_okta.settings(okta_audience="api://other", dpop="allowed")
    assert settings == {
        "okta_issuer": local_okta.issuer,
        "okta_client_id": "0oalocalspa,0oalocalservice,0oalocalagent,0oalocalapi",
        "okta_audience": "api://other",
        "dpop": "allowed",
    }
