"""`make fuzz`: coverage-guided, for as long as it is told; what it finds joins the corpus.

`make fuzz ARGS="60 proof"` fuzzes the DPoP header instead of Authorization.
"""

import sys
from pathlib import Path
from typing import Final

try:
    import atheris
except ImportError:
    sys.exit("atheris is needed, which has packages for Linux on x86-64 alone")

with atheris.instrument_imports(include=["backend.okta", "json"]):
    from tests.fuzz.proof_target import check_claims, read_proof
    from tests.fuzz.target import read_header

FOLDER: Final = Path(__file__).parent
SECONDS: Final = "60"


def read_proof_and_claims(value: bytes) -> None:
    """Fuzz both: the form, and behind the signature the claims."""
    read_proof(value)
    check_claims(value)


TARGETS: Final = {"token": (read_header, "corpus"), "proof": (read_proof_and_claims, "proofs")}


def main() -> None:
    """Fuzz for the seconds of the first argument (60); end at the first fault, with its input in a file."""
    seconds, name, *_ = [*sys.argv[1:], *(SECONDS, "token")[len(sys.argv) - 1 :]]
    target, corpus = TARGETS[name]
    limits = [f"-max_total_time={seconds}", "-max_len=20000", "-timeout=5"]
    atheris.Setup([sys.argv[0], *limits, str(FOLDER / corpus)], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
