"""`make fuzz`: coverage-guided, for as long as it is told; what it finds joins the corpus."""

import sys
from pathlib import Path
from typing import Final

try:
    import atheris
except ImportError:
    sys.exit("atheris is needed, which has packages for Linux on x86-64 alone")

with atheris.instrument_imports(include=["backend.okta", "json"]):
    from tests.fuzz.target import read_header

CORPUS: Final = Path(__file__).parent / "corpus"
SECONDS: Final = "60"


def main() -> None:
    """Fuzz for the seconds of the first argument (60); end at the first fault, with its input in a file."""
    seconds = sys.argv[1] if len(sys.argv) > 1 else SECONDS
    limits = [f"-max_total_time={seconds}", "-max_len=20000", "-timeout=5"]
    atheris.Setup([sys.argv[0], *limits, str(CORPUS)], read_header)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
