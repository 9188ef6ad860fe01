"""The result of a check, as a table for people and as JSON for programs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final, Literal

Colour = Literal["green", "amber", "red"]
_ANSI: Final = {"green": 32, "amber": 33, "red": 31}


class Section(StrEnum):
    """The sections of the page "Connect your Okta org" (docs/how-to/connect-okta.md)."""

    NONE = ""
    SERVER = "1. Choose an authorization server"
    APPLICATION = "2. Create the application"
    ORIGIN = "3. Add the trusted origin"
    POLICY = "4. Add an access policy"
    SCOPES = "5. Add scopes and groups"
    START = "6. Start the API"
    TOKEN = "7. Get a token and call the API"  # noqa: S105 - a heading


@dataclass(frozen=True, slots=True)
class Result:
    """What was checked, what was found and, unless it is green, what to do and which section explains it."""

    colour: Colour
    check: str
    finding: str
    remedy: str = ""
    section: Section = Section.NONE


def green(check: str, finding: str) -> Result:
    """Return the result of a check that passed."""
    return Result("green", check, finding)


def amber(check: str, finding: str, remedy: str, section: Section = Section.NONE) -> Result:
    """Return a warning: it works, but may not be what you mean."""
    return Result("amber", check, finding, remedy, section)


def red(check: str, finding: str, remedy: str, section: Section = Section.NONE) -> Result:
    """Return a fault: requests fail, or will fail."""
    return Result("red", check, finding, remedy, section)


def claim_text(claims: Mapping[str, object], name: str) -> str:
    """Return what `claims` has under `name`, cut, for a finding."""
    return f"{name} is {str(claims[name])[:200]!r}" if name in claims else f"there is no {name}"


def failed(results: Iterable[Result]) -> bool:
    """Return whether anything is red."""
    return any(result.colour == "red" for result in results)


def as_table(results: Sequence[Result], *, colour: bool) -> str:
    """Format one line per result: colour, check, finding, remedy and section."""
    width = max(len(result.check) for result in results)
    return "\n".join(_line(result, width, colour=colour) for result in results)


def _line(result: Result, width: int, *, colour: bool) -> str:
    word = f"{result.colour:5}"
    if colour:
        word = f"\033[{_ANSI[result.colour]}m{word}\033[0m"
    remedy = f" -> {result.remedy}" if result.remedy else ""
    section = f'; see "{result.section}" in Connect your Okta org' if result.section else ""
    return f"{word}  {result.check:{width}}  {result.finding}{remedy}{section}"


def as_json(results: Sequence[Result]) -> str:
    """Format one document: `ok`, and `results` with colour, check, finding, remedy and section each."""
    document = {"ok": not failed(results), "results": [asdict(result) for result in results]}
    return json.dumps(document, indent=2, ensure_ascii=False)
