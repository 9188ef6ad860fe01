"""Read settings from the environment and from `.env`; the environment wins."""

import os
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from .checks import MISSING

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

ENV_FILE = ".env"
ENCODING: Final = "utf-8-sig"  # Windows editors write a byte order mark


class SettingsError(Exception):
    """Invalid settings. `faults` has one line for each fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class EnvironmentSettings(BaseSettings):
    """Settings from variables with the names of the fields; each fault is one line.

    Something else reads the variables in `other_variables`, so no warning names them.
    """

    model_config = SettingsConfigDict(
        env_file_encoding=ENCODING, extra="ignore", frozen=True, hide_input_in_errors=True
    )
    other_variables: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def load(cls, **values: Any) -> Self:
        """Read the environment and `.env`; `values` win over both.

        Raises SettingsError with all faults and misspelled names.
        """
        _env_file()  # report its faults first
        try:
            return cls(_env_file=ENV_FILE, **values)
        except ValidationError as error:
            faults = [_fault(detail) for detail in error.errors()]
            raise SettingsError(faults + cls.misspelled_variables()) from None

    @staticmethod
    def variables() -> dict[str, str]:
        """Return the variables in `.env` and in the environment, which wins, with upper-case names.

        Raises SettingsError for a `.env` that cannot be read.
        """
        return {name.upper(): value or "" for name, value in [*_env_file().items(), *os.environ.items()]}

    @classmethod
    def misspelled_variables(cls) -> list[str]:
        """Return a line for each variable that looks like a misspelled setting. Raises SettingsError."""
        known = {*map(str.upper, cls.model_fields), *cls.other_variables}
        lines = []
        for name in sorted({*_env_file(), *os.environ} - known):
            [near] = get_close_matches(name.upper(), known, n=1, cutoff=0.8) or [""]
            if near == name.upper():
                lines.append(f"{name} is in lower case, which Docker Compose ignores; write {near}")
            elif near and not name.startswith("VITE_"):  # those are a frontend's
                lines.append(f"{name} is set and nothing reads it; did you mean {near}?")
        return lines


def _env_file() -> dict[str, str | None]:
    file = Path(ENV_FILE)
    if file.is_dir():
        raise SettingsError([f"{ENV_FILE}: is a folder; remove it, or move it away"])
    if file.is_symlink() and not file.exists():
        raise SettingsError(
            [f"{ENV_FILE}: links to a file that does not exist; remove the link or create the file"]
        )
    try:
        return dotenv_values(ENV_FILE, encoding=ENCODING)
    except UnicodeDecodeError:
        fault = f"{ENV_FILE}: is not UTF-8 text; save it as UTF-8"
    except OSError as error:
        fault = f"{ENV_FILE}: cannot be read ({error.strerror}); change its permissions"
    raise SettingsError([fault])


def _fault(detail: "ErrorDetails") -> str:
    variable = str(detail["loc"][0]).upper()
    known: dict[str, Any] = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            text = MISSING.get(variable, "missing; set it")
        case "bool_parsing":
            text = "must be true or false"
        case "literal_error":
            text = f"must be one of {known['expected']}"
        case _:
            text = detail["msg"].removeprefix("Value error, ")
    return f"{variable}: {text}"
