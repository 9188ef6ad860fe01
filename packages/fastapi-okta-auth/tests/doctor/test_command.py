"""The doctor as a command: its table, its JSON and its exit status."""

import io
import json
import sys

import pytest
from fastapi_okta_auth.doctor.__main__ import main
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.app import Settings
from okta_support.diagnosis import APP, diagnose, set_up


def test_valid_set_up_and_token_are_green(
    local_okta: LocalOkta, okta_token: OktaToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a valid set-up and a valid token everything is green."""
    set_up(monkeypatch, local_okta.issuer)
    results = diagnose(okta_token())
    assert {result.colour for result in results} == {"green"}
    assert results[-1].finding.startswith(
        "valid: ada@example.com by 0oalocalspa, scopes openid profile email"
    )


def command(monkeypatch: pytest.MonkeyPatch, *arguments: str, stdin: str = "") -> int:
    """Run the command line."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
    return main(["--app", APP, *arguments], Settings)


def test_table_has_a_line_per_result_and_the_status_says_whether_one_is_red(
    local_okta: LocalOkta,
    okta_token: OktaToken,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The exit status is 1 if anything is red, else 0."""
    set_up(monkeypatch, local_okta.issuer)
    assert command(monkeypatch, "--token", "-", stdin=okta_token() + "\n") == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith("green") for line in lines)
    assert command(monkeypatch, "--token", "-", stdin=okta_token(exp=1)) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("red    token times")
    assert " -> get a new one" in last


def test_json_is_one_document(
    local_okta: LocalOkta, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """--json prints one document for programs."""
    set_up(monkeypatch, local_okta.issuer, OKTA_LEEWAY="x")
    assert command(monkeypatch, "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is False
    assert document["results"] == [
        {
            "colour": "red",
            "check": "settings",
            "finding": "OKTA_LEEWAY: must be whole seconds from 0 to 300",
            "remedy": "60 suits most",
            "section": "6. Start the API",
        }
    ]


@pytest.mark.parametrize(
    "arguments",
    [["--token", "eyJsecret"], ["--token=eyJsecret"], ["eyJsecret"], ["--tokne", "eyJsecret"]],
    ids=" ".join,
)
def test_token_on_the_command_line_is_refused_and_not_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    """Wherever a token appears among the arguments, the error says how to pass it and does not repeat it."""
    with pytest.raises(SystemExit) as exit_:
        command(monkeypatch, *arguments)
    printed = "".join(capsys.readouterr())
    assert exit_.value.code == 2
    assert "a token is read from standard input: --token -" in printed
    assert "eyJ" not in printed
