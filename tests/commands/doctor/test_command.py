"""The doctor as a command: its table, its JSON and its exit status."""

import io
import json
import sys

import pytest

from backend.__main__ import main
from local_okta.pytest_plugin import OktaToken
from local_okta.state import LocalOkta
from tests.commands.doctor.conftest import diagnose, set_up


def test_all_is_well(okta: LocalOkta, okta_token: OktaToken, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a right set-up and a good token everything is green."""
    set_up(monkeypatch, okta.issuer)
    results = diagnose(okta_token())
    assert {result.colour for result in results} == {"green"}
    assert results[-1].finding.startswith(
        "accepted: ada@example.com by 0oalocalspa, scopes openid profile email"
    )


def command(monkeypatch: pytest.MonkeyPatch, *arguments: str, stdin: str = "") -> int:
    """Run the command line."""
    monkeypatch.setattr(sys, "argv", ["backend", "doctor", *arguments])
    monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
    return main()


def test_table_and_status(
    okta: LocalOkta,
    okta_token: OktaToken,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The table has a line for each result, and the exit status tells whether anything is red."""
    set_up(monkeypatch, okta.issuer)
    assert command(monkeypatch, "--token", "-", stdin=okta_token() + "\n") == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith("green") for line in lines)
    assert command(monkeypatch, "--token", "-", stdin=okta_token(exp=1)) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("red    token times")
    assert " -> get a new one" in last


def test_json(okta: LocalOkta, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """--json is one document for machines."""
    set_up(monkeypatch, okta.issuer, OKTA_LEEWAY="x")
    assert command(monkeypatch, "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is False
    assert document["results"] == [
        {
            "colour": "red",
            "check": "settings",
            "finding": "OKTA_LEEWAY: must be whole seconds from 0 to 300",
            "remedy": "60 suits most",
        }
    ]
