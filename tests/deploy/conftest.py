"""Services to test."""

from collections.abc import Iterator

import pytest
from local_okta.state import LocalOkta

from tests.support.service import Service, running


@pytest.fixture
def service(okta_server: LocalOkta) -> Iterator[Service]:
    """A separate service for one test."""
    with running(okta_server) as service:
        yield service
