"""`make fuzz`: run a coverage-guided fuzzer, and add the inputs that it finds to the corpus.

`make fuzz ARGS="60 proof"` fuzzes the DPoP header instead of Authorization.
"""

import sys
from pathlib import Path
from typing import Final

try:
    import atheris
except ImportError:
    sys.exit("atheris is required; it has packages for Linux on x86-64 only")

with atheris.instrument_imports(include=["fastapi_okta_auth", "json"]):
    from tests.fuzz.proof_target import check_claims, read_proof
    from tests.fuzz.target import read_header

FOLDER: Final = Path(__file__).parent
SECONDS: Final = "60"


def read_proof_and_claims(value: bytes) -> None:
    """Fuzz the form of a proof, and the checks of its claims."""
    read_proof(value)
    check_claims(value)


TARGETS: Final = {"token": (read_header, "corpus"), "proof": (read_proof_and_claims, "proofs")}


def main() -> None:
    """Fuzz for the given seconds (60); stop at the first failure and write its input to a file."""
    seconds, name, *_ = [*sys.argv[1:], *(SECONDS, "token")[len(sys.argv) - 1 :]]
    target, corpus = TARGETS[name]
    limits = [f"-max_total_time={seconds}", "-max_len=20000", "-timeout=5"]
    atheris.Setup([sys.argv[0], *limits, str(FOLDER / corpus)], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
