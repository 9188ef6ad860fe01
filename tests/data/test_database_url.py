"""DATABASE_URL: a value that cannot work stops the start with one line, which never has the password."""

import pytest
from pydantic import ValidationError

from backend.settings import Settings

VALID = [
    "sqlite+aiosqlite:///data/app.db",
    "sqlite+aiosqlite:////var/lib/api/app.db",
    "postgresql+psycopg://api:p%40ss@db.example.com/reports",
    "postgresql+psycopg://api@[::1]:5432/reports?sslmode=verify-full",
    "postgresql+psycopg:///reports?host=/var/run/postgresql",
]
INVALID = [
    ("", "must be sqlite+aiosqlite:///data/app.db or postgresql+psycopg://"),
    ("app.db", "must be sqlite+aiosqlite:///data/app.db or postgresql+psycopg://"),
    ("mysql://root:pass@localhost/app", "must be sqlite+aiosqlite:///data/app.db or postgresql+psycopg://"),
    ("sqlite:///app.db", "write sqlite+aiosqlite://"),
    ("postgres://api:pass@db/app", "write postgresql+psycopg://"),
    ("postgresql://api:pass@db/app", "write postgresql+psycopg://"),
    ("postgresql+asyncpg://api:pass@db/app", "write postgresql+psycopg://"),
    ("sqlite+aiosqlite://", "names no file"),
    ("sqlite+aiosqlite:///:memory:", "names no file"),
    ("sqlite+aiosqlite:///", "names no file"),
    ("sqlite+aiosqlite://data/app.db", "names no file"),
    ("postgresql+psycopg://api:pass@db", "percent-encode"),
    ("postgresql+psycopg://api:pass@db/", "percent-encode"),
    ("postgresql+psycopg://api:pa@ss@db/app", "percent-encode"),
    ("postgresql+psycopg://api:pa#ss@db/app", "percent-encode"),
    ("postgresql+psycopg://api:pass@db:port/app", "percent-encode"),
    ("postgresql+psycopg://api:pass@db/app?ssl=true", "options are those of libpq"),
]


def settings(url: str) -> Settings:
    """Return settings with this database."""
    return Settings(okta_issuer="http://localhost:9000/oauth2/default", okta_client_id="a", database_url=url)


@pytest.mark.parametrize("url", VALID)
def test_urls_that_work(url: str) -> None:
    """Files and servers, with a driver that the service has."""
    assert settings(url).database_url.get_secret_value() == url
    assert url not in repr(settings(url))


@pytest.mark.parametrize(("url", "fault"), INVALID)
def test_urls_that_cannot_work(url: str, fault: str) -> None:
    """The line says what to write."""
    with pytest.raises(ValidationError) as error:
        settings(url)
    [detail] = error.value.errors()
    assert detail["loc"] == ("database_url",)
    assert fault in detail["msg"]
    assert "pass" not in detail["msg"].replace("user:password@", "").replace("of the password", "")
