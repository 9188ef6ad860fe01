"""The results, for people and for machines."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from backend.doctor.result import Result, failed

_ANSI: Final = {"green": 32, "amber": 33, "red": 31}


def as_table(results: Sequence[Result], *, colour: bool) -> str:
    """One line a result: its colour, what was checked, what was found, what to do."""
    width = max(len(result.check) for result in results)
    return "\n".join(_line(result, width, colour=colour) for result in results)


def _line(result: Result, width: int, *, colour: bool) -> str:
    word = f"{result.colour:5}"
    if colour:
        word = f"\033[{_ANSI[result.colour]}m{word}\033[0m"
    remedy = f" -> {result.remedy}" if result.remedy else ""
    return f"{word}  {result.check:{width}}  {result.finding}{remedy}"


def as_json(results: Sequence[Result]) -> str:
    """One document: `ok`, and `results` with colour, check, finding and remedy each."""
    document = {"ok": not failed(results), "results": [asdict(result) for result in results]}
    return json.dumps(document, indent=2, ensure_ascii=False)
