"""Services to test."""

from collections.abc import Iterator

import pytest
from local_okta.state import LocalOkta

from tests.support.service import Service, running


@pytest.fixture
def service(local_okta_server: LocalOkta) -> Iterator[Service]:
    """A separate service for one test."""
    with running(local_okta_server) as service:
        yield service
