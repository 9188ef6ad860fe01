"""`make doctor`: `python -m backend doctor` for what `make run` starts."""

import sys

from backend.__main__ import main
from dev.local import use_local_okta

if __name__ == "__main__":
    use_local_okta()
    sys.argv.insert(1, "doctor")
    sys.exit(main())
