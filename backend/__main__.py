"""Run `python -m backend doctor`."""

import sys

from backend.doctor.command import main

if __name__ == "__main__":
    sys.exit(main())
