"""The inputs that the fuzzer has found."""

from pathlib import Path
from typing import Final
from zipfile import ZipFile

ARCHIVE: Final = Path(__file__).with_name("corpus.zip")


def inputs(target: str) -> list[bytes]:
    """Return the inputs for `target`, `token` or `proof`."""
    with ZipFile(ARCHIVE) as archive:
        return [archive.read(name) for name in archive.namelist() if name.startswith(f"{target}/")]
