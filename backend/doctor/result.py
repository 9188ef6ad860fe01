"""What a check found."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Colour = Literal["green", "amber", "red"]


@dataclass(frozen=True, slots=True)
class Result:
    """One line: how it stands, what was checked, what was found, and what to do about it."""

    colour: Colour
    check: str
    finding: str
    remedy: str = ""


def green(check: str, finding: str) -> Result:
    """All is well."""
    return Result("green", check, finding)


def amber(check: str, finding: str, remedy: str) -> Result:
    """It works, and may not be what was meant."""
    return Result("amber", check, finding, remedy)


def red(check: str, finding: str, remedy: str) -> Result:
    """Requests fail, or will fail."""
    return Result("red", check, finding, remedy)


def failed(results: Iterable[Result]) -> bool:
    """Whether anything is red."""
    return any(result.colour == "red" for result in results)
