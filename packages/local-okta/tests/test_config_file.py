"""`local-okta.toml`: people, scopes and clients of the user's."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from local_okta.config import PEOPLE, Config
from local_okta.config_file import ConfigError, read_config
from local_okta.serving import running
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from local_okta_browser import Browser, assert_refused, decoded, redirect_parameters
from local_okta_commands import run

FILE = """
scopes = ["figures:read"]

[[people]]
login = "ada@example.com"
groups = ["Everyone", "Finance"]
claims = { department = "Finance", limits = { eur = 500 } }

[[people]]
login = "linus@example.com"
given_name = "Linus"
family_name = "Pauling"

[[clients]]
client_id = "0oalocalspa"
redirect_uris = ["http://localhost:5173/callback"]

[[clients]]
client_id = "0oalocalservice"
scopes = ["figures:read"]

[[clients]]
client_id = "0oalocalbatch"
secret = "batch-not-a-secret"
purpose = "nightly batch"
"""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the file with this text."""

    def write_file(text: str) -> Path:
        path = tmp_path / "local-okta.toml"
        path.write_text(text)
        return path

    return write_file


@pytest.fixture
def okta(write: Write) -> Iterator[LocalOkta]:
    """A local Okta with the file."""
    with running(read_config(write(FILE))) as okta:
        yield okta


@pytest.fixture
def configured(okta: LocalOkta) -> Iterator[Browser]:
    """A browser at that local Okta."""
    with Browser(okta) as browser:
        yield browser


def test_person_is_added(configured: Browser, okta: LocalOkta) -> None:
    """A new person has a button, a user id of their own and the group Everyone; the others stay."""
    token = configured.tokens("linus@example.com", scope="openid profile")["access_token"]
    claims = decoded(token)[1]
    assert (claims["sub"], claims["uid"], claims["groups"]) == (
        "linus@example.com",
        "00ulocallinus",
        ["Everyone"],
    )
    assert configured.userinfo(token).json()["name"] == "Linus Pauling"
    assert [person.login for person in okta.people] == [
        *(person.login for person in PEOPLE),
        "linus@example.com",
    ]


def test_known_person_is_changed(configured: Browser) -> None:
    """The given fields replace a known person's, the others stay; claims are in the access token."""
    claims = decoded(configured.tokens()["access_token"])[1]
    assert (claims["uid"], claims["groups"]) == ("00ulocalada", ["Everyone", "Finance"])
    assert (claims["department"], claims["limits"]) == ("Finance", {"eur": 500})


def test_test_kit_knows_them(okta: LocalOkta) -> None:
    """Tests name the people of the file too."""
    claims = decoded(OktaToken(okta)(person="linus"))[1]
    assert claims["uid"] == "00ulocallinus"
    assert decoded(OktaToken(okta)())[1]["department"] == "Finance"


def test_scope_is_added(configured: Browser) -> None:
    """A new scope is granted and published."""
    assert decoded(configured.tokens(scope="figures:read")["access_token"])[1]["scp"] == ["figures:read"]
    assert "figures:read" in configured.get("/.well-known/openid-configuration").json()["scopes_supported"]


def test_redirect_uri_is_added(configured: Browser) -> None:
    """The single-page app's new URI works, from its origin, and the known one still does."""
    uri = "http://localhost:5173/callback"
    page = configured.authorize(redirect_uri=uri)
    assert configured.choose(page).headers["location"].startswith(f"{uri}?code=")
    assert "code" in redirect_parameters(configured.sign_in())
    headers = {"Origin": "http://localhost:5173"}
    response = configured.get("/v1/keys", headers=headers)
    assert response.headers["access-control-allow-origin"] == headers["Origin"]


def test_scopes_of_a_client_are_replaced(configured: Browser) -> None:
    """A known client's scopes are those of the file; the error for others names them and the file."""
    assert configured.client_credentials(scope="figures:read").status_code == 200
    refused = configured.client_credentials(scope="reports:read")
    assert_refused(refused, "invalid_scope")
    assert "0oalocalservice may have: figures:read. Change its scopes in" in refused.text


def test_client_is_added(configured: Browser) -> None:
    """A new client with a secret is a service that may have every custom scope."""
    new = {"client_id": "0oalocalbatch", "client_secret": "batch-not-a-secret", "scope": "figures:read"}
    assert configured.client_credentials(**new).json()["scope"] == "figures:read"


@pytest.mark.parametrize("ask", ["authorize", "client_credentials"])
def test_unknown_scope_names_the_known_ones_and_the_file(browser: Browser, ask: str) -> None:
    """`invalid_scope` says what to write where."""
    if ask == "authorize":
        text = redirect_parameters(browser.authorize(scope="openid figures:read"))["error_description"]
    else:
        text = browser.client_credentials(scope="figures:read").json()["error_description"]
    known = "openid profile email offline_access groups reports:read reports:write reports:approve"
    assert text == (
        "One or more scopes are not configured for the authorization server resource. "
        f"Known are: {known}. Add others to scopes in local-okta.toml, and restart."
    )


