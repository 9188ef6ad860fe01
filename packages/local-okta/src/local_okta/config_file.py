"""`local-okta.toml`: the user's own people, scopes and clients, added to those of `Config`."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from local_okta.config import FILE_NAME, OPENID_SCOPES, TOKEN_EXCHANGE, Client, Config, Person, origin_of

# What to write, by the name of the field.
EXAMPLES: Final = {
    "scopes": 'scopes = ["figures:read"]',
    "people": "[[people]] above each person",
    "clients": "[[clients]] above each client",
    "login": 'login = "linus@example.com"',
    "given_name": 'given_name = "Linus"',
    "family_name": 'family_name = "Pauling"',
    "uid": 'uid = "00ulocallinus"',
    "groups": 'groups = ["Everyone", "Finance"]',
    "claims": 'claims = { department = "Finance" }',
    "client_id": 'client_id = "0oalocalbatch"',
    "secret": 'secret = "batch-not-a-secret"',
    "purpose": 'purpose = "nightly batch"',
    "grant_types": 'grant_types = ["client_credentials"]',
    "redirect_uris": 'redirect_uris = ["http://localhost:3000/login/callback"]',
    "post_logout_redirect_uris": 'post_logout_redirect_uris = ["http://localhost:3000"]',
}
# What the local Okta puts into an access token itself.
RESERVED_CLAIMS: Final = frozenset(
    "iss aud exp iat nbf jti ver cid client_id sub uid scp scope groups auth_time acr amr cnf act".split()  # noqa: SIM905 -- one line
)


class ConfigError(Exception):
    """The file cannot be used; the message has one line for each fault."""


def _claims(claims: dict[str, Any]) -> dict[str, Any]:
    if reserved := RESERVED_CLAIMS & claims.keys():
        raise ValueError(f"{min(reserved)} is set by the local Okta itself")
    try:
        json.dumps(claims, allow_nan=False)
    except (TypeError, ValueError):
        raise ValueError("must be JSON: put dates and times in quotes") from None
    return claims


Text = Annotated[str, Field(min_length=1)]
Scope = Annotated[str, Field(pattern=r"^[!#-\[\]-~]+$")]  # RFC 6749 §3.3
Uri = Annotated[str, Field(pattern=r"^[a-z][a-z0-9+.-]*:[!-~]+$")]
GrantType = Literal[
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "urn:ietf:params:oauth:grant-type:token-exchange",
]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Person(_Table):
    login: Annotated[str, Field(pattern=r"^[^\s@]+@[^\s@]+$")]
    uid: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")] = ""
    given_name: Text = ""
    family_name: Text = ""
    groups: tuple[Text, ...] = ()
    claims: Annotated[dict[str, Any], AfterValidator(_claims)] = {}


class _Client(_Table):
    client_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._~-]+$")]
    secret: Annotated[str, Field(pattern=r"^[!-~]+$")] = ""
    purpose: Text = ""
    grant_types: tuple[GrantType, ...] = ()
    scopes: tuple[Scope, ...] = ()
    redirect_uris: tuple[Uri, ...] = ()
    post_logout_redirect_uris: tuple[Uri, ...] = ()


class _File(_Table):
    scopes: tuple[Scope, ...] = ()
    people: list[_Person] = []
    clients: list[_Client] = []


TABLES: Final[dict[str, type[_Table]]] = {"people": _Person, "clients": _Client}


def read_config(path: Path | None = None, folder: Path = Path()) -> Config:
    """Return the configuration with the changes of the file at `path`.

    Without a path it is the `local-okta.toml` in `folder`, if there is one. Raises
    `ConfigError` if the file cannot be read or has a fault.
    """
    if path is None:
        path = folder / FILE_NAME
        if not path.exists():
            return Config()
    config, faults = _changed(_parse(path), str(path))
    if faults:
        raise ConfigError("\n".join(f"{path}: {fault}" for fault in faults))
    return config


def _parse(path: Path) -> _File:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8: save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not TOML: {error}; see https://toml.io") from error
    try:
        return _File.model_validate(tables)
    except ValidationError as error:
        lines = (f"{path}: {_line(dict(fault), tables)}" for fault in error.errors())
        raise ConfigError("\n".join(dict.fromkeys(lines))) from None


def _line(fault: dict[str, Any], tables: dict[str, Any]) -> str:
    """Return one line for a fault that pydantic found: the place, what is wrong, what to write."""
    section, *inner = fault["loc"]
    table: type[_Table] = _File
    field, place = section, ""
    if section in TABLES and inner:
        table, field = TABLES[section], inner[1] if inner[1:] else section
        place = _name_of(section, inner[0], tables) + ": "
    if fault["type"] == "extra_forbidden":
        return f"{place}{field} is unknown: write one of {', '.join(table.model_fields)}"
    reason = "is missing" if fault["type"] == "missing" else "is not valid"
    if fault["type"] == "value_error":
        reason = str(fault["ctx"]["error"])
    return f"{place}{field}: {reason}: write {EXAMPLES[field]}"


def _name_of(section: str, position: int, tables: dict[str, Any]) -> str:
    """Return how a fault names one person or client: by login or client id, else by number."""
    entry = tables[section][position]
    name = entry.get("login", entry.get("client_id")) if isinstance(entry, dict) else None
    return f"{section} {name if isinstance(name, str) else position + 1}"


def _changed(file: _File, path: str) -> tuple[Config, list[str]]:
    base = Config()
    people, faults = _people(base.people, file.people)
    uris = [uri for client in file.clients for uri in client.redirect_uris if uri.startswith("http")]
    config = replace(
        base,
        people=people,
        cors_origins=(*base.cors_origins, *map(origin_of, uris)),
        custom_scopes=tuple(
            scope
            for scope in dict.fromkeys((*base.custom_scopes, *file.scopes))
            if scope not in OPENID_SCOPES
        ),
        client_changes={
            client.client_id: client.model_dump(exclude_unset=True, exclude={"client_id"})
            for client in file.clients
        },
        file=path,
    )
    for client_id in config.client_changes:
        faults += [f"clients {client_id}: {fault}" for fault in _client_faults(config, client_id)]
    return config, faults


def _people(known: tuple[Person, ...], tables: list[_Person]) -> tuple[tuple[Person, ...], list[str]]:
    people, faults = {person.login: person for person in known}, []
    for table in tables:
        changes = table.model_dump(exclude_unset=True)
        if table.login in people:
            people[table.login] = replace(people[table.login], **changes)
            continue
        for name in ("given_name", "family_name"):
            if name not in changes:
                faults.append(f"people {table.login}: {name}: is missing: write {EXAMPLES[name]}")
                changes[name] = ""
        local_part = "".join(filter(str.isalnum, table.login.partition("@")[0]))
        people[table.login] = Person(**{"uid": f"00ulocal{local_part}", **changes})
    uids = [person.uid for person in people.values()]
    faults += [
        f"people {person.login}: uid: {person.uid} is taken: write {EXAMPLES['uid']}"
        for position, person in enumerate(people.values())
        if person.uid in uids[:position]
    ]
    return tuple(people.values()), faults


def _client_faults(config: Config, client_id: str) -> Iterator[str]:
    client: Client = config.clients[client_id]
    if unknown := [scope for scope in client.scopes if scope not in config.scopes]:
        yield f"scopes: {unknown[0]} is unknown: write it in scopes at the top of the file too"
    if "authorization_code" in client.grant_types and not client.redirect_uris:
        yield f"redirect_uris: is missing: write {EXAMPLES['redirect_uris']}"
    if {"client_credentials", TOKEN_EXCHANGE} & {*client.grant_types} and not client.secret:
        yield f"secret: is missing: write {EXAMPLES['secret']}"
