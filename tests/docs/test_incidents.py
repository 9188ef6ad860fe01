"""The page on incidents shows what the API logs and counts."""

import re

import pytest
from local_okta.state import LocalOkta

from tests.support.incidents import INCIDENTS, comparable
from tests.support.pages import ROOT

pytestmark = [pytest.mark.long, pytest.mark.slow]

PAGE = (ROOT / "docs" / "how-to" / "incidents.md").read_text()


@pytest.mark.parametrize("title", INCIDENTS)
def test_incident(title: str, local_okta: LocalOkta) -> None:
    """The incident, reproduced, leaves the log lines and metrics that the page shows."""
    section = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]
    shown = re.findall(r"^```text\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    left: list[list[str]] = []
    for staging in INCIDENTS[title]:
        evidence = staging(local_okta)
        left += [evidence.log, evidence.metrics]
        local_okta.switches.reset(local_okta.config.access_token_lifetime)
    assert [comparable(block.splitlines()) for block in shown] == [comparable(block) for block in left]
