"""The result of a check, as a table for people and as JSON for programs."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Final, Literal

Colour = Literal["green", "amber", "red"]
_ANSI: Final = {"green": 32, "amber": 33, "red": 31}


@dataclass(frozen=True, slots=True)
class Result:
    """What was checked, what was found and, unless it is green, what to do about it."""

    colour: Colour
    check: str
    finding: str
    remedy: str = ""


def green(check: str, finding: str) -> Result:
    """Return the result of a check that passed."""
    return Result("green", check, finding)


def amber(check: str, finding: str, remedy: str) -> Result:
    """Return a warning: it works, but may not be what you mean."""
    return Result("amber", check, finding, remedy)


def red(check: str, finding: str, remedy: str) -> Result:
    """Return a fault: requests fail, or will fail."""
    return Result("red", check, finding, remedy)


def failed(results: Iterable[Result]) -> bool:
    """Return whether anything is red."""
    return any(result.colour == "red" for result in results)


def as_table(results: Sequence[Result], *, colour: bool) -> str:
    """Format one line per result: colour, check, finding and remedy."""
    width = max(len(result.check) for result in results)
    return "\n".join(_line(result, width, colour=colour) for result in results)


def _line(result: Result, width: int, *, colour: bool) -> str:
    word = f"{result.colour:5}"
    if colour:
        word = f"\033[{_ANSI[result.colour]}m{word}\033[0m"
    remedy = f" -> {result.remedy}" if result.remedy else ""
    return f"{word}  {result.check:{width}}  {result.finding}{remedy}"


def as_json(results: Sequence[Result]) -> str:
    """Format one document: `ok`, and `results` with colour, check, finding and remedy each."""
    document = {"ok": not failed(results), "results": [asdict(result) for result in results]}
    return json.dumps(document, indent=2, ensure_ascii=False)