FAULTS = {
    'scope = ["a"]': "scope is unknown: write one of scopes, people, clients",
    'scopes = "a"': 'scopes: is not valid: write scopes = ["figures:read"]',
    'scopes = ["a b"]': 'scopes: is not valid: write scopes = ["figures:read"]',
    '[people]\nlogin = "a@b"': "people: is not valid: write [[people]] above each person",
    "people = [1]": "people 1: people: is not valid: write [[people]] above each person",
    '[[people]]\ngiven_name = "A"': 'people 1: login: is missing: write login = "linus@example.com"',
    '[[people]]\nlogin = "ada"': 'people ada: login: is not valid: write login = "linus@example.com"',
    '[[people]]\nlogin = "ada@example.com"\ngroup = 1': (
        "people ada@example.com: group is unknown: write one of "
        "login, uid, given_name, family_name, groups, claims"
    ),
    '[[people]]\nlogin = "ada@example.com"\ngroups = "Everyone"': (
        'people ada@example.com: groups: is not valid: write groups = ["Everyone", "Finance"]'
    ),
    '[[people]]\nlogin = "a@b.c"\ngiven_name = "A"': (
        'people a@b.c: family_name: is missing: write family_name = "Pauling"'
    ),
    '[[people]]\nlogin = "a@b.c"\ngiven_name = "A"\nfamily_name = "B"\nuid = "00ulocalada"': (
        'people a@b.c: uid: 00ulocalada is taken: write uid = "00ulocallinus"'
    ),
    '[[people]]\nlogin = "ada@example.com"\nclaims = { iss = "x" }': (
        "people ada@example.com: claims: iss is set by the local Okta itself: "
        'write claims = { department = "Finance" }'
    ),
    '[[people]]\nlogin = "ada@example.com"\nclaims = { since = 2026-01-01 }': (
        "people ada@example.com: claims: must be JSON: put dates and times in quotes: "
        'write claims = { department = "Finance" }'
    ),
    '[[people]]\nlogin = "ada@example.com"\nclaims = { limit = inf }': (
        "people ada@example.com: claims: must be JSON: put dates and times in quotes: "
        'write claims = { department = "Finance" }'
    ),
    "[[clients]]": 'clients 1: client_id: is missing: write client_id = "0oalocalbatch"',
    '[[clients]]\nclient_id = "0oa1"': (
        'clients 0oa1: redirect_uris: is missing: write redirect_uris = ["http://localhost:3000/login/callback"]'
    ),
    '[[clients]]\nclient_id = "0oa1"\ngrant_types = ["client_credentials"]': (
        'clients 0oa1: secret: is missing: write secret = "batch-not-a-secret"'
    ),
    '[[clients]]\nclient_id = "0oa1"\nsecret = "x"\ngrant_types = ["password"]': (
        'clients 0oa1: grant_types: is not valid: write grant_types = ["client_credentials"]'
    ),
    '[[clients]]\nclient_id = "0oa1"\nsecret = "x"\nscopes = ["a"]': (
        "clients 0oa1: scopes: a is unknown: write it in scopes at the top of the file too"
    ),
}


@pytest.mark.parametrize("text", FAULTS)
def test_fault_is_one_line_that_says_what_to_write(write: Write, text: str) -> None:
    """A fault is one line: the file, the place, what is wrong, and what to write."""
    path = write(text)
    with pytest.raises(ConfigError) as error:
        read_config(path)
    assert str(error.value) == f"{path}: {FAULTS[text]}"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"scopes = [", "is not TOML: "),
        (b'scopes = ["\xff"]', "is not UTF-8: save it as UTF-8"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_unreadable_file_is_one_line(tmp_path: Path, content: bytes | None, line: str) -> None:
    """A file that is missing or malformed is one line too."""
    path = tmp_path / "other.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as error:
        read_config(path)
    assert str(error.value).startswith(f"{path}: {line}")
    assert len(str(error.value).splitlines()) == 1


def test_folder_without_the_file_changes_nothing(tmp_path: Path) -> None:
    """Without the file the configuration is the built-in one."""
    assert read_config(folder=tmp_path) == Config()


def test_command_stops_with_every_fault(write: Write) -> None:
    """The command prints one line for each fault, without a traceback, and exits with status 78."""
    path = write('scopes = 1\n[[people]]\nlogin = "ada"\n')
    result = run("--config", str(path))
    assert (result.returncode, result.stdout) == (78, "")
    assert result.stderr.splitlines() == [
        f'{path}: scopes: is not valid: write scopes = ["figures:read"]',
        f'{path}: people ada: login: is not valid: write login = "linus@example.com"',
    ]


def test_command_reads_the_file_in_the_working_directory(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --config the command reads `local-okta.toml`, and names it so."""
    monkeypatch.chdir(write("scopes = 1").parent)
    assert run().stderr == 'local-okta.toml: scopes: is not valid: write scopes = ["figures:read"]\n'
