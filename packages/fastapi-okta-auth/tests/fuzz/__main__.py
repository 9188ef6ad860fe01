"""`make fuzz`: run a coverage-guided fuzzer that starts from the corpus.

`make fuzz ARGS="60 proof"` fuzzes the DPoP header instead of Authorization. What it finds stays in
`.fuzz`, and the next run continues there; `cd .fuzz && zip -r ../fuzz/corpus.zip .` adds it to the corpus.
"""

import shutil
import sys
from typing import Final

try:
    import atheris
except ImportError:
    sys.exit("atheris is required; it has packages for Linux on x86-64 only")

from fuzz.corpus import ARCHIVE

with atheris.instrument_imports(include=["fastapi_okta_auth", "json"]):
    from fuzz.proof_target import check_claims, read_proof
    from fuzz.target import read_header

FOUND: Final = ARCHIVE.parent.with_name(".fuzz")
SECONDS: Final = "60"


def read_proof_and_claims(value: bytes) -> None:
    """Fuzz the form of a proof, and the checks of its claims."""
    read_proof(value)
    check_claims(value)


TARGETS: Final = {"token": read_header, "proof": read_proof_and_claims}


def main() -> None:
    """Fuzz for the given seconds (60); stop at the first failure and write its input to a file."""
    seconds, name, *_ = [*sys.argv[1:], *(SECONDS, "token")[len(sys.argv) - 1 :]]
    shutil.unpack_archive(ARCHIVE, FOUND)
    limits = [f"-max_total_time={seconds}", "-max_len=20000", "-timeout=5"]
    atheris.Setup([sys.argv[0], *limits, str(FOUND / name)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
