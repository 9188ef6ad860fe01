"""The test kit's fixtures, for a service that verifies tokens of a local Okta.

They are available wherever the package is installed, so the rest of it is imported only by
those who use them: a start of pytest costs nothing, and coverage sees every import.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_okta.testing import LocalOkta, OktaToken


@pytest.fixture(scope="session")
def local_okta_server(pytestconfig: pytest.Config) -> Iterator[LocalOkta]:
    """One local Okta for the whole run, on a free port, with the `local-okta.toml` of the root folder."""
    from local_okta.config_file import read_config
    from local_okta.serving import running

    with running(read_config(folder=pytestconfig.rootpath)) as okta:
        yield okta


@pytest.fixture
def local_okta(local_okta_server: LocalOkta) -> Iterator[LocalOkta]:
    """The local Okta; after each test its people, keys and switches are reset."""
    okta = local_okta_server
    people, published = deepcopy(okta.people), okta.keys.published
    yield okta
    okta.people, okta.keys.published = people, published
    okta.switches.reset(okta.config.access_token_lifetime)


@pytest.fixture
def okta_token(local_okta: LocalOkta) -> OktaToken:
    """Sign access tokens in one call: `okta_token(person="grace", scp=["reports:read"])`."""
    from local_okta.testing import OktaToken

    return OktaToken(local_okta)
